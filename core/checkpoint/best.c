/* SPDX-License-Identifier: Apache-2.0 */
#include "best.h"

#include "str.h"

#include <stdlib.h>
#include <string.h>

void abl_best_keep(struct abl_best *b, struct abl_model *m, int64_t step)
{
	const struct abl_params *p = abl_model_params(m);

	if (!b->w)
		b->w = abl_malloc(p->values * sizeof *b->w);
	memcpy(b->w, p->w, p->values * sizeof *b->w);
	b->step = step;
}

void abl_best_finish(struct abl_best *b)
{
	if (!b)
		return;
	free(b->w);
	*b = (struct abl_best){0};
}
