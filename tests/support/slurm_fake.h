/* SPDX-License-Identifier: Apache-2.0 */
/* slurm_fake.h - Slurm's programs as scripts of a test's own, in a folder at the front of $PATH. */
#ifndef ABL_SLURM_FAKE_H
#define ABL_SLURM_FAKE_H

#include "files.h"

#include <check.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

static char folder[] = "/tmp/ablate-slurm-XXXXXX";
static struct abl_str all; /* words or lines, each ended by a newline */

static inline char *path_of(const char *name)
{
	return abl_path_join(folder, name);
}

/* A program of Slurm's; `body` may say $dir, our folder. What it was called with is a line of the
 * file "calls". */
static inline void fake(const char *name, const char *body)
{
	char *path = path_of(name);
	struct abl_str text = {0};

	abl_str_printf(&text, "#!/bin/sh\ndir=%s\necho \"%s $*\" >>$dir/calls\n%s\n", folder, name,
		       body);
	ck_assert_int_eq(abl_file_write(path, text.text, text.length, NULL), 0);
	ck_assert_int_eq(chmod(path, 0755), 0);
	abl_str_finish(&text);
	free(path);
}

/* How often it was called. */
static inline int calls_of(const char *name)
{
	char *path = path_of("calls");
	int n = 0;

	abl_str_clear(&all);
	if (abl_file_exists(path))
		ck_assert_int_eq(abl_file_read(path, &all, 1 << 20, NULL), 0);
	for (const char *at = all.length ? all.text : ""; (at = strstr(at, name)); at++)
		n += (at == all.text || at[-1] == '\n') && at[strlen(name)] == ' ';
	free(path);
	return n;
}

static inline bool fake_begin(void)
{
	struct abl_str path = {0};

	if (!mkdtemp(folder))
		return false;
	abl_str_printf(&path, "%s:%s", folder, getenv("PATH"));
	setenv("PATH", path.text, 1);
	abl_str_finish(&path);
	return true;
}

static inline void fake_end(void)
{
	abl_str_finish(&all);
	(void)!abl_remove_tree(folder, NULL);
}

#endif
