/* SPDX-License-Identifier: Apache-2.0 */
#include "task_lengths.h"

#include "task.h"

#include <math.h>

int abl_task_lengths_count(struct abl_task_lengths *out, const struct abl_task_type *type,
			   const struct abl_task *t, const struct abl_layout *layout,
			   struct abl_err *err)
{
	const size_t sequences = type->sequences ? type->sequences(t) : 1;
	struct abl_batch b;
	int rc = abl_batch_init(&b, sequences * ABL_LONGEST, sequences, err);

	*out = (struct abl_task_lengths){.items = type->count(t)};
	for (size_t i = 0; i < out->items && !rc; i++) {
		abl_batch_clear(&b);
		type->put(t, i, layout, &b);
		for (size_t s = 0; s < b.sequences; s++)
			out->of[b.offset[s + 1] - b.offset[s]]++;
	}
	abl_batch_finish(&b);
	return rc;
}

double abl_task_lengths_tokens(const struct abl_task_lengths *l, double pieces, double longest,
			       double *mean)
{
	double sum = 0, sequences = 0;

	for (size_t n = 0; n <= ABL_LONGEST; n++) {
		sum += (double)l->of[n] * fmin((double)n * pieces, longest);
		sequences += (double)l->of[n];
	}
	*mean = sequences > 0 ? sum / sequences : 0;
	return sum;
}
