/* SPDX-License-Identifier: Apache-2.0 */
/* scaling_place.c - where a variant that has no value yet would lie on the axis of parameters. */
#include "scaling_axes.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

/* Parameters of a variant that has not been trained, roughly: embeddings, attention, feed-forward.
 * NaN: its options do not say. */
static double roughly(const struct abl_axes *a, size_t v)
{
	static const char *const names[] = {"layers", "hidden", "ffn_size", "vocab_size"};
	double of[4] = {NAN, NAN, NAN, NAN};

	for (size_t i = 0; i < a->options; i++)
		for (size_t k = 0; k < 4; k++)
			if (!strcmp(a->option[i].name, names[k]))
				of[k] = a->option[i].number[v];
	return of[3] * of[1] + of[0] * (4 * of[1] * of[1] + 2 * of[1] * of[2]);
}

/* x of v by its guess: that of the known variant whose guess is nearest, as much larger. */
static double beside_nearest(const double *x, const double *guess, size_t n, size_t v)
{
	double nearest = INFINITY, found = NAN;

	for (size_t w = 0; w < n; w++) {
		const double ratio = guess[v] / guess[w], far = fabs(log(ratio));

		if (w != v && isfinite(x[w]) && isfinite(ratio) && ratio > 0 && far < nearest)
			nearest = far, found = x[w] * ratio;
	}
	return found;
}

void abl_axes_place(struct abl_axes *a, const bool *scored)
{
	double *guess = abl_calloc(a->variants + 1, sizeof *guess);

	for (size_t v = 0; v < a->variants; v++)
		guess[v] = roughly(a, v);
	for (size_t v = 0; v < a->variants; v++)
		if (!scored[v] && isnan(a->parameters[v]))
			a->parameters[v] = beside_nearest(a->parameters, guess, a->variants, v);
	for (size_t v = 0; v < a->variants; v++)
		if (!scored[v] && isnan(a->bare[v]))
			a->bare[v] = beside_nearest(a->bare, a->parameters, a->variants, v);
	free(guess);
}
