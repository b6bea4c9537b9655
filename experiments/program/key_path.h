/* SPDX-License-Identifier: Apache-2.0 */
/* key_path.h - values inside JSON by a path: "results.arc_easy.acc,none", "log_history[].loss",
 * "[-1].accuracy", "['a.b'].c". `[]` is every element of a list or member of an object; of the ways
 * to cut a text with dots into keys, the first that leads to a value counts, longest keys first. */
#ifndef ABL_KEY_PATH_H
#define ABL_KEY_PATH_H

#include "errors.h"
#include "printed_number.h"

#include <jansson.h>
#include <stdint.h>

enum { ABL_KEY_LISTS = 4 }; /* `[]` in a path */

struct abl_key_path;

struct abl_key_value {
	struct abl_printed number;
	uint32_t at[ABL_KEY_LISTS]; /* which element of each `[]`, from 1; 0: no such `[]` */
	const json_t *beside;       /* the innermost object that it is in; NULL: none */
};

struct abl_key_values { /* in their order; ends with abl_key_values_finish() */
	struct abl_key_value *item;
	size_t count, capacity;
	const json_t *other; /* the last thing that it led to and that is no number; or NULL */
};

/* ABL_EINPUT: not a path. */
int abl_key_path_create(struct abl_key_path **out, const char *text,
			struct abl_err *err) ABL_MUST_USE;
/* The same for the lines of a file of objects, which are as the elements of a list: `[].loss` and
 * `[-1].loss` are `loss`. */
int abl_key_path_create_in_line(struct abl_key_path **out, const char *text,
				struct abl_err *err) ABL_MUST_USE;
void abl_key_path_destroy(struct abl_key_path *p); /* null-safe */
/* Adds the numbers that it leads to: numbers, truth values, texts that are numbers. A list of them
 * at its end counts as if `[]` stood there. */
void abl_key_path_values(const struct abl_key_path *p, const json_t *root,
			 struct abl_key_values *out);
void abl_key_values_finish(struct abl_key_values *v); /* null-safe */

/* The number in a JSON value; false: it is none. */
bool abl_key_number(const json_t *value, struct abl_printed *out);
/* A step in that object by one of its usual names. */
bool abl_key_step(const json_t *object, int64_t *out);

#endif
