/* SPDX-License-Identifier: Apache-2.0 */
/* scaling_law.h - does a loss fall by a power law as far as the largest size that was tried?
 *
 * Curves are fitted to the means of sizes. How far they can be trusted comes from refits: the runs
 * are drawn again, a seed as a whole with its values at all sizes, and once more within each size;
 * the wider of the two counts (whole seeds alone are few, draws within sizes alone do not know what
 * a seed does at all of them). Deviations of draws are stretched by sqrt(n / (n - 1)), so that few
 * seeds do not look certain; quantiles are those of t. Random numbers are a function of the draw's
 * number: the same bits for any number of threads. */
#ifndef ABL_SCALING_LAW_H
#define ABL_SCALING_LAW_H

#include "scaling_fit.h"

#include <stdint.h>

#define ABL_SCALING_SIZES 4 /* fewer say nothing */
#define ABL_SCALING_REFITS 1000

struct abl_scaling_run { /* one seed at one size; what is not finite or not above 0 is refused */
	double x, y;
	int64_t seed;
};

enum abl_scaling_verdict {
	ABL_SCALING_UNKNOWN, /* where the largest size would be is not known well enough */
	ABL_SCALING_LAW,     /* it is where a power law of the others has it */
	ABL_SCALING_BENDS,   /* above that */
	ABL_SCALING_FALLS,   /* below that */
	ABL_SCALING_NEITHER, /* neither a power law nor one with a floor goes through the sizes */
};

struct abl_scaling_size {
	double x, mean;
	size_t first, n; /* its runs */
	double off;      /* the mean over the curve, - 1, where that is more than noise; else 0 */
};

struct abl_scaling_law {
	struct abl_scaling_run *run; /* by size, then by seed */
	size_t runs, refused;
	struct abl_scaling_size *size;
	size_t sizes, seeds, fewest; /* seeds: most at one size, and fewest */
	double spread; /* of one seed's logarithm, over all sizes; NaN: one seed each */
	double df;     /* of that */

	enum abl_scaling_verdict verdict;
	const char *reason; /* why nothing can be told; NULL: there is no more to say */
	/* The power law without the largest size, and what it says of that. */
	double held_predicted, held_low, held_high, held_seen;

	struct abl_scaling_fit fit[ABL_SCALING_MODELS];
	double bic[ABL_SCALING_MODELS];      /* n = sizes; NaN: too few for it */
	double p_misfit[ABL_SCALING_MODELS]; /* lack of fit, of P2 and P3; NaN: no spread */
	double p_floor;                      /* that a power law alone looks as if it had a floor */
	enum abl_scaling_model chosen;
	double low, high;              /* of the chosen one's b; NaN: not known */
	size_t refits;                 /* whole seeds drawn; as many again within sizes */
	struct abl_scaling_fit *refit; /* [2][refits] of the chosen one; NULL: none */
};

/* `refits`: ABL_SCALING_REFITS, or the 100 at least that a test has time for. Ends with
 * abl_scaling_law_finish(). Never fails: what cannot be said has a reason. */
void abl_scaling_law(struct abl_scaling_law *out, const struct abl_scaling_run *run, size_t n,
		     size_t refits);
void abl_scaling_law_finish(struct abl_scaling_law *l); /* null-safe */

/* The chosen curve at x with its 95 % interval; `seeds`: of the mean of so many runs there, 0 = of
 * the curve alone. NaN: not known. */
void abl_scaling_predict(const struct abl_scaling_law *l, double x, size_t seeds, double *value,
			 double *low, double *high);

#endif
