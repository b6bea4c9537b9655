/* SPDX-License-Identifier: Apache-2.0 */
/* report_next.c - what to run next: each piece of advice with what it is for. */
#include "compare.h"
#include "html.h"
#include "report_parts.h"
#include "shell.h"
#include "table.h"

#include <math.h>
#include <string.h>

static size_t found(const struct abl_report_facts *f)
{
	return f->count[ABL_ROW_HURTS] + f->count[ABL_ROW_HELPS];
}

static void put_command(struct abl_page *p, const char *command)
{
	struct abl_str line = {0};

	abl_report_command(p, command, &line);
	abl_html_element(&p->html, "code", line.text);
	abl_str_finish(&line);
}

/* "ablate run study.yaml --store ..." `more`: " --retry all" */
static void put_run(struct abl_page *p, const char *more)
{
	struct abl_str command = {0};

	abl_str_puts(&command, "run ");
	abl_shell_word(&command, p->start.path ? p->start.path : p->study);
	abl_str_puts(&command, more);
	put_command(p, command.text);
	abl_str_finish(&command);
}

static void put_of_study(struct abl_page *p, const char *command)
{
	struct abl_str line = {0};

	abl_str_printf(&line, "%s %s", command, p->start.study);
	put_command(p, line.text);
	abl_str_finish(&line);
}

/* ---- each says nothing where it does not apply ---- */

static void finish_it(struct abl_page *p)
{
	char text[32];

	if (!p->facts.waiting || p->facts.loaded)
		return;
	abl_str_printf(&p->html, "<li>Run what is left, %s trial%s: ",
		       abl_format_count(p->facts.waiting, text), abl_plural(p->facts.waiting));
	put_run(p, "");
	abl_str_puts(&p->html, "</li>\n");
}

static void mend_failures(struct abl_page *p)
{
	char text[32];

	if (!p->facts.failed || p->facts.loaded)
		return;
	abl_str_printf(&p->html,
		       "<li>Mend what made %s trial%s fail (<a href=\"#failures\">the logs</a>), "
		       "then run them again; finished work is kept: ",
		       abl_format_count(p->facts.failed, text), abl_plural(p->facts.failed));
	put_run(p, " --retry all");
	abl_str_puts(&p->html, "</li>\n");
}

static void explain_placebo(struct abl_page *p)
{
	if (p->facts.placebos_differ)
		abl_str_puts(&p->html,
			     "<li>Find out why the placebo differs, before anything else: "
			     "it changes nothing in the model. With fresh seeds chance is "
			     "ruled out.</li>\n");
}

static void add_placebo(struct abl_page *p)
{
	if (p->analysis && p->facts.rows && !p->facts.factors && !p->facts.placebo &&
	    !p->facts.loaded && !p->analysis->exploratory)
		abl_str_puts(&p->html,
			     "<li>Add <code>placebo</code> to the design: an arm that changes "
			     "nothing shows what noise alone gives.</li>\n");
}

static void add_baseline(struct abl_page *p)
{
	if (!p->facts.baseline && p->facts.variants > 1)
		abl_str_puts(&p->html,
			     "<li>Name a baseline: effects are differences to it.</li>\n");
}

static void add_variants(struct abl_page *p)
{
	if (p->facts.variants == 1)
		abl_str_puts(
			&p->html,
			"<li>Add a design, as <code>leave-one-out: [positions, placebo]</code>: "
			"with the baseline alone there is nothing to compare.</li>\n");
}

static void raise_seeds(struct abl_page *p)
{
	const struct abl_report_facts *f = &p->facts;
	const bool values = f->rows && f->count[ABL_ROW_VALUES] == f->rows;
	int64_t n = f->units_needed;

	if (!p->analysis || f->waiting)
		return;
	if (values)
		n = p->analysis->all->verdict_from;
	if (n <= (int64_t)f->most)
		return;
	if (f->loaded) {
		abl_str_printf(&p->html, "<li>For %s, load %lld %ss of every variant.</li>\n",
			       values ? "verdicts" : "what is not resolved", (long long)n, f->unit);
		return;
	}
	abl_str_printf(&p->html, "<li>For %s, raise the ",
		       values ? "verdicts" : "what is not resolved");
	if (!strcmp(f->unit, "seed"))
		abl_str_printf(&p->html, "seeds to <code>seeds: %lld</code>", (long long)n);
	else
		abl_str_printf(&p->html,
			       "pre-trainings to <code>seeds: {pretrain: %lld, ...}</code>",
			       (long long)n);
	abl_str_puts(&p->html,
		     ", best from new ones alone: seeds that are added after a look at the "
		     "results make chance findings more likely.</li>\n");
}

/* Two parts that look dispensable one by one may stand in for each other. */
static void try_pairs(struct abl_page *p)
{
	const struct abl_report_facts *f = &p->facts;
	struct abl_str parts = {0};
	size_t count = 0;

	if (!p->analysis || p->analysis->interactions || p->analysis->interim || f->loaded)
		return;
	for (size_t i = 0; i < f->rows && count < 4; i++) {
		const struct abl_report_row *r = &f->row[i];

		if (r->kind != ABL_VARIANT_REMOVAL || r->tasks ||
		    (r->standing != ABL_ROW_UNRESOLVED && r->standing != ABL_ROW_EQUIVALENT &&
		     r->standing != ABL_ROW_HELPS))
			continue;
		abl_str_printf(&parts, "%s%s", count++ ? ", " : "", r->name);
	}
	if (count > 1) {
		abl_str_puts(&p->html,
			     "<li>Remove two at a time: parts that look dispensable one by "
			     "one may stand in for each other. <code>pairs: [");
		abl_html_user(&p->html, parts.text);
		abl_str_puts(&p->html, "]</code></li>\n");
	}
	abl_str_finish(&parts);
}

/* What was chosen since it looked best looks better than it is. */
static void confirm(struct abl_page *p)
{
	const struct abl_report_facts *f = &p->facts;

	if (!p->analysis || p->analysis->interim || f->loaded || !p->start.path ||
	    !(f->count[ABL_ROW_HELPS] || (p->analysis->exploratory && found(f))))
		return;
	abl_str_puts(&p->html,
		     "<li>Confirm the best variant with fresh seeds: what was chosen since "
		     "it looked best looks better than it is. ");
	put_of_study(p, "confirm");
	abl_str_puts(&p->html, "</li>\n");
}

static void plan_next(struct abl_page *p)
{
	const struct abl_report_facts *f = &p->facts;

	if (f->rows && found(f) == f->rows && !f->waiting)
		abl_str_puts(&p->html,
			     "<li>Every row is resolved: another data set or a larger model "
			     "would show how far that holds.</li>\n");
}

static void (*const advice[])(struct abl_page *p) = {
	explain_placebo, finish_it, mend_failures, add_variants, add_baseline,
	raise_seeds,     try_pairs, confirm,       add_placebo,  plan_next,
};

int abl_report_next(struct abl_page *p, struct abl_err *err)
{
	const size_t before = p->html.length;
	size_t empty;

	abl_str_puts(&p->html, "<ol>\n");
	empty = p->html.length;
	for (size_t i = 0; i < sizeof advice / sizeof *advice; i++)
		advice[i](p);
	if (p->html.length == empty)
		p->html.text[p->html.length = before] = '\0';
	else
		abl_str_puts(&p->html, "</ol>\n");
	return 0;
}
