/* SPDX-License-Identifier: Apache-2.0 */
#include "writer.h"

#include "files.h"
#include "made.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define BLOCK ((size_t)1 << 16)

int abl_fd_write(int fd, const void *bytes, size_t length)
{
	for (size_t done = 0; done < length;) {
		ssize_t n = write(fd, (const char *)bytes + done, length - done);

		if (n > 0)
			done += (size_t)n;
		else if (!n || errno != EINTR)
			return n ? errno : EIO;
	}
	return 0;
}

static int pwrite_all(int fd, const void *bytes, size_t length, off_t at)
{
	for (size_t done = 0; done < length;) {
		ssize_t n = pwrite(fd, (const char *)bytes + done, length - done, at + (off_t)done);

		if (n > 0)
			done += (size_t)n;
		else if (!n || errno != EINTR)
			return n ? errno : EIO;
	}
	return 0;
}

/* One that fails is not tried again: the system may have dropped the pages by then. */
static int sync_fd(int fd)
{
	int rc;

	do
		rc = fsync(fd);
	while (rc && errno == EINTR);
	return rc ? errno : 0;
}

int abl_sync_path(const char *path, struct abl_err *err)
{
	int fd = open(path, O_RDONLY | O_NONBLOCK | O_CLOEXEC), why = fd < 0 ? errno : sync_fd(fd);

	if (fd >= 0)
		close(fd);
	return why ? abl_err_set(err, ABL_EIO, "cannot sync '%s': %s", path, strerror(why)) : 0;
}

static int cannot_write(const char *path, int why, struct abl_err *err)
{
	return abl_err_set(err, ABL_EIO, "cannot write '%s': %s", path, strerror(why));
}

static void keep(struct abl_writer *w, int why)
{
	w->failed = w->failed ? w->failed : why;
}

static int begin(struct abl_writer *w, const char *path, mode_t mode, struct abl_err *err)
{
	const int flags = O_RDWR | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC;
	bool replaced = abl_is_regular(path) || !abl_file_exists(path);
	int why;

	*w = (struct abl_writer){.path = abl_strdup(path), .fd = -1};
	if (replaced) {
		abl_str_printf(&w->beside, "%s.tmp-%ld", path, (long)getpid());
		unlink(w->beside.text); /* of a process that had our number */
		w->fd = open(w->beside.text, flags, mode);
	} else {
		w->fd = open(path, O_WRONLY | O_CLOEXEC);
	}
	if (w->fd >= 0) {
		w->hash = abl_hash_create();
		return 0;
	}
	why = errno;
	abl_str_clear(&w->beside);
	abl_writer_drop(w);
	return cannot_write(path, why, err);
}

int abl_writer_open(struct abl_writer *w, const char *path, struct abl_err *err)
{
	return begin(w, path, 0666, err);
}

static void flush(struct abl_writer *w)
{
	if (!w->failed)
		keep(w, abl_fd_write(w->fd, w->buffer.text, w->buffer.length));
	abl_str_clear(&w->buffer);
}

void abl_writer_put(struct abl_writer *w, const void *bytes, size_t length)
{
	if (w->failed || !length)
		return;
	abl_hash_add(w->hash, bytes, length);
	w->bytes += length;
	if (w->buffer.length + length > BLOCK)
		flush(w);
	if (length >= BLOCK)
		keep(w, w->failed ? 0 : abl_fd_write(w->fd, bytes, length));
	else
		abl_str_add(&w->buffer, bytes, length);
}

void abl_writer_patch(struct abl_writer *w, uint64_t at, const void *bytes, size_t length)
{
	flush(w);
	if (!w->failed)
		keep(w, pwrite_all(w->fd, bytes, length, (off_t)at));
	w->patched = true;
}

void abl_writer_drop(struct abl_writer *w)
{
	if (w->path && w->fd >= 0)
		close(w->fd);
	if (w->beside.length)
		unlink(w->beside.text);
	free(w->path);
	abl_hash_destroy(w->hash);
	abl_str_finish(&w->beside);
	abl_str_finish(&w->buffer);
	*w = (struct abl_writer){.fd = -1};
}

/* The hash of a file that was not written from end to end: read back. */
static void hash_again(struct abl_writer *w)
{
	char block[1 << 15];
	uint64_t at = 0;
	ssize_t n = 1;

	abl_hash_destroy(w->hash);
	w->hash = abl_hash_create();
	while (!w->failed && n) {
		n = pread(w->fd, block, sizeof block, (off_t)at);
		if (n > 0) {
			abl_hash_add(w->hash, block, (size_t)n);
			at += (uint64_t)n;
		} else if (n < 0 && errno != EINTR) {
			keep(w, errno);
		}
	}
	if (at != w->bytes)
		keep(w, EIO);
}

/* Under its own name, and there to stay. On a list it is made to last with the others. */
static int rename_it(struct abl_writer *w, struct abl_err *err)
{
	char hash[ABL_HASH_TEXT], *dir;
	int rc = 0;

	if (rename(w->beside.text, w->path)) {
		keep(w, errno);
		return 0;
	}
	abl_str_clear(&w->beside);
	if (abl_made_is_open()) {
		abl_made_take(w->path, w->bytes, abl_hash_text(w->hash, hash));
		return 0;
	}
	dir = abl_path_dir(w->path);
	rc = abl_sync_path(dir, err);
	free(dir);
	return rc;
}

int abl_writer_commit(struct abl_writer *w, struct abl_err *err)
{
	int rc = 0;

	flush(w);
	if (w->beside.length && w->patched)
		hash_again(w);
	if (w->beside.length && !w->failed && !abl_made_is_open())
		keep(w, sync_fd(w->fd));
	if (close(w->fd) && errno != EINTR) /* which closes, too */
		keep(w, errno);
	w->fd = -1;
	if (w->beside.length && !w->failed)
		rc = rename_it(w, err);
	if (w->failed)
		rc = cannot_write(w->path, w->failed, err);
	abl_writer_drop(w);
	return rc;
}

static int write_whole(const char *path, mode_t mode, const void *bytes, size_t length,
		       struct abl_err *err)
{
	struct abl_writer w;
	int rc = begin(&w, path, mode, err);

	if (rc)
		return rc;
	abl_writer_put(&w, bytes, length);
	return abl_writer_commit(&w, err);
}

int abl_file_write(const char *path, const void *bytes, size_t length, struct abl_err *err)
{
	return write_whole(path, 0666, bytes, length, err);
}

int abl_file_write_private(const char *path, const void *bytes, size_t length, struct abl_err *err)
{
	return write_whole(path, 0600, bytes, length, err);
}

/* Shortened afterwards: ext4 writes a file at once to the disk that was emptied first. */
int abl_file_write_passing(const char *path, const void *bytes, size_t length, struct abl_err *err)
{
	const int flags = O_WRONLY | O_CREAT | O_NOFOLLOW | O_CLOEXEC;
	int fd = open(path, flags, 0666), why;

	if (fd < 0 && errno == ELOOP && !unlink(path)) /* a link that somebody put there */
		fd = open(path, flags | O_EXCL, 0666);
	why = fd < 0 ? errno : abl_fd_write(fd, bytes, length);
	if (!why && ftruncate(fd, (off_t)length))
		why = errno;
	if (fd >= 0 && close(fd) && errno != EINTR && !why)
		why = errno;
	return why ? cannot_write(path, why, err) : 0;
}

int abl_file_open_new(const char *path, unsigned mode)
{
	return open(path, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, (mode_t)mode);
}

int abl_file_open_appending(const char *path, bool create)
{
	return open(path,
		    O_RDWR | O_APPEND | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC |
			    (create ? O_CREAT : 0),
		    0666);
}

int abl_file_append(const char *path, const char *text, struct abl_err *err)
{
	int fd = open(path, O_WRONLY | O_CREAT | O_APPEND | O_NOFOLLOW | O_CLOEXEC, 0666);
	int why = fd < 0 ? errno : abl_fd_write(fd, text, strlen(text));

	if (fd >= 0)
		close(fd);
	return why ? cannot_write(path, why, err) : 0;
}
