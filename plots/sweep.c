/* SPDX-License-Identifier: Apache-2.0 */
#include "sweep.h"

#include "options.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

void abl_sweep_finish(struct abl_sweep *s, const struct abl_facts *f)
{
	if (!s)
		return;
	for (size_t v = 0; s->group && v < f->variants; v++)
		free(s->group[v]);
	free(s->group), free(s->x);
	abl_str_finish(&s->along);
	*s = (struct abl_sweep){0};
}

/* ---- which variants belong on one line ---- */

#define SAME_SIZE 1e-3 /* of models: heads of tasks differ by less */

struct option {
	char *name;
	char **value; /* [variants] NULL = inactive */
};

static bool same(const char *a, const char *b)
{
	return a == b || (a && b && !strcmp(a, b));
}

/* Does it differ between variants that are on the axis and that nothing parts yet? */
static bool parts(const struct option *o, const struct abl_sweep *s, size_t variants)
{
	for (size_t v = 0; v < variants; v++)
		for (size_t w = 0; w < v && isfinite(s->x[v]); w++)
			if (isfinite(s->x[w]) && !strcmp(s->group[v], s->group[w]) &&
			    !same(o->value[v], o->value[w]))
				return true;
	return false;
}

static bool is_number(const struct option *o, size_t variants)
{
	for (size_t v = 0; v < variants; v++) {
		char *end = NULL;

		if (o->value[v])
			(void)strtod(o->value[v], &end);
		if (o->value[v] && (end == o->value[v] || *end))
			return false;
	}
	return true;
}

static bool same_place(const struct abl_sweep *s, size_t v, size_t w)
{
	const double most = fmax(fabs(s->x[v]), fabs(s->x[w]));

	return s->measured ? fabs(s->x[v] - s->x[w]) <= SAME_SIZE * most : s->x[v] == s->x[w];
}

/* Is its value the same wherever x is? (heads = hidden / 64 when hidden is on the axis.) Words say
 * what else a variant is where x is measured: nearly each has an x of its own then. */
static bool moves_along(const struct option *o, const struct abl_sweep *s, size_t variants)
{
	if (s->measured && !is_number(o, variants))
		return false;
	for (size_t v = 0; v < variants; v++)
		for (size_t w = 0; w < v; w++)
			if (same_place(s, v, w) && !strcmp(s->group[v], s->group[w]) &&
			    !same(o->value[v], o->value[w]))
				return false;
	return true;
}

static bool listed(const char *list, const char *name)
{
	size_t n = strlen(name);

	for (const char *at = strstr(list, name); at; at = strstr(at + 1, name))
		if (at > list && at[-1] == ' ' && at[n] == ' ')
			return true;
	return false;
}

static void add_to_groups(struct abl_sweep *s, const struct option *o, size_t variants)
{
	for (size_t v = 0; v < variants; v++) {
		struct abl_str text = {0};

		if (!o->value[v])
			continue;
		abl_str_printf(&text, "%s%s%s=%s", s->group[v], *s->group[v] ? ", " : "", o->name,
			       o->value[v]);
		free(s->group[v]);
		s->group[v] = text.text;
	}
}

static void place_option(struct abl_sweep *s, const struct option *o, size_t variants)
{
	if (!parts(o, s, variants))
		return;
	if (!moves_along(o, s, variants))
		add_to_groups(s, o, variants);
	else
		abl_str_printf(&s->along, "%s%s", s->along.length ? ", " : "", o->name);
}

static void finish_option(struct option *o, size_t variants)
{
	for (size_t v = 0; v < variants; v++)
		free(o->value[v]), o->value[v] = NULL;
	free(o->name), o->name = NULL;
}

/* A walk over the options, each of which is placed when all its values are there. */
struct walk {
	struct abl_sweep *sweep;
	const struct abl_facts *facts;
	const char *without;
	struct option option;
};

static void end_option(struct walk *w)
{
	if (w->option.name && !listed(w->without, w->option.name))
		place_option(w->sweep, &w->option, w->facts->variants);
	finish_option(&w->option, w->facts->variants);
}

static void take_value(void *data, const struct abl_option_value *value)
{
	struct walk *w = data;
	const int at = abl_facts_variant(w->facts, value->variant);

	if (w->option.name && strcmp(value->name, w->option.name))
		end_option(w);
	if (!w->option.name)
		w->option.name = abl_strdup(value->name);
	if (at >= 0 && !w->option.value[at])
		w->option.value[at] = abl_strdup(value->canonical);
}

/* One walk: every variant's group begins anew. Heads and ffn_size come last: they usually follow
 * from hidden, and then part nothing. */
static int group_once(struct abl_sweep *s, struct abl_store *store, const struct abl_facts *f,
		      const char *without, struct abl_err *err)
{
	struct walk w = {.sweep = s, .facts = f, .without = without};
	int rc;

	w.option.value = abl_calloc(f->variants, sizeof *w.option.value);
	abl_str_clear(&s->along);
	for (size_t v = 0; v < f->variants; v++) {
		free(s->group[v]);
		s->group[v] = abl_strdup("");
	}
	rc = abl_read_options(store, f->study, take_value, &w, err);
	if (!rc)
		end_option(&w);
	finish_option(&w.option, f->variants);
	free(w.option.value);
	return rc;
}

/* A variant that is alone at one x makes no line. */
static void drop_lonely(struct abl_sweep *s, size_t variants)
{
	bool *lonely = abl_calloc(variants, sizeof *lonely);

	for (size_t v = 0; v < variants; v++) {
		lonely[v] = true;
		for (size_t w = 0; w < variants && lonely[v]; w++)
			lonely[v] = !isfinite(s->x[w]) || s->x[w] == s->x[v] ||
				    strcmp(s->group[w], s->group[v]);
	}
	for (size_t v = 0; v < variants; v++)
		if (lonely[v])
			s->x[v] = NAN;
	free(lonely);
}

int abl_sweep_group(struct abl_sweep *s, struct abl_store *store, const struct abl_facts *f,
		    const char *without, struct abl_err *err)
{
	int rc;

	s->group = abl_calloc(f->variants, sizeof *s->group);
	if ((rc = group_once(s, store, f, without, err)))
		return rc;
	drop_lonely(s, f->variants); /* so that what they differ in is in no line's name */
	return group_once(s, store, f, without, err);
}

bool abl_sweep_has_lines(const struct abl_sweep *s, const struct abl_facts *f)
{
	for (size_t v = 0; v < f->variants; v++)
		if (isfinite(s->x[v]))
			return true;
	return false;
}
