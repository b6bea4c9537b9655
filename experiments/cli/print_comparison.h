/* SPDX-License-Identifier: Apache-2.0 */
/* print_comparison.h - effects on standard output, for people. */
#ifndef ABL_PRINT_COMPARISON_H
#define ABL_PRINT_COMPARISON_H

#include "compare.h"

/* Heading, table and notes, in 80 columns; commands in the notes are completed (advice.h). `broad`:
 * with pairs, spread and correlation, as wide as it is. */
void abl_print_comparison(const struct abl_comparison *c, bool broad);
/* Those on a task, or on "all"; nothing where there are none. */
void abl_print_interactions(const struct abl_analysis *a, const char *task);
/* The primary rows and their interactions, and how to see the rest. */
void abl_print_analysis(const struct abl_analysis *a, bool broad);

#endif
