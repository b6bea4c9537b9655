/* SPDX-License-Identifier: Apache-2.0 */
/* store_id.h - by what a head and a worker see that they have the same store: a file in it with a
 * random name. Paths say nothing: another machine may have another folder there. */
#ifndef ABL_STORE_ID_H
#define ABL_STORE_ID_H

#include "errors.h"
#include "hash.h"

#define ABL_STORE_ID_FILE "store-id"

/* That of the store; made where it has none, by the one who has its lock. */
int abl_store_id_make(const char *store, char out[ABL_HASH_TEXT], struct abl_err *err) ABL_MUST_USE;
/* "": there is none, or no store. */
const char *abl_store_id_read(const char *store, char out[ABL_HASH_TEXT]);

#endif
