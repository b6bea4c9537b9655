/* SPDX-License-Identifier: Apache-2.0 */
/* code_record.h - inside code_copy and code_difference: the list of what a copy was made of, which
 * lies beside it in the store, with what the system says of each file when nobody has touched it.
 * A name can contain any byte but zero: "\n" and "\\" stand for two of them. */
#ifndef ABL_CODE_RECORD_H
#define ABL_CODE_RECORD_H

#include "code_files.h"

struct abl_code_stamp { /* all zero: not of a copy */
	uint64_t inode;
	int64_t modified, changed; /* nanoseconds since 1970 */
};

struct abl_code_record {
	struct abl_code_list code;    /* its hash is not kept */
	struct abl_code_stamp *stamp; /* [code.capacity] */
	struct abl_code_link *link;
	size_t link_count, link_capacity, stamp_capacity;
};

/* ABL_EDAMAGED: it is not there or not whole. Ends with abl_code_record_finish(), also then. */
int abl_code_record_read(struct abl_code_record *out, const char *path,
			 struct abl_err *err) ABL_MUST_USE;
void abl_code_record_finish(struct abl_code_record *r);
/* `folder`: where the copy is; NULL: there is none, the code is used in place. */
int abl_code_record_write(const struct abl_code_set *c, const char *folder, const char *path,
			  struct abl_err *err) ABL_MUST_USE;
/* What the system says of it; false: it is no regular file of that size and that bit. */
bool abl_code_stamp(const char *path, const struct abl_content *content,
		    struct abl_code_stamp *out);

#endif
