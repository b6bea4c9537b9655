/* SPDX-License-Identifier: Apache-2.0 */
#include "record_rules.h"

#include "design_points.h"
#include "str.h"

#include <string.h>

/* Where rules go. */
struct rules {
	struct abl_store *store;
	int64_t study;
	struct abl_err *err;
};

static int put(const struct rules *r, const char *name, const char *subject, const char *value)
{
	return abl_store_put_rule(
		r->store, r->study,
		&(struct abl_rule_row){.name = name, .subject = subject, .value = value}, r->err);
}

/* 0: nothing was said. */
static int put_number(const struct rules *r, const char *name, const char *subject, double number)
{
	char text[32];

	return number ? put(r, name, subject, abl_format_real(number, text)) : 0;
}

static int put_factor(const struct rules *r, const struct abl_study_factor *f)
{
	struct abl_str levels = {0};
	int rc;

	abl_value_text(&f->level[0], &levels);
	abl_str_puts(&levels, "|");
	abl_value_text(&f->level[1], &levels);
	rc = put(r, "factor", f->key->name, levels.text);
	abl_str_finish(&levels);
	return rc;
}

/* Which settings of its designs leave something out: of a program the study file says. */
static int put_removals(const struct rules *r, const struct abl_study *s)
{
	struct abl_str value = {0};
	int rc = 0;

	for (size_t v = 0; v < s->variant_count; v++)
		for (size_t i = 0; i < s->variants[v].set_count && !rc; i++) {
			const struct abl_setting *set = &s->variants[v].set[i];

			if (!abl_design_is_none(set))
				continue;
			abl_str_clear(&value);
			abl_value_text(&set->value, &value);
			rc = put(r, "removal", set->key->name, value.text);
		}
	abl_str_finish(&value);
	return rc;
}

static const char *start_of(const struct abl_study *s)
{
	return s->init ? "checkpoint" : s->has_pretraining ? "pretraining" : "scratch";
}

static int put_judging(const struct rules *r, const struct abl_study *s)
{
	int rc = put_number(r, "verdict_from", "", (double)s->verdict_from);

	rc = rc ? rc : put_number(r, "baseline_arms", "", (double)s->baseline_arms);
	for (size_t i = 0; !rc && i < s->margin_count; i++)
		rc = put_number(r, "margin", s->margins[i].metric, s->margins[i].value);
	for (size_t i = 0; !rc && i < s->primary_count; i++) {
		const struct abl_study_primary *p = &s->primary[i];

		rc = put(r, "primary", s->variants[p->variant].label,
			 p->task == ABL_ALL_TASKS ? "" : s->tasks[p->task].spec.name);
	}
	return rc;
}

static int put_seeds(const struct rules *r, const struct abl_study *s)
{
	int rc = 0;

	if (s->crossed) {
		rc = put_number(r, "pretrainings", "", (double)s->pretrain_seeds);
		rc = rc ? rc : put_number(r, "finetunings", "", (double)s->finetune_seeds);
	}
	rc = rc ? rc : put_number(r, "seeds_start", "", (double)s->seeds_start);
	rc = rc ? rc : put_number(r, "seeds_until", "", s->seeds_until);
	return rc ? rc : put_number(r, "seeds_max", "", (double)s->seeds_max);
}

int abl_record_rules(struct abl_store *store, const struct abl_study *s, int64_t study,
		     struct abl_err *err)
{
	const struct rules r = {store, study, err};
	int rc = put(&r, "confirmatory", "", s->exploratory && !s->primary_count ? "0" : "1");

	rc = rc ? rc : put(&r, "start", "", start_of(s));
	for (size_t i = 0; !rc && i < s->design_count; i++)
		rc = put(&r, "design", s->designs[i], "");
	for (size_t i = 0; !rc && i < s->factor_count; i++)
		rc = put_factor(&r, &s->factors[i]);
	rc = rc ? rc : put_removals(&r, s);
	rc = rc ? rc : put_judging(&r, s);
	if (!rc && s->confirms)
		rc = put(&r, ABL_RULE_CONFIRMS, "", s->confirms);
	if (!rc && s->keep && strcmp(s->keep, ABL_KEEP_WEIGHTS) != 0)
		rc = put(&r, ABL_RULE_KEEP, "", s->keep);
	rc = rc ? rc : put_number(&r, ABL_RULE_AFTER, "", (double)s->seeds_after);
	return rc ? rc : put_seeds(&r, s);
}
