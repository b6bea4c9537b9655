/* SPDX-License-Identifier: Apache-2.0 */
/* compare_words.c - what is said of a row. Words, and no others: users search for them. */
#include "compare.h"

#include <math.h>
#include <string.h>

const char *abl_family_name(enum abl_family f)
{
	static const char *const names[] = {
		[ABL_FAMILY_NONE] = "",
		[ABL_FAMILY_PRIMARY] = "primary",
		[ABL_FAMILY_TASK] = "task",
		[ABL_FAMILY_PLACEBO] = "placebo",
		[ABL_FAMILY_EXPLORATORY] = "exploratory",
		[ABL_FAMILY_INTERACTION] = "interaction",
	};

	return names[f];
}

bool abl_is_decided(const struct abl_effect *e)
{
	return e->decision == ABL_DECISION_HURTS || e->decision == ABL_DECISION_HELPS;
}

bool abl_has_verdict(const struct abl_effect *e)
{
	return (e->decision != ABL_DECISION_VALUES && e->decision != ABL_DECISION_UNJUDGED) ||
	       e->fails_more;
}

static const char *noun(const struct abl_comparison *c, const struct abl_effect *e)
{
	static const struct {
		enum abl_variant_kind kind;
		const char *noun;
	} nouns[] = {{ABL_VARIANT_REMOVAL, "removal"},
		     {ABL_VARIANT_SWAP, "swap"},
		     {ABL_VARIANT_ADDITION, "addition"}};

	for (size_t i = 0; i < sizeof nouns / sizeof *nouns; i++)
		if (abl_compare_is(c, e, nouns[i].kind))
			return nouns[i].noun;
	return "change";
}

/* What the test of the difference says; nothing where failures say it all. */
static void say_difference(const struct abl_comparison *c, const struct abl_effect *e,
			   struct abl_str *out)
{
	const bool placebo = abl_compare_is(c, e, ABL_VARIANT_PLACEBO);
	char number[32];

	if (e->decision == ABL_DECISION_CANNOT_SAY) {
		abl_str_puts(out, e->reason);
	} else if (abl_is_decided(e) && placebo) {
		abl_str_printf(out, "differs, p %s: chance or fault",
			       abl_format_p(e->p_adjusted, number));
	} else if (abl_is_decided(e)) {
		abl_str_printf(out, "%s %s", noun(c, e),
			       e->decision == ABL_DECISION_HURTS ? "hurts" : "helps");
		if (e->equivalent)
			abl_str_printf(out, ", equivalent within ±%s",
				       abl_format_score(c->margin, number));
	} else if (e->equivalent && !placebo) {
		abl_str_printf(out, "equivalent within ±%s", abl_format_score(c->margin, number));
	} else {
		abl_str_printf(out, "%s, could see %s",
			       placebo ? "no difference seen" : "not resolved",
			       abl_format_digits(e->could_see, abl_effect_digits(c, e), number));
	}
}

static void say_scope(const struct abl_effect *e, struct abl_str *out)
{
	if (e->scope == ABL_FOR_CHECKPOINT)
		abl_str_puts(out, " for this checkpoint");
	else if (e->scope == ABL_FOR_PRETRAININGS && e->pretrainings == 1)
		abl_str_puts(out, " for this pre-training");
	else if (e->scope == ABL_FOR_PRETRAININGS)
		abl_str_printf(out, " for these %zu pre-trainings", e->pretrainings);
}

void abl_verdict_text(const struct abl_comparison *c, const struct abl_effect *e,
		      struct abl_str *out)
{
	const bool tested = e->decision >= ABL_DECISION_UNRESOLVED;

	if (e->decision == ABL_DECISION_INTERIM) {
		abl_str_puts(out, "interim");
		return;
	}
	if (!abl_has_verdict(e)) {
		abl_str_puts(out, "-");
		return;
	}
	/* an arm that fails has said enough where the rest says nothing */
	if (tested || (e->decision == ABL_DECISION_CANNOT_SAY && !e->fails_more))
		say_difference(c, e, out);
	if (e->fails_more)
		abl_str_printf(out, "%sfails more often%s", tested ? ", " : "",
			       e->collapses ? " (collapses)" : "");
	if (tested)
		say_scope(e, out);
	if (!c->primary)
		abl_str_puts(out, " by task");
	if (tested && e->scope != ABL_FOR_PRETRAININGS && e->n < ABL_VERDICT_PAIRS)
		abl_str_printf(out, " (%zu seed%s, assumes normal)", e->n,
			       abl_plural((int64_t)e->n));
}

/* ---- interactions ---- */

static void say_found(const struct abl_interaction *x, struct abl_str *out)
{
	const bool worse = (x->t.estimate < 0) != x->lower_is_better;

	if (x->single)
		abl_str_printf(out, "%s %s", x->removals ? "removal" : "change",
			       worse ? "hurts" : "helps");
	else if (x->by_scale)
		abl_str_puts(out, "depends on the scale");
	else if (worse && x->removals && x->together && !x->singles)
		abl_str_puts(out, "either can go, not both");
	else
		abl_str_printf(out, "together %s than the sum of both", worse ? "worse" : "better");
	if (x->at_least)
		abl_str_puts(out, ", at least");
}

void abl_interaction_words(const struct abl_interaction *x, struct abl_str *out)
{
	char number[32];

	if (x->interim)
		abl_str_puts(out, "interim");
	else if (x->reason)
		abl_str_puts(out, x->reason);
	else if (isnan(x->p_adjusted))
		abl_str_puts(out, "-");
	else if (x->found)
		say_found(x, out);
	else
		abl_str_printf(out, "not resolved, could see %s",
			       abl_format_digits(x->could_see,
						 abl_digits_of_interval(x->t.estimate, x->t.low,
									x->t.high, fabs(x->t.high)),
						 number));
}

void abl_interaction_text(const struct abl_interaction *x, struct abl_str *out)
{
	const struct abl_digits digits =
		isfinite(x->t.low) ? abl_digits_of_interval(x->t.estimate, x->t.low, x->t.high,
							    fmax(fabs(x->t.low), fabs(x->t.high)))
				   : abl_digits_for(x->t.estimate, NAN);
	char number[3][32];

	if (strcmp(x->task, ABL_TASK_ALL) != 0)
		abl_str_printf(out, "%s, ", x->task);
	abl_str_printf(out, "%s: ", x->label);
	if (!x->n) {
		abl_interaction_words(x, out);
		return;
	}
	abl_str_puts(out, abl_format_signed(x->t.estimate, digits, number[0]));
	if (isfinite(x->t.low))
		abl_str_printf(out, " [%s, %s]", abl_format_signed(x->t.low, digits, number[1]),
			       abl_format_signed(x->t.high, digits, number[2]));
	if (!isnan(x->p_adjusted))
		abl_str_printf(out, ", p %s", abl_format_p(x->p_adjusted, number[0]));
	abl_str_puts(out, ": ");
	if (isnan(x->p_adjusted) && !x->reason && !x->interim)
		abl_str_printf(out, "%zu unit%s, too few for a verdict", x->n,
			       abl_plural((int64_t)x->n));
	else
		abl_interaction_words(x, out);
}
