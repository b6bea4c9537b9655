/* SPDX-License-Identifier: Apache-2.0 */
/* code_difference.h - how the code of now differs from that of finished trials, for people. */
#ifndef ABL_CODE_DIFFERENCE_H
#define ABL_CODE_DIFFERENCE_H

#include "code_files.h"

/* Appends which files are changed, new and gone since the copy `old` (code_copy.h) was made, and
 * the changed lines as `diff -u` shows them, sixty of them, as lines that a terminal acts upon
 * nothing in. Where the copy is gone, or was used in place, the names alone; where its list is gone
 * too, that. Returns the number of files that differ. */
size_t abl_code_difference(const char *store, const char *old, const struct abl_code_set *now,
			   struct abl_str *out);

#endif
