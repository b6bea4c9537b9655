/* SPDX-License-Identifier: Apache-2.0 */
/* study_files.h - a study's file with what it includes, its code and its data, laid out as they lay
 * beside each other: the folder that holds them all becomes "study/". */
#ifndef ABL_STUDY_FILES_H
#define ABL_STUDY_FILES_H

#include "carry_files.h"
#include "study.h"

struct abl_study_layout {
	char *root;      /* absolute: what becomes "study/" */
	char *directory; /* absolute: where its program's code lay; NULL: it has none */
	char *data;      /* absolute: its data folder; NULL: none, or the built-in world */
	char *file;      /* the study file's name below the root; NULL: it has none */
	bool executes;
	bool is_known; /* the study can be read by this program */
};

/* Of the study whose store has that `path` and that `text`, which may be NULL. The files of the
 * text are written into `folder` and added to the list as "study/...". */
int abl_study_layout_make(struct abl_study_layout *out, const char *path, const char *text,
			  const char *folder, struct abl_carry_files *files,
			  struct abl_err *err) ABL_MUST_USE;
void abl_study_layout_finish(struct abl_study_layout *l); /* null-safe */
/* The name in the archive of a data file: below "study/" where it lay beside the study, else below
 * "data/". The caller's. */
char *abl_study_layout_data(const struct abl_study_layout *l, const char *path);
/* The name in the archive of a file of the program's code; NULL: it lies elsewhere. The caller's.
 */
char *abl_study_layout_code(const struct abl_study_layout *l, const char *name);

/* The text with another name of the study in its line `study:`; the caller's. NULL: no such line.
 */
char *abl_study_renamed(const char *text, const char *name);

#endif
