/* SPDX-License-Identifier: Apache-2.0 */
/* options.h - what a study's variants differ in. */
#ifndef ABL_OPTIONS_H
#define ABL_OPTIONS_H

#include "errors.h"

#include <stdint.h>

struct abl_store;

/* 1 = one of the options in `names` (words with a space on both sides: " layers hidden ") varies;
 * 0 = none. An option varies if variants differ in it on some task (view varying_options): what
 * tasks set for themselves, alike for all variants, does not. */
int abl_read_varies(struct abl_store *store, int64_t study, const char *names,
		    struct abl_err *err) ABL_MUST_USE;

/* Numeric options that vary, the one with most values first; those that
 * usually follow from others last. */
int abl_read_numeric_options(struct abl_store *store, int64_t study,
			     void (*hear)(void *data, const char *name), void *data,
			     struct abl_err *err) ABL_MUST_USE;

struct abl_option_value { /* of a variant, the same for all tasks */
	const char *name, *canonical;
	int64_t variant;
	double number; /* NaN: it is no number */
};
typedef void abl_hear_option(void *data, const struct abl_option_value *value);

/* All options of all variants, option by option. Heads and ffn_size come last: they usually follow
 * from hidden. */
int abl_read_options(struct abl_store *store, int64_t study, abl_hear_option *hear, void *data,
		     struct abl_err *err) ABL_MUST_USE;

#endif
