/* SPDX-License-Identifier: Apache-2.0 */
/* scaling_table.c - scaling laws as paragraphs and as columns. */
#include "scaling.h"

#include <math.h>
#include <string.h>

/* ---- for people ---- */

/* "3 seeds", or where some places have fewer "1 to 3 seeds" */
static void seeds_text(size_t fewest, size_t most, struct abl_str *out)
{
	if (fewest < most)
		abl_str_printf(out, "%zu to ", fewest);
	abl_str_printf(out, "%zu seed%s", most, abl_plural((int64_t)most));
}

static void heading(const struct abl_scaling_row *r, struct abl_str *out)
{
	abl_str_printf(out, "%s: %s", r->task, r->metric);
	if (r->split)
		abl_str_printf(out, " on %s", r->split);
	abl_str_printf(out, " against %s, %zu size%s x ", r->x_title, r->law.sizes,
		       abl_plural((int64_t)r->law.sizes));
	seeds_text(r->law.fewest, r->law.seeds, out);
	if (r->label)
		abl_str_printf(out, ", %s", r->label);
	abl_str_puts(out, "\n");
	if (*r->line)
		abl_str_printf(out, "where %s\n", r->line);
}

static struct abl_digits digits_of(double value, double low, double high)
{
	return isnan(low) || isnan(high) ? abl_digits_for(fabs(value), fabs(value) / 100)
					 : abl_digits_of_interval(value, low, high, fabs(value));
}

/* "2.71 [2.66, 2.76]" */
static void with_interval(double value, double low, double high, bool sign, struct abl_str *out)
{
	const struct abl_digits d = digits_of(value, low, high);
	const char *(*format)(double, struct abl_digits, char[32]) =
		sign ? abl_format_signed : abl_format_digits;
	char v[32], l[32], h[32];

	abl_str_puts(out, format(value, d, v));
	if (!isnan(low) && !isnan(high))
		abl_str_printf(out, " [%s, %s]", format(low, d, l), format(high, d, h));
}

/* In the metric's own direction: a score's interval is turned round. */
static void held(const struct abl_scaling_row *r, double out[4])
{
	const struct abl_scaling_law *l = &r->law;
	const bool score = !isnan(r->ceiling);

	out[0] = abl_scaling_shown(r->ceiling, l->held_predicted);
	out[1] = abl_scaling_shown(r->ceiling, score ? l->held_high : l->held_low);
	out[2] = abl_scaling_shown(r->ceiling, score ? l->held_low : l->held_high);
	out[3] = abl_scaling_shown(r->ceiling, l->held_seen);
}

static void held_line(const struct abl_scaling_row *r, struct abl_str *out)
{
	double h[4];
	char seen[32];

	held(r, h);
	if (isnan(h[0]) || isnan(h[1]))
		return;
	abl_str_puts(out, "largest size held out: predicted ");
	with_interval(h[0], h[1], h[2], false, out);
	abl_str_printf(out, ", seen %s\n",
		       abl_format_digits(h[3], digits_of(h[0], h[1], h[2]), seen));
}

static void verdict_line(const struct abl_scaling_row *r, struct abl_str *out)
{
	const struct abl_scaling_law *l = &r->law;

	abl_str_puts(out, "verdict: ");
	abl_scaling_verdict_text(r, out);
	if (l->verdict == ABL_SCALING_LAW && !r->depends) {
		const double times = l->size[l->sizes - 1].x / l->size[0].x;
		char text[32];

		if (times < 1000)
			abl_str_printf(out, ", over %.3g times in size", times);
		else
			abl_str_printf(out, ", over %s times in size",
				       abl_format_count(llround(times), text));
		if (r->has_other)
			abl_str_puts(out, ", however parameters are counted");
	}
	abl_str_puts(out, "\n");
}

static void next_line(const struct abl_scaling_row *r, struct abl_str *out)
{
	const bool cpu = !isnan(r->next_cpu.seconds);
	const struct abl_scaling_cost *next = cpu ? &r->next_cpu : &r->next_wall;
	char seconds[32], low[32], high[32];

	if (isnan(r->next_value))
		return;
	abl_str_puts(out, "twice the size would bring ");
	with_interval(r->next_gain, r->gain_low, r->gain_high, true, out);
	if (!isnan(next->seconds)) {
		abl_str_printf(out, " and take %s", abl_format_duration(next->seconds, seconds));
		abl_format_duration(next->low, low), abl_format_duration(next->high, high);
		if (strcmp(low, high) != 0)
			abl_str_printf(out, " [%s, %s]", low, high);
		abl_str_puts(out, cpu ? " of CPU time a trial" : " a trial");
	}
	abl_str_puts(out, "\n");
}

void abl_scaling_paragraph(const struct abl_scaling_row *r, struct abl_str *out)
{
	const size_t before = (heading(r, out), out->length);

	abl_scaling_formula_text(r, true, out);
	if (out->length > before)
		abl_str_puts(out, "\n");
	held_line(r, out);
	verdict_line(r, out);
	next_line(r, out);
	abl_scaling_notes(r, out);
}

void abl_scaling_pair_text(const struct abl_scaling_pair *p, struct abl_str *out)
{
	const struct abl_scaling_two *f = &p->fit;

	abl_str_printf(out, "%s: %s against parameters N and words D, %zu points x ", p->task,
		       p->metric, f->points);
	seeds_text(f->fewest, f->seeds, out);
	abl_str_puts(out, "\n");
	if (f->reason) {
		abl_str_printf(out, "no curve: %s\n", f->reason);
		return;
	}
	abl_str_printf(out, "%s = %.3g + %.3g N^-", isnan(p->ceiling) ? p->metric : "error", f->e,
		       f->a);
	with_interval(f->alpha, f->alpha_low, f->alpha_high, false, out);
	abl_str_printf(out, " + %.3g D^-", f->b);
	with_interval(f->beta, f->beta_low, f->beta_high, false, out);
	abl_str_puts(out, "\n");
}

/* ---- for programs and papers ---- */

static void add_number(struct abl_table *t, double x)
{
	char text[32];

	abl_table_real(t, x, abl_format_number(x, text));
}

/* Why the verdict is what it is, and the notes, on one line, "; " between. */
static void add_notes(struct abl_table *t, const struct abl_scaling_row *r)
{
	struct abl_str text = {0}, line = {0};

	abl_scaling_verdict(r, &line);
	abl_scaling_verdict_text(r, &text);
	if (text.length > line.length)
		abl_str_puts(&text, "\n");
	else
		abl_str_clear(&text);
	abl_str_clear(&line);
	abl_scaling_notes(r, &text);
	for (const char *at = text.length ? text.text : ""; *at; at++)
		if (*at != '\n')
			abl_str_add(&line, at, 1);
		else if (at[1])
			abl_str_puts(&line, "; ");
	abl_table_text(t, line.length ? line.text : "");
	abl_str_finish(&line);
	abl_str_finish(&text);
}

static void add_verdict(struct abl_table *t, const struct abl_scaling_row *r)
{
	struct abl_str text = {0};

	abl_scaling_verdict(r, &text);
	abl_table_text(t, text.text);
	abl_str_finish(&text);
}

static void add_cost(struct abl_table *t, const struct abl_scaling_cost *c)
{
	add_number(t, c->seconds), add_number(t, c->low), add_number(t, c->high);
}

static void add_wide(struct abl_table *t, const struct abl_scaling_row *r)
{
	const struct abl_scaling_law *l = &r->law;
	const struct abl_scaling_fit *f = &l->fit[l->chosen], *o = &r->other.fit[r->other.chosen];
	const bool found = f->found;
	double h[4];

	held(r, h);
	abl_table_text(t, r->task), abl_table_text(t, r->metric), abl_table_text(t, r->x_name);
	abl_table_text(t, r->x_title), abl_table_text(t, *r->line ? r->line : NULL);
	abl_table_text(t, found ? abl_scaling_name(f->model) : NULL);
	add_number(t, f->b), add_number(t, l->low), add_number(t, l->high);
	add_verdict(t, r);
	add_number(t, l->held_seen / l->held_predicted - 1);
	for (size_t i = 0; i < 4; i++)
		add_number(t, h[i]);
	abl_table_int(t, (int64_t)l->sizes), abl_table_int(t, (int64_t)l->seeds);
	add_number(t, f->a), add_number(t, f->c), add_number(t, f->n0);
	add_number(t, r->ceiling), add_number(t, l->spread);
	add_number(t, l->bic[ABL_SCALING_POWER]), add_number(t, l->bic[ABL_SCALING_FLOOR]);
	add_number(t, l->p_misfit[ABL_SCALING_POWER]),
		add_number(t, l->p_misfit[ABL_SCALING_FLOOR]);
	add_number(t, l->p_floor);
	add_number(t, r->has_other ? o->b : NAN), add_number(t, r->has_other ? r->other.low : NAN);
	add_number(t, r->has_other ? r->other.high : NAN);
	add_number(t, r->next_x), add_number(t, r->next_value);
	add_number(t, r->next_low), add_number(t, r->next_high);
	add_cost(t, &r->next_wall), add_cost(t, &r->next_cpu);
	add_notes(t, r);
}

/* A row of parameters and words together; what it has not is null. */
static void add_pair(struct abl_table *t, const struct abl_scaling_pair *p, size_t columns)
{
	const struct abl_scaling_two *f = &p->fit;
	struct abl_str notes = {0};

	if (f->reason)
		abl_str_puts(&notes, f->reason);
	else
		abl_str_printf(
			&notes,
			"E %.6g; A %.6g; alpha %.6g [%.6g, %.6g]; B %.6g; beta %.6g [%.6g, %.6g]",
			f->e, f->a, f->alpha, f->alpha_low, f->alpha_high, f->b, f->beta,
			f->beta_low, f->beta_high);
	abl_table_text(t, p->task), abl_table_text(t, p->metric);
	abl_table_text(t, "parameters and words"), abl_table_text(t, "parameters and words");
	abl_table_text(t, NULL), abl_table_text(t, f->reason ? NULL : "E + A N^-alpha + B D^-beta");
	add_number(t, f->alpha), add_number(t, f->alpha_low), add_number(t, f->alpha_high);
	abl_table_text(t, f->reason ? "cannot tell from these sizes" : "fitted over both");
	for (size_t i = 0; i < 5; i++)
		add_number(t, NAN);
	abl_table_int(t, (int64_t)f->points), abl_table_int(t, (int64_t)f->seeds);
	add_number(t, f->a), add_number(t, f->e);
	for (size_t i = 19; i + 1 < columns; i++)
		add_number(t, NAN);
	abl_table_text(t, notes.text);
	abl_str_finish(&notes);
}

static const struct {
	const char *name;
	bool right;
} wide[] = {
	{"task"},
	{"metric"},
	{"x"},
	{"counted"},
	{"line"},
	{"model"},
	{"exponent", true},
	{"low", true},
	{"high", true},
	{"verdict"},
	{"held_out_error", true},
	{"held_out_predicted", true},
	{"held_out_low", true},
	{"held_out_high", true},
	{"held_out_seen", true},
	{"n", true},
	{"seeds", true},
	{"a", true},
	{"c", true},
	{"n0", true},
	{"ceiling", true},
	{"spread", true},
	{"bic_p2", true},
	{"bic_p3", true},
	{"p_misfit_p2", true},
	{"p_misfit_p3", true},
	{"p_floor", true},
	{"exponent_with_embeddings", true},
	{"low_with_embeddings", true},
	{"high_with_embeddings", true},
	{"next_x", true},
	{"next_value", true},
	{"next_low", true},
	{"next_high", true},
	{"next_seconds", true},
	{"next_seconds_low", true},
	{"next_seconds_high", true},
	{"next_cpu_seconds", true},
	{"next_cpu_seconds_low", true},
	{"next_cpu_seconds_high", true},
	{"notes"},
};

static void add_paper(struct abl_table *t, const struct abl_scaling_row *r)
{
	struct abl_str text = {0};
	double h[4];

	abl_table_text(t, r->task), abl_table_text(t, *r->line ? r->line : NULL);
	abl_table_int(t, (int64_t)r->law.sizes), abl_table_int(t, (int64_t)r->law.seeds);
	abl_scaling_formula_text(r, true, &text);
	abl_table_text(t, text.length ? text.text : NULL);
	abl_str_clear(&text);
	held(r, h);
	if (!isnan(h[1]))
		with_interval(h[0], h[1], h[2], false, &text);
	abl_table_numbers(t, text.length ? text.text : "-");
	abl_table_real(t, h[3], abl_format_score(h[3], (char[32]){0}));
	add_verdict(t, r);
	abl_str_finish(&text);
}

struct abl_table *abl_scaling_table(const struct abl_scaling *s, bool machines)
{
	static const char *const paper[] = {"task",    "line",      "sizes", "seeds",
					    "formula", "predicted", "seen",  "verdict"};
	const size_t columns = machines ? sizeof wide / sizeof *wide : sizeof paper / sizeof *paper;
	struct abl_table *t = abl_table_create();
	struct abl_str caption = {0};

	for (size_t i = 0; i < columns; i++)
		abl_table_column(t, machines ? wide[i].name : paper[i],
				 machines ? wide[i].right : i == 2 || i == 3 || i == 6);
	abl_str_printf(&caption, "%s: scaling with %s", s->study,
		       s->rows ? s->row[0].x_title : "size");
	abl_table_caption(t, caption.text,
			  "predicted: the largest size by a power law of the others");
	for (size_t i = 0; i < s->rows; i++)
		if (machines)
			add_wide(t, &s->row[i]);
		else
			add_paper(t, &s->row[i]);
	for (size_t i = 0; i < s->pairs && machines; i++)
		add_pair(t, &s->pair[i], columns);
	abl_str_finish(&caption);
	return t;
}
