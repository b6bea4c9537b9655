/* SPDX-License-Identifier: Apache-2.0 */
#include "noise.h"

#include <math.h>

void abl_noise_add(struct abl_noise *n, double part_square, size_t part, double whole_square,
		   size_t whole)
{
	double p = (double)part, w = (double)whole;

	/* E |mean of b gradients|^2 = |G|^2 + tr(Sigma) / b, solved for its two unknowns */
	n->square += (w * whole_square - p * part_square) / (w - p);
	n->trace += (part_square - whole_square) / (1 / p - 1 / w);
	n->samples++;
}

double abl_noise_scale(const struct abl_noise *n)
{
	return n->samples && n->square > 0 && n->trace > 0 ? n->trace / n->square : NAN;
}
