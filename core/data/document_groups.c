/* SPDX-License-Identifier: Apache-2.0 */
#include "document_groups.h"

#include "option.h"
#include "str.h"
#include "table_reader.h"

#include <stdlib.h>

#define COLUMN "documents"
#define MOST UINT32_MAX /* documents of a corpus */

struct reading {
	struct abl_document_groups *groups;
	const char *path;
	long column;  /* -1: the header has not been seen */
	size_t width; /* of the header */
	size_t room;
};

static int take_header(struct reading *r, const struct abl_row *row, struct abl_err *err)
{
	r->width = row->fields;
	r->column = abl_row_column(row, true, COLUMN);
	if (r->column >= 0)
		return 0;
	return abl_err_set(err, ABL_EINPUT,
			   "%s:%zu: error: no column '" COLUMN
			   "', which says how many documents in "
			   "a row belong together",
			   r->path, row->line);
}

static int take_row(void *data, const struct abl_row *row, struct abl_err *err)
{
	struct reading *r = data;
	struct abl_document_groups *g = r->groups;
	uint64_t before = g->count ? g->end[g->count - 1] : 0;
	const char *text;
	int64_t n;

	if (r->column < 0)
		return take_header(r, row, err);
	if (abl_row_used(row) > r->width)
		return abl_row_too_wide(row, r->path, "tsv", "the header", r->width, "", err);
	text = (size_t)r->column < row->fields ? row->field[r->column] : "";
	if (!abl_parse_int(text, &n) || n < 1 || (uint64_t)n > MOST - before)
		return abl_err_set(err, ABL_EINPUT,
				   "%s:%zu: error: '" COLUMN "' is '%s', not a positive number",
				   r->path, row->line, text);
	abl_grow(&g->end, &r->room, g->count + 1, sizeof *g->end);
	g->end[g->count++] = before + (uint64_t)n;
	return 0;
}

int abl_document_groups_read(struct abl_document_groups *g, const char *path, struct abl_err *err)
{
	struct reading r = {.groups = g, .path = path, .column = -1};
	int rc;

	*g = (struct abl_document_groups){0};
	rc = abl_rows_read(path, "tsv", take_row, &r, err);
	if (!rc && !g->count)
		rc = abl_err_set(err, ABL_EINPUT, "%s: error: it has no group of documents", path);
	if (rc)
		abl_document_groups_finish(g);
	return rc;
}

void abl_document_groups_finish(struct abl_document_groups *g)
{
	if (!g)
		return;
	free(g->end);
	*g = (struct abl_document_groups){0};
}

int abl_document_groups_check(const struct abl_document_groups *g, const char *path,
			      uint64_t documents, struct abl_err *err)
{
	if (g->end[g->count - 1] == documents)
		return 0;
	return abl_err_set(err, ABL_EINPUT,
			   "%s: error: its groups hold %llu documents, the texts have %llu", path,
			   (unsigned long long)g->end[g->count - 1], (unsigned long long)documents);
}
