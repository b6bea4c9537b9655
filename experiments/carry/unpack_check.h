/* SPDX-License-Identifier: Apache-2.0 */
/* unpack_check.h - reads a packed study from one end to the other, against its manifest; inside
 * unpack. */
#ifndef ABL_UNPACK_CHECK_H
#define ABL_UNPACK_CHECK_H

#include "manifest.h"
#include "tar_read.h"

struct abl_unpack_hooks { /* all may be NULL */
	void *data;
	/* A file begins, of the manifest or beside it (README.txt); then its bytes; then its end.
	 */
	int (*begin)(void *data, const char *name, bool executable, struct abl_err *err);
	int (*bytes)(void *data, const void *bytes, size_t length, struct abl_err *err);
	int (*end)(void *data, struct abl_err *err);
	void (*tell)(void *data, double share);
};

/* Every file must be in the manifest, with its size and its hash, and the other way round. What is
 * wrong is ABL_EINPUT. *out ends with abl_manifest_finish(), also then. */
int abl_unpack_read(struct abl_manifest *out, const char *path,
		    const struct abl_unpack_hooks *hooks, struct abl_err *err) ABL_MUST_USE;

#endif
