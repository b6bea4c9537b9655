/* SPDX-License-Identifier: Apache-2.0 */
#include "table_facts.h"

#include "files.h"
#include "hash.h"
#include "shell.h"
#include "str.h"
#include "table_reader.h"

#include <stdlib.h>
#include <string.h>

#define BLANKS " \t\r\n"
#define LONGEST 512 /* words that are counted apart; longer cells count as this long */

/* A column while it is read. */
struct gathered {
	uint64_t value[ABL_FACTS_VALUES + 1]; /* hashes of the different values */
	uint64_t first;
	size_t length[LONGEST + 1]; /* cells by their number of words */
	double words, units;
};

struct gathering {
	const char *path;
	struct abl_table_facts *facts;
	struct gathered *column;
	bool begun;
};

static size_t count_words(const char *text)
{
	size_t n = 0;

	for (text += strspn(text, BLANKS); *text; text += strspn(text, BLANKS)) {
		text += strcspn(text, BLANKS);
		n++;
	}
	return n;
}

/* Scripts that have no blanks between words, or a token for about each character: Thai and Lao,
 * kana, Han, Hangul and rarer Han, by the first bytes of their UTF-8. */
static bool is_word_by_itself(const unsigned char *c)
{
	return (*c >= 0xe3 && *c <= 0xed) || *c == 0xf0 ||
	       (*c == 0xe0 && c[1] >= 0xb8 && c[1] <= 0xbb);
}

/* Words as a tokenizer has them. */
static size_t count_units(const char *text, size_t words)
{
	size_t n = 0;

	for (const char *c = text; *c; c++)
		n += is_word_by_itself((const unsigned char *)c);
	return n > words ? n : words;
}

static uint64_t hash_of(const char *text)
{
	return abl_hash64(text, strlen(text));
}

static int take_first(struct gathering *g, const struct abl_row *row)
{
	struct abl_table_facts *f = g->facts;
	double number;

	g->begun = true;
	f->columns = row->fields;
	f->column = abl_calloc(row->fields, sizeof *f->column);
	g->column = abl_calloc(row->fields, sizeof *g->column);
	for (size_t i = 0; i < row->fields; i++) {
		f->column[i] = (struct abl_column_facts){
			.first = abl_strdup(row->field[i]),
			.number = true,
			.whole = true,
			.first_number = abl_parse_real(row->field[i], &number)};
		g->column[i].first = hash_of(row->field[i]);
	}
	return 0;
}

static void take_number(struct abl_column_facts *c, const char *cell)
{
	double x;

	if (!c->number)
		return;
	c->number = abl_parse_real(cell, &x) && x - x == 0;
	if (!c->number)
		return;
	c->whole = c->whole && x == (double)(int64_t)x;
	c->least = c->filled == 1 || x < c->least ? x : c->least;
	c->most = c->filled == 1 || x > c->most ? x : c->most;
}

static void take_value(struct abl_column_facts *c, struct gathered *g, const char *cell)
{
	uint64_t hash = hash_of(cell);
	size_t i = 0;

	c->first_seen = c->first_seen || hash == g->first;
	while (i < c->distinct && g->value[i] != hash)
		i++;
	if (i == c->distinct && c->distinct <= ABL_FACTS_VALUES)
		g->value[c->distinct++] = hash;
}

/* Of JSON lines: what lacks or is a list is no cell. */
static const char *cell_of(const struct abl_row *row, size_t i)
{
	return row->field[i] && row->field[i] != abl_row_nested ? row->field[i] : "";
}

static int take_row(void *data, const struct abl_row *row, struct abl_err *err)
{
	struct gathering *g = data;

	if (!g->begun)
		return take_first(g, row);
	if (strcmp(g->facts->format, "jsonl") != 0 && abl_row_used(row) > g->facts->columns)
		return abl_row_too_wide(row, g->path, g->facts->format, "the first row",
					g->facts->columns, "", err);
	g->facts->rows++;
	for (size_t i = 0; i < row->fields && i < g->facts->columns; i++) {
		struct abl_column_facts *c = &g->facts->column[i];
		const char *cell = cell_of(row, i);
		const size_t words = count_words(cell), units = count_units(cell, words);

		if (!words)
			continue;
		c->filled++;
		g->column[i].words += (double)words;
		g->column[i].units += (double)units;
		g->column[i].length[units > LONGEST ? LONGEST : units]++;
		take_number(c, cell);
		take_value(c, &g->column[i], cell);
	}
	return 0;
}

static void sum_up(struct abl_column_facts *c, const struct gathered *g)
{
	size_t cells = 0;

	c->number = c->number && c->filled;
	c->words = c->filled ? g->words / (double)c->filled : 0;
	c->units = c->filled ? g->units / (double)c->filled : 0;
	while (c->long_units < LONGEST && (double)cells < .99 * (double)c->filled)
		cells += g->length[++c->long_units];
}

/* Words of a line that blanks or TABs separate. */
static size_t count_columns(const char *line, size_t length)
{
	size_t n = 0;

	for (size_t i = 0; i < length; i++)
		n += !strchr(BLANKS, line[i]) && (!i || strchr(BLANKS, line[i - 1]));
	return n;
}

/* Sentences of words with tags, a word a line and blank lines between: as many words in each line,
 * and blank lines among them. */
static int refuse_conll(const char *path, struct abl_err *err)
{
	size_t columns = 0, blank = 0, words = 0, length;
	struct abl_reader *r;
	const char *line;
	bool alike = true;
	int rc = abl_reader_open(&r, path, err);

	if (rc)
		return rc;
	while (words + blank < 500 && alike && (rc = abl_reader_line(r, &line, &length, err)) > 0) {
		const size_t n = count_columns(line, length);

		blank += !n;
		words += n > 0;
		alike = !n || !columns || n == columns || *line == '#';
		columns = !columns && *line != '#' ? n : columns;
	}
	abl_reader_close(r);
	if (rc < 0 || !alike || columns < 2 || blank < 2)
		return rc < 0 ? rc : 0;
	return abl_err_set(err, ABL_EINPUT,
			   "%s: this looks like words with tags, a word a line (CoNLL), not like a "
			   "table: 'ablate data --type tag --layout format=conll,label=%zu %s' "
			   "describes it, and docs/data.md shows its study",
			   path, columns - 1, abl_shell_quoted(path));
}

/* The format of a file by its first line, whatever its name says: there are TABs in a table that is
 * separated by them. */
static int find_format(const char *path, const char **format, struct abl_err *err)
{
	struct abl_reader *r;
	const char *line;
	size_t length;
	int rc = abl_reader_open(&r, path, err);

	if (rc)
		return rc;
	rc = abl_reader_line(r, &line, &length, err);
	*format = rc <= 0                      ? "tsv"
		  : abl_reader_is_json(r)      ? "jsonl"
		  : memchr(line, '\t', length) ? "tsv"
					       : "csv";
	abl_reader_close(r);
	return rc < 0 ? rc : 0;
}

int abl_table_facts_read(struct abl_table_facts *out, const char *path, struct abl_err *err)
{
	struct gathering g = {.path = path, .facts = out};
	int rc;

	*out = (struct abl_table_facts){0};
	rc = find_format(path, &out->format, err);
	rc = rc ? rc : refuse_conll(path, err);
	if (rc)
		return rc;
	rc = abl_rows_read(path, out->format, take_row, &g, err);
	if (!rc && !out->rows)
		rc = abl_err_set(err, ABL_EINPUT, "%s: no examples: the file has %s", path,
				 g.begun ? "one row only" : "no row");
	for (size_t i = 0; i < out->columns; i++)
		sum_up(&out->column[i], &g.column[i]);
	free(g.column);
	if (rc)
		abl_table_facts_finish(out);
	return rc;
}

struct texts {
	const size_t *columns;
	size_t count;
	bool skip; /* the next row is the header */
	struct abl_str *out;
};

static void put_line(const char *text, struct abl_str *out)
{
	bool begun = false;

	for (text += strspn(text, BLANKS); *text; text += strspn(text, BLANKS)) {
		size_t word = strcspn(text, BLANKS);

		abl_str_puts(out, begun ? " " : "");
		abl_str_add(out, text, word);
		text += word;
		begun = true;
	}
	abl_str_puts(out, begun ? "\n" : "");
}

static int put_row(void *data, const struct abl_row *row, struct abl_err *err)
{
	struct texts *t = data;
	size_t before = t->out->length;

	(void)err;
	if (t->skip) {
		t->skip = false;
		return 0;
	}
	for (size_t i = 0; i < t->count; i++)
		if (t->columns[i] < row->fields)
			put_line(cell_of(row, t->columns[i]), t->out);
	if (t->out->length > before)
		abl_str_puts(t->out, "\n");
	return 0;
}

int abl_table_texts(const char *path, const char *format, bool header, const size_t *columns,
		    size_t count, struct abl_str *out, struct abl_err *err)
{
	struct texts t = {.columns = columns, .count = count, .skip = header, .out = out};

	return abl_rows_read(path, format, put_row, &t, err);
}

void abl_table_facts_finish(struct abl_table_facts *f)
{
	if (!f)
		return;
	for (size_t i = 0; i < f->columns; i++)
		free(f->column[i].first);
	free(f->column);
	*f = (struct abl_table_facts){0};
}
