/* SPDX-License-Identifier: Apache-2.0 */
/* unpacked_data.h - what is known of the data of an unpacked study that cannot be read. */
#ifndef ABL_UNPACKED_DATA_H
#define ABL_UNPACKED_DATA_H

#include "errors.h"

/* The study file `path` was refused, as `err` says. If it is that of an unpacked study of the store
 * and only its data are in the way, adds their names and hashes. Returns rc. */
int abl_unpacked_data_tell(int rc, const char *store, const char *path, struct abl_err *err);

#endif
