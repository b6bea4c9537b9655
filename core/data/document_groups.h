/* SPDX-License-Identifier: Apache-2.0 */
/* document_groups.h - which documents of the pre-training texts belong together (the chapters of
 * one novel): held out of training together or not at all. */
#ifndef ABL_DOCUMENT_GROUPS_H
#define ABL_DOCUMENT_GROUPS_H

#include "errors.h"

#include <stddef.h>
#include <stdint.h>

struct abl_document_groups {
	uint64_t *end; /* [count] documents before the end of each group, over all texts */
	size_t count;
};

/* Reads a table (TAB-separated, with a header, plain or packed) with a row for each group in the
 * order of the texts; its column "documents" says how many in a row belong to it. ABL_EINPUT with
 * file and line: no such column, no row, not a positive number. */
int abl_document_groups_read(struct abl_document_groups *g, const char *path,
			     struct abl_err *err) ABL_MUST_USE;
void abl_document_groups_finish(struct abl_document_groups *g); /* null-safe */

/* Do the groups hold exactly the documents of the texts? `path` is named in the error. */
int abl_document_groups_check(const struct abl_document_groups *g, const char *path,
			      uint64_t documents, struct abl_err *err) ABL_MUST_USE;

#endif
