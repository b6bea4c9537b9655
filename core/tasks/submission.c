/* SPDX-License-Identifier: Apache-2.0 */
#include "submission.h"

#include "table_reader.h"

#include <stdlib.h>
#include <string.h>

static const char index_column[] = "index", prediction_column[] = "prediction";

void abl_submission_begin(struct abl_str *out)
{
	abl_str_printf(out, "%s\t%s\n", index_column, prediction_column);
}

void abl_submission_add(struct abl_str *out, size_t index, const char *prediction)
{
	abl_str_printf(out, "%zu\t%s\n", index, prediction);
}

struct reading {
	struct abl_submission *to;
	const char *path;
	long index, prediction; /* columns */
	bool header;            /* it was there */
	size_t width;           /* of the header */
	size_t rows;
};

static int take_header(struct reading *r, const struct abl_row *row, struct abl_err *err)
{
	r->header = true;
	r->width = row->fields;
	r->index = abl_row_column(row, true, index_column);
	r->prediction = abl_row_column(row, true, prediction_column);
	if (r->index >= 0 && r->prediction >= 0)
		return 0;
	return abl_err_set(
		err, ABL_EINPUT,
		"%s:%zu: no header '%s', '%s': predictions must begin with it, separated by a TAB",
		r->path, row->line, index_column, prediction_column);
}

static int take_row(void *data, const struct abl_row *row, struct abl_err *err)
{
	struct reading *r = data;
	struct abl_prediction *p;
	const char *text;
	int64_t index;

	if (!r->header)
		return take_header(r, row, err);
	if (abl_row_used(row) > r->width)
		return abl_row_too_wide(row, r->path, "tsv", "the header", r->width, "", err);
	if ((long)row->fields <= r->index || (long)row->fields <= r->prediction)
		return abl_err_set(err, ABL_EINPUT, "%s:%zu: a row with %zu column%s, 2 are needed",
				   r->path, row->line, row->fields, abl_plural(row->fields));
	r->rows++;
	if (!abl_parse_int(row->field[r->index], &index) || index < 0)
		return abl_err_set(err, ABL_EINPUT,
				   "%s:%zu: the index '%.100s' is not a whole number from 0",
				   r->path, row->line, row->field[r->index]);
	if ((uint64_t)index >= r->to->count)
		return abl_err_set(
			err, ABL_EINPUT,
			"%s:%zu: the index is %lld, but gold has %zu row%s, counted from 0",
			r->path, row->line, (long long)index, r->to->count,
			abl_plural(r->to->count));
	p = &r->to->items[index];
	if (p->line)
		return abl_err_set(err, ABL_EINPUT, "%s:%zu: the index %lld is in line %u already",
				   r->path, row->line, (long long)index, p->line);
	text = row->field[r->prediction];
	if (!*text)
		return abl_err_set(err, ABL_EINPUT, "%s:%zu: the prediction is empty", r->path,
				   row->line);
	*p = (struct abl_prediction){abl_strdup(text), (uint32_t)row->line};
	return 0;
}

/* Room for `most` predictions; *rows: how many there are. */
static int read_all(struct abl_submission *s, const char *path, size_t most, size_t *rows,
		    struct abl_err *err)
{
	struct reading r = {.to = s, .path = path};
	int rc;

	*s = (struct abl_submission){abl_calloc(most + 1, sizeof *s->items), most};
	rc = abl_rows_read(path, "tsv", take_row, &r, err);
	if (!rc && !r.header)
		rc = abl_err_set(err, ABL_EINPUT, "%s: the file is empty", path);
	*rows = r.rows;
	return rc;
}

/* How the predictions are numbered: as the rows of the gold file, without those that are left out
 * there, or without those that have no gold label either. */
enum numbering { BY_ROW, BY_GIVEN, BY_LABELLED };

static int find_numbering(enum numbering *how, const struct abl_gold_rows *gold, const char *path,
			  size_t rows, struct abl_err *err)
{
	size_t labelled = 0;

	for (size_t i = 0; i < gold->count; i++)
		labelled += gold->row(gold->data, i).labelled;
	*how = rows == gold->rows ? BY_ROW : rows == gold->count ? BY_GIVEN : BY_LABELLED;
	if (*how != BY_LABELLED || rows == labelled)
		return 0;
	return abl_err_set(err, ABL_EINPUT,
			   "%s: %zu prediction%s, but gold has %zu row%s: is it the same split?",
			   path, rows, abl_plural(rows), gold->rows, abl_plural(gold->rows));
}

/* The prediction of each row; none where it has no number. */
static int place_all(struct abl_submission *to, struct abl_submission *from,
		     const struct abl_gold_rows *gold, enum numbering how, const char *path,
		     struct abl_err *err)
{
	size_t n = 0;

	*to = (struct abl_submission){abl_calloc(gold->count + 1, sizeof *to->items), gold->count};
	for (size_t i = 0; i < gold->count; i++) {
		const struct abl_gold_row row = gold->row(gold->data, i);
		const size_t at = how == BY_ROW ? row.place : n;

		if (how == BY_LABELLED && !row.labelled)
			continue;
		n++;
		if (!from->items[at].text)
			return abl_err_set(err, ABL_EINPUT,
					   "%s: there is no prediction with the index %zu", path,
					   at);
		to->items[i] = from->items[at];
		from->items[at].text = NULL;
	}
	return 0;
}

int abl_submission_load(struct abl_submission *s, const char *path,
			const struct abl_gold_rows *gold, struct abl_str *notes,
			struct abl_err *err)
{
	struct abl_submission all;
	enum numbering how = BY_ROW;
	size_t rows;
	int rc = read_all(&all, path, gold->rows, &rows, err);

	*s = (struct abl_submission){0};
	rc = rc ? rc : find_numbering(&how, gold, path, rows, err);
	rc = rc ? rc : place_all(s, &all, gold, how, path, err);
	abl_submission_finish(&all);
	if (rc)
		abl_submission_finish(s);
	else if (notes && how != BY_ROW)
		abl_str_printf(notes,
			       "predictions are numbered without the rows of gold that %s (%zu)\n",
			       how == BY_GIVEN ? "are left out" : "are left out or have no label",
			       gold->rows - rows);
	return rc;
}

void abl_submission_finish(struct abl_submission *s)
{
	if (!s)
		return;
	for (size_t i = 0; s->items && i < s->count; i++)
		free(s->items[i].text);
	free(s->items);
	*s = (struct abl_submission){0};
}
