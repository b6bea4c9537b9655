/* SPDX-License-Identifier: Apache-2.0 */
/* compare_families.h - what rows are judged together, and what is said of each. */
#ifndef ABL_COMPARE_FAMILIES_H
#define ABL_COMPARE_FAMILIES_H

#include "compare.h"
#include "compare_settings.h"

#define ABL_HOLM_MOST 12 /* task rows beyond are corrected by Benjamini and Hochberg */

/* Corrects p over the rows of these tables, which are one family, and decides. `kind`: that of the
 * rows that are no placebos. */
void abl_family_decide(struct abl_comparison **tables, size_t count, enum abl_family kind,
		       bool exploratory);

#endif
