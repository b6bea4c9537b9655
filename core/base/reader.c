/* SPDX-License-Identifier: Apache-2.0 */
/* reader.c - the input side of files.h: plain, gzip and xz behind one read call. */
#include "files.h"

#include "file_kind.h"
#include "utf8.h"

#include <errno.h>
#include <fcntl.h>
#include <lzma.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include <zlib.h>

#define BLOCK ((size_t)1 << 16)

struct packing {
	const char *name;
	unsigned char magic[6];
	size_t magic_length;
	int (*start)(struct abl_reader *r);
	long (*read)(struct abl_reader *r, void *out, size_t size, struct abl_err *err);
	void (*end)(struct abl_reader *r);
};

struct abl_reader {
	char *path;
	int fd;
	const struct packing *packing;
	z_stream gz;
	lzma_stream xz;
	bool input_done;  /* the file has no more bytes */
	bool stream_done; /* gzip: between members; xz: finished */
	unsigned char in[BLOCK];
	size_t in_length, in_at;
	struct abl_str line; /* unpacked bytes not yet given as lines start at line_at */
	size_t line_at, line_number;
	const char *last; /* the line that was given last, and its length */
	size_t last_length;
	bool again;
	char head[ABL_FILE_KIND_BYTES]; /* the first unpacked bytes */
	size_t head_length;
	bool lines_done;
};

static int io_error(struct abl_reader *r, struct abl_err *err)
{
	return abl_err_set(err, ABL_EIO, "%s: cannot read: %s", r->path, strerror(errno));
}

/* Refills r->in when it is used up. Returns bytes available, 0 at the end, negative on error. */
static long fill(struct abl_reader *r, struct abl_err *err)
{
	ssize_t n;

	if (r->in_at < r->in_length)
		return (long)(r->in_length - r->in_at);
	do
		n = read(r->fd, r->in, sizeof r->in);
	while (n < 0 && errno == EINTR);
	if (n < 0)
		return io_error(r, err);
	r->in_at = 0;
	r->in_length = (size_t)n;
	r->input_done = n == 0;
	return n;
}

static long read_plain(struct abl_reader *r, void *out, size_t size, struct abl_err *err)
{
	long n = fill(r, err);

	if (n <= 0)
		return n;
	if ((size_t)n > size)
		n = (long)size;
	memcpy(out, r->in + r->in_at, (size_t)n);
	r->in_at += (size_t)n;
	return n;
}

static int damaged(struct abl_reader *r, struct abl_err *err)
{
	return abl_err_set(err, ABL_EINPUT,
			   r->input_done ? "%s: %s file is truncated: download it again"
					 : "%s: %s file is damaged: download it again",
			   r->path, r->packing->name);
}

static int start_gz(struct abl_reader *r)
{
	return inflateInit2(&r->gz, 15 + 16) == Z_OK ? 0 : -1;
}

static long read_gz(struct abl_reader *r, void *out, size_t size, struct abl_err *err)
{
	r->gz.next_out = out;
	r->gz.avail_out = (uInt)size;
	while (r->gz.avail_out == size) {
		long n = fill(r, err);
		int rc;

		if (n < 0)
			return n;
		if (!n)
			return r->stream_done ? 0 : damaged(r, err);
		if (r->stream_done) { /* a further member of a multi-member file */
			inflateReset(&r->gz);
			r->stream_done = false;
		}
		r->gz.next_in = r->in + r->in_at;
		r->gz.avail_in = (uInt)n;
		rc = inflate(&r->gz, Z_NO_FLUSH);
		r->in_at = r->in_length - r->gz.avail_in;
		if (rc == Z_STREAM_END)
			r->stream_done = true;
		else if (rc != Z_OK && rc != Z_BUF_ERROR)
			return damaged(r, err);
	}
	return (long)(size - r->gz.avail_out);
}

static void end_gz(struct abl_reader *r)
{
	inflateEnd(&r->gz);
}

static int start_xz(struct abl_reader *r)
{
	return lzma_stream_decoder(&r->xz, (uint64_t)512 << 20, LZMA_CONCATENATED) == LZMA_OK ? 0
											      : -1;
}

static long read_xz(struct abl_reader *r, void *out, size_t size, struct abl_err *err)
{
	r->xz.next_out = out;
	r->xz.avail_out = size;
	while (r->xz.avail_out == size && !r->stream_done) {
		long n = fill(r, err);
		lzma_ret rc;

		if (n < 0)
			return n;
		r->xz.next_in = r->in + r->in_at;
		r->xz.avail_in = (size_t)n;
		rc = lzma_code(&r->xz, n ? LZMA_RUN : LZMA_FINISH);
		r->in_at = r->in_length - r->xz.avail_in;
		if (rc == LZMA_STREAM_END)
			r->stream_done = true;
		else if (rc != LZMA_OK)
			return damaged(r, err);
	}
	return (long)(size - r->xz.avail_out);
}

static void end_xz(struct abl_reader *r)
{
	lzma_end(&r->xz);
}

static const struct packing packings[] = {
	{.name = "gzip",
	 .magic = {0x1f, 0x8b},
	 .magic_length = 2,
	 .start = start_gz,
	 .read = read_gz,
	 .end = end_gz},
	{.name = "xz",
	 .magic = {0xfd, '7', 'z', 'X', 'Z', 0},
	 .magic_length = 6,
	 .start = start_xz,
	 .read = read_xz,
	 .end = end_xz},
	{.name = "plain", .read = read_plain},
};

/* What would be waited for or read without end. Pipes that a shell has opened for us have an end.
 */
static int refuse_special(const char *path, struct abl_err *err)
{
	static const char *const opened[] = {"/dev/stdin", "/dev/fd/", "/proc/", "/dev/null"};
	static const struct {
		mode_t type;
		const char *name;
	} special[] = {{S_IFDIR, "a folder"},
		       {S_IFIFO, "a pipe (fifo)"},
		       {S_IFCHR, "a device"},
		       {S_IFBLK, "a device"},
		       {S_IFSOCK, "a socket"}};
	struct stat st;

	if (stat(path, &st))
		return 0; /* opening will say why */
	for (size_t i = 0; i < sizeof opened / sizeof *opened; i++)
		if (!S_ISDIR(st.st_mode) && !strncmp(path, opened[i], strlen(opened[i])))
			return 0;
	for (size_t i = 0; i < sizeof special / sizeof *special; i++)
		if ((st.st_mode & S_IFMT) == special[i].type)
			return abl_err_set(err, ABL_EINPUT, "%s: is %s, not a file", path,
					   special[i].name);
	return 0;
}

int abl_reader_open(struct abl_reader **out, const char *path, struct abl_err *err)
{
	struct abl_reader *r = abl_calloc(1, sizeof *r);
	int rc = refuse_special(path, err);

	r->path = abl_strdup(path);
	r->fd = rc ? -1 : open(path, O_RDONLY | O_CLOEXEC);
	if (rc)
		goto fail;
	if (r->fd < 0)
		rc = abl_err_set(err, errno == ENOENT ? ABL_EINPUT : ABL_EIO, "%s: cannot open: %s",
				 path, strerror(errno));
	else {
		long got = fill(r, err);

		rc = got < 0 ? (int)got : 0;
	}
	if (rc)
		goto fail;
	for (r->packing = packings; r->packing->magic_length; r->packing++)
		if (r->in_length >= r->packing->magic_length &&
		    !memcmp(r->in, r->packing->magic, r->packing->magic_length))
			break;
	if (r->packing->start && r->packing->start(r)) {
		rc = abl_err_set(err, ABL_ENOMEM, "%s: out of memory", path);
		r->packing = NULL;
		goto fail;
	}
	*out = r;
	return 0;
fail:
	abl_reader_close(r);
	return rc;
}

void abl_reader_close(struct abl_reader *r)
{
	if (!r)
		return;
	if (r->packing && r->packing->end)
		r->packing->end(r);
	if (r->fd >= 0)
		close(r->fd);
	abl_str_finish(&r->line);
	free(r->path);
	free(r);
}

long abl_reader_read(struct abl_reader *r, void *out, size_t size, struct abl_err *err)
{
	return r->packing->read(r, out, size, err);
}

size_t abl_reader_line_number(const struct abl_reader *r)
{
	return r->line_number;
}

const char *abl_reader_path(const struct abl_reader *r)
{
	return r->path;
}

double abl_reader_share(const struct abl_reader *r)
{
	off_t at = lseek(r->fd, 0, SEEK_CUR);
	struct stat st;

	return at <= 0 || fstat(r->fd, &st) || at > st.st_size ? 0
							       : (double)at / (double)st.st_size;
}

static int check_line(struct abl_reader *r, const char *line, size_t length, struct abl_err *err)
{
	bool nul = memchr(line, '\0', length) != NULL;
	long bad = nul ? 0 : abl_utf8_bad(line, length);
	const char *kind = bad >= 0 ? abl_file_kind(r->head, r->head_length) : NULL;

	if (bad < 0)
		return 0;
	if (kind)
		return abl_err_set(
			err, ABL_EINPUT,
			"%s: this looks like %s (read are UTF-8 texts, plain or packed as "
			".gz or .xz)",
			r->path, kind);
	if (nul)
		return abl_err_set(err, ABL_EINPUT, "%s:%zu: a NUL byte: this is not a text file",
				   r->path, r->line_number);
	return abl_err_set(
		err, ABL_EINPUT,
		"%s:%zu:%ld: invalid UTF-8 (byte 0x%02x): convert the file to UTF-8; if it "
		"is from Windows: iconv -f WINDOWS-1252 -t UTF-8",
		r->path, r->line_number, bad + 1, (unsigned char)line[bad]);
}

int abl_reader_line(struct abl_reader *r, const char **line, size_t *length, struct abl_err *err)
{
	size_t searched = r->line_at;
	char *start, *end = NULL;

	if (r->again) {
		r->again = false;
		*line = r->last, *length = r->last_length;
		return 1;
	}
	while (!(end = r->line.length > searched
			       ? memchr(r->line.text + searched, '\n', r->line.length - searched)
			       : NULL) &&
	       !r->lines_done) {
		char block[BLOCK / 4];
		long n = abl_reader_read(r, block, sizeof block, err);

		if (n < 0)
			return (int)n;
		r->lines_done = n == 0;
		if (r->line_at) { /* drop what was given already */
			memmove(r->line.text, r->line.text + r->line_at,
				r->line.length - r->line_at);
			r->line.length -= r->line_at;
			r->line_at = 0;
		}
		searched = r->line.length;
		abl_str_add(&r->line, block, (size_t)n);
	}
	if (!end && r->line_at == r->line.length)
		return 0;
	start = r->line.text + r->line_at;
	if (!r->line_number) {
		r->head_length = r->line.length < sizeof r->head ? r->line.length : sizeof r->head;
		memcpy(r->head, r->line.text, r->head_length);
	}
	*length = end ? (size_t)(end - start) : r->line.length - r->line_at;
	r->line_at += *length + (end != NULL);
	if (!r->line_number++ && *length >= 3 && !memcmp(start, "\xEF\xBB\xBF", 3)) {
		start += 3;
		*length -= 3;
	}
	start[*length] = '\0';
	*line = r->last = start;
	r->last_length = *length;
	return check_line(r, start, *length, err) ? ABL_EINPUT : 1;
}

void abl_reader_again(struct abl_reader *r)
{
	r->again = r->last != NULL;
}

bool abl_reader_is_json(const struct abl_reader *r)
{
	size_t mark = r->head_length >= 3 && !memcmp(r->head, "\xEF\xBB\xBF", 3) ? 3 : 0;

	return abl_file_is_json(r->head + mark, r->head_length - mark);
}
