/* SPDX-License-Identifier: Apache-2.0 */
#include "study_arg.h"

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

/* The name of the study: `word` itself, or, where that ends in .yaml or .yml, what the file's own
 * line `study: NAME` says (the rest of the file is not checked). Appends to out. */
static int study_name(const char *word, struct abl_str *out, struct abl_err *err)
{
	struct abl_reader *r;
	const char *line;
	size_t length;
	int code;

	if (!ends_with(word, ".yaml") && !ends_with(word, ".yml")) {
		abl_str_puts(out, word);
		return 0;
	}
	code = abl_reader_open(&r, word, err);
	if (code)
		return code;
	while ((code = abl_reader_line(r, &line, &length, err)) == 1 &&
	       !read_name(line, length, out))
		;
	abl_reader_close(r);
	if (code == 1)
		return 0;
	return code ? code : abl_err_set(err, ABL_EINPUT, "'%s' has no line 'study: NAME'", word);
}

int abl_study_arg_open(const struct abl_args *args, const char *word, struct abl_store **store,
		       int64_t *study, struct abl_err *err)
{
	struct abl_str name = {0};
	int code = study_name(word, &name, err);

	code = code ? code : abl_store_open(store, abl_args_store(args), ABL_STORE_READ, err);
	if (!code && abl_store_find_study(*store, name.text, study, err)) {
		abl_store_close(*store);
		code = err->code;
	}
	abl_str_finish(&name);
	return code;
}
