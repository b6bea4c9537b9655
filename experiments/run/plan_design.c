/* SPDX-License-Identifier: Apache-2.0 */
#include "plan_design.h"

#include <string.h>

/* The text of each of its lines, broken at blanks, under `name`. */
static void add_wrapped(const char *name, const char *lines, struct abl_str *out)
{
	while (*lines) {
		const size_t n = strcspn(lines, "\n");
		struct abl_str one = {0};

		abl_str_add(&one, lines, n);
		abl_str_printf(out, "  %-9s ", name);
		abl_str_wrap(out, 12, 12, one.text);
		abl_str_finish(&one);
		lines += n + (lines[n] == '\n');
		name = "";
	}
}

/* "A segments: learned or none" */
static void add_factors(const struct abl_study *s, struct abl_str *out)
{
	for (size_t i = 0; i < s->factor_count; i++) {
		abl_str_printf(out, "%s%c %s: ", i ? "; " : "", abl_fraction_letter(i),
			       s->factors[i].key->name);
		abl_value_text(&s->factors[i].level[0], out);
		abl_str_puts(out, " or ");
		abl_value_text(&s->factors[i].level[1], out);
	}
	abl_str_puts(out, "\n");
}

static void add_factorial(const struct abl_study *s, struct abl_str *out)
{
	const struct abl_fraction *f = &s->fraction;
	struct abl_str text = {0};

	abl_str_printf(&text, "%zu of the %zu cells", (size_t)1 << f->base,
		       (size_t)1 << f->factors);
	if (f->base < f->factors)
		abl_str_printf(&text,
			       ", resolution %s: factors and pairs of them can be told apart where "
			       "three and more do not act together",
			       abl_fraction_resolution(f) == 5 ? "V" : "above V");
	abl_str_puts(&text, "\n");
	if (f->base < f->factors)
		add_factors(s, &text);
	add_wrapped("factorial", text.text, out);
	abl_str_clear(&text);
	if (f->base < f->factors)
		abl_fraction_aliases(f, &text);
	if (text.length)
		add_wrapped("aliases", text.text, out);
	abl_str_finish(&text);
}

/* "no segments on entailment, no nsp" */
static void add_primary(const struct abl_study *s, struct abl_str *out)
{
	struct abl_str text = {0};

	for (size_t i = 0; i < s->primary_count; i++) {
		const struct abl_study_primary *p = &s->primary[i];

		abl_str_printf(&text, "%s'%s'", i ? ", " : "", s->variants[p->variant].label);
		if (p->task != ABL_ALL_TASKS)
			abl_str_printf(&text, " on %s", s->tasks[p->task].spec.name);
	}
	if (text.length)
		add_wrapped("primary", text.text, out);
	abl_str_finish(&text);
}

void abl_plan_design(const struct abl_study *s, struct abl_str *out)
{
	if (s->exploratory)
		add_wrapped("design",
			    s->primary_count
				    ? "exploratory, but for the primary comparisons: what else it "
				      "finds is to be confirmed with fresh seeds"
				    : "exploratory: a grid, zip or random design looks around, and "
				      "what it finds is to be confirmed with fresh seeds",
			    out);
	if (s->factor_count)
		add_factorial(s, out);
	if (s->baseline_arms > 1)
		add_wrapped("baseline",
			    "twice, with other random streams: variants are compared with each "
			    "seed's mean of both",
			    out);
	add_primary(s, out);
}
