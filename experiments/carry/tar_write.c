/* SPDX-License-Identifier: Apache-2.0 */
#include "tar_write.h"

#include "tar_form.h"
#include "writer.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <zlib.h>

#define LEVEL 4 /* weights are hardly to be packed at all: more costs time and gains nothing */

struct abl_tar_writer {
	struct abl_writer file;
	z_stream z;
	bool packs;
	uint64_t bytes; /* of the file that is being put */
	unsigned char out[1 << 16];
};

int abl_tar_create(struct abl_tar_writer **out, const char *path, struct abl_err *err)
{
	struct abl_tar_writer *w = abl_calloc(1, sizeof *w);
	int rc = abl_writer_open(&w->file, path, err);

	if (!rc && deflateInit2(&w->z, LEVEL, Z_DEFLATED, 15 + 16, 8, Z_DEFAULT_STRATEGY) != Z_OK)
		rc = abl_err_set(err, ABL_ENOMEM, "out of memory");
	w->packs = !rc;
	if (rc) {
		abl_tar_drop(w);
		return rc;
	}
	*out = w;
	return 0;
}

static int pack(struct abl_tar_writer *w, const void *bytes, size_t length, int flush,
		struct abl_err *err)
{
	const unsigned char *from = bytes;
	int code;

	do {
		const size_t now = length < (1u << 30) ? length : 1u << 30;

		w->z.next_in = (unsigned char *)(uintptr_t)from;
		w->z.avail_in = (unsigned)now;
		do {
			w->z.next_out = w->out;
			w->z.avail_out = sizeof w->out;
			code = deflate(&w->z, now == length ? flush : Z_NO_FLUSH);
			abl_writer_put(&w->file, w->out, sizeof w->out - w->z.avail_out);
		} while (!w->z.avail_out && code == Z_OK);
		from += now;
		length -= now;
	} while (length);
	/* why is said by the commit, which fails */
	return abl_writer_failed(&w->file) ? abl_writer_commit(&w->file, err) : 0;
}

static void put_octal(char *field, size_t width, uint64_t value)
{
	snprintf(field, width, "%0*llo", (int)width - 1, (unsigned long long)value);
}

static void seal(struct abl_tar_header *h)
{
	memset(h->sum, ' ', sizeof h->sum);
	snprintf(h->sum, sizeof h->sum, "%06o", abl_tar_sum(h));
	h->sum[7] = ' ';
}

/* The name in two parts, where it fits. */
static bool put_name(struct abl_tar_header *h, const char *name)
{
	const size_t n = strlen(name);

	if (n <= sizeof h->name) {
		memcpy(h->name, name, n);
		return true;
	}
	for (const char *slash = strchr(name, '/'); slash; slash = strchr(slash + 1, '/')) {
		const size_t head = (size_t)(slash - name), rest = n - head - 1;

		if (head <= sizeof h->prefix && rest && rest <= sizeof h->name) {
			memcpy(h->prefix, name, head);
			memcpy(h->name, slash + 1, rest);
			return true;
		}
	}
	return false;
}

static struct abl_tar_header header(char type, uint64_t bytes, bool executable)
{
	struct abl_tar_header h = {.type = type, .magic = ABL_TAR_MAGIC, .version = {'0', '0'}};

	put_octal(h.mode, sizeof h.mode, executable ? 0755 : 0644);
	put_octal(h.owner, sizeof h.owner, 0);
	put_octal(h.group, sizeof h.group, 0);
	put_octal(h.size, sizeof h.size, bytes);
	put_octal(h.time, sizeof h.time, 0);
	put_octal(h.major, sizeof h.major, 0);
	put_octal(h.minor, sizeof h.minor, 0);
	return h;
}

static int pad(struct abl_tar_writer *w, uint64_t bytes, struct abl_err *err)
{
	static const char zero[ABL_TAR_BLOCK];

	return bytes % ABL_TAR_BLOCK
		       ? pack(w, zero, ABL_TAR_BLOCK - bytes % ABL_TAR_BLOCK, Z_NO_FLUSH, err)
		       : 0;
}

/* "27 path=...\n": the number is the length of all of it. */
static void add_record(struct abl_str *out, const char *name, const char *value)
{
	const size_t rest = strlen(name) + strlen(value) + 3;
	size_t all = rest + 1;

	while (all != rest + (size_t)snprintf(NULL, 0, "%zu", all))
		all = rest + (size_t)snprintf(NULL, 0, "%zu", all);
	abl_str_printf(out, "%zu %s=%s\n", all, name, value);
}

static int put_pax(struct abl_tar_writer *w, const char *name, uint64_t bytes, struct abl_err *err)
{
	struct abl_tar_header h;
	struct abl_str records = {0};
	char number[32];
	int rc;

	add_record(&records, "path", name);
	snprintf(number, sizeof number, "%llu", (unsigned long long)bytes);
	add_record(&records, "size", number);
	h = header('x', records.length, false);
	memcpy(h.name, "pax", 3);
	seal(&h);
	rc = pack(w, &h, sizeof h, Z_NO_FLUSH, err);
	rc = rc ? rc : pack(w, records.text, records.length, Z_NO_FLUSH, err);
	rc = rc ? rc : pad(w, records.length, err);
	abl_str_finish(&records);
	return rc;
}

int abl_tar_begin(struct abl_tar_writer *w, const char *name, uint64_t bytes, bool executable,
		  struct abl_err *err)
{
	const bool large = bytes > ABL_TAR_LARGEST;
	struct abl_tar_header h = header('0', large ? 0 : bytes, executable);
	int rc = 0;

	w->bytes = bytes;
	if (!put_name(&h, name) || large) {
		memset(h.name, 0, sizeof h.name);
		memset(h.prefix, 0, sizeof h.prefix);
		memcpy(h.name, "long", 4);
		rc = put_pax(w, name, bytes, err);
	}
	seal(&h);
	return rc ? rc : pack(w, &h, sizeof h, Z_NO_FLUSH, err);
}

int abl_tar_put(struct abl_tar_writer *w, const void *bytes, size_t length, struct abl_err *err)
{
	return pack(w, bytes, length, Z_NO_FLUSH, err);
}

int abl_tar_end(struct abl_tar_writer *w, struct abl_err *err)
{
	return pad(w, w->bytes, err);
}

int abl_tar_commit(struct abl_tar_writer *w, struct abl_err *err)
{
	static const char zero[2 * ABL_TAR_BLOCK];
	int rc = pack(w, zero, sizeof zero, Z_FINISH, err);

	return rc ? rc : abl_writer_commit(&w->file, err);
}

void abl_tar_drop(struct abl_tar_writer *w)
{
	if (w->packs)
		deflateEnd(&w->z);
	abl_writer_drop(&w->file);
	free(w);
}
