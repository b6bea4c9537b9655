/* SPDX-License-Identifier: Apache-2.0 */
#include "stage_run.h"

#include "rng.h"

uint64_t stage_seed(const struct abl_stage_request *r, int64_t own)
{
	uint64_t salt = ABL_HOOKS(r->config, ABL_SLOT_PLACEBO, placebo)->salt;
	uint64_t seed = (uint64_t)(own ? own : r->seed);

	return salt ? abl_rng_derive(seed, salt) : seed;
}

void stage_result(const struct abl_events *e, const char *name, double value)
{
	if (e->result)
		e->result(e->data, name, value);
}

void stage_metric(const struct abl_teller *tell, int64_t step, const char *name, double value)
{
	tell->metric(tell->data, step, name, value);
}
