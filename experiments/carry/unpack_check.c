/* SPDX-License-Identifier: Apache-2.0 */
#include "unpack_check.h"

#include "hash.h"

#include <stdlib.h>
#include <string.h>

#define LARGEST_MANIFEST ((size_t)1 << 30)
#define BLOCK ((size_t)1 << 18)

struct reading {
	struct abl_tar_reader *tar;
	struct abl_manifest *manifest;
	const struct abl_unpack_hooks *hooks;
	const char *path;
	char *block;
	struct abl_str folder; /* "<study>/", of every name */
	bool *seen;            /* [manifest->files.count] */
};

static int read_manifest(struct reading *r, const struct abl_tar_member *m, struct abl_err *err)
{
	const char *slash = strchr(m->name, '/');
	struct abl_str text = {0};
	long n = 0;
	int rc = 0;

	if (!slash || strcmp(slash + 1, ABL_MANIFEST) != 0)
		return abl_err_set(err, ABL_EINPUT,
				   "%s: it is no study that was packed: its first file is '%.200s' "
				   "and not " ABL_MANIFEST,
				   r->path, m->name);
	abl_str_add(&r->folder, m->name, (size_t)(slash + 1 - m->name));
	if (m->bytes > LARGEST_MANIFEST)
		return abl_err_set(err, ABL_EINPUT, "%s: its manifest is too large", r->path);
	while ((n = abl_tar_read(r->tar, r->block, BLOCK, err)) > 0)
		abl_str_add(&text, r->block, (size_t)n);
	rc = n < 0 ? (int)n : 0;
	rc = rc ? rc
		: abl_err_prefix(err,
				 abl_manifest_read(r->manifest, text.text ? text.text : "",
						   text.length, err),
				 "%s", r->path);
	abl_str_finish(&text);
	if (!rc && (strncmp(r->folder.text, r->manifest->study, r->folder.length - 1) != 0 ||
		    r->manifest->study[r->folder.length - 1]))
		rc = abl_err_set(err, ABL_EINPUT,
				 "%s: its manifest is of study '%.100s' and its folder of another",
				 r->path, r->manifest->study);
	r->seen = abl_calloc(r->manifest->files.count + 1, sizeof *r->seen);
	return rc;
}

static int take_bytes(struct reading *r, const char *name, char hash[ABL_HASH_TEXT],
		      bool executable, struct abl_err *err)
{
	const struct abl_unpack_hooks *h = r->hooks;
	struct abl_hash *running = abl_hash_create();
	long n = 0;
	int rc = h && h->begin ? h->begin(h->data, name, executable, err) : 0;

	while (!rc && (n = abl_tar_read(r->tar, r->block, BLOCK, err)) > 0) {
		abl_hash_add(running, r->block, (size_t)n);
		if (h && h->bytes)
			rc = h->bytes(h->data, r->block, (size_t)n, err);
		if (h && h->tell)
			h->tell(h->data, abl_tar_share(r->tar));
	}
	rc = rc ? rc : n < 0 ? (int)n : 0;
	rc = rc || !h || !h->end ? rc : h->end(h->data, err);
	abl_hash_text(running, hash);
	abl_hash_destroy(running);
	return rc;
}

static int read_member(struct reading *r, const struct abl_tar_member *m, struct abl_err *err)
{
	const char *name = m->name + r->folder.length;
	struct abl_carry_file *f;
	char hash[ABL_HASH_TEXT], *its;
	int rc;

	if (strncmp(m->name, r->folder.text, r->folder.length) != 0)
		return abl_err_set(err, ABL_EINPUT, "%s: '%.300s' is outside the study's folder",
				   r->path, m->name);
	f = abl_carry_files_find(&r->manifest->files, name);
	if (!f && strcmp(name, "README.txt") != 0)
		return abl_err_set(err, ABL_EINPUT, "%s: '%.300s' is not in its manifest", r->path,
				   m->name);
	if (f && f->bytes != m->bytes)
		return abl_err_set(err, ABL_EINPUT,
				   "%s: '%.300s' has %llu bytes and %llu in the manifest: the file "
				   "is damaged",
				   r->path, m->name, (unsigned long long)m->bytes,
				   (unsigned long long)f->bytes);
	its = abl_strdup(name);
	rc = take_bytes(r, its, hash, m->executable, err);
	if (!rc && f && strcmp(hash, f->hash) != 0)
		rc = abl_err_set(err, ABL_EINPUT,
				 "%s: '%.300s' has another hash than in the manifest: the file is "
				 "damaged; ask for it again",
				 r->path, its);
	if (f)
		r->seen[f - r->manifest->files.file] = true;
	free(its);
	return rc;
}

static int read_all(struct reading *r, struct abl_err *err)
{
	struct abl_tar_member m;
	int got = abl_tar_next(r->tar, &m, err), rc;

	if (got <= 0)
		return got ? got
			   : abl_err_set(err, ABL_EINPUT, "%s: it is no study that was packed",
					 r->path);
	rc = read_manifest(r, &m, err);
	while (!rc && (got = abl_tar_next(r->tar, &m, err)) == 1)
		rc = read_member(r, &m, err);
	rc = rc ? rc : got;
	for (size_t i = 0; i < r->manifest->files.count && !rc; i++)
		if (!r->seen[i])
			rc = abl_err_set(err, ABL_EINPUT,
					 "%s: '%.300s' is in its manifest and not in it", r->path,
					 r->manifest->files.file[i].name);
	return rc;
}

int abl_unpack_read(struct abl_manifest *out, const char *path,
		    const struct abl_unpack_hooks *hooks, struct abl_err *err)
{
	struct reading r = {.manifest = out, .hooks = hooks, .path = path};
	int rc;

	*out = (struct abl_manifest){0};
	rc = abl_tar_open(&r.tar, path, err);
	r.block = abl_malloc(BLOCK);
	rc = rc ? rc : read_all(&r, err);
	abl_tar_close(r.tar);
	abl_str_finish(&r.folder);
	free(r.block), free(r.seen);
	return rc;
}
