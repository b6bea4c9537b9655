/* SPDX-License-Identifier: Apache-2.0 */
/* answer_json.h - the rows of an answer as objects in an array. */
#ifndef ABL_ANSWER_JSON_H
#define ABL_ANSWER_JSON_H

#include "answer.h"
#include "json.h"

struct abl_json_rows {
	struct abl_json *j;
	json_t *rows; /* an array of it */
};
/* Adds an object for each row. A column `environment` is JSON itself; what is not known is null. */
struct abl_listener abl_json_listener(struct abl_json_rows *to);

/* Like abl_json_text() of any bytes: what is not UTF-8 is shown as on a terminal, and NULL is
 * null. */
void abl_json_words(struct abl_json *j, json_t *object, const char *name, const char *text);
/* A number, or null where it is not known (NaN) or not finite. */
void abl_json_number(struct abl_json *j, json_t *object, const char *name, double value);

#endif
