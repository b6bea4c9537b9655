/* SPDX-License-Identifier: Apache-2.0 */
/* plan_tables.c - a plan's variants and stages, row by row. */
#include "plan_summary.h"

#include "progress.h"
#include "str.h"

#include <stdio.h>

struct abl_table *abl_plan_variants(const struct abl_study *study)
{
	struct abl_table *t = abl_table_create();

	abl_table_column(t, "variant", false);
	abl_table_column(t, "made by", false);
	abl_table_column(t, "differs in", false);
	for (size_t v = 0; v < study->variant_count; v++) {
		const struct abl_variant *variant = &study->variants[v];
		struct abl_str changes = {0};

		for (size_t i = 0; i < variant->changed_count; i++) {
			struct abl_value value;

			abl_values_get(variant->config, variant->changed[i], &value);
			abl_str_printf(&changes, "%s%s=", i ? ", " : "", variant->changed[i]->name);
			abl_value_text(&value, &changes);
		}
		abl_table_text(t, variant->label);
		abl_table_text(t, abl_variant_kind_name(variant->kind));
		abl_table_text(t, changes.text);
		abl_str_finish(&changes);
	}
	return t;
}

struct abl_table *abl_plan_stages(const struct abl_run *run, bool whole)
{
	static const char *const more[] = {"cpu_seconds", "memory", "disk"};
	struct abl_table *t = abl_table_create();
	char text[32];

	abl_table_column(t, "stage", false);
	abl_table_column(t, "key", false);
	abl_table_column(t, "of", false);
	abl_table_column(t, "trials", true);
	abl_table_column(t, "state", false);
	abl_table_column(t, "seconds", true);
	for (size_t i = 0; whole && i < sizeof more / sizeof *more; i++)
		abl_table_column(t, more[i], true);
	for (size_t i = 0; i < run->node_count; i++) {
		const struct abl_plan_stage *stage = &run->plan->stages[i];
		struct abl_str name = {0};
		struct abl_forecast f;
		double seconds;

		abl_forecast_stage(run->forecasts, run->plan, i, &f);
		seconds = run->nodes[i].state == ABL_DONE ? run->nodes[i].seconds : f.seconds;
		abl_progress_name(run->plan, i, &name);
		snprintf(text, sizeof text, "%.12s", stage->key);
		abl_table_text(t, abl_plan_stage_name(run->plan->study, stage));
		abl_table_text(t, text);
		abl_table_text(t, name.text);
		abl_table_int(t, (int64_t)stage->serves);
		abl_table_text(t, run->nodes[i].blocked != ABL_NONE
					  ? "blocked"
					  : abl_state_name(run->nodes[i].state));
		snprintf(text, sizeof text, "%.1f", seconds);
		abl_table_real(t, seconds, text);
		if (whole) {
			snprintf(text, sizeof text, "%.2f", f.cpu_seconds);
			abl_table_real(t, f.cpu_seconds, text);
			abl_table_int(t, (int64_t)f.memory);
			abl_table_int(t, (int64_t)f.disk);
		}
		abl_str_finish(&name);
	}
	return t;
}
