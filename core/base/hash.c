/* SPDX-License-Identifier: Apache-2.0 */
#include "hash.h"

#include "files.h"
#include "str.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <xxhash.h>

struct abl_hash {
	XXH3_state_t *state;
};

static const char *as_text(XXH128_hash_t h, char out[ABL_HASH_TEXT])
{
	snprintf(out, ABL_HASH_TEXT, "%016llx%016llx", (unsigned long long)h.high64,
		 (unsigned long long)h.low64);
	return out;
}

struct abl_hash *abl_hash_create(void)
{
	struct abl_hash *h = abl_calloc(1, sizeof *h);

	h->state = abl_there(XXH3_createState(), "a hash");
	XXH3_128bits_reset(h->state);
	return h;
}

void abl_hash_destroy(struct abl_hash *h)
{
	if (!h)
		return;
	XXH3_freeState(h->state);
	free(h);
}

void abl_hash_add(struct abl_hash *h, const void *bytes, size_t length)
{
	XXH3_128bits_update(h->state, bytes, length);
}

void abl_hash_field(struct abl_hash *h, const char *name, const char *value)
{
	abl_hash_add(h, name, strlen(name));
	abl_hash_add(h, "=", 1);
	abl_hash_add(h, value, strlen(value));
	abl_hash_add(h, "\n", 1);
}

const char *abl_hash_text(const struct abl_hash *h, char out[ABL_HASH_TEXT])
{
	return as_text(XXH3_128bits_digest(h->state), out);
}

const char *abl_hash_bytes(const void *bytes, size_t length, char out[ABL_HASH_TEXT])
{
	return as_text(XXH3_128bits(bytes, length), out);
}

uint64_t abl_hash64(const void *bytes, size_t length)
{
	return XXH3_64bits(bytes, length);
}

int abl_hash_file(const char *path, char out[ABL_HASH_TEXT], struct abl_err *err)
{
	struct abl_reader *r;
	struct abl_hash *h;
	char block[1 << 16];
	long got;
	int rc = abl_reader_open(&r, path, err);

	if (rc)
		return rc;
	h = abl_hash_create();
	while ((got = abl_reader_read(r, block, sizeof block, err)) > 0)
		abl_hash_add(h, block, (size_t)got);
	abl_hash_text(h, out);
	abl_hash_destroy(h);
	abl_reader_close(r);
	return got < 0 ? (int)got : 0;
}
