/* SPDX-License-Identifier: Apache-2.0 */
#include "tar_read.h"

#include "files.h"
#include "hash.h"
#include "tar_form.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

enum {
	LONGEST_NAME = 4000, /* bytes; what Linux takes less what stands before it */
	LONGEST_PART = 255,
	DEEPEST = 64,
	LARGEST_RECORDS = 1 << 16,
	MOST_FILES = 4 << 20,
	MOST_RATIO = 200, /* of what is unpacked to the archive: texts come to 4, tables to 20 */
};
#define ALWAYS ((uint64_t)256 << 20) /* bytes that any archive may unpack to */

struct abl_tar_reader {
	struct abl_reader *file;
	char *path;
	uint64_t size, all;     /* of the archive; what it has said to hold so far */
	uint64_t left, padding; /* of the file that is read */
	struct abl_str name;
	char **seen; /* names in a table of `slots`, to be found by their hash */
	size_t count, slots;
	bool ended;
};

static int refuse(const struct abl_tar_reader *r, const char *what, struct abl_err *err)
{
	return r->name.length ? abl_err_set(err, ABL_EINPUT, "%s: '%.300s' %s", r->path,
					    r->name.text, what)
			      : abl_err_set(err, ABL_EINPUT, "%s: %s", r->path, what);
}

int abl_tar_open(struct abl_tar_reader **out, const char *path, struct abl_err *err)
{
	struct abl_tar_reader *r = abl_calloc(1, sizeof *r);
	struct stat st = {0};
	int rc;

	r->path = abl_strdup(path);
	rc = abl_reader_open(&r->file, path, err);
	if (!rc && !stat(path, &st))
		r->size = (uint64_t)st.st_size;
	if (rc) {
		abl_tar_close(r);
		return rc;
	}
	*out = r;
	return 0;
}

void abl_tar_close(struct abl_tar_reader *r)
{
	if (!r)
		return;
	for (size_t i = 0; i < r->slots; i++)
		free(r->seen[i]);
	free(r->seen);
	abl_reader_close(r->file);
	abl_str_finish(&r->name);
	free(r->path);
	free(r);
}

/* Up to that many bytes, fewer at the end of the archive only. */
static long read_all(struct abl_tar_reader *r, void *out, size_t size, struct abl_err *err)
{
	size_t n = 0;

	while (n < size) {
		const long got = abl_reader_read(r->file, (char *)out + n, size - n, err);

		if (got < 0)
			return got;
		if (!got)
			break;
		n += (size_t)got;
	}
	return (long)n;
}

static int read_block(struct abl_tar_reader *r, void *out, size_t size, struct abl_err *err)
{
	const long n = read_all(r, out, size, err);

	if (n < 0)
		return (int)n;
	return (size_t)n == size ? 0 : refuse(r, "is cut off: the archive ends in it", err);
}

/* ---- names ---- */

bool abl_tar_name_is_fine(const char *name)
{
	const char *part = name;
	int depth = 0;

	if (strlen(name) > LONGEST_NAME)
		return false;
	for (const char *p = name; *p; p++)
		if ((unsigned char)*p < ' ' || *p == 0x7f)
			return false;
	for (;; part++) {
		const size_t n = strcspn(part, "/");

		if (!n || n > LONGEST_PART || ++depth > DEEPEST || (n == 1 && *part == '.') ||
		    (n == 2 && part[0] == '.' && part[1] == '.'))
			return false;
		part += n;
		if (!*part)
			return true;
	}
}

static size_t slot_of(const struct abl_tar_reader *r, const char *name)
{
	size_t i = (size_t)abl_hash64(name, strlen(name)) & (r->slots - 1);

	while (r->seen[i] && strcmp(r->seen[i], name) != 0)
		i = (i + 1) & (r->slots - 1);
	return i;
}

static void grow(struct abl_tar_reader *r)
{
	char **old = r->seen;
	const size_t n = r->slots;

	r->slots = n ? 2 * n : 256;
	r->seen = abl_calloc(r->slots, sizeof *r->seen);
	for (size_t i = 0; i < n; i++)
		if (old[i])
			r->seen[slot_of(r, old[i])] = old[i];
	free(old);
}

static int take_name(struct abl_tar_reader *r, struct abl_err *err)
{
	size_t slot;

	if (!abl_tar_name_is_fine(r->name.text)) {
		abl_err_set(err, ABL_EINPUT,
			    "%s: the name '%.300s' leaves the folder that it belongs in, or is no "
			    "name of a file",
			    r->path, r->name.text);
		return ABL_EINPUT;
	}
	if (r->count == MOST_FILES)
		return refuse(r, "is one file more than a study has", err);
	if (2 * (r->count + 1) > r->slots)
		grow(r);
	slot = slot_of(r, r->name.text);
	if (r->seen[slot])
		return refuse(r, "is there twice", err);
	r->seen[slot] = abl_strdup(r->name.text);
	r->count++;
	return 0;
}

/* ---- headers ---- */

static bool read_octal(const char *field, size_t width, uint64_t *out)
{
	size_t i = 0;

	*out = 0;
	for (; i < width && field[i] >= '0' && field[i] <= '7'; i++)
		*out = *out << 3 | (uint64_t)(field[i] - '0'); /* 12 digits at most */
	for (size_t k = i; k < width; k++)
		if (field[k] && field[k] != ' ')
			return false;
	return i > 0;
}

static bool is_zero(const void *bytes, size_t size)
{
	const char *b = bytes;

	for (size_t i = 0; i < size; i++)
		if (b[i])
			return false;
	return true;
}

static const char *type_name(char type)
{
	switch (type) {
	case '1':
		return "is a hard link: a packed study has none";
	case '2':
		return "is a link: a packed study has none";
	case '3':
	case '4':
		return "is a device: a packed study has none";
	case '5':
		return "is a folder: a packed study has files alone";
	case '6':
		return "is a pipe: a packed study has none";
	default:
		return "is of a kind that a packed study does not have";
	}
}

static void take_header_name(struct abl_tar_reader *r, const struct abl_tar_header *h)
{
	abl_str_clear(&r->name);
	if (*h->prefix) {
		abl_str_add(&r->name, h->prefix, strnlen(h->prefix, sizeof h->prefix));
		abl_str_puts(&r->name, "/");
	}
	abl_str_add(&r->name, h->name, strnlen(h->name, sizeof h->name));
}

/* What pax says of the next file. */
struct pax {
	struct abl_str path;
	uint64_t bytes;
	bool has_bytes;
};

/* "27 path=...\n" and what follows it: the length of the record; 0: it is none of ours. */
static size_t take_record(struct pax *pax, const char *text, size_t left)
{
	const char *blank = memchr(text, ' ', left < 20 ? left : 20), *value, *equals;
	char digits[24];
	int64_t n, bytes;

	if (!blank)
		return 0;
	snprintf(digits, sizeof digits, "%.*s", (int)(blank - text), text);
	if (!abl_parse_int(digits, &n) || n <= blank - text + 1 || (uint64_t)n > left ||
	    text[n - 1] != '\n' || memchr(text, '\0', (size_t)n))
		return 0;
	equals = memchr(blank, '=', (size_t)(text + n - blank));
	if (!equals)
		return 0;
	value = equals + 1;
	if (!strncmp(blank, " path=", 6)) {
		abl_str_clear(&pax->path);
		abl_str_add(&pax->path, value, (size_t)(text + n - 1 - value));
	} else if (!strncmp(blank, " size=", 6)) {
		snprintf(digits, sizeof digits, "%.*s", (int)(text + n - 1 - value), value);
		if (text + n - 1 - value > 20 || !abl_parse_int(digits, &bytes) || bytes < 0)
			return 0;
		pax->bytes = (uint64_t)bytes;
		pax->has_bytes = true;
	} else {
		return 0;
	}
	return (size_t)n;
}

static int read_pax(struct abl_tar_reader *r, struct pax *pax, uint64_t bytes, struct abl_err *err)
{
	const size_t blocks = (size_t)(bytes + ABL_TAR_BLOCK - 1) / ABL_TAR_BLOCK;
	char *text;
	size_t at = 0, n = 1;
	int rc;

	if (!bytes || bytes > LARGEST_RECORDS)
		return refuse(r, "has a damaged header", err);
	text = abl_calloc(blocks, ABL_TAR_BLOCK);
	rc = read_block(r, text, blocks * ABL_TAR_BLOCK, err);
	while (!rc && at < bytes && (n = take_record(pax, text + at, bytes - at)))
		at += n;
	if (!rc && !n)
		rc = refuse(r, "has a header that a packed study does not have", err);
	free(text);
	return rc;
}

/* Nothing but zeros may follow: read to the end, which proves the packed bytes, too. */
static int end(struct abl_tar_reader *r, struct abl_err *err)
{
	char block[ABL_TAR_BLOCK];
	long n;

	abl_str_clear(&r->name);
	r->ended = true;
	while ((n = read_all(r, block, sizeof block, err)) > 0)
		if (!is_zero(block, (size_t)n))
			return refuse(r, "there is more behind its end", err);
	return n < 0 ? (int)n : 0;
}

/* 1 = a header, 0 = the end. */
static int read_header(struct abl_tar_reader *r, struct abl_tar_header *h, uint64_t *bytes,
		       struct abl_err *err)
{
	static const char magic[6] = ABL_TAR_MAGIC;
	uint64_t sum;
	long n = read_all(r, h, sizeof *h, err);

	if (n < 0)
		return (int)n;
	if ((size_t)n < sizeof *h) {
		abl_str_clear(&r->name);
		return refuse(r, r->count ? "it is cut off" : "it is no study that was packed",
			      err);
	}
	if (is_zero(h, sizeof *h))
		return r->count ? end(r, err) : refuse(r, "it is no study that was packed", err);
	if (memcmp(h->magic, magic, sizeof magic) != 0 ||
	    !read_octal(h->sum, sizeof h->sum, &sum) || sum != abl_tar_sum(h)) {
		abl_str_clear(&r->name);
		return refuse(r,
			      r->count ? "it is damaged: a header's sum is wrong"
				       : "it is no study that was packed",
			      err);
	}
	take_header_name(r, h);
	if (!read_octal(h->size, sizeof h->size, bytes))
		return refuse(r, "has a damaged header", err);
	return 1;
}

static int skip_rest(struct abl_tar_reader *r, struct abl_err *err)
{
	char block[1 << 14];

	while (r->left) {
		const long n = abl_tar_read(r, block, sizeof block, err);

		if (n < 0)
			return (int)n;
	}
	return r->padding ? read_block(r, block, (size_t)r->padding, err) : 0;
}

static int check_size(struct abl_tar_reader *r, uint64_t bytes, struct abl_err *err)
{
	const uint64_t most = r->size > ALWAYS / MOST_RATIO ? r->size * MOST_RATIO : ALWAYS;

	if (bytes > most || r->all > most - bytes)
		return refuse(r, "would unpack to more than 200 times the archive: it is a trap",
			      err);
	r->all += bytes;
	return 0;
}

int abl_tar_next(struct abl_tar_reader *r, struct abl_tar_member *out, struct abl_err *err)
{
	struct abl_tar_header h;
	struct pax pax = {0};
	uint64_t bytes = 0, mode = 0;
	int got, rc = r->ended ? 0 : skip_rest(r, err);

	r->padding = 0;
	if (rc || r->ended)
		return rc;
	got = read_header(r, &h, &bytes, err);
	if (got == 1 && h.type == 'x') {
		rc = read_pax(r, &pax, bytes, err);
		got = rc ? rc : read_header(r, &h, &bytes, err);
		if (!got)
			got = refuse(r, "it is cut off", err);
	}
	if (got == 1 && h.type != '0' && h.type)
		got = refuse(r, type_name(h.type), err);
	if (got == 1 && pax.path.length) {
		abl_str_clear(&r->name);
		abl_str_add(&r->name, pax.path.text, pax.path.length);
	}
	bytes = pax.has_bytes ? pax.bytes : bytes;
	abl_str_finish(&pax.path);
	if (got == 1)
		rc = take_name(r, err);
	rc = rc || got != 1 ? rc : check_size(r, bytes, err);
	if (rc || got != 1)
		return rc ? rc : got;
	(void)read_octal(h.mode, sizeof h.mode, &mode);
	r->left = bytes;
	r->padding = (ABL_TAR_BLOCK - bytes % ABL_TAR_BLOCK) % ABL_TAR_BLOCK;
	*out = (struct abl_tar_member){
		.name = r->name.text, .bytes = bytes, .executable = (mode & 0100) != 0};
	return 1;
}

long abl_tar_read(struct abl_tar_reader *r, void *out, size_t size, struct abl_err *err)
{
	const size_t now = size < r->left ? size : (size_t)r->left;
	long n;

	if (!now)
		return 0;
	n = abl_reader_read(r->file, out, now, err);
	if (n < 0)
		return n;
	if (!n)
		return refuse(r, "is cut off: the archive ends in it", err);
	r->left -= (uint64_t)n;
	return n;
}

double abl_tar_share(const struct abl_tar_reader *r)
{
	return abl_reader_share(r->file);
}
