/* SPDX-License-Identifier: Apache-2.0 */
#include "held_out.h"

#include "files.h"
#include "str.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

/* A line of hexadecimal digits a document: the hash of its text. */
#define DIGITS 16

int abl_held_out_write(const struct abl_corpus *c, const char *folder, struct abl_err *err)
{
	char *path = abl_path_join(folder, ABL_HELD_OUT);
	struct abl_str text = {0};
	int rc;

	abl_str_puts(&text, "");
	for (uint64_t d = 0; d < c->documents; d++)
		if (abl_corpus_held_out(c, d))
			abl_str_printf(&text, "%016" PRIx64 "\n", c->details[d].hash);
	rc = abl_file_write(path, text.text, text.length, err);
	abl_str_finish(&text);
	free(path);
	return rc;
}

static int by_value(const void *x, const void *y)
{
	const uint64_t a = *(const uint64_t *)x, b = *(const uint64_t *)y;

	return a < b ? -1 : a > b;
}

static int read_lines(struct abl_corpus *c, struct abl_reader *r, const char *path,
		      struct abl_err *err)
{
	size_t capacity = 0, length;
	const char *line;
	int rc;

	abl_grow(&c->known, &capacity, 1, sizeof *c->known);
	while ((rc = abl_reader_line(r, &line, &length, err)) == 1) {
		if (length != DIGITS || strspn(line, "0123456789abcdef") < DIGITS)
			return abl_err_set(err, ABL_EINPUT, "%s:%zu: is damaged", path,
					   abl_reader_line_number(r));
		abl_grow(&c->known, &capacity, c->known_count + 1, sizeof *c->known);
		c->known[c->known_count++] = strtoull(line, NULL, 16);
	}
	qsort(c->known, c->known_count, sizeof *c->known, by_value);
	return rc;
}

int abl_held_out_read(struct abl_corpus *c, const char *folder, bool *there, struct abl_err *err)
{
	char *path = abl_path_join(folder, ABL_HELD_OUT);
	struct abl_reader *r = NULL;
	int rc = 0;

	*there = abl_file_exists(path);
	if (*there)
		rc = abl_reader_open(&r, path, err);
	if (r && !rc)
		rc = read_lines(c, r, path, err);
	abl_reader_close(r);
	free(path);
	return rc;
}

void abl_held_out_all(struct abl_corpus *c)
{
	free(c->known);
	c->known = abl_calloc((size_t)c->documents, sizeof *c->known);
	c->known_count = (size_t)c->documents;
	for (uint64_t d = 0; d < c->documents; d++)
		c->known[d] = c->details[d].hash;
	qsort(c->known, c->known_count, sizeof *c->known, by_value);
}
