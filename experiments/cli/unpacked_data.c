/* SPDX-License-Identifier: Apache-2.0 */
#include "unpacked_data.h"

#include "integrity.h"
#include "store_carry.h"
#include "str.h"
#include "study.h"

#include <stdio.h>
#include <string.h>

enum { MOST = 6 }; /* files that are named */

struct told {
	struct abl_str text;
	int count;
};

/* Each file once, though several roles may have it. */
static void add_file(void *data, const struct abl_data_file *f)
{
	struct told *t = data;
	struct abl_str line = {0};

	abl_str_printf(&line, "\n  %s, hash %s", f->path, f->hash);
	if (!t->text.text || !strstr(t->text.text, line.text)) {
		if (t->count++ < MOST)
			abl_str_puts(&t->text, line.text);
	}
	abl_str_finish(&line);
}

static bool is_read_without_data(const char *path, struct abl_str *name)
{
	const struct abl_study_options options = {.no_files = true};
	struct abl_err ignored = {0};
	struct abl_study *s = NULL;

	if (abl_study_load(&s, path, &options, &ignored))
		return false;
	abl_str_puts(name, s->name);
	abl_study_destroy(s);
	return true;
}

int abl_unpacked_data_tell(int rc, const char *store, const char *path, struct abl_err *err)
{
	struct abl_err ignored = {0}, with = {0};
	struct abl_store *s = NULL;
	struct abl_str name = {0};
	struct told told = {0};
	int64_t study;
	bool trusted;

	if (!rc || !strstr(path, "unpacked/") || !is_read_without_data(path, &name))
		goto end;
	if (abl_store_open(&s, store, ABL_STORE_READ, &ignored) ||
	    abl_store_origin(s, name.text, NULL, &trusted, &ignored) <= 0 ||
	    abl_store_find_study(s, name.text, &study, &ignored) ||
	    abl_read_data_files(s, study, add_file, &told, &ignored) || !told.count)
		goto end;
	if (told.count > MOST)
		abl_str_printf(&told.text, "\n  and %d more", told.count - MOST);
	abl_err_set(&with, (enum abl_code)rc,
		    "%s\nit was unpacked without its data; put them there, or give --data DIR; "
		    "they were:%s",
		    err->text, told.text.text);
	*err = with;
end:
	abl_store_close(s);
	abl_str_finish(&name), abl_str_finish(&told.text);
	return rc;
}
