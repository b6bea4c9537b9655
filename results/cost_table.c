/* SPDX-License-Identifier: Apache-2.0 */
/* cost_table.c - what variants cost, in columns and words. */
#include "cost.h"

#include "interval_text.h"

#include <math.h>

static double largest(const struct abl_cost_table *c, enum abl_cost cost)
{
	double most = 0;

	for (size_t i = 0; i < c->count; i++)
		most = fmax(most, c->row[i].cost[cost].estimate);
	return most;
}

static void column(struct abl_table *t, const char *what, const char *unit)
{
	struct abl_str name = {0};

	abl_str_printf(&name, "%s %s", what, unit);
	abl_table_column(t, name.text, true);
	abl_str_finish(&name);
}

static void short_cell(struct abl_table *t, double x)
{
	char text[32];

	abl_table_real(t, x, abl_format_short(x, text));
}

/* Which time is shown: that of the processor, unless only the clock's is known of all. */
static enum abl_cost shown_time(const struct abl_cost_table *c)
{
	return c->main == ABL_COST_CPU_SECONDS ? c->main : ABL_COST_SECONDS;
}

struct abl_table *abl_cost_people_table(const struct abl_cost_table *c)
{
	const enum abl_cost timed = shown_time(c);
	const struct abl_column_unit time = abl_time_unit(largest(c, timed)),
				     memory = abl_memory_unit(largest(c, ABL_COST_PEAK_MEMORY));
	struct abl_table *t = abl_table_create();

	abl_table_column(t, "variant", false);
	abl_table_column(t, "n", true);
	abl_table_column(t, c->metric, true);
	column(t, timed == ABL_COST_SECONDS ? "time" : "cpu", time.name);
	column(t, "memory", memory.name);
	abl_table_column(t, "parameters", true);
	abl_table_column(t, "FLOPs", true);
	abl_table_column(t, "unbeaten", false);
	for (size_t i = 0; i < c->count; i++) {
		const struct abl_cost_row *row = &c->row[i];

		abl_table_text(t, row->label);
		abl_table_int(t, (int64_t)row->n);
		abl_interval_plus_minus(t, &row->quality, 1);
		abl_interval_plus_minus(t, &row->cost[timed], time.size);
		abl_interval_plus_minus(t, &row->cost[ABL_COST_PEAK_MEMORY], memory.size);
		short_cell(t, row->cost[ABL_COST_PARAMETERS].estimate);
		short_cell(t, row->cost[ABL_COST_FLOPS].estimate);
		abl_table_text(t, isnan(row->quality.estimate) || isnan(row->cost[c->main].estimate)
					  ? NULL
				  : row->pareto[c->main] ? "yes"
							 : "no");
	}
	return t;
}

void abl_cost_heading(const struct abl_cost_table *c, struct abl_str *out)
{
	abl_str_printf(out, "%s: %s on %s beside what training takes\n", c->task, c->metric,
		       c->split ? c->split : "dev");
}

static bool any(const struct abl_cost_table *c, enum abl_cost cost)
{
	for (size_t i = 0; i < c->count; i++)
		if (!isnan(c->row[i].cost[cost].estimate))
			return true;
	return false;
}

void abl_cost_notes(const struct abl_cost_table *c, struct abl_str *out)
{
	static const char *const words[ABL_COSTS] = {
		[ABL_COST_CPU_SECONDS] = "cpu time",
		[ABL_COST_SECONDS] = "time",
		[ABL_COST_FLOPS] = "FLOPs",
		[ABL_COST_PARAMETERS] = "parameters",
	};
	struct abl_str text = {0};

	abl_str_printf(&text,
		       "means over %s, ± half a 95 %% interval; a pre-training that several trials "
		       "share counts for each",
		       c->by_pretraining ? "pre-trainings" : "seeds");
	abl_str_wrap(out, 0, 2, text.text);
	abl_str_clear(&text);
	abl_str_printf(
		&text,
		"unbeaten: no other variant is as good or better in %s for no more %s, by the "
		"means",
		c->metric, words[c->main]);
	abl_str_wrap(out, 0, 2, text.text);
	if (any(c, ABL_COST_FLOPS))
		abl_str_wrap(out, 0, 2,
			     "FLOPs: as the program told them, else 6 x parameters without "
			     "embeddings x tokens of training");
	if (c->main == ABL_COST_SECONDS && any(c, ABL_COST_SECONDS))
		abl_str_wrap(out, 0, 2,
			     "time is that of the clock: the processor's is not known of every "
			     "variant");
	abl_str_finish(&text);
}

/* ---- for machines ---- */

struct abl_table *abl_cost_wide_table(void)
{
	static const char *const texts[] = {"study", "task", "variant", "metric"};
	struct abl_table *t = abl_table_create();

	for (size_t i = 0; i < sizeof texts / sizeof *texts; i++)
		abl_table_column(t, texts[i], false);
	abl_table_column(t, "n", true);
	abl_interval_columns(t, "mean", true);
	for (int i = 0; i < ABL_COSTS; i++)
		abl_interval_columns(t, abl_cost_name((enum abl_cost)i), false);
	abl_table_column(t, "unbeaten", true);
	abl_table_column(t, "unbeaten_by", false);
	return t;
}

void abl_cost_add_rows(const struct abl_cost_table *c, struct abl_table *wide)
{
	for (size_t i = 0; i < c->count; i++) {
		const struct abl_cost_row *row = &c->row[i];

		abl_table_text(wide, c->study);
		abl_table_text(wide, c->task);
		abl_table_text(wide, row->label);
		abl_table_text(wide, c->metric);
		abl_table_int(wide, (int64_t)row->n);
		abl_interval_cells(wide, &row->quality);
		for (int k = 0; k < ABL_COSTS; k++)
			abl_interval_cells(wide, &row->cost[k]);
		abl_table_int(wide, row->pareto[c->main]);
		abl_table_text(wide, abl_cost_name(c->main));
	}
}
