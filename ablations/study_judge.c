/* SPDX-License-Identifier: Apache-2.0 */
/* study_judge.c - what a study says about how its results are judged. */
#include "str.h"
#include "study_source.h"

#include <string.h>

/* Designs that look around; the others ask a question that was there before the results. */
static const char *const exploratory[] = {"grid", "zip", "random"};

int abl_study_read_design(struct abl_study *s, const struct abl_node *n, struct abl_err *err)
{
	int rc = abl_study_read_fields(s, n, "design.", err);

	if (rc)
		return rc;
	s->designs = abl_calloc(n->count / 2, sizeof *s->designs);
	for (size_t i = 0; i < n->count; i += 2) {
		const char *name = n->items[i]->text;

		s->designs[s->design_count++] = name; /* the tree's */
		for (size_t k = 0; k < sizeof exploratory / sizeof *exploratory; k++)
			s->exploratory |= !strcmp(name, exploratory[k]);
	}
	return 0;
}
