/* SPDX-License-Identifier: Apache-2.0 */
/* print_comparison.h - one task's effects on standard output, for people. */
#ifndef ABL_PRINT_COMPARISON_H
#define ABL_PRINT_COMPARISON_H

#include "compare.h"

/* Heading, table and notes, in 80 columns; commands in the notes are completed (advice.h). */
void abl_print_comparison(const struct abl_comparison *c);

#endif
