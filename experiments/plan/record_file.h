/* SPDX-License-Identifier: Apache-2.0 */
/* record_file.h - a file that a study reads, for the record. */
#ifndef ABL_RECORD_FILE_H
#define ABL_RECORD_FILE_H

#include "store.h"

/* Puts it under the role "<name>/<part>" with its hash. NULL and "world" are passed over. */
int abl_record_file(struct abl_store *store, int64_t study, const char *name, const char *part,
		    const char *path, struct abl_err *err) ABL_MUST_USE;

#endif
