/* SPDX-License-Identifier: Apache-2.0 */
/* compare_wide.c - a comparison for machines: all numbers, a row per variant. */
#include "compare.h"

static const struct {
	const char *name;
	size_t offset;
} reals[] = {
	{"base_mean", offsetof(struct abl_effect, base_mean)},
	{"mean", offsetof(struct abl_effect, mean)},
	{"sd", offsetof(struct abl_effect, arm.sd)},
	{"effect", offsetof(struct abl_effect, t.estimate)},
	{"sd_difference", offsetof(struct abl_effect, t.sd)},
	{"low", offsetof(struct abl_effect, t.low)},
	{"high", offsetof(struct abl_effect, t.high)},
	{"t", offsetof(struct abl_effect, t.t)},
	{"p", offsetof(struct abl_effect, p)},
	{"p_holm", offsetof(struct abl_effect, p_holm)},
	{"p_sign_flip", offsetof(struct abl_effect, p_sign_flip)},
	{"could_see", offsetof(struct abl_effect, could_see)},
	{"correlation", offsetof(struct abl_effect, correlation)},
	{"effect_without_diverged", offsetof(struct abl_effect, without)},
	{"time", offsetof(struct abl_effect, time)},
};
static const struct {
	const char *name;
	size_t offset;
} counts[] = {
	{"planned", offsetof(struct abl_effect, arm.planned)},
	{"done", offsetof(struct abl_effect, arm.done)},
	{"failed", offsetof(struct abl_effect, arm.failed)},
	{"diverged", offsetof(struct abl_effect, arm.diverged)},
	{"collapsed", offsetof(struct abl_effect, arm.collapsed)},
};
#define REALS (sizeof reals / sizeof *reals)
#define COUNTS (sizeof counts / sizeof *counts)

struct abl_table *abl_compare_wide_table(void)
{
	static const char *const texts[] = {"study", "task",    "metric", "variant",
					    "kind",  "subject", "base"};
	struct abl_table *t = abl_table_create();

	for (size_t i = 0; i < sizeof texts / sizeof *texts; i++)
		abl_table_column(t, texts[i], false);
	for (size_t i = 0; i < COUNTS; i++)
		abl_table_column(t, counts[i].name, true);
	abl_table_column(t, "n", true);
	for (size_t i = 0; i < REALS; i++)
		abl_table_column(t, reals[i].name, true);
	abl_table_column(t, "family", true);
	abl_table_column(t, "verdict", false);
	abl_table_column(t, "label", false);
	abl_table_column(t, "other_code", true);
	return t;
}

static void add_real(struct abl_table *t, double x)
{
	char text[32];

	abl_table_real(t, x, abl_format_score(x, text));
}

void abl_compare_add_rows(const struct abl_comparison *c, struct abl_table *wide)
{
	for (size_t i = 0; i < c->count; i++) {
		const struct abl_effect *e = &c->effect[i];
		struct abl_str verdict = {0};

		abl_table_text(wide, c->study);
		abl_table_text(wide, c->task);
		abl_table_text(wide, c->metric);
		abl_table_text(wide, e->arm.label);
		abl_table_text(wide, abl_variant_kind_name(e->arm.kind));
		abl_table_text(wide, e->arm.subject);
		abl_table_text(wide, c->baseline.label);
		for (size_t k = 0; k < COUNTS; k++)
			abl_table_int(wide, *(const int *)((const char *)e + counts[k].offset));
		abl_table_int(wide, (int64_t)e->n);
		for (size_t k = 0; k < REALS; k++)
			add_real(wide, *(const double *)((const char *)e + reals[k].offset));
		abl_table_int(wide, (int64_t)c->family);
		if (e->verdict != ABL_VERDICT_NONE)
			abl_verdict_text(c, e, &verdict);
		abl_table_text(wide, verdict.text);
		abl_table_text(wide, c->label);
		abl_table_int(wide, c->other_code);
		abl_str_finish(&verdict);
	}
}
