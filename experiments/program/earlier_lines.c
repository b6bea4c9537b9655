/* SPDX-License-Identifier: Apache-2.0 */
#include "earlier_lines.h"

#include "str.h"
#include "writer.h"

#include <errno.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { MOST = 64 << 20, BLOCK = 1 << 16 };

/* Tells whole lines; `e->size` becomes the bytes of these. */
static void tell(struct abl_earlier_lines *e,
		 void (*line)(void *data, const char *line, size_t length), void *data)
{
	struct abl_str text = {0};
	char block[BLOCK];
	const char *at, *end;
	ssize_t n;

	while (text.length < MOST && (n = read(e->fd, block, sizeof block)) > 0)
		abl_str_add(&text, block, (size_t)n);
	for (at = text.text; text.length && (end = memchr(at, '\n', text.length - e->size));) {
		line(data, at, (size_t)(end - at));
		at = end + 1;
		e->size = (uint64_t)(at - text.text);
	}
	abl_str_finish(&text);
}

int abl_earlier_lines_open(struct abl_earlier_lines *e, const char *path, bool keeps,
			   void (*line)(void *data, const char *line, size_t length), void *data,
			   struct abl_err *err)
{
	int rc;

	*e = (struct abl_earlier_lines){.fd = abl_file_open_appending(path, true)};
	if (e->fd >= 0 && keeps)
		tell(e, line, data);
	if (e->fd >= 0 && !ftruncate(e->fd, (off_t)e->size))
		return 0;
	rc = abl_err_set(err, errno == ENOSPC ? ABL_EFULL : ABL_EIO, "cannot write '%s': %s", path,
			 strerror(errno));
	abl_earlier_lines_close(e);
	return rc;
}

void abl_earlier_lines_add(struct abl_earlier_lines *e, const char *line, size_t length)
{
	e->full = e->full || e->size + e->waiting.length + length >= MOST;
	if (e->fd < 0 || e->full)
		return;
	abl_str_add(&e->waiting, line, length);
	abl_str_puts(&e->waiting, "\n");
	abl_earlier_lines_write(e);
}

void abl_earlier_lines_write(struct abl_earlier_lines *e)
{
	if (e->fd < 0 || !e->waiting.length)
		return;
	if (abl_fd_write(e->fd, e->waiting.text, e->waiting.length)) {
		(void)!ftruncate(e->fd, (off_t)e->size); /* a part of a line is none */
		return;
	}
	e->size += e->waiting.length;
	abl_str_clear(&e->waiting);
}

void abl_earlier_lines_close(struct abl_earlier_lines *e)
{
	abl_earlier_lines_write(e);
	abl_str_finish(&e->waiting);
	if (e->fd >= 0)
		close(e->fd);
	e->fd = -1;
}

void abl_earlier_lines_mend(const char *path)
{
	const int fd = abl_file_open_appending(path, false);
	struct stat st;
	char last = '\n';

	if (fd >= 0 && !fstat(fd, &st) && S_ISREG(st.st_mode) && st.st_size > 0 &&
	    pread(fd, &last, 1, st.st_size - 1) == 1 && last != '\n')
		(void)abl_fd_write(fd, "\n", 1);
	if (fd >= 0)
		close(fd);
}
