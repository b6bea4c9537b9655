/* SPDX-License-Identifier: Apache-2.0 */
/* interval_text.h - means with their intervals, as text of tables. */
#ifndef ABL_INTERVAL_TEXT_H
#define ABL_INTERVAL_TEXT_H

#include "stats.h"
#include "table.h"

/* A cell ".712 ±.012": half the width of the interval; without an interval the mean alone. Both are
 * divided by `unit`. For machines the mean as it is. */
void abl_interval_plus_minus(struct abl_table *t, const struct abl_t_test *x, double unit);
/* A cell "-.050 [-.060, -.040]", with signs; nothing where there is no estimate. */
void abl_interval_signed(struct abl_table *t, const struct abl_t_test *x);
/* For machines: three cells, the estimate and both ends. */
void abl_interval_cells(struct abl_table *t, const struct abl_t_test *x);
/* And their columns: NAME, NAME_low, NAME_high; or NAME, low, high. */
void abl_interval_columns(struct abl_table *t, const char *name, bool plain);

/* Cells of numbers: the text that people see, and nothing for NaN. */
void abl_number_cell(struct abl_table *t, double x);

/* A unit for a column of times or of memory whose largest number is `largest` seconds or bytes. */
struct abl_column_unit {
	const char *name; /* "s", "min", "h"; "KiB", "MiB", "GiB" */
	double size;
};
struct abl_column_unit abl_time_unit(double largest);
struct abl_column_unit abl_memory_unit(double largest);
/* 145,730 -> "146 k", 1.2e12 -> "1.20 T"; "-" for NaN; out holds 32. */
const char *abl_format_short(double x, char out[32]);

#endif
