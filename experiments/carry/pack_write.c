/* SPDX-License-Identifier: Apache-2.0 */
#include "pack_write.h"

#include "tar_write.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static int put_bytes(struct abl_tar_writer *w, const char *study, const char *name,
		     const struct abl_str *text, struct abl_err *err)
{
	char *whole = abl_carry_join(study, name);
	int rc = abl_tar_begin(w, whole, text->length, false, err);

	rc = rc ? rc : abl_tar_put(w, text->text, text->length, err);
	free(whole);
	return rc ? rc : abl_tar_end(w, err);
}

static int changed(const struct abl_carry_file *f, struct abl_err *err)
{
	return abl_err_set(err, ABL_EFAIL, "'%s' changed while it was packed: pack again", f->path);
}

/* What was hashed, and nothing that was written since. */
static int copy_bytes(struct abl_tar_writer *w, const struct abl_carry_file *f, struct abl_err *err)
{
	const int fd = open(f->path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
	struct abl_hash *h = abl_hash_create();
	char *block = abl_malloc(1 << 18), hash[ABL_HASH_TEXT];
	uint64_t left = f->bytes;
	int rc = fd < 0 ? changed(f, err) : 0;

	while (left && !rc) {
		const ssize_t n = read(fd, block, left < 1 << 18 ? (size_t)left : 1 << 18);

		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0) {
			rc = changed(f, err);
			break;
		}
		abl_hash_add(h, block, (size_t)n);
		rc = abl_tar_put(w, block, (size_t)n, err);
		left -= (uint64_t)n;
	}
	if (!rc && strcmp(abl_hash_text(h, hash), f->hash) != 0)
		rc = changed(f, err);
	abl_hash_destroy(h);
	free(block);
	if (fd >= 0)
		close(fd);
	return rc;
}

static int put_files(const struct abl_pack_archive *a, struct abl_tar_writer *w,
		     struct abl_err *err)
{
	double all = 1, done = 0;
	int rc = 0;

	for (size_t i = 0; i < a->manifest->files.count; i++)
		all += (double)a->manifest->files.file[i].bytes;
	for (size_t i = 0; i < a->manifest->files.count && !rc; i++) {
		const struct abl_carry_file *f = &a->manifest->files.file[i];
		char *name = abl_carry_join(a->manifest->study, f->name);

		if (a->tell)
			a->tell(a->tell_data, done / all);
		rc = abl_tar_begin(w, name, f->bytes, f->executable, err);
		rc = rc ? rc : copy_bytes(w, f, err);
		rc = rc ? rc : abl_tar_end(w, err);
		done += (double)f->bytes;
		free(name);
	}
	return rc;
}

int abl_pack_write(const struct abl_pack_archive *a, double *bytes, struct abl_err *err)
{
	struct abl_tar_writer *w = NULL;
	struct abl_str text = {0};
	struct stat st;
	int rc = 0;

	for (size_t i = 0; i < a->manifest->files.count && !rc; i++)
		rc = abl_carry_file_look(&a->manifest->files.file[i], err);
	rc = rc ? rc : abl_manifest_write(a->manifest, &text, err);
	rc = rc ? rc : abl_tar_create(&w, a->output, err);
	rc = rc ? rc : put_bytes(w, a->manifest->study, ABL_MANIFEST, &text, err);
	rc = rc ? rc : put_bytes(w, a->manifest->study, "README.txt", a->about, err);
	rc = rc ? rc : put_files(a, w, err);
	rc = rc ? rc : abl_tar_commit(w, err);
	if (!rc && !stat(a->output, &st))
		*bytes = (double)st.st_size;
	if (w)
		abl_tar_drop(w);
	abl_str_finish(&text);
	return rc;
}
