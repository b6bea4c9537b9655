/* SPDX-License-Identifier: Apache-2.0 */
/* code_copy.h - copies of programs in the store, `code/<hash>/`: attempts run in them, so that
 * people can go on editing. The files are for reading only; inputs are links to where they lie.
 * Beside each is the list of what it was made of, `code/<hash>.list`. */
#ifndef ABL_CODE_COPY_H
#define ABL_CODE_COPY_H

#include "code_files.h"

/* The hash that a copy is called by: of the files in it and of its links. */
const char *abl_code_copy_name(const struct abl_code_set *c, char out[ABL_HASH_TEXT]);
/* Where it is. Caller's. */
char *abl_code_copy_path(const char *store, const char *name);

/* Makes the copy, or looks whether the one that is there is whole, and mends it if not. Cheap
 * enough to be asked before each attempt: files are read only when their times say that somebody
 * has changed them. What has another content than when it was hashed is never copied: ABL_EINPUT,
 * and the caller begins again with abl_code_find(). `in_place`: the list alone. The store's lock is
 * the caller's. */
int abl_code_copy(const struct abl_code_set *c, const char *store, bool in_place,
		  struct abl_err *err) ABL_MUST_USE;
/* Is the copy whole? ABL_EDAMAGED: which file is not. */
int abl_code_copy_check(const char *store, const char *name, struct abl_err *err) ABL_MUST_USE;
/* The same, and every file is read, whatever its times say. *bytes gets what was read. Of code that
 * is used in place there is no copy: 0. */
int abl_code_copy_verify(const char *store, const char *name, int64_t *bytes,
			 struct abl_err *err) ABL_MUST_USE;

#endif
