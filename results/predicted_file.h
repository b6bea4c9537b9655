/* SPDX-License-Identifier: Apache-2.0 */
/* predicted_file.h - a stored file of predictions, example by example: read, and put in the order
 * of another that is about the same examples. */
#ifndef ABL_PREDICTED_FILE_H
#define ABL_PREDICTED_FILE_H

#include "errors.h"
#include "str.h"

#include <stddef.h>
#include <stdint.h>

/* What the columns are; the tasks' `write` and a program's predictions make them. */
enum abl_predicted_form {
	ABL_PREDICTED_CLASSES, /* line, gold, prediction, probability; of tagging one tag a word */
	ABL_PREDICTED_NUMBERS, /* line, gold, prediction */
	ABL_PREDICTED_ANSWERS, /* id, gold, prediction, probability, no_answer, exact, f1 */
	ABL_PREDICTED_MARKS,   /* id, correct: of a program */
};

struct abl_slice { /* part of a file; not terminated */
	const char *text;
	size_t length;
};

struct abl_predicted_row {
	struct abl_slice key, gold, said; /* key: what names the example, gold included */
	size_t line;
};

struct abl_predicted_file { /* zero-initialise; may be read into again */
	const char *path;   /* the caller's */
	enum abl_predicted_form form;
	struct abl_predicted_row *row; /* of the examples that are scored */
	size_t count;
	struct { /* its own */
		char *text;
		size_t length, room, row_room;
		struct abl_predicted_row *sorted;
		size_t sorted_room;
	} own;
};

/* `metric` chooses the column of a form that has one for each. ABL_EINPUT, with file and line: no
 * such file, cut off, not of this form, no row. */
int abl_predicted_file_read(struct abl_predicted_file *f, const char *path, const char *metric,
			    struct abl_err *err) ABL_MUST_USE;
void abl_predicted_file_finish(struct abl_predicted_file *f);

/* The number in a cell, whatever the locale. */
int abl_predicted_number(const struct abl_predicted_file *f, size_t row, struct abl_slice cell,
			 double *out, struct abl_err *err) ABL_MUST_USE;

struct abl_example_list { /* which examples; zero-initialise */
	char *path;       /* whose they are; NULL: none yet */
	enum abl_predicted_form form;
	size_t count;
	struct { /* its own */
		char *text;
		size_t *at;     /* [count + 1] where a key begins in text */
		uint32_t *slot; /* [slots] row + 1, by the key's hash; NULL: not yet needed */
		size_t slots;
	} own;
};

void abl_example_list_take(struct abl_example_list *l, const struct abl_predicted_file *f);
/* Puts the file's rows in the list's order. ABL_EINPUT: it is about other examples. */
int abl_example_list_match(struct abl_example_list *l, struct abl_predicted_file *f,
			   struct abl_err *err) ABL_MUST_USE;
void abl_example_list_finish(struct abl_example_list *l);

#endif
