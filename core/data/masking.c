/* SPDX-License-Identifier: Apache-2.0 */
#include "masking.h"

#include "rng.h"

#include <assert.h>

/* Draws of one position. */
enum site { SITE_CHOOSE, SITE_SHOW, SITE_PIECE };

size_t abl_mask_count(double rate, size_t n)
{
	size_t count = (size_t)(rate * (double)n + .5);

	if (count < 1)
		count = 1;
	return count < n ? count : n;
}

static int32_t shown(const struct abl_mask_rule *rule, uint64_t key, uint64_t position,
		     int32_t piece)
{
	double u = abl_rng_uniform(key, position, SITE_SHOW);

	if (u < rule->mask_share)
		return rule->mask_id;
	if (u >= rule->mask_share + rule->random_share)
		return piece;
	return rule->ordinary[abl_rng_below(key, position, SITE_PIECE, rule->ordinary_count)];
}

/* Selection sampling (Knuth, The Art of Computer Programming 2, 3.4.2, algorithm S): a token is
 * taken with probability (still to take) / (still to come), so positions come out sorted. */
size_t abl_mask_choose(const struct abl_mask_rule *rule, uint64_t key, const int32_t *pieces,
		       size_t n, struct abl_mask *out)
{
	size_t count = abl_mask_count(rule->rate, n), taken = 0;

	assert(rule->ordinary_count > 0 || rule->random_share == 0);
	for (size_t i = 0; taken < count; i++)
		if (abl_rng_below(key, i, SITE_CHOOSE, n - i) < count - taken)
			out[taken++] =
				(struct abl_mask){(uint32_t)i, shown(rule, key, i, pieces[i])};
	return count;
}

uint64_t abl_mask_evaluation_key(uint64_t pair_id)
{
	return abl_rng_derive(abl_rng_key(0, "evaluation masks"), pair_id);
}
