/* SPDX-License-Identifier: Apache-2.0 */
/* report_answer.c - the answer in three sentences: what was found, what the placebo says, what
 * would settle the rest. Then, in short, what else must be known. */
#include "compare.h"
#include "html.h"
#include "report_parts.h"
#include "table.h"

#include <math.h>
#include <string.h>

#define NAMED 4 /* rows that a sentence names */

/* ---- words ---- */

/* Of rows that were found: how they are spoken of by kind. */
static const char *doing(const struct abl_report_row *r)
{
	static const struct {
		enum abl_variant_kind kind;
		const char *doing;
	} words[] = {{ABL_VARIANT_REMOVAL, "removing "}, {ABL_VARIANT_ADDITION, "adding "}};

	for (size_t i = 0; i < sizeof words / sizeof *words; i++)
		if (r->kind == words[i].kind)
			return words[i].doing;
	return "";
}

static void put_row_name(struct abl_str *out, const struct abl_report_row *r)
{
	abl_str_puts(out, doing(r));
	abl_html_user(out, r->name);
	if (r->tasks) {
		abl_str_puts(out, " on ");
		abl_html_user(out, r->tasks);
	}
}

/* "removing positions (-.061) and removing segments (-.019)" */
static void put_rows(struct abl_str *out, const struct abl_report_facts *f,
		     enum abl_row_standing standing)
{
	const size_t count = f->count[standing];
	size_t k = 0;
	char text[32];

	for (size_t i = 0; i < f->rows && k < NAMED; i++) {
		const struct abl_report_row *r = &f->row[i];

		if (r->standing != standing)
			continue;
		abl_str_puts(out, !k ? "" : k + 1 == count ? " and " : ", ");
		put_row_name(out, r);
		abl_str_printf(out, " (%s)", abl_format_signed(r->estimate, r->digits, text));
		k++;
	}
	if (count > k)
		abl_str_printf(out, " and %zu more", count - k);
}

/* Of what cannot be said, after words that have said so. */
static void put_reason(struct abl_str *out, const char *reason)
{
	const char *const said = "cannot say: ";

	abl_str_puts(out, ": ");
	abl_html_text(out, reason + (strncmp(reason, said, strlen(said)) ? 0 : strlen(said)));
	abl_str_puts(out, ".");
}

/* ---- first: what was found ---- */

/* "None of 3 removals resolved"; of one: "The one removal is not resolved". */
static void put_none(struct abl_str *out, const struct abl_report_facts *f, bool within,
		     const char *of_one, const char *of_many)
{
	if (f->rows == 1)
		abl_str_printf(out, "%s one %s %s", within ? "the" : "The", f->noun, of_one);
	else
		abl_str_printf(out, "%s of %zu %ss %s", within ? "none" : "None", f->rows, f->noun,
			       of_many);
}

static void say_found(const struct abl_page *p, struct abl_str *out)
{
	const struct abl_report_facts *f = &p->facts;
	const size_t found = f->count[ABL_ROW_HURTS] + f->count[ABL_ROW_HELPS];
	static const struct {
		enum abl_row_standing standing;
		const char *verb;
	} verbs[] = {{ABL_ROW_HURTS, "hurts"}, {ABL_ROW_HELPS, "helps"}};
	const char *before = ": ";

	abl_str_puts(out, p->analysis->exploratory ? "Exploratory: " : "");
	if (found)
		abl_str_printf(out, "%zu of %zu %s%s resolved", found, f->rows, f->noun,
			       abl_plural((int64_t)f->rows));
	else
		put_none(out, f, p->analysis->exploratory, "is not resolved", "resolved");
	for (size_t i = 0; i < sizeof verbs / sizeof *verbs; i++) {
		const size_t n = f->count[verbs[i].standing];

		if (!n)
			continue;
		abl_str_puts(out, before);
		put_rows(out, f, verbs[i].standing);
		abl_str_printf(out, " %.*s", (int)strlen(verbs[i].verb) - (n > 1), verbs[i].verb);
		before = "; ";
	}
	abl_str_puts(out, ".");
}

static void say_interim(const struct abl_page *p, struct abl_str *out)
{
	char text[32];

	abl_str_printf(out, "Interim: %s of ", abl_format_count(p->facts.waiting, text));
	abl_str_printf(out, "%s planned trials not in yet; intervals only, no verdict.",
		       abl_format_count(p->facts.trials, text));
}

static void say_values(const struct abl_page *p, struct abl_str *out)
{
	const struct abl_report_facts *f = &p->facts;

	abl_str_printf(
		out, "No verdict: %zu %s%s %s too few, %d are needed; the tables show each value.",
		f->most, f->unit, abl_plural((int64_t)f->most), f->most == 1 ? "is" : "are",
		p->analysis->all->verdict_from);
}

static void say_cannot(const struct abl_page *p, struct abl_str *out)
{
	const struct abl_report_facts *f = &p->facts;

	for (size_t i = 0; i < f->rows; i++)
		if (f->row[i].standing == ABL_ROW_CANNOT_SAY && f->row[i].reason) {
			put_none(out, f, false, "cannot be judged", "can be judged");
			put_reason(out, f->row[i].reason);
			return;
		}
}

static void say_all_failed(const struct abl_page *p, struct abl_str *out)
{
	abl_str_printf(out,
		       "No answer: all %lld trials failed; <a href=\"#failures\">the ends of "
		       "their logs</a> may say why.",
		       (long long)p->facts.failed);
}

static void say_not_begun(const struct abl_page *p, struct abl_str *out)
{
	char text[32];

	abl_str_printf(out, "No result yet: %s trial%s planned",
		       abl_format_count(p->facts.trials, text), abl_plural(p->facts.trials));
	if (p->facts.failed)
		abl_str_printf(out, ", %s failed", abl_format_count(p->facts.failed, text));
	abl_str_puts(out, ".");
}

static void say_alone(const struct abl_page *p, struct abl_str *out)
{
	const struct abl_comparison *c = p->analysis ? p->analysis->all : NULL;
	char text[32];

	abl_str_puts(out, "Nothing is compared: the study has one variant");
	if (c && isfinite(c->baseline.mean)) {
		abl_str_printf(out, ", with a mean of %s (",
			       abl_format_digits(c->baseline.mean, abl_baseline_digits(c), text));
		abl_html_user(out, c->metric);
		abl_str_printf(out, ", %zu %s%s)", c->baseline.n, p->facts.unit,
			       abl_plural((int64_t)c->baseline.n));
	}
	abl_str_puts(out, ".");
}

static void say_no_baseline(const struct abl_page *p, struct abl_str *out)
{
	abl_str_printf(out,
		       "Nothing is compared: the study has no baseline; <a href=\"#scores\">the "
		       "means</a> of its %lld variants stand below.",
		       (long long)p->facts.variants);
}

static void say_refused(const struct abl_page *p, struct abl_str *out)
{
	abl_str_puts(out, "Nothing is compared: ");
	abl_html_text(out, p->unanswered ? p->unanswered : "no pair of runs is done");
	abl_str_puts(out, ".");
}

static bool all_rows_are(const struct abl_page *p, enum abl_row_standing standing)
{
	const struct abl_report_facts *f = &p->facts;

	return f->count[standing] &&
	       (standing == ABL_ROW_EMPTY ? 0 : f->count[ABL_ROW_EMPTY]) + f->count[standing] ==
		       f->rows;
}

static bool is_all_failed(const struct abl_page *p)
{
	return !p->facts.done && p->facts.failed && !p->facts.waiting;
}
static bool is_not_begun(const struct abl_page *p)
{
	return !p->facts.done;
}
static bool is_without_baseline(const struct abl_page *p)
{
	return !p->facts.baseline && p->facts.variants > 1;
}
static bool is_alone(const struct abl_page *p)
{
	return p->facts.variants <= 1;
}
static bool is_refused(const struct abl_page *p)
{
	return !p->analysis || all_rows_are(p, ABL_ROW_EMPTY);
}
static bool is_interim(const struct abl_page *p)
{
	return p->analysis->interim;
}
static bool is_values(const struct abl_page *p)
{
	return all_rows_are(p, ABL_ROW_VALUES);
}
static bool is_cannot(const struct abl_page *p)
{
	return all_rows_are(p, ABL_ROW_CANNOT_SAY);
}
static bool is_found(const struct abl_page *p)
{
	return p->facts.rows > 0;
}

/* The first one that applies. */
static const struct {
	bool (*applies)(const struct abl_page *p);
	void (*say)(const struct abl_page *p, struct abl_str *out);
} firsts[] = {
	{is_all_failed, say_all_failed}, {is_not_begun, say_not_begun},
	{is_alone, say_alone},           {is_without_baseline, say_no_baseline},
	{is_refused, say_refused},       {is_interim, say_interim},
	{is_values, say_values},         {is_cannot, say_cannot},
	{is_found, say_found},
};

/* ---- second: the placebo ---- */

static void say_placebo(const struct abl_page *p, struct abl_str *out)
{
	const struct abl_report_facts *f = &p->facts;
	const struct abl_comparison *c = p->analysis->all;
	const struct abl_effect *e = f->placebo;
	char text[32];

	if (!e) {
		abl_str_puts(out, "There is no placebo to show that noise alone finds nothing.");
	} else if (abl_is_decided(e)) {
		abl_str_printf(out,
			       "The placebo differs (%s): chance or a fault, and no row is to be "
			       "trusted before that is known.",
			       abl_format_signed(e->t.estimate, abl_effect_digits(c, e), text));
	} else if (e->decision == ABL_DECISION_UNRESOLVED) {
		abl_str_puts(out, "The placebo shows nothing");
		if (isfinite(e->could_see))
			abl_str_printf(
				out, " (could see %s)",
				abl_format_digits(e->could_see, abl_effect_digits(c, e), text));
		abl_str_puts(out, ".");
	} else if (e->decision == ABL_DECISION_CANNOT_SAY && e->reason) {
		abl_str_puts(out, "The placebo is not judged");
		put_reason(out, e->reason);
	} else if (isfinite(e->t.estimate)) {
		abl_str_printf(out, "The placebo is not judged yet (%s so far).",
			       abl_format_signed(e->t.estimate, abl_effect_digits(c, e), text));
	} else {
		abl_str_puts(out, "The placebo has no result.");
	}
}

/* ---- third: what would settle the rest ---- */

static void say_left(const struct abl_report_facts *f, struct abl_str *out)
{
	char text[32];

	abl_str_printf(out, "%s trial%s still to run", abl_format_count(f->waiting, text),
		       f->waiting == 1 ? " is" : "s are");
	if (f->left >= 1)
		abl_str_printf(out, ", about %s", abl_format_duration(f->left, text));
	abl_str_puts(out, ".");
}

static void put_target(const struct abl_report_facts *f, struct abl_str *out)
{
	char text[32];

	if (f->target_is == ABL_TARGET_POINT) {
		abl_str_puts(out, "one point");
		return;
	}
	abl_str_puts(out, abl_format_score(f->target, text));
	if (f->target_is == ABL_TARGET_MARGIN) {
		abl_str_puts(out, ", the margin");
	} else {
		abl_str_puts(out, ", as of ");
		abl_html_user(out, f->target_of);
	}
}

static void say_units(const struct abl_report_facts *f, struct abl_str *out)
{
	const size_t open = f->count[ABL_ROW_UNRESOLVED];
	const bool one = open == 1;
	char text[32];

	if (open == f->rows)
		abl_str_puts(out, one ? "It " : "They ");
	else
		abl_str_printf(out, "%zu ", open);
	if (isnan(f->target) || (f->units_needed > 0 && (size_t)f->units_needed <= f->most)) {
		abl_str_printf(out, "%s not resolved at %zu %s%s, which could see %s",
			       one ? "is" : "are", f->most, f->unit, abl_plural((int64_t)f->most),
			       abl_format_score(f->could_see, text));
	} else {
		abl_str_printf(out, one ? "needs " : "need ");
		if (f->units_needed < 0)
			abl_str_printf(out, "more than %d %ss to see ", ABL_MOST_UNITS, f->unit);
		else
			abl_str_printf(out, "%lld %ss to see ", (long long)f->units_needed,
				       f->unit);
		put_target(f, out);
		if (isfinite(f->could_see))
			abl_str_printf(out, " (now: %s)", abl_format_score(f->could_see, text));
	}
	abl_str_puts(out, ".");
}

/* Rows that have too few pairs, beside others that have enough. */
static void say_few(const struct abl_page *p, struct abl_str *out)
{
	const size_t few = p->facts.count[ABL_ROW_VALUES];

	abl_str_printf(out, "%zu %s fewer than the %d finished %ss that a verdict needs.", few,
		       few == 1 ? "has" : "have", p->analysis->all->verdict_from, p->facts.unit);
}

static void say_rest(const struct abl_page *p, struct abl_str *out)
{
	const struct abl_report_facts *f = &p->facts;
	const size_t before = out->length;

	if (f->waiting) {
		say_left(f, out);
		return;
	}
	if (all_rows_are(p, ABL_ROW_VALUES)) {
		abl_str_printf(out, "%d %s%ss would give verdicts.", p->analysis->all->verdict_from,
			       f->failed ? "finished " : "", f->unit);
		return;
	}
	if (f->count[ABL_ROW_UNRESOLVED])
		say_units(f, out);
	if (f->count[ABL_ROW_VALUES]) {
		abl_str_puts(out, out->length > before ? " " : "");
		say_few(p, out);
	}
	if (out->length > before)
		return;
	if (f->count[ABL_ROW_HURTS] + f->count[ABL_ROW_HELPS] == f->rows && f->rows)
		abl_str_puts(out, "Nothing is left to settle by more seeds.");
	else
		abl_str_puts(out, "More seeds alone would not settle the rest.");
}

/* ---- what else must be known ---- */

static void put_also(struct abl_page *p)
{
	const struct abl_report_facts *f = &p->facts;
	const struct abl_analysis *a = p->analysis;
	struct abl_str out = {0}, line = {0};
	char text[32];

	if (f->loaded)
		abl_str_puts(&out, "<li>The numbers were loaded from elsewhere.</li>\n");
	if (f->failed)
		abl_str_printf(&out,
			       "<li><a href=\"#failures\">%lld of %s trials failed</a>.</li>\n",
			       (long long)f->failed, abl_format_count(f->trials, text));
	for (size_t i = 0; i < f->rows; i++)
		if (f->row[i].fails_more) {
			abl_str_puts(&out, "<li>");
			put_row_name(&out, &f->row[i]);
			abl_str_puts(&out, ": fails more often.</li>\n");
		}
	for (size_t i = 0; a && i < a->interactions; i++) {
		const struct abl_interaction *x = &a->interaction[i];

		if (!x->found || x->single || strcmp(x->task, a->all->task) != 0)
			continue;
		abl_str_clear(&line);
		abl_interaction_text(x, &line);
		abl_str_puts(&out, "<li>");
		abl_html_user(&out, line.text);
		abl_str_puts(&out, "</li>\n");
	}
	abl_report_scaling_answer(p, &out);
	if (out.length)
		abl_str_printf(&p->html, "<ul>\n%s</ul>\n", out.text);
	abl_str_finish(&out), abl_str_finish(&line);
}

int abl_report_answer(struct abl_page *p, struct abl_err *err)
{
	struct abl_str *out = &p->html;
	const struct abl_report_facts *f = &p->facts;

	abl_str_puts(out, "<div class=\"answer\">\n<p>");
	for (size_t i = 0; i < sizeof firsts / sizeof *firsts; i++)
		if (firsts[i].applies(p)) {
			firsts[i].say(p, out);
			break;
		}
	if (p->analysis && f->done && f->variants > 1) {
		abl_str_puts(out, " ");
		say_placebo(p, out);
		abl_str_puts(out, " ");
		say_rest(p, out);
	} else if (f->waiting) {
		abl_str_puts(out, " ");
		say_left(f, out);
	}
	abl_str_puts(out, "</p>\n");
	put_also(p);
	abl_str_puts(out, "</div>\n");
	return 0;
}
