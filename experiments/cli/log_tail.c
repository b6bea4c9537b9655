/* SPDX-License-Identifier: Apache-2.0 */
#include "log_tail.h"

#include "plain_text.h"

#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { BLOCK = 1 << 16, LONGEST = 1 << 16 }; /* bytes; of a line that is held back */

enum abl_log_news abl_log_tail_look(struct abl_log_tail *t)
{
	struct stat s;

	if (stat(t->path, &s))
		return ABL_LOG_MISSING;
	if (s.st_ino != t->file || s.st_dev != t->device || s.st_size < t->read) {
		t->file = s.st_ino;
		t->device = s.st_dev;
		t->read = 0;
	}
	return s.st_size > t->read ? ABL_LOG_MORE : ABL_LOG_SAME;
}

/* The line as it would be seen in the end: a progress bar writes over itself. */
static void put_line(struct abl_str *line, FILE *out, const char *end)
{
	size_t n = line->length, from;

	while (n && line->text[n - 1] == '\r')
		n--;
	for (from = n; from && line->text[from - 1] != '\r'; from--)
		continue;
	n = from + abl_plain_text(line->text + from, n - from);
	fwrite(line->text + from, 1, n - from, out);
	fputs(end, out);
	abl_str_clear(line);
}

static void put_to_terminal(struct abl_log_tail *t, const char *bytes, size_t length, FILE *out)
{
	while (length) {
		const char *newline = memchr(bytes, '\n', length);
		const size_t n = newline ? (size_t)(newline - bytes) : length;

		abl_str_add(&t->part, bytes, n);
		if (newline || t->part.length > LONGEST)
			put_line(&t->part, out, newline ? "\n" : "");
		bytes += n + (newline != NULL);
		length -= n + (newline != NULL);
	}
}

void abl_log_tail_print(struct abl_log_tail *t, FILE *out, bool terminal, bool last)
{
	const int fd = open(t->path, O_RDONLY | O_CLOEXEC);
	char *block = abl_malloc(BLOCK);
	ssize_t n;

	while (fd >= 0 && (n = pread(fd, block, BLOCK, t->read)) > 0) {
		t->read += n;
		if (terminal)
			put_to_terminal(t, block, (size_t)n, out);
		else
			fwrite(block, 1, (size_t)n, out);
	}
	if (fd >= 0)
		close(fd);
	if (last && t->part.length)
		put_line(&t->part, out, "\n");
	free(block);
}

void abl_log_tail_finish(struct abl_log_tail *t)
{
	if (!t)
		return;
	free(t->path);
	abl_str_finish(&t->part);
	*t = (struct abl_log_tail){0};
}
