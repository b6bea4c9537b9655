/* SPDX-License-Identifier: Apache-2.0 */
/* hash.h - content hashes (XXH3-128 as 32 hex digits): stage keys and data files. */
#ifndef ABL_HASH_H
#define ABL_HASH_H

#include "errors.h"

#include <stddef.h>
#include <stdint.h>

#define ABL_HASH_TEXT 33 /* 32 hex digits and the end */

struct abl_hash; /* a running hash */

struct abl_hash *abl_hash_create(void); /* caller's; end with abl_hash_destroy() */
void abl_hash_destroy(struct abl_hash *h);
void abl_hash_add(struct abl_hash *h, const void *bytes, size_t length);
/* Adds "name=value\n": the form all keys are made of, so that fields cannot run into each other. */
void abl_hash_field(struct abl_hash *h, const char *name, const char *value);
const char *abl_hash_text(const struct abl_hash *h, char out[ABL_HASH_TEXT]);

const char *abl_hash_bytes(const void *bytes, size_t length, char out[ABL_HASH_TEXT]);
/* Hash of a file's unpacked content (so x.txt and x.txt.xz are the same data). */
int abl_hash_file(const char *path, char out[ABL_HASH_TEXT], struct abl_err *err) ABL_MUST_USE;
uint64_t abl_hash64(const void *bytes, size_t length); /* for groups, sites, splits */

#endif
