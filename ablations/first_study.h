/* SPDX-License-Identifier: Apache-2.0 */
/* first_study.h - the text of a first study for a table: a small model, pre-trained and fine-tuned,
 * with the parts that have a meaning for it left out one by one. */
#ifndef ABL_FIRST_STUDY_H
#define ABL_FIRST_STUDY_H

#include "str.h"
#include "table_guess.h"

struct abl_first_study {
	const char *name;        /* of the study and its task */
	const char *data;        /* the data folder, as the study file says it */
	const char *train, *dev; /* below it, or absolute; dev may be NULL: a tenth is held back */
	const char *texts;       /* for pre-training, likewise */
	bool own_texts; /* these are the user's: running text with sentences and documents; else the
			   table's own texts, one a line */
	const struct abl_table_facts *facts;
	const struct abl_table_guess *guess;
};

/* Appends the study file. */
void abl_first_study_write(const struct abl_first_study *f, struct abl_str *out);

/* A name for the study by that of the data file; for "train.csv" and its like by its folder's.
 * Caller frees. */
char *abl_first_study_name(const char *path);

#endif
