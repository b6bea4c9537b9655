/* SPDX-License-Identifier: Apache-2.0 */
#include "compare_examples.h"

#include "example_effect.h"

#include <stdlib.h>

int abl_compare_examples(const struct abl_comparison *c, struct abl_store *store, int64_t study,
			 const char *base, bool tests, struct abl_str *out, struct abl_err *err)
{
	struct abl_example_effect *effect = abl_calloc(c->count + 1, sizeof *effect);
	struct abl_example_effect_row *row = abl_calloc(c->count + 1, sizeof *row);
	struct abl_predicted *x = NULL;
	int rc = abl_predicted_open(&x, store, study, c->task, c->metric, tests, err);

	if (!rc) {
		abl_predicted_resample(x);
		for (size_t i = 0; i < c->count; i++) {
			const struct abl_effect *e = &c->effect[i];

			abl_example_effect(x, e->arm.label, base, &effect[i]);
			row[i] = (struct abl_example_effect_row){abl_compare_name(c, e), &effect[i],
								 e->t.low, e->t.high};
		}
		abl_example_effect_notes(row, c->count, c->split ? c->split : "dev", out);
		for (size_t i = 0; i < c->count; i++)
			abl_example_effect_finish(&effect[i]);
	}
	abl_predicted_close(x);
	free(effect);
	free(row);
	return rc;
}
