/* SPDX-License-Identifier: Apache-2.0 */
#include "engine.h"

const struct abl_engine *abl_engine_of(const struct abl_study *s)
{
	return s->program ? &abl_program_engine : &abl_native_engine;
}

const char *abl_plan_split(const struct abl_study *s, size_t task)
{
	return abl_engine_of(s)->split(s, task);
}

const char *abl_plan_metric(const struct abl_study *s, size_t task)
{
	return abl_engine_of(s)->metric(s, task);
}
