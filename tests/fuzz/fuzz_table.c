/* SPDX-License-Identifier: Apache-2.0 */
/* Task files: rows are clean text in ascending order of line; examples and questions have what
 * their task asks for; and what a file is guessed to hold it does hold. */
#include "fuzz.h"

#include "choices.h"
#include "document_groups.h"
#include "examples.h"
#include "files.h"
#include "str.h"
#include "table_guess.h"
#include "table_reader.h"
#include "utf8.h"

#include <string.h>

static int check_row(void *data, const struct abl_row *row, struct abl_err *err)
{
	size_t *line = data;

	assert(row->line >= *line && row->line && row->fields >= 1 &&
	       row->fields <= ABL_ROW_COLUMNS);
	*line = row->line;
	for (size_t i = 0; i < row->fields; i++)
		assert(!row->field[i] || abl_utf8_bad(row->field[i], strlen(row->field[i])) < 0);
	return 0;
}

static void check_examples(const struct abl_examples *e, const struct abl_task_spec *s)
{
	assert(e->count > 0 && e->label_count >= 2);
	for (size_t i = 0; i < e->count; i++) {
		const struct abl_example *x = &e->items[i];

		assert(x->label >= 0 && (size_t)x->label < e->label_count);
		assert(x->a && !x->b == !s->text_b);
		assert(!i || x->line >= x[-1].line); /* equal: a bare CR ends a row of csv */
	}
}

static void load(struct abl_task_spec *s)
{
	struct abl_err err = {0};
	struct abl_examples train, test;
	int rc = abl_examples_load(s, "train", NULL, &train, &err);

	assert(rc == (int)err.code);
	if (rc)
		return;
	check_examples(&train, s);
	err = (struct abl_err){0};
	rc = abl_examples_load(s, "test", &train, &test, &err);
	assert(rc == (int)err.code);
	if (!rc)
		abl_examples_finish(&test);
	abl_examples_finish(&train);
}

static void ask(struct abl_task_spec *s)
{
	struct abl_err err = {0};
	struct abl_choices c;
	const int rc = abl_choices_load(s, "gold", &c, &err);

	assert(rc == (int)err.code);
	if (rc)
		return;
	assert(c.count && c.choices == 2 && c.names.count >= 2);
	for (size_t i = 0; i < c.count; i++)
		assert(c.items[i].text && c.items[i].choice[0] && c.items[i].choice[1] &&
		       c.items[i].label < (int32_t)c.names.count);
	abl_choices_finish(&c);
}

static void guess(const char *path)
{
	static const struct abl_table_named nothing;
	struct abl_table_facts facts;
	struct abl_table_guess g;
	struct abl_str texts = {0};
	struct abl_err err = {0};
	int rc = abl_table_facts_read(&facts, path, &err);

	assert(rc == (int)err.code);
	if (rc)
		return;
	rc = abl_table_guess(&g, &facts, path, &nothing, &err);
	assert(rc == (int)err.code);
	if (!rc) {
		assert(g.text < facts.columns && g.label < facts.columns && g.text != g.label &&
		       g.text_b < (long)facts.columns && g.choices <= ABL_GUESS_CHOICES);
		rc = abl_table_texts(path, facts.format, g.header, &g.text, 1, &texts, &err);
		assert(rc == (int)err.code);
	}
	abl_str_finish(&texts);
	abl_table_facts_finish(&facts);
}

static void group(const char *path)
{
	struct abl_document_groups g;
	struct abl_err err = {0};
	const int rc = abl_document_groups_read(&g, path, &err);

	assert(rc == (int)err.code && (rc || g.count));
	for (size_t i = 0; i < g.count; i++)
		assert(g.end[i] > (i ? g.end[i - 1] : 0));
	abl_document_groups_finish(&g);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	char path[40], choices[] = "0|1", task[] = "fuzz", type[] = "classify", zero[] = "0",
		       one[] = "1", last[] = "last", name[] = "label";
	char refuse[] = "refuse", skip[] = "skip", tsv[] = "tsv", csv[] = "csv", jsonl[] = "jsonl";
	int fd = fuzz_file(data, size, path);

	for (int kind = 0; kind < 12; kind++) {
		struct abl_task_spec s = {.name = task,
					  .type = type,
					  .train = path,
					  .test = path,
					  .text = zero,
					  .text_b = kind & 1 ? one : NULL,
					  .label = kind & 2 ? last : name,
					  .broken = kind & 2 ? skip : refuse,
					  .format = kind & 8   ? jsonl
						    : kind & 4 ? csv
							       : tsv};
		struct abl_err err = {0};
		size_t line = 0;
		int rc = abl_rows_read(path, s.format, check_row, &line, &err);

		assert(rc == (int)err.code);
		load(&s);
		s.choices = choices, s.label = last, s.text_b = NULL;
		ask(&s);
	}
	guess(path);
	group(path);
	close(fd);
	return 0;
}
