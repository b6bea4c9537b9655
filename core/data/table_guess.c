/* SPDX-License-Identifier: Apache-2.0 */
#include "table_guess.h"

#include "str.h"
#include "table_reader.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

/* Names that people give to such columns, without case; the best come first. */
static const char *const label_names[] = {
	"label",     "gold_label", "labels",  "category", "class",     "intent",
	"sentiment", "target",     "gold",    "score",    "relevance", "rating",
	"stars",     "topic",      "emotion", "y",        NULL};
static const char *const text_names[] = {
	"text",    "sentence", "utterance", "review", "content", "comment",  "tweet", "body",
	"message", "document", "query",     "title",  "prompt",  "question", "input", NULL};
static const struct {
	const char *a, *b;
} pairs[] = {
	{"premise", "hypothesis"},    {"sentence1", "sentence2"},   {"sentence_1", "sentence_2"},
	{"text_a", "text_b"},         {"text1", "text2"},           {"question1", "question2"},
	{"question", "sentence"},     {"question", "passage"},      {"query", "passage"},
	{"sentence_a", "sentence_b"}, {"sentence_A", "sentence_B"}, {"source", "target"},
};
/* Columns of answers, numbered or lettered behind the stem, and what stands before them. */
static const char *const answer_stems[] = {"ending", "answer", "choice", "option", "", NULL};
static const struct {
	const char *text, *text_b;
} question_names[] = {
	{"context", "question"}, {"passage", "question"}, {"sent1", "sent2"}, {"question", NULL},
	{"prompt", NULL},        {"stem", NULL},          {"context", NULL},
};
#define COUNT(rows) (sizeof(rows) / sizeof *(rows))

struct guess {
	struct abl_table_guess *out;
	const struct abl_table_facts *facts;
	const char *path;
};

static long column_named(const struct guess *g, const char *name)
{
	for (size_t i = 0; i < g->facts->columns; i++)
		if (!strcasecmp(g->facts->column[i].first, name))
			return (long)i;
	return -1;
}

static long first_named(const struct guess *g, const char *const *names)
{
	long at = -1;

	for (size_t i = 0; names[i] && at < 0; i++)
		at = column_named(g, names[i]);
	return at;
}

/* ---- is there a header? ---- */

static bool has_known_name(const struct guess *g)
{
	if (first_named(g, label_names) >= 0 || first_named(g, text_names) >= 0)
		return true;
	for (size_t i = 0; i < COUNT(pairs); i++)
		if (column_named(g, pairs[i].a) >= 0 && column_named(g, pairs[i].b) >= 0)
			return true;
	return false;
}

/* The first row is a header if it has a name known for such columns, or if a column shows it: a
 * word above numbers, or a value that never comes again above a few that do. */
static bool has_header(const struct guess *g)
{
	if (has_known_name(g))
		return true;
	for (size_t i = 0; i < g->facts->columns; i++) {
		const struct abl_column_facts *c = &g->facts->column[i];

		if (!*c->first || !c->filled)
			continue;
		if (c->number && !c->first_number)
			return true;
		if (!c->number && !c->first_seen && c->distinct * 5 <= c->filled &&
		    c->distinct <= ABL_FACTS_VALUES)
			return true;
	}
	return false;
}

/* ---- columns ---- */

/* What can be named. Caller frees. */
static char *names_of_columns(const struct guess *g)
{
	struct abl_str have = {0};

	for (size_t i = 0; i < g->facts->columns && have.length < 300; i++)
		if (g->out->header)
			abl_str_printf(&have, "%s'%s'", i ? ", " : "", g->facts->column[i].first);
		else
			abl_str_printf(&have, "%s%zu", i ? ", " : "", i);
	return have.text;
}

static int no_column(const struct guess *g, const char *what, const char *option,
		     struct abl_err *err)
{
	const char *other = abl_row_other_format(g->facts->column[0].first);
	char *have;

	if (g->facts->columns == 1 && *other)
		return abl_err_set(err, ABL_EINPUT, "%s:1: the table has one column%s", g->path,
				   other);
	if (g->facts->columns == 1)
		return abl_err_set(err, ABL_EINPUT,
				   "%s: the table has one column; a task needs two, a text and its "
				   "label",
				   g->path);
	have = names_of_columns(g);
	abl_err_set(err, ABL_EINPUT,
		    "%s: cannot tell which column is the %s; its columns are %s: name it with "
		    "'--%s COLUMN'",
		    g->path, what, have, option);
	free(have);
	return ABL_EINPUT;
}

/* Two columns of one name: which one is meant? */
static int check_single(const struct guess *g, size_t at, struct abl_err *err)
{
	const char *name = g->facts->column[at].first;

	for (size_t i = 0; g->out->header && i < g->facts->columns; i++)
		if (i != at && !strcmp(name, g->facts->column[i].first))
			return abl_err_set(err, ABL_EINPUT,
					   "%s:1: two columns have the name '%s': rename one",
					   g->path, name);
	return 0;
}

/* The columns that a task reads are different ones. */
static int check_apart(const struct guess *g, struct abl_err *err)
{
	const struct abl_table_guess *o = g->out;
	const bool texts = o->text_b == (long)o->text;

	if (o->text != o->label && o->text_b != (long)o->label && !texts)
		return 0;
	return abl_err_set(err, ABL_EINPUT, "%s: %s are the same column: name another one", g->path,
			   texts ? "the two texts" : "the text and the label");
}

/* Is there anything to learn? */
static int check_label(const struct guess *g, size_t at, struct abl_err *err)
{
	const struct abl_column_facts *c = &g->facts->column[at];

	if (c->distinct + (!g->out->header && !c->first_seen) >= 2)
		return 0;
	return abl_err_set(err, ABL_EINPUT,
			   "%s: all labels in column '%s' are the same: a task needs two classes "
			   "or more; name another column with '--label COLUMN'",
			   g->path, g->out->header ? c->first : "without a name");
}

static const char *first_at(size_t i, const void *facts)
{
	return ((const struct abl_table_facts *)facts)->column[i].first;
}

/* The column that the user has named by the header's name or a number; -1: none was named. */
static int find_named(const struct guess *g, const char *name, long *at, struct abl_err *err)
{
	int64_t number;
	const char *near;
	char *have;

	*at = -1;
	if (!name)
		return 0;
	if (g->out->header)
		*at = column_named(g, name);
	if (*at < 0 && abl_parse_int(name, &number) && number >= 0 &&
	    number < (int64_t)g->facts->columns)
		*at = (long)number;
	if (*at >= 0)
		return 0;
	near = g->out->header ? abl_nearest(name, g->facts->columns, first_at, g->facts) : NULL;
	have = names_of_columns(g);
	abl_err_set(err, ABL_EINPUT, "%s:1: no column '%s'; %s%s%s", g->path, name,
		    near ? "did you mean '" : "its columns are ", near ? near : have,
		    near ? "'?" : "");
	free(have);
	return ABL_EINPUT;
}

/* A label says the same few things again and again, in few words. */
static bool can_be_label(const struct abl_column_facts *c, size_t rows)
{
	return c->distinct >= 2 && c->distinct <= ABL_FACTS_VALUES && c->distinct * 2 <= rows &&
	       c->words <= 5;
}

static long guess_label(const struct guess *g)
{
	long best = g->out->header ? first_named(g, label_names) : -1;

	if (best >= 0 && g->facts->column[best].filled)
		return best;
	best = -1;
	for (size_t i = 0; i < g->facts->columns;
	     i++) /* the last one of equals, as files have it */
		if (can_be_label(&g->facts->column[i], g->facts->rows) &&
		    (best < 0 || g->facts->column[i].distinct <= g->facts->column[best].distinct))
			best = (long)i;
	return best;
}

static long guess_text(const struct guess *g, long label)
{
	long best = g->out->header ? first_named(g, text_names) : -1;

	if (best >= 0 && best != label)
		return best;
	best = -1;
	for (size_t i = 0; i < g->facts->columns; i++)
		if ((long)i != label && !g->facts->column[i].number && g->facts->column[i].filled &&
		    (best < 0 || g->facts->column[i].units > g->facts->column[best].units))
			best = (long)i;
	return best;
}

static bool guess_pair(struct guess *g, long label)
{
	for (size_t i = 0; i < COUNT(pairs) && g->out->header; i++) {
		long a = column_named(g, pairs[i].a), b = column_named(g, pairs[i].b);

		if (a < 0 || b < 0 || a == label || b == label)
			continue;
		g->out->text = (size_t)a;
		g->out->text_b = b;
		return true;
	}
	return false;
}

/* ---- answers to choose from ---- */

static size_t find_answers(struct guess *g, const char *stem, const char *first)
{
	size_t n = 0;
	char name[32];
	long at;

	for (; n < ABL_GUESS_CHOICES; n++) {
		snprintf(name, sizeof name, "%s%c", stem, (char)(*first + (char)n));
		at = column_named(g, name);
		if (at < 0)
			break;
		g->out->choice[n] = (size_t)at;
	}
	return n >= 2 ? n : 0;
}

static bool guess_choices(struct guess *g, long label)
{
	if (!g->out->header || label < 0)
		return false;
	for (size_t i = 0; answer_stems[i] && !g->out->choices; i++)
		for (const char *first = *answer_stems[i] ? "01A" : "A"; *first && !g->out->choices;
		     first++)
			g->out->choices = find_answers(g, answer_stems[i], first);
	for (size_t i = 0; i < COUNT(question_names) && g->out->choices; i++) {
		long a = column_named(g, question_names[i].text);
		long b = question_names[i].text_b ? column_named(g, question_names[i].text_b) : -1;

		if (a < 0 || (question_names[i].text_b && b < 0))
			continue;
		g->out->text = (size_t)a;
		g->out->text_b = b >= 0 && g->facts->column[b].filled ? b : -1;
		g->out->type = "choice";
		return true;
	}
	g->out->choices = 0;
	return false;
}

/* ---- the whole ---- */

/* Numbers with fractions, or many different ones, are a scale; else they are classes. */
static const char *type_of(const struct abl_column_facts *label)
{
	return label->number && (!label->whole || label->distinct > 20) ? "regress" : "classify";
}

int abl_table_guess(struct abl_table_guess *out, const struct abl_table_facts *facts,
		    const char *path, const struct abl_table_named *named, struct abl_err *err)
{
	struct guess g = {.out = out, .facts = facts, .path = path};
	long text, text_b, label;
	int rc;

	*out = (struct abl_table_guess){.text_b = -1};
	out->header = !strcmp(facts->format, "jsonl") || has_header(&g);
	out->rows = facts->rows + !out->header;
	rc = find_named(&g, named->text, &text, err);
	rc = rc ? rc : find_named(&g, named->text_b, &text_b, err);
	rc = rc ? rc : find_named(&g, named->label, &label, err);
	if (rc)
		return rc;
	if (label < 0)
		label = guess_label(&g);
	if (label < 0)
		return no_column(&g, "label", "label", err);
	out->label = (size_t)label;
	if (check_single(&g, out->label, err))
		return ABL_EINPUT;
	if (text < 0 && guess_choices(&g, label))
		return 0;
	if (check_label(&g, out->label, err))
		return ABL_EINPUT;
	out->type = type_of(&facts->column[label]);
	if (text < 0 && text_b < 0 && guess_pair(&g, label))
		return 0;
	if (text < 0)
		text = guess_text(&g, label);
	if (text < 0)
		return no_column(&g, "text", "text", err);
	out->text = (size_t)text;
	out->text_b = text_b;
	rc = check_apart(&g, err);
	return rc ? rc : check_single(&g, out->text, err);
}
