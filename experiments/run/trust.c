/* SPDX-License-Identifier: Apache-2.0 */
#include "trust.h"

#include "files.h"
#include "store_carry.h"
#include "str.h"

#include <stdlib.h>
#include <string.h>

static int refuse(const char *name, const struct abl_study *study, struct abl_err *err)
{
	struct abl_str words = {0};
	int rc = 0;

	if (abl_study_commands(study, &words))
		rc = abl_err_set(err, ABL_EINPUT,
				 "study '%s' was unpacked from elsewhere and nobody has trusted "
				 "its commands; they are:\n%.900s"
				 "read them, then 'ablate unpack FILE --trust' allows them here",
				 name, words.text);
	abl_str_finish(&words);
	return rc;
}

/* Of a path "<store>/unpacked/<name>/study/...": both, by cutting it. NULL: it is no such path. */
static char *take_apart(char *path, const char **name)
{
	char *at = NULL, *end;

	for (char *p = path; (p = strstr(p, "/unpacked/")); p++)
		at = p;
	end = at ? strchr(at + strlen("/unpacked/"), '/') : NULL;
	if (!end || strncmp(end, "/study/", strlen("/study/")) != 0)
		return NULL;
	*at = *end = '\0';
	*name = at + strlen("/unpacked/");
	return path;
}

/* The file may be run with another store than the one that it was unpacked into. */
static int check_file(const struct abl_study *study, struct abl_err *err)
{
	char *path = study->path ? realpath(study->path, NULL) : NULL, *folder;
	struct abl_store *store = NULL;
	const char *name = NULL;
	bool trusted = true;
	int rc = 0;

	folder = path ? take_apart(path, &name) : NULL;
	if (folder && !abl_store_open(&store, folder, ABL_STORE_READ, NULL) &&
	    abl_store_origin(store, name, NULL, &trusted, NULL) > 0 && !trusted)
		rc = refuse(name, study, err);
	abl_store_close(store);
	free(path);
	return rc;
}

int abl_trust_check(struct abl_store *store, const char *name, const struct abl_study *study,
		    struct abl_err *err)
{
	bool trusted = true;
	int rc = abl_store_origin(store, name, NULL, &trusted, err);

	if (rc < 0)
		return rc;
	return rc ? trusted ? 0 : refuse(name, study, err) : check_file(study, err);
}
