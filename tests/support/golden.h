/* SPDX-License-Identifier: Apache-2.0 */
/* golden.h - inputs and answers of other libraries, from a JSON file of tests/reference. */
#ifndef ABL_GOLDEN_H
#define ABL_GOLDEN_H

#include "files.h"

#include <check.h>
#include <jansson.h>
#include <math.h>
#include <stdlib.h>

static json_t *golden; /* the file; main reads it */

static inline json_t *golden_read(const char *name)
{
	char *path = abl_path_join(getenv("ABLATE_SOURCE"), name);
	json_t *file = json_load_file(path, 0, NULL);

	free(path);
	return file;
}

/* Null where the answer is none: NaN. */
static inline double golden_number(const json_t *object, const char *name)
{
	const json_t *value = json_object_get(object, name);

	ck_assert_msg(json_is_number(value) || json_is_null(value), "no number '%s'", name);
	return json_is_null(value) ? NAN : json_number_value(value);
}

static inline size_t golden_numbers(const json_t *object, const char *name, double *out,
				    size_t most)
{
	const json_t *list = json_object_get(object, name);
	size_t n = json_array_size(list);

	ck_assert_msg(n > 0 && n <= most, "no list '%s'", name);
	for (size_t i = 0; i < n; i++) {
		const json_t *value = json_array_get(list, i);

		out[i] = json_is_null(value) ? NAN : json_number_value(value);
	}
	return n;
}

static inline json_t *golden_cases(const char *name)
{
	json_t *list = json_object_get(golden, name);

	ck_assert_msg(json_array_size(list) > 0, "no cases '%s'", name);
	return list;
}

static inline void golden_near(double ours, double theirs, double relative, const char *what)
{
	ck_assert_msg(isnan(theirs) ? isnan(ours) : fabs(ours - theirs) <= relative * fabs(theirs),
		      "%s: %.17g, not %.17g", what, ours, theirs);
}

#endif
