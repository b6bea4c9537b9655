/* SPDX-License-Identifier: Apache-2.0 */
/* table.h - rows that come out: as a table of aligned columns, CSV, JSON, Markdown or LaTeX.
 *
 * A cell has a text for people (".612") and, where it is a number, its exact value for machines:
 * CSV and JSON get that. */
#ifndef ABL_TABLE_H
#define ABL_TABLE_H

#include "errors.h"
#include "str.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum abl_table_format {
	ABL_TABLE_PLAIN,
	ABL_TABLE_CSV,
	ABL_TABLE_JSON,
	ABL_TABLE_MARKDOWN,
	ABL_TABLE_TEX
};
/* "table", "csv", "json", "md", "tex"; NULL = table. The name was checked by the option's choices.
 */
enum abl_table_format abl_table_format(const char *name);
/* CSV and JSON: no rounding, no words around the rows. */
bool abl_table_is_for_machines(enum abl_table_format format);

struct abl_table; /* caller's; a row is filled cell by cell, the next one begins by itself */

struct abl_table *abl_table_create(void);
void abl_table_destroy(struct abl_table *t); /* null-safe */
/* All columns come before the first cell. A column whose numbers lie to the right is `right`. */
void abl_table_column(struct abl_table *t, const char *name, bool right);

/* The last column so far says what must not be cut. */
void abl_table_whole(struct abl_table *t);

/* Columns of the window that tables of aligned columns are for (0 = any): long texts lose their
 * middles. */
void abl_table_window(size_t columns);
/* The same for one table (0 = as the window); with `drop`, the columns that still do not fit are
 * named below instead. */
void abl_table_fit(struct abl_table *t, size_t room, bool drop);

/* Before printing: orders the rows by a column, numbers from the largest down and texts by the
 * alphabet; `reverse`: the other way round. Equal rows keep their order; what is not there comes
 * last. Names are found as people write them; ABL_EINPUT names the nearest. */
int abl_table_sort(struct abl_table *t, const char *column, bool reverse,
		   struct abl_err *err) ABL_MUST_USE;
/* Drops the rows that have another text in that column; a table without the column keeps all. */
void abl_table_only(struct abl_table *t, const char *column, const char *text);
/* Drops all but the first rows. */
void abl_table_top(struct abl_table *t, size_t rows);

/* For Markdown and LaTeX: what stands above the table, and lines below it (NULL = none). */
void abl_table_caption(struct abl_table *t, const char *caption, const char *notes);

void abl_table_text(struct abl_table *t, const char *text); /* NULL = nothing there: "-", null */
/* A text of numbers, such as an interval: papers get true minus signs. */
void abl_table_numbers(struct abl_table *t, const char *text);
void abl_table_int(struct abl_table *t, int64_t value);
/* A number with the text that people see; NaN = nothing there. */
void abl_table_real(struct abl_table *t, double value, const char *shown);

/* The next of several notes, on one line: a line that begins with a blank goes on with the one
 * before. False at the end. */
bool abl_next_note(const char **text, struct abl_str *note);

/* Appends the whole table, with a line end. */
void abl_table_render(const struct abl_table *t, enum abl_table_format format, struct abl_str *out);

/* Numbers as the field prints them, no zero before the point; out holds 32; "-" for NaN. */
const char *abl_format_score(double x, char out[32]);   /* .612, 1.000, 23.41, .000012, 5.31e12 */
const char *abl_format_share(double x, char out[32]);   /* of a whole, a probability: .750 */
const char *abl_format_number(double x, char out[32]);  /* any, six digits: .123457, 12, 1.5e-09 */
const char *abl_format_p(double x, char out[32]);       /* <.0001, .0003, .040, .0496, .49 */
const char *abl_format_percent(double x, char out[32]); /* -.004 -> "-0.4 %" */

/* Where each pre-training has several fine-tunings, the seed of one is this times the seed of the
 * pre-training and its own, which people see as "1.2". */
#define ABL_CROSSED_SEED 1000000
const char *abl_format_seed(int64_t seed, char out[32]);
/* What abl_format_seed() wrote, or the number itself. False: it is no seed. */
bool abl_parse_seed(const char *text, int64_t *seed);

#define ABL_LEVEL .05 /* of significance: p values are printed so that the side is seen */

/* How numbers that belong together are printed: the decimals follow the width of their interval,
 * and where that takes too many they share a power of ten. */
struct abl_digits {
	int decimals, exponent;
};
/* For numbers up to `largest` that are known to `width`; NaN or 0 = not known. */
struct abl_digits abl_digits_for(double largest, double width);
/* And so that no end that is not 0 looks like 0; `column` is the largest number that stands above
 * or below these. */
struct abl_digits abl_digits_of_interval(double estimate, double low, double high, double column);
const char *abl_format_digits(double x, struct abl_digits d, char out[32]);
const char *abl_format_signed(double x, struct abl_digits d, char out[32]);

#endif
