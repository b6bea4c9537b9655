/* SPDX-License-Identifier: Apache-2.0 */
#include "terminal.h"

#include "table.h"
#include "utf8.h"
#include "writer.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

static struct {
	char bytes[4]; /* the beginning of a character, cut by the end of a block */
	size_t count;
} rest;

/* Bytes at the end of a block that begin a character which goes on in the next. */
static size_t cut_off(const char *text, size_t length)
{
	for (size_t n = 1; n < 4 && n <= length; n++) {
		const unsigned char c = (unsigned char)text[length - n];
		const size_t whole = c >= 0xf0 ? 4 : c >= 0xe0 ? 3 : c >= 0xc2 ? 2 : 1;

		if (c >= 0xc0)
			return whole > n ? n : 0;
		if (c < 0x80)
			return 0;
	}
	return 0;
}

static ssize_t put(void *cookie, const char *bytes, size_t length)
{
	struct abl_str all = {0}, shown = {0};
	size_t cut;
	int why;

	abl_str_add(&all, rest.bytes, rest.count);
	abl_str_add(&all, bytes, length);
	cut = cut_off(all.text, all.length);
	abl_utf8_visible(&shown, all.text, all.length - cut);
	memcpy(rest.bytes, all.text + all.length - cut, cut);
	rest.count = cut;
	why = abl_fd_write(STDOUT_FILENO, shown.text, shown.length);
	abl_str_finish(&all), abl_str_finish(&shown);
	errno = why;
	return why ? -1 : (ssize_t)length;
}

size_t abl_terminal_columns(void)
{
	struct winsize size;

	return isatty(STDOUT_FILENO) && !ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) ? size.ws_col : 0;
}

void abl_terminal_guard(void)
{
	const cookie_io_functions_t functions = {.write = put};
	FILE *f = isatty(STDOUT_FILENO) ? fopencookie(NULL, "w", functions) : NULL;

	if (!f)
		return;
	abl_table_window(abl_terminal_columns());
	setvbuf(f, NULL, _IOLBF, BUFSIZ);
	stdout = f;
}
