/* SPDX-License-Identifier: Apache-2.0 */
/* pack_write.h - the archive of a packed study, once its files are known; inside pack. */
#ifndef ABL_PACK_WRITE_H
#define ABL_PACK_WRITE_H

#include "manifest.h"

struct abl_pack_archive {
	const char *output;
	const struct abl_manifest *manifest; /* sizes and hashes of its files are filled in */
	const struct abl_str *about;         /* README.txt */
	void *tell_data;
	void (*tell)(void *data, double share);
};

int abl_pack_write(const struct abl_pack_archive *a, double *bytes,
		   struct abl_err *err) ABL_MUST_USE;

#endif
