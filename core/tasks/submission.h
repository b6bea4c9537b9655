/* SPDX-License-Identifier: Apache-2.0 */
/* submission.h - predictions as GLUE's leader board takes them: a header `index<TAB>prediction`,
 * one row an example, counted from 0 in the order of the test file. */
#ifndef ABL_SUBMISSION_H
#define ABL_SUBMISSION_H

#include "errors.h"
#include "str.h"

void abl_submission_begin(struct abl_str *out);
void abl_submission_add(struct abl_str *out, size_t index, const char *prediction);

struct abl_prediction {
	char *text;
	uint32_t line; /* of the predictions file; 0: none yet */
};
struct abl_submission {
	struct abl_prediction *items; /* [count] by index */
	size_t count;
};
/* Reads the predictions of `count` examples; the rows may come in any order. Ends with finish after
 * success. ABL_EINPUT with file and line: no such header, an index that is no number, out of range
 * or there twice, an empty prediction, another number of rows than `count`. */
int abl_submission_load(struct abl_submission *s, const char *path, size_t count,
			struct abl_err *err) ABL_MUST_USE;
void abl_submission_finish(struct abl_submission *s); /* null-safe */

#endif
