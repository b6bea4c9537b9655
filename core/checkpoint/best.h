/* SPDX-License-Identifier: Apache-2.0 */
/* best.h - the weights of the best evaluation so far. They are held in memory and go into each
 * state that is saved (state.h): so the two always belong together, and a full disk takes nothing
 * from them. */
#ifndef ABL_BEST_H
#define ABL_BEST_H

#include "model.h"

#include <stdint.h>

struct abl_best {
	int64_t step; /* after which they were reached; 0 = there are none */
	real *w;      /* [values] */
};

/* Those that the model has now, in the place of earlier ones. */
void abl_best_keep(struct abl_best *b, struct abl_model *m, int64_t step);
void abl_best_finish(struct abl_best *b); /* null-safe */

#endif
