/* SPDX-License-Identifier: Apache-2.0 */
#include "conll.h"

#include "hash.h"
#include "python_text.h"
#include "rng.h"
#include "task_text.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum {
	MOST_COLUMNS = 64,
	LAST = -1,
	/* So many are those of CoNLL's tasks of semantic roles (2008, 2012): a column a predicate,
	 * so that sentences differ. */
	PREDICATES = 10
};

static const char *const conllu_columns[] = {"id",    "form", "lemma",  "upos", "xpos",
					     "feats", "head", "deprel", "deps", "misc"};
#define CONLLU_COLUMNS (sizeof conllu_columns / sizeof *conllu_columns)

struct parser {
	struct abl_tagged *out;
	bool conllu, tabs;
	bool labelled;  /* every word must have a tag */
	bool skip;      /* broken sentences are left out */
	bool bad;       /* the one at hand is */
	size_t columns; /* of the file's first word */
	size_t here;    /* of the first word of the sentence at hand */
	long word, tag; /* columns; tag may be LAST */
	size_t most;    /* sentences that are wanted */
	size_t line;
	size_t begun;       /* first word of the sentence at hand */
	uint64_t documents; /* marks so far */
	uint64_t document;  /* hash of the last mark; 0 before the first */
};

static uint64_t mix(uint64_t hash, const char *text)
{
	return abl_rng_derive(hash, abl_hash64(text, strlen(text)));
}

/* ---- columns ---- */

static const char *conllu_name(size_t i, const void *data)
{
	return conllu_columns[i];
}

static int find_column(const struct abl_task_spec *spec, bool conllu, const char *what,
		       const char *column, long *out, struct abl_err *err)
{
	const char *near;
	int64_t n;

	if (!strcmp(column, "last") && !conllu) {
		*out = LAST;
		return 0;
	}
	for (size_t i = 0; conllu && i < CONLLU_COLUMNS; i++)
		if (!strcmp(conllu_columns[i], column)) {
			*out = (long)i;
			return 0;
		}
	if (abl_parse_int(column, &n) && n >= 0 &&
	    n < (conllu ? (int64_t)CONLLU_COLUMNS : MOST_COLUMNS)) {
		*out = (long)n;
		return 0;
	}
	near = conllu ? abl_nearest(column, CONLLU_COLUMNS, conllu_name, NULL) : NULL;
	if (near)
		return abl_err_set(err, ABL_EINPUT,
				   "task '%s': no column '%s' (the %s); did you mean '%s'?",
				   spec->name, column, what, near);
	return abl_err_set(err, ABL_EINPUT,
			   "task '%s': no column '%s' (the %s); it is a number from 0 to %d or %s",
			   spec->name, column, what,
			   conllu ? (int)CONLLU_COLUMNS - 1 : MOST_COLUMNS - 1,
			   conllu ? "a name such as 'upos'" : "'last'");
}

static int find_columns(struct parser *p, const struct abl_task_spec *s, struct abl_err *err)
{
	const char *word = s->text ? s->text : p->conllu ? "form" : "0";
	const char *tag = s->label ? s->label : p->conllu ? "upos" : "last";

	if (find_column(s, p->conllu, "word", word, &p->word, err) ||
	    find_column(s, p->conllu, "tag", tag, &p->tag, err))
		return ABL_EINPUT;
	if (p->word == LAST || p->word == p->tag)
		return abl_err_set(err, ABL_EINPUT,
				   "task '%s': column '%s' cannot be both the word and the tag",
				   s->name, word);
	return 0;
}

/* Cuts the line into fields in place; more than MOST_COLUMNS are counted, not kept. */
static size_t split(char *line, bool tabs, char *field[MOST_COLUMNS])
{
	const char *gap = tabs ? "\t" : " \t";
	size_t n = 0;

	for (char *at = line; at; n++) {
		char *end;

		if (!tabs && !*(at += strspn(at, gap)))
			break;
		end = at + strcspn(at, gap);
		if (n < MOST_COLUMNS)
			field[n] = at;
		at = *end ? end + 1 : NULL;
		*end = '\0';
	}
	return n;
}

/* ---- words and sentences ---- */

static void end_sentence(struct parser *p)
{
	struct abl_tagged *t = p->out;
	struct abl_tagged_sentence *s;
	uint64_t words = 0, id;

	if (p->bad)
		t->word_count = p->begun;
	p->bad = false;
	if (p->begun == t->word_count)
		return;
	abl_grow(&t->sentences, &t->sentence_capacity, t->sentence_count + 1, sizeof *t->sentences);
	s = &t->sentences[t->sentence_count++];
	id = t->words[p->begun].line;
	for (size_t w = p->begun; w < t->word_count; w++) {
		words = mix(words, t->words[w].text);
		if (t->words[w].tag)
			id = mix(id, t->words[w].tag);
	}
	*s = (struct abl_tagged_sentence){.first = p->begun,
					  .count = t->word_count - p->begun,
					  .group = p->document ? p->document : words,
					  .id = abl_rng_derive(words, id)};
	p->begun = t->word_count;
}

static void begin_document(struct parser *p, const char *name)
{
	end_sentence(p);
	p->documents++;
	p->document = *name ? mix(1, name) : abl_rng_derive(2, p->documents);
}

/* What becomes of a sentence with such a row: refused, or left out. */
static int broken(struct parser *p, enum abl_left_why why, struct abl_err *err, const char *fmt,
		  ...) ABL_PRINTF(4, 5);
static int broken(struct parser *p, enum abl_left_why why, struct abl_err *err, const char *fmt,
		  ...)
{
	char text[sizeof err->text];
	va_list ap;

	if (p->skip) {
		if (!p->bad)
			abl_left_out_add(&p->out->left_out, why, p->line);
		p->bad = true;
		return 0;
	}
	va_start(ap, fmt);
	vsnprintf(text, sizeof text, fmt, ap);
	va_end(ap);
	return abl_err_set(err, ABL_EINPUT, "%s:%zu: %s", p->out->path, p->line, text);
}

static int add_word(struct parser *p, const char *word, const char *tag, struct abl_err *err)
{
	struct abl_tagged *t = p->out;

	if (tag && (!*tag || (p->conllu && !strcmp(tag, "_"))))
		tag = NULL;
	if (!tag && p->labelled)
		return broken(p, ABL_LEFT_NO_LABEL, err,
			      "the word '%.60s' has no tag: give it one, or name another column as "
			      "'label'",
			      word);
	t->labelled = t->labelled && tag;
	abl_grow(&t->words, &t->word_capacity, t->word_count + 1, sizeof *t->words);
	t->words[t->word_count++] =
		(struct abl_tagged_word){.text = word, .tag = tag, .line = (uint32_t)p->line};
	return 0;
}

/* ---- lines ---- */

static bool is_blank(const char *line)
{
	return abl_python_blank(line, strlen(line));
}

static bool begins(const char *line, const char *mark)
{
	size_t n = strlen(mark);

	return !strncmp(line, mark, n) && (!line[n] || strchr(" \t", line[n]));
}

/* Comments that begin a document: CoNLL-U's, and OntoNotes' (CoNLL 2012). */
static void take_comment(struct parser *p, const char *line)
{
	static const char *const marks[] = {"newdoc", "begin document"};
	const char *at = line + 1 + strspn(line + 1, " \t");

	for (size_t i = 0; i < sizeof marks / sizeof *marks; i++)
		if (begins(at, marks[i]))
			begin_document(p, at + strlen(marks[i]));
}

static size_t columns_of(const char *line, bool tabs)
{
	char *field[MOST_COLUMNS], *copy = abl_strdup(line);
	size_t n = split(copy, tabs, field);

	free(copy);
	return n;
}

/* "#end document", "# id 4f2a", "# text = ...": comments in whatever number of columns. */
static bool says_so(const char *line)
{
	static const char *const marks[] = {"begin document", "end document"};
	static const char *const keys[] = {"id", "sent_id", "doc_id", "newdoc", "newpar"};
	const char *at = line + 1 + strspn(line + 1, " \t"), *behind = at + strcspn(at, " \t");

	for (size_t i = 0; i < sizeof marks / sizeof *marks; i++)
		if (begins(at, marks[i]))
			return true;
	for (size_t i = 0; i < sizeof keys / sizeof *keys && at > line + 1; i++)
		if (begins(at, keys[i]))
			return true;
	return at > line + 1 && begins(behind + strspn(behind, " \t"), "=");
}

/* A line that begins with #, before the first word of a sentence: words have the columns of the
 * others, and what divides them. */
static bool is_comment(const struct parser *p, const char *line)
{
	if (p->begun != p->out->word_count || p->bad)
		return false;
	return says_so(line) || (!p->tabs && strchr(line, '\t')) ||
	       columns_of(line, p->tabs) != p->columns;
}

static const char *separators(const struct parser *p)
{
	return p->tabs ? "TABs" : "blanks";
}

/* Where no tag is needed it may lack, and all behind the word with it. */
static bool is_word_alone(const struct parser *p, char *field[MOST_COLUMNS], size_t n)
{
	return !p->labelled && n == (size_t)p->word + 1 && !strchr(field[p->word], ' ');
}

/* The columns of a row, empty ones behind those of the file's words left out; 0: it is broken and
 * the sentence is left out, negative: an error. */
static long count_columns(struct parser *p, char *field[MOST_COLUMNS], size_t n,
			  struct abl_err *err)
{
	size_t needed = (size_t)p->word + 1, tag = (size_t)(p->tag == LAST ? p->word + 1 : p->tag);
	bool first = p->begun == p->out->word_count && !p->bad;

	if (n > MOST_COLUMNS)
		return abl_err_set(err, ABL_EINPUT,
				   "%s:%zu: a row with %zu columns; at most %d are supported",
				   p->out->path, p->line, n, MOST_COLUMNS);
	if (p->labelled && tag >= needed)
		needed = tag + 1;
	if (n < needed)
		return broken(p, ABL_LEFT_SHORT, err,
			      "a row with %zu column%s, %zu are needed (separated by %s in this "
			      "file): a word and its tag",
			      n, abl_plural(n), needed, separators(p));
	while (n > p->columns && !*field[n - 1])
		n--;
	if (first)
		p->here = p->columns < PREDICATES ? p->columns : n;
	if (n != p->here && !(n < p->here && is_word_alone(p, field, n)))
		return broken(p, n < p->here ? ABL_LEFT_SHORT : ABL_LEFT_LONG, err,
			      "a row with %zu column%s, but the words before it have %zu "
			      "(separated by %s in this file): a word is one column",
			      n, abl_plural((int64_t)n), p->here, separators(p));
	return (long)n;
}

static int take_conll(struct parser *p, char *line, struct abl_err *err)
{
	char *field[MOST_COLUMNS];
	long tag = p->tag, n;

	if (begins(line, "-DOCSTART-")) {
		begin_document(p, "");
		return 0;
	}
	if (*line == '#' && is_comment(p, line)) {
		take_comment(p, line);
		return 0;
	}
	n = count_columns(p, field, split(line, p->tabs, field), err);
	if (n <= 0)
		return (int)n;
	if (tag == LAST)
		tag = n - 1;
	if ((size_t)n < p->here || tag == p->word || tag >= n)
		return add_word(p, field[p->word], NULL, err);
	return add_word(p, field[p->word], field[tag], err);
}

static int take_conllu(struct parser *p, char *line, struct abl_err *err)
{
	char *field[MOST_COLUMNS];
	size_t n, digits;

	if (*line == '#') {
		take_comment(p, line);
		return 0;
	}
	n = split(line, true, field);
	digits = strspn(field[0], "0123456789");
	if (n != CONLLU_COLUMNS || !digits || (field[0][digits] && !strchr("-.", field[0][digits])))
		return abl_err_set(err, ABL_EINPUT,
				   "%s:%zu: not a row of CoNLL-U (ten columns separated by TABs, a "
				   "number in the first): for other files set `format: conll`",
				   p->out->path, p->line);
	if (field[0][digits]) /* a token of several words, or an empty node */
		return 0;
	return add_word(p, field[p->word], field[p->tag], err);
}

/* What divides the columns, and how many there are: as the first word has it. A line that begins
 * with # may be a comment, so that it is asked only where there is no other. */
static void survey(struct parser *p)
{
	const char *text = p->out->text.text, *end;
	struct abl_str line = {0};
	bool marked = true;

	for (const char *at = text; *at && marked; at = *end ? end + 1 : end) {
		end = at + strcspn(at, "\n");
		abl_str_clear(&line);
		abl_str_add(&line, at, (size_t)(end - at) - (end > at && end[-1] == '\r'));
		marked = *line.text == '#';
		if (is_blank(line.text) || begins(line.text, "-DOCSTART-") ||
		    (marked && (p->columns || says_so(line.text)))) {
			marked = true;
			continue;
		}
		p->tabs = strchr(line.text, '\t') != NULL;
		p->columns = columns_of(line.text, p->tabs);
	}
	abl_str_finish(&line);
}

static int nothing_left(const struct abl_tagged *t, struct abl_err *err)
{
	struct abl_str why = {0};

	abl_left_out_text(&t->left_out, &why);
	abl_err_set(err, ABL_EINPUT, "%s: %s", t->path,
		    why.length       ? why.text
		    : t->text.length ? "no words: every line is blank or a document mark"
				     : "the file is empty");
	abl_str_finish(&why);
	return ABL_EINPUT;
}

static int parse(struct parser *p, struct abl_err *err)
{
	struct abl_tagged *t = p->out;
	char *at = t->text.text, *end = at + t->text.length;
	int rc = 0;

	while (!rc && at < end && t->sentence_count < p->most) {
		char *line = at, *stop = memchr(at, '\n', (size_t)(end - at));

		if (!stop)
			stop = end;
		at = stop + 1;
		if (stop > line && stop[-1] == '\r')
			stop--;
		*stop = '\0';
		p->line++;
		if (is_blank(line))
			end_sentence(p);
		else
			rc = p->conllu ? take_conllu(p, line, err) : take_conll(p, line, err);
	}
	if (!rc && t->sentence_count < p->most)
		end_sentence(p);
	return rc || t->sentence_count ? rc : nothing_left(t, err);
}

int abl_conll_load(const struct abl_task_spec *spec, const char *split_name, struct abl_tagged *out,
		   struct abl_err *err)
{
	bool test = !strcmp(split_name, "test"), train = !strcmp(split_name, "train");
	struct parser p = {.out = out,
			   .conllu = spec->format && !strcmp(spec->format, "conllu"),
			   .labelled = !test,
			   .skip = !test && spec->broken && !strcmp(spec->broken, "skip"),
			   .most = train && spec->limit ? (size_t)spec->limit : SIZE_MAX};
	int rc;

	*out = (struct abl_tagged){.labelled = true};
	rc = find_columns(&p, spec, err);
	if (!rc)
		rc = abl_task_text(spec, split_name, &out->text, &out->path, err);
	if (!rc) {
		abl_str_puts(&out->text, ""); /* so that there is a text */
		if (!p.conllu)
			survey(&p);
		rc = parse(&p, err);
	}
	if (rc)
		abl_tagged_finish(out);
	return rc;
}

void abl_tagged_finish(struct abl_tagged *t)
{
	if (!t)
		return;
	free(t->words);
	free(t->sentences);
	abl_str_finish(&t->text);
	*t = (struct abl_tagged){0};
}

int abl_tagged_divide(struct abl_tagged *t, bool held_back, struct abl_err *err)
{
	size_t kept = 0;

	for (size_t i = 0; i < t->sentence_count; i++)
		if (abl_group_held_back(t->sentences[i].group) == held_back)
			t->sentences[kept++] = t->sentences[i];
	t->sentence_count = kept;
	if (!kept)
		return abl_err_set(
			err, ABL_EINPUT,
			"%s: too few documents or sentences to hold back a tenth: give a dev file",
			t->path);
	return 0;
}
