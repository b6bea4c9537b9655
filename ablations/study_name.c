/* SPDX-License-Identifier: Apache-2.0 */
#include "study_name.h"

#include "files.h"

#include <string.h>

static bool ends_with(const char *text, const char *end)
{
	size_t n = strlen(text), m = strlen(end);

	return n > m && !strcmp(text + n - m, end);
}

/* The value of a line "study: NAME  # comment", quoted or not; false if it is another line. */
static bool read_name(const char *line, size_t length, struct abl_str *out)
{
	static const char key[] = "study:";
	const char *from = line + sizeof key - 1, *to, *end = line + length;

	if (length < sizeof key || strncmp(line, key, sizeof key - 1))
		return false;
	while (from < end && (*from == ' ' || *from == '\t'))
		from++;
	if (from < end && (*from == '"' || *from == '\'')) {
		to = memchr(from + 1, *from, (size_t)(end - from - 1));
		from++;
		to = to ? to : end;
	} else {
		for (to = from; to < end && !(*to == '#' && (to[-1] == ' ' || to[-1] == '\t'));
		     to++)
			;
		while (to > from && (to[-1] == ' ' || to[-1] == '\t' || to[-1] == '\r'))
			to--;
	}
	abl_str_add(out, from, (size_t)(to - from));
	return to > from;
}

int abl_study_name(const char *word, struct abl_str *out, struct abl_err *err)
{
	struct abl_reader *r;
	const char *line;
	size_t length;
	int rc;

	if (!ends_with(word, ".yaml") && !ends_with(word, ".yml")) {
		abl_str_puts(out, word);
		return 0;
	}
	rc = abl_reader_open(&r, word, err);
	if (rc)
		return rc;
	while ((rc = abl_reader_line(r, &line, &length, err)) == 1 && !read_name(line, length, out))
		;
	abl_reader_close(r);
	if (rc == 1)
		return 0;
	return rc ? rc : abl_err_set(err, ABL_EINPUT, "'%s' has no line 'study: NAME'", word);
}
