/* SPDX-License-Identifier: Apache-2.0 */
/* json.h - JSON that is made here. Jansson says by NULL and by -1 that something could not be
 * built; whoever does not look writes a file without it. A maker looks at every step, keeps the
 * first failure and gives no text then. What can fail is a text that is not UTF-8 or a number that
 * is none: memory that cannot be had ends the program, as everywhere (str.h). */
#ifndef ABL_JSON_H
#define ABL_JSON_H

#include "errors.h"
#include "str.h"

#include <jansson.h>
#include <stdbool.h>
#include <stdint.h>

struct abl_json {
	json_t *root;    /* the maker's */
	char failed[80]; /* name of the member that could not be built; "" = none */
};

/* With an empty object, or an array, as root. Ends with abl_json_end() or abl_json_finish(). */
void abl_json_begin(struct abl_json *j);
/* Each puts a member into `object`, a part of the root. A text of NULL is left out. */
void abl_json_text(struct abl_json *j, json_t *object, const char *name, const char *text);
void abl_json_int(struct abl_json *j, json_t *object, const char *name, int64_t value);
void abl_json_bool(struct abl_json *j, json_t *object, const char *name, bool value);
/* Not finite: as the text that Python's float() reads. */
void abl_json_real(struct abl_json *j, json_t *object, const char *name, double value);
/* New and empty, as a member; a part to go on with. */
json_t *abl_json_object(struct abl_json *j, json_t *object, const char *name);
json_t *abl_json_array(struct abl_json *j, json_t *object, const char *name);
/* A value made elsewhere, which becomes the maker's; NULL is a failure. */
void abl_json_put(struct abl_json *j, json_t *object, const char *name, json_t *value);
/* The same at the end of an array. */
void abl_json_add(struct abl_json *j, json_t *array, json_t *value);
/* Appends the text and ends the maker. ABL_EINPUT: something could not be built; `what` is it. */
int abl_json_end(struct abl_json *j, size_t flags, const char *what, struct abl_str *out,
		 struct abl_err *err) ABL_MUST_USE;
/* The root, the caller's from now on; NULL: something could not be built. Ends the maker. */
json_t *abl_json_take(struct abl_json *j) ABL_MUST_USE;
void abl_json_finish(struct abl_json *j); /* null-safe, and after abl_json_end() */

#endif
