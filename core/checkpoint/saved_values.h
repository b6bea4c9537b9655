/* SPDX-License-Identifier: Apache-2.0 */
/* saved_values.h - the configuration of a checkpoint folder as values of the native space. */
#ifndef ABL_SAVED_VALUES_H
#define ABL_SAVED_VALUES_H

#include "space.h"

/* Opens the folder and closes it again. *out, *vocab_file and *notes (abl_saved.notes) are the
 * caller's. Errors: those of
 * abl_saved_open(). */
int abl_saved_values(const char *folder, struct abl_values **out, char **vocab_file, char **notes,
		     struct abl_err *err) ABL_MUST_USE;

#endif
