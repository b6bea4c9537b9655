/* SPDX-License-Identifier: Apache-2.0 */
#include "native_judged.h"

#include "judge.h"
#include "native_config.h"

bool abl_native_judged(const struct abl_study *s, size_t task, bool by_scored)
{
	bool is = false;

	for (size_t v = 0; v < s->variant_count && !is; v++) {
		struct abl_values *config = abl_study_config(s, v, task);
		const struct abl_recipe *r = &abl_native_config(config)->finetune;

		is = by_scored ? abl_judge_sees_scored(r) : abl_judge_holds_back(r);
		abl_values_destroy(config);
	}
	return is;
}
