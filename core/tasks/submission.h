/* SPDX-License-Identifier: Apache-2.0 */
/* submission.h - predictions as GLUE's leader board takes them: a header `index<TAB>prediction`,
 * one row an example, counted from 0 in the order of the test file. */
#ifndef ABL_SUBMISSION_H
#define ABL_SUBMISSION_H

#include "errors.h"
#include "str.h"

#include <stdbool.h>
#include <stddef.h>

void abl_submission_begin(struct abl_str *out);
void abl_submission_add(struct abl_str *out, size_t index, const char *prediction);

struct abl_prediction {
	char *text;    /* NULL: none */
	uint32_t line; /* of the predictions file; 0: none yet */
};
struct abl_submission {
	struct abl_prediction *items; /* [count] by index */
	size_t count;
};
/* The rows that predictions are for. */
struct abl_gold_row {
	size_t place; /* in the gold file, from 0; rows that are left out count */
	bool labelled;
};
struct abl_gold_rows {
	size_t rows;  /* of the gold file */
	size_t count; /* of those that are read */
	struct abl_gold_row (*row)(const void *data, size_t i);
	const void *data;
};
/* Reads the predictions of gold's rows, in any order: one for each row of the file, or for each
 * that is read, or for each that has a gold label; a note says so where that is not the same. Ends
 * with finish after success; a row without a label may have no prediction. ABL_EINPUT with file and
 * line: no such header, an index that is no number, out of range or there twice, an empty
 * prediction, another number of rows. */
int abl_submission_load(struct abl_submission *s, const char *path,
			const struct abl_gold_rows *gold, struct abl_str *notes,
			struct abl_err *err) ABL_MUST_USE;
void abl_submission_finish(struct abl_submission *s); /* null-safe */

#endif
