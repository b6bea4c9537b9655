/* SPDX-License-Identifier: Apache-2.0 */
/* input_hash.h - hashes of files as they lie on the disk, byte for byte (abl_hash_file() unpacks),
 * kept in the store so that nobody reads a large file twice. A file is known again by device,
 * inode, size and times, the time of its last change of any kind among them, which no program can
 * set back. One that was changed less than two seconds ago is read again: its next change could
 * have the same time. */
#ifndef ABL_INPUT_HASH_H
#define ABL_INPUT_HASH_H

#include "errors.h"
#include "hash.h"
#include "str.h"

#include <stdbool.h>
#include <stdint.h>

struct abl_content {
	char hash[ABL_HASH_TEXT];
	int64_t size;
	bool executable; /* by anyone */
};

struct abl_hash_cache;

/* `store`: the folder whose file `input-hashes` keeps them; what cannot be read of it is as if it
 * were not there. NULL: they are kept in memory only. */
struct abl_hash_cache *abl_hash_cache_open(const char *store);
/* Writes the file anew where something has come to it. Needs no lock: the last one wins. */
int abl_hash_cache_save(struct abl_hash_cache *c, struct abl_err *err) ABL_MUST_USE;
void abl_hash_cache_close(struct abl_hash_cache *c); /* null-safe; saves nothing */

/* `c` may be NULL. ABL_EINPUT: missing, not a regular file, not readable, or it does not stop
 * changing. */
int abl_hash_cache_file(struct abl_hash_cache *c, const char *path, struct abl_content *out,
			struct abl_err *err) ABL_MUST_USE;
/* Reads it past the cache and appends what it contains to `bytes`: the hash is that of these
 * bytes. More than `limit` bytes are ABL_EINPUT. */
int abl_content_read(const char *path, size_t limit, struct abl_str *bytes, struct abl_content *out,
		     struct abl_err *err) ABL_MUST_USE;

#endif
