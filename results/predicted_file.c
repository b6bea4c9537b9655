/* SPDX-License-Identifier: Apache-2.0 */
#include "predicted_file.h"

#include <errno.h>
#include <fcntl.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define LARGEST ((off_t)1 << 30)
enum { COLUMNS = 8, SHOWN = 60 };

struct form {
	enum abl_predicted_form form;
	const char *header;
	size_t columns, gold, said; /* the key ends with column `gold` */
	const char *of;             /* the metric that `said` is of; NULL: any */
};

static const struct form forms[] = {
	{ABL_PREDICTED_CLASSES, "line\tgold\tprediction\tprobability", 4, 1, 2, NULL},
	{ABL_PREDICTED_NUMBERS, "line\tgold\tprediction", 3, 1, 2, NULL},
	{ABL_PREDICTED_ANSWERS, "id\tgold\tprediction\tprobability\tno_answer\texact\tf1", 7, 0, 6,
	 "f1"},
	{ABL_PREDICTED_ANSWERS, "id\tgold\tprediction\tprobability\tno_answer\texact\tf1", 7, 0, 5,
	 NULL},
	{ABL_PREDICTED_MARKS, "id\tcorrect", 2, 0, 1, NULL},
};

/* Of versions before the columns that are needed. */
static const char old_answers[] = "id\tgold\tprediction\tprobability\tno_answer";

/* ---- the bytes ---- */

static int read_all(struct abl_predicted_file *f, int fd, size_t size, struct abl_err *err)
{
	ssize_t n = 1;

	if (f->own.room < size + 1) {
		free(f->own.text);
		f->own.room = size + size / 4 + 1;
		f->own.text = abl_malloc(f->own.room);
	}
	f->own.length = 0;
	while (f->own.length < size && n) {
		n = read(fd, f->own.text + f->own.length, size - f->own.length);
		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return abl_err_set(err, ABL_EIO, "cannot read '%s': %s", f->path,
					   strerror(errno));
		f->own.length += (size_t)n;
	}
	return 0;
}

/* Nothing is waited for: what lies there in place of the file may be a pipe. */
static int read_text(struct abl_predicted_file *f, struct abl_err *err)
{
	int fd = open(f->path, O_RDONLY | O_CLOEXEC | O_NONBLOCK), rc;
	struct stat st;

	if (fd < 0)
		return abl_err_set(err, errno == ENOENT ? ABL_EINPUT : ABL_EIO,
				   "cannot read '%s': %s", f->path, strerror(errno));
	if (fstat(fd, &st) || !S_ISREG(st.st_mode))
		rc = abl_err_set(err, ABL_EINPUT, "'%s' is no file", f->path);
	else if (st.st_size > LARGEST)
		rc = abl_err_set(err, ABL_EINPUT, "'%s' is larger than 1 GiB", f->path);
	else
		rc = read_all(f, fd, (size_t)st.st_size, err);
	close(fd);
	return rc;
}

/* ---- rows ---- */

static const struct form *form_of(const char *header, size_t length, const char *metric)
{
	for (size_t i = 0; i < sizeof forms / sizeof *forms; i++)
		if (strlen(forms[i].header) == length && !memcmp(forms[i].header, header, length) &&
		    (!forms[i].of || !strcmp(forms[i].of, metric)))
			return &forms[i];
	return NULL;
}

static int no_form(const struct abl_predicted_file *f, const char *header, size_t length,
		   struct abl_err *err)
{
	if (length == sizeof old_answers - 1 && !memcmp(header, old_answers, length))
		return abl_err_set(err, ABL_EINPUT,
				   "%s: from a version that did not keep exact match and F1 of "
				   "each question",
				   f->path);
	return abl_err_set(err, ABL_EINPUT, "%s:1: these are no columns of predictions: '%.*s'",
			   f->path, (int)(length < SHOWN ? length : SHOWN), header);
}

/* Takes the line [at, end) apart; how many columns it has, at most COLUMNS. */
static size_t split(const char *at, const char *end, struct abl_slice cell[COLUMNS])
{
	size_t n = 0;

	for (const char *tab; n < COLUMNS; at = tab + 1) {
		tab = memchr(at, '\t', (size_t)(end - at));
		cell[n++] = (struct abl_slice){at, (size_t)((tab ? tab : end) - at)};
		if (!tab)
			break;
	}
	return n;
}

static void add_row(struct abl_predicted_file *f, const struct form *form,
		    const struct abl_slice cell[COLUMNS], size_t line)
{
	const struct abl_slice gold = cell[form->gold], *said = &cell[form->said];

	if (f->form == ABL_PREDICTED_ANSWERS ? !said->length : !gold.length)
		return; /* nobody knows what is right */
	abl_grow(&f->row, &f->own.row_room, f->count + 1, sizeof *f->row);
	f->row[f->count++] = (struct abl_predicted_row){
		.key = {cell[0].text, (size_t)(gold.text + gold.length - cell[0].text)},
		.gold = gold,
		.said = *said,
		.line = line,
	};
}

static int read_rows(struct abl_predicted_file *f, const char *metric, struct abl_err *err)
{
	const char *at = f->own.text, *const end = at + f->own.length, *stop;
	struct abl_slice cell[COLUMNS];
	const struct form *form = NULL;

	f->count = 0;
	for (size_t line = 1; at < end; at = stop + 1, line++) {
		size_t length, n;

		stop = memchr(at, '\n', (size_t)(end - at));
		if (!stop)
			return abl_err_set(err, ABL_EINPUT, "%s:%zu: the file is cut off here",
					   f->path, line);
		length = (size_t)(stop - at);
		length -= length && at[length - 1] == '\r'; /* an editor's */
		if (line == 1) {
			form = form_of(at, length, metric);
			if (!form)
				return no_form(f, at, length, err);
			f->form = form->form;
			continue;
		}
		n = split(at, at + length, cell);
		if (n != form->columns)
			return abl_err_set(err, ABL_EINPUT, "%s:%zu: %zu columns, not %zu", f->path,
					   line, n, form->columns);
		add_row(f, form, cell, line);
	}
	return f->count ? 0
			: abl_err_set(err, ABL_EINPUT, "%s: no prediction that could be scored",
				      f->path);
}

int abl_predicted_file_read(struct abl_predicted_file *f, const char *path, const char *metric,
			    struct abl_err *err)
{
	int rc;

	f->path = path;
	rc = read_text(f, err);
	return rc ? rc : read_rows(f, metric, err);
}

void abl_predicted_file_finish(struct abl_predicted_file *f)
{
	free(f->row);
	free(f->own.text);
	free(f->own.sorted);
	*f = (struct abl_predicted_file){0};
}

int abl_predicted_number(const struct abl_predicted_file *f, size_t row, struct abl_slice cell,
			 double *out, struct abl_err *err)
{
	char text[64];

	if (cell.length == 1 && cell.text[0] >= '0' && cell.text[0] <= '9') {
		*out = cell.text[0] - '0';
		return 0;
	}
	if (cell.length < sizeof text) {
		memcpy(text, cell.text, cell.length);
		text[cell.length] = '\0';
		if (abl_parse_real(text, out) && isfinite(*out))
			return 0;
	}
	return abl_err_set(err, ABL_EINPUT, "%s:%zu: '%.*s' is no number", f->path,
			   f->row[row].line, (int)(cell.length < SHOWN ? cell.length : SHOWN),
			   cell.text);
}
