/* SPDX-License-Identifier: Apache-2.0 */
#include "predictions.h"

#include "guarded_file.h"
#include "key_path.h"
#include "loose_json.h"
#include "metric_reader.h"
#include "metric_source.h"
#include "path_glob.h"
#include "row_table.h"
#include "text_lines.h"
#include "writer.h"

#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <unistd.h>

#define LARGEST ((size_t)1 << 30)

static bool is_tsv(const char *path)
{
	size_t n = strlen(path);

	return n > 4 && !strcasecmp(path + n - 4, ".tsv");
}

enum { FILES = 10000, LONGEST_LINE = 16 << 20 };

struct row {
	char *id;
	double correct;
	size_t line;
};

struct table {
	const char *path, *id, *correct; /* the file and its columns */
	struct row *row;
	size_t count, capacity, line;
	struct abl_err *err;
	int rc; /* the first failure */
};

static void finish(struct table *t)
{
	for (size_t i = 0; i < t->count; i++)
		free(t->row[i].id);
	free(t->row);
}

/* ---- rows ---- */

static void lacks(struct table *t, const char *column)
{
	t->rc = abl_err_set(t->err, ABL_EINPUT, "%s:%zu: no '%s'", t->path, t->line, column);
}

static void add(struct table *t, const char *id, size_t length, const struct abl_printed *correct)
{
	struct abl_str text = {0};

	if (!isfinite(correct->value)) {
		t->rc = abl_err_set(t->err, ABL_EINPUT, "%s:%zu: '%s' is no number", t->path,
				    t->line, t->correct);
		return;
	}
	abl_str_puts(&text, "");
	for (size_t i = 0; i < length; i++) /* a table has no other place for them */
		abl_str_add(&text, (unsigned char)id[i] < ' ' ? " " : id + i, 1);
	abl_grow(&t->row, &t->capacity, t->count + 1, sizeof *t->row);
	t->row[t->count++] = (struct row){text.text, correct->value, t->line};
}

static void add_object(struct table *t, const json_t *object)
{
	const json_t *id = json_object_get(object, t->id);
	const json_t *correct = json_object_get(object, t->correct);
	struct abl_printed value, number;
	char text[32];

	if (t->rc)
		return;
	if (json_is_string(id))
		snprintf(text, sizeof text, "%s", "");
	else if (json_is_integer(id))
		snprintf(text, sizeof text, "%" JSON_INTEGER_FORMAT, json_integer_value(id));
	else if (abl_key_number(id, &number))
		abl_format_real(number.value, text);
	else
		return lacks(t, t->id);
	if (!abl_key_number(correct, &value))
		return lacks(t, t->correct);
	if (json_is_string(id))
		add(t, json_string_value(id), json_string_length(id), &value);
	else
		add(t, text, strlen(text), &value);
}

/* ---- formats ---- */

static void take_line(void *data, char *line, size_t length, bool cut)
{
	struct table *t = data;
	json_t *object;

	t->line++;
	if (t->rc || !length || (length == 1 && *line == '\r'))
		return;
	object = cut ? NULL : abl_loose_json(line, length, NULL);
	if (json_is_object(object))
		add_object(t, object);
	else
		t->rc = abl_err_set(t->err, ABL_EINPUT, "%s:%zu: no JSON object", t->path, t->line);
	json_decref(object);
}

static void read_lines(struct table *t, char *text, size_t length)
{
	struct abl_text_lines lines = {.limit = LONGEST_LINE, .data = t, .take = take_line};

	abl_text_lines_feed(&lines, text, length, true);
	abl_text_lines_finish(&lines);
}

/* A list of objects, or an object that has one. */
static const json_t *list_in(const json_t *root)
{
	const char *key;
	json_t *v;

	if (json_is_array(root))
		return root;
	json_object_foreach((json_t *)(uintptr_t)root, key, v) if (json_is_array(v)) return v;
	return NULL;
}

static void read_json(struct table *t, char *text, size_t length)
{
	json_t *root = abl_loose_json(text, length, NULL), *object;
	const json_t *list = list_in(root);
	size_t i;

	if (!list) {
		json_decref(root);
		read_lines(t, text, length);
		return;
	}
	json_array_foreach((json_t *)(uintptr_t)list, i, object)
	{
		t->line = i + 1;
		add_object(t, object);
	}
	json_decref(root);
}

static void take_cells(void *data, const struct abl_cells *cells)
{
	struct table *t = data;
	const struct abl_cell *id = &cells->cell[0], *correct = &cells->cell[1];
	struct abl_printed value;

	t->line = cells->row;
	if (t->rc)
		return;
	if (!id->text || !id->length)
		return lacks(t, t->id);
	if (!correct->text || !abl_printed_whole(&value, correct->text, correct->length))
		return lacks(t, t->correct);
	add(t, id->text, id->length, &value);
}

static void read_table(struct table *t, char *text, size_t length)
{
	const char *const columns[] = {t->id, t->correct};
	struct abl_row_table *rows = NULL;

	t->rc = abl_row_table_create(&rows,
				     &(struct abl_row_spec){.columns = columns,
							    .column_count = 2,
							    .tabs = is_tsv(t->path),
							    .data = t,
							    .row = take_cells},
				     t->err);
	if (t->rc)
		return;
	abl_row_table_feed(rows, text, length, true);
	abl_row_table_destroy(rows);
}

/* ---- the file ---- */

static int by_id(const void *a, const void *b)
{
	const struct row *x = *(const struct row *const *)a, *y = *(const struct row *const *)b;
	int order = strcmp(x->id, y->id);

	return order ? order : (x->line > y->line) - (x->line < y->line);
}

static int check_ids(const struct table *t, struct abl_err *err)
{
	const struct row **sorted = abl_calloc(t->count + 1, sizeof(const struct row *));
	int rc = 0;

	for (size_t i = 0; i < t->count; i++)
		sorted[i] = &t->row[i];
	qsort(sorted, t->count, sizeof(const struct row *), by_id);
	for (size_t i = 1; i < t->count && !rc; i++)
		if (!strcmp(sorted[i - 1]->id, sorted[i]->id))
			rc = abl_err_set(err, ABL_EINPUT, "%s:%zu: the %s '%s' is in line %zu, too",
					 t->path, sorted[i]->line, t->id, sorted[i]->id,
					 sorted[i - 1]->line);
	free(sorted);
	return rc;
}

static int write_table(const struct table *t, const char *folder, struct abl_err *err)
{
	struct abl_str text = {0}, path = {0};
	char number[32];
	int rc;

	abl_str_puts(&text, "id\tcorrect\n");
	for (size_t i = 0; i < t->count; i++)
		abl_str_printf(&text, "%s\t%s\n", t->row[i].id,
			       abl_format_real(t->row[i].correct, number));
	abl_str_printf(&path, "%s/predictions.tsv", folder);
	rc = abl_file_write(path.text, text.text, text.length, err);
	abl_str_finish(&text);
	abl_str_finish(&path);
	return rc;
}

/* Of the files that match the last one: by time, then by name. */
static int find(const struct abl_order *o, const char *pattern, double began, struct abl_str *path,
		struct abl_err *err)
{
	struct abl_paths found = {0};
	struct abl_guarded g;
	double newest = began - ABL_GUARDED_OLD;
	int rc = abl_glob(&found, o->out, pattern, FILES, err);

	for (size_t i = 0; i < found.count && !rc; i++) {
		if (abl_guarded_open(&g, o->out, found.path[i], LARGEST,
				     found.count == 1 ? err : NULL))
			continue;
		if (g.changed >= newest) {
			abl_str_clear(path);
			abl_str_puts(path, found.path[i]);
			newest = g.changed;
		}
		close(g.fd);
	}
	if (!rc && !path->length)
		rc = abl_err_set(err, ABL_EINPUT,
				 found.count ? "what matches '{out}/%s' is older than the program"
					     : "no file matches '{out}/%s'",
				 pattern);
	abl_paths_finish(&found);
	return rc;
}

static int read_file(struct table *t, const char *out, struct abl_err *err)
{
	const struct abl_metric_reader *reader = abl_metric_reader_of_name(t->path);
	struct abl_guarded g;
	size_t got = 0;
	ssize_t n = 0;
	char *text;
	int rc = abl_guarded_open(&g, out, t->path, LARGEST, err);

	if (rc)
		return rc;
	text = abl_malloc((size_t)g.size + 1);
	while (got < (size_t)g.size && ((n = read(g.fd, text + got, (size_t)g.size - got)) > 0 ||
					(n < 0 && errno == EINTR)))
		got += n > 0 ? (size_t)n : 0;
	close(g.fd);
	reader = reader ? reader : abl_metric_reader_of_head(text, got);
	if (reader == &abl_reader_json)
		read_json(t, text, got);
	else if (reader == &abl_reader_jsonl)
		read_lines(t, text, got);
	else
		read_table(t, text, got);
	free(text);
	return t->rc;
}

static int read_source(struct abl_metric_source *source, const char *from,
		       const struct abl_order *o, struct abl_err *err)
{
	int rc = abl_metric_source_read(source, "id", from, NULL, o, err);

	return rc || source->pattern ? rc
				     : abl_err_set(err, ABL_EINPUT,
						   "'%s' is no file: write \"{out}/FILE\"", from);
}

int abl_predictions_check(const char *from, struct abl_err *err)
{
	struct abl_metric_source source = {0};
	int rc = read_source(&source, from, NULL, err);

	abl_metric_source_finish(&source);
	return rc;
}

int abl_predictions_write(const struct abl_order *o, const char *folder, double began,
			  struct abl_str *path, struct abl_err *err)
{
	struct table t = {.id = o->predictions_id ? o->predictions_id : "id",
			  .correct = o->predictions_correct ? o->predictions_correct : "correct",
			  .err = err};
	struct abl_metric_source source = {0};
	int rc = read_source(&source, o->predictions, o, err);

	rc = rc ? rc : find(o, source.pattern, began, path, err);
	t.path = path->text;
	rc = rc ? rc : read_file(&t, o->out, err);
	if (!rc && !t.count)
		rc = abl_err_set(err, ABL_EINPUT, "'%s' has none", t.path);
	rc = rc ? rc : check_ids(&t, err);
	rc = rc ? rc : write_table(&t, folder, err);
	finish(&t);
	abl_metric_source_finish(&source);
	return rc;
}
