/* SPDX-License-Identifier: Apache-2.0 */
/* str.h - growable text, interned names, nearest names, and numbers that do not follow the
 * locale. */
#ifndef ABL_STR_H
#define ABL_STR_H

#include "errors.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Growable, always zero-terminated text. Zero-initialise; end with abl_str_finish(). Running out of
 * memory ends the process with a message and exit code 1: nothing useful could follow. */
struct abl_str {
	char *text; /* never NULL after the first append */
	size_t length, capacity;
};

void abl_str_finish(struct abl_str *s); /* null-safe; the struct can be used again */
void abl_str_clear(struct abl_str *s);  /* empties, keeps the memory */
void abl_str_add(struct abl_str *s, const char *text, size_t length);
void abl_str_puts(struct abl_str *s, const char *text);
void abl_str_printf(struct abl_str *s, const char *fmt, ...) ABL_PRINTF(2, 3);

/* malloc family that ends the process when memory is out. abl_grow() makes room for `need` items of
 * `width` bytes in *items (doubling). */
void *abl_malloc(size_t bytes);
void *abl_calloc(size_t count, size_t width);
char *abl_strdup(const char *text);
void *abl_there(void *made, const char *what); /* what a library has made; NULL ends the process */
void abl_grow(void *items_pointer, size_t *capacity, size_t need, size_t width);
/* What is called then, once the message is on standard error; it must allocate nothing. */
void abl_last_words(void (*say)(const char *text));

/* A permanent copy of text: equal texts give equal pointers. Never freed: for names, not for
 * data. */
const char *abl_intern(const char *text);

/* The candidate nearest to `name` (Damerau-Levenshtein, at most 1/3 of the length away), or NULL.
 * `at(i, data)` gives candidate i of `count`; it may return NULL for one that is not to be
 * offered. */
const char *abl_nearest(const char *name, size_t count, const char *(*at)(size_t, const void *),
			const void *data);

/* Numbers as YAML 1.2 core has them (1, -3, 0x1f, 1e-5, .5, .inf, .nan), whatever the locale. The
 * whole text must be the number. Return false when it is not one (or an integer out of 64 bits). */
bool abl_parse_int(const char *text, int64_t *out);
/* An integer that abl_parse_int() refuses for its size alone. */
bool abl_is_huge_int(const char *text);
bool abl_parse_real(const char *text, double *out);

/* The shortest decimal text that reads back as exactly x ("5e-05" prints as "5e-5"). `out`
 * holds 32. */
const char *abl_format_real(double x, char out[32]);

/* 1234567 -> "1,234,567"; out holds 32. Seconds -> "6 h 42 min", "3 min 20 s", "12 s", "0.8 s". */
const char *abl_format_count(int64_t n, char out[32]);
const char *abl_format_duration(double seconds, char out[32]);
/* "10.2 GiB", "41 MiB", "8 KiB"; 1 KiB at least. */
const char *abl_format_bytes(double bytes, char out[32]);
/* The same of what there is, rounded down, and of what is wanted, rounded up: what is too little
 * reads as less. */
const char *abl_format_bytes_there(double bytes, char out[32]);
const char *abl_format_bytes_wanted(double bytes, char out[32]);

/* Are the words the same but for case, hyphens, underscores, dots and blanks ("SST-2", "sst2")? */
bool abl_same_word(const char *a, const char *b);

/* "s" behind a noun of which there are n, "" for one. */
const char *abl_plural(int64_t n);

/* Is `name` one of the `names` that are joined by '|'? */
bool abl_is_one_of(const char *names, const char *name);

/* Text broken at blanks: the first line begins at column `from` (already written), the others are
 * indented by `indent`; nothing goes beyond 80 columns. Appends, with a line end. */
void abl_str_wrap(struct abl_str *out, size_t from, size_t indent, const char *text);

#endif
