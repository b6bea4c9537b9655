/* SPDX-License-Identifier: Apache-2.0 */
#include "load_columns.h"

#include "size_names.h"
#include "str.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

static const struct {
	const char *name, *other; /* another name that the field has for it; NULL: none */
	bool needed;
} named[ABL_LOAD_NAMED] = {
	[ABL_LOAD_VARIANT] = {"variant", NULL, true}, [ABL_LOAD_TASK] = {"task", NULL, true},
	[ABL_LOAD_SEED] = {"seed", NULL, true},       [ABL_LOAD_STATE] = {"state", "status", false},
	[ABL_LOAD_REASON] = {"reason", NULL, false},  [ABL_LOAD_SECONDS] = {"seconds", NULL, false},
};

/* ---- values ---- */

/* What R, pandas and people write where there is no number. */
static bool is_missing(const char *text)
{
	static const char *const words[] = {"na",   "n/a", "<na>", "#n/a",
					    "null", "nil", "none", "-"};

	for (size_t i = 0; i < sizeof words / sizeof *words; i++)
		if (!strcasecmp(text, words[i]))
			return true;
	return false;
}

static bool parse_number(const char *text, double *out)
{
	static const struct {
		const char *word;
		double value;
	} words[] = {
		{"nan", NAN},
		{"-nan", NAN},
		{"inf", INFINITY},
		{"+inf", INFINITY},
		{"-inf", -INFINITY},
		{"infinity", INFINITY},
		{"+infinity", INFINITY},
		{"-infinity", -INFINITY},
	};

	for (size_t i = 0; i < sizeof words / sizeof *words; i++)
		if (!strcasecmp(text, words[i].word)) {
			*out = words[i].value;
			return true;
		}
	return abl_parse_real(text, out);
}

bool abl_load_number(const struct abl_load_table *t, size_t row, size_t column, double *out)
{
	const char *text = abl_load_text(t, row, column);

	return text && !is_missing(text) && parse_number(text, out);
}

/* ---- columns by their names ---- */

static const char *column_at(size_t i, const void *data)
{
	const struct abl_load_table *t = data;

	return *t->column[i] ? t->column[i] : NULL;
}

static void add_columns(struct abl_str *out, const struct abl_load_table *t)
{
	for (size_t i = 0, n = 0; i < t->columns; i++)
		if (*t->column[i] && n++ < 20)
			abl_str_printf(out, "%s'%.60s'", n > 1 ? ", " : "", t->column[i]);
}

static int no_column(const struct abl_load_table *t, const char *name, const char *said_by,
		     struct abl_err *err)
{
	const char *near = abl_nearest(name, t->columns, column_at, t);
	struct abl_str list = {0};
	int rc;

	add_columns(&list, t);
	if (near)
		rc = abl_err_set(err, ABL_EINPUT,
				 "%s:%zu: %sno column '%s'; did you mean '%s'? it has %s", t->path,
				 (size_t)1, said_by, name, near, list.text);
	else
		rc = abl_err_set(err, ABL_EINPUT, "%s:%zu: %sno column '%s'; it has %s", t->path,
				 (size_t)1, said_by, name, list.text);
	abl_str_finish(&list);
	return rc;
}

static size_t find(const struct abl_load_table *t, const char *name)
{
	for (size_t i = 0; i < t->columns; i++)
		if (!strcmp(t->column[i], name))
			return i;
	for (size_t i = 0; i < t->columns; i++)
		if (!strcasecmp(t->column[i], name))
			return i;
	return ABL_LOAD_NO_COLUMN;
}

static int find_named(struct abl_load_columns *c, const struct abl_load_table *t,
		      struct abl_err *err)
{
	for (size_t k = 0; k < ABL_LOAD_NAMED; k++) {
		size_t at = find(t, named[k].name);

		if (at == ABL_LOAD_NO_COLUMN && named[k].other)
			at = find(t, named[k].other);
		if (at == ABL_LOAD_NO_COLUMN && named[k].needed)
			return no_column(t, named[k].name, "", err);
		c->named[k] = at;
		if (at != ABL_LOAD_NO_COLUMN)
			c->column[at].role = (enum abl_load_role)k;
	}
	return 0;
}

/* ---- columns by their values ---- */

struct seen {
	size_t numbers, whole, texts;
	size_t text_row; /* the first that is none of a number */
};

static void look(struct seen *s, const struct abl_load_table *t, size_t column)
{
	*s = (struct seen){0};
	for (size_t i = 0; i < t->rows; i++) {
		const char *text = abl_load_text(t, i, column);
		double number;
		int64_t whole;

		if (!text || is_missing(text))
			continue;
		if (parse_number(text, &number)) {
			s->numbers++;
			s->whole += abl_parse_int(text, &whole);
		} else if (!s->texts++) {
			s->text_row = i;
		}
	}
}

/* "runs.csv:3:17: accuracy is '93 %', which is no number; ..." */
static int no_number(const struct abl_load_table *t, size_t column, const struct seen *s,
		     const char *what, struct abl_err *err)
{
	struct abl_str place = {0};
	int rc;

	abl_load_place(t, s->text_row, column, &place);
	rc = abl_err_set(err, ABL_EINPUT, "%s: %s is '%.80s', which is no number%s", place.text,
			 t->column[column], abl_load_text(t, s->text_row, column), what);
	abl_str_finish(&place);
	return rc;
}

static int judge(struct abl_load_columns *c, const struct abl_load_table *t, size_t i,
		 struct abl_err *err)
{
	struct abl_load_column *column = &c->column[i];
	struct seen s;

	look(&s, t, i);
	column->number = s.numbers && !s.texts;
	column->whole = column->number && s.whole == s.numbers;
	if (i == c->metric && s.texts)
		return no_number(t, i, &s, ": the main metric is one", err);
	if (column->role == ABL_LOAD_SECONDS && s.texts)
		return no_number(t, i, &s, ": write seconds", err);
	if (column->role != ABL_LOAD_NOTHING)
		return 0;
	if (!*t->column[i] || (!s.numbers && !s.texts))
		return 0;
	if (s.numbers && s.texts)
		return no_number(t, i, &s,
				 ", while others of the column are: leave the cell empty where "
				 "there is none, or make the column an option with --options",
				 err);
	column->role = column->number ? ABL_LOAD_METRIC : ABL_LOAD_OPTION;
	return 0;
}

/* --options a,b */
static int take_options(struct abl_load_columns *c, const struct abl_load_table *t,
			const char *names, struct abl_err *err)
{
	int rc = 0;

	while (names && *names && !rc) {
		const size_t n = strcspn(names, ",");
		char *name = abl_calloc(n + 1, 1);
		size_t at;

		memcpy(name, names, n);
		at = find(t, name);
		if (*name && at == ABL_LOAD_NO_COLUMN)
			rc = no_column(t, name, "--options: ", err);
		else if (*name && c->column[at].role < ABL_LOAD_NAMED)
			rc = abl_err_set(err, ABL_EINPUT,
					 "--options: column '%s' is no option: it says which run a "
					 "row is, or how it went",
					 t->column[at]);
		else if (*name) {
			c->column[at].role = ABL_LOAD_OPTION;
			c->column[at].asked = true;
		}
		free(name);
		names += n + (names[n] == ',');
	}
	return rc;
}

static int take_metric(struct abl_load_columns *c, const struct abl_load_table *t, const char *name,
		       struct abl_err *err)
{
	if (!name)
		return 0;
	c->metric = find(t, name);
	if (c->metric == ABL_LOAD_NO_COLUMN)
		return no_column(t, name, "--metric: ", err);
	if (c->column[c->metric].role < ABL_LOAD_NAMED && c->metric != c->named[ABL_LOAD_SECONDS])
		return abl_err_set(err, ABL_EINPUT,
				   "--metric: column '%s' is no metric: it says which run a row "
				   "is, or how it went",
				   t->column[c->metric]);
	if (c->column[c->metric].role == ABL_LOAD_OPTION)
		return abl_err_set(err, ABL_EINPUT,
				   "--metric: column '%s' is named by --options, too",
				   t->column[c->metric]);
	return 0;
}

/* Without --metric: the first that is no property of the model. */
static size_t first_metric(const struct abl_load_columns *c, const struct abl_load_table *t)
{
	size_t first = ABL_LOAD_NO_COLUMN;

	for (size_t i = 0; i < t->columns; i++) {
		if (c->column[i].role != ABL_LOAD_METRIC)
			continue;
		if (abl_size_of_name(t->column[i]) == ABL_SIZES)
			return i;
		first = i;
	}
	return first;
}

int abl_load_columns_find(struct abl_load_columns *out, const struct abl_load_table *t,
			  const char *options, const char *metric, struct abl_err *err)
{
	int rc;

	*out = (struct abl_load_columns){.column = abl_calloc(t->columns + 1, sizeof *out->column),
					 .metric = ABL_LOAD_NO_COLUMN};
	for (size_t i = 0; i < t->columns; i++)
		out->column[i].role = ABL_LOAD_NOTHING;
	rc = find_named(out, t, err);
	rc = rc ? rc : take_options(out, t, options, err);
	rc = rc ? rc : take_metric(out, t, metric, err);
	for (size_t i = 0; i < t->columns && !rc; i++)
		rc = judge(out, t, i, err);
	out->first = first_metric(out, t);
	if (!rc && metric && out->column[out->metric].role == ABL_LOAD_NOTHING)
		rc = abl_err_set(err, ABL_EINPUT, "--metric: column '%s' has no value",
				 t->column[out->metric]);
	if (!rc && !metric && out->first == ABL_LOAD_NO_COLUMN)
		rc = abl_err_set(err, ABL_EINPUT,
				 "%s: no column of numbers for a metric beside variant, task and "
				 "seed",
				 t->path);
	return rc;
}

void abl_load_columns_finish(struct abl_load_columns *c)
{
	free(c->column);
	*c = (struct abl_load_columns){0};
}
