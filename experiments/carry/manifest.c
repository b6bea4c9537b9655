/* SPDX-License-Identifier: Apache-2.0 */
#include "manifest.h"

#include "json.h"
#include "tar_read.h"

#include <stdlib.h>
#include <string.h>

void abl_manifest_finish(struct abl_manifest *m)
{
	if (!m)
		return;
	free(m->study), free(m->engine), free(m->file);
	abl_carry_files_finish(&m->files);
	*m = (struct abl_manifest){0};
}

int abl_manifest_write(const struct abl_manifest *m, struct abl_str *out, struct abl_err *err)
{
	struct abl_json j;
	json_t *files;

	abl_json_begin(&j);
	abl_json_int(&j, j.root, "ablate_pack", ABL_PACK_FORMAT);
	abl_json_text(&j, j.root, "study", m->study);
	abl_json_text(&j, j.root, "engine", m->engine);
	abl_json_text(&j, j.root, "study_file", m->file);
	abl_json_int(&j, j.root, "schema", m->schema);
	abl_json_bool(&j, j.root, "weights", m->weights);
	abl_json_bool(&j, j.root, "data", m->data);
	abl_json_bool(&j, j.root, "executes", m->executes);
	files = abl_json_array(&j, j.root, "files");
	for (size_t i = 0; i < m->files.count; i++) {
		const struct abl_carry_file *f = &m->files.file[i];
		json_t *one = json_object();

		abl_json_text(&j, one, "name", f->name);
		abl_json_int(&j, one, "bytes", (int64_t)f->bytes);
		abl_json_text(&j, one, "xxh3_128", f->hash);
		abl_json_add(&j, files, one);
	}
	return abl_json_end(&j, JSON_INDENT(1), "the manifest", out, err);
}

static int is_none(const char *what, struct abl_err *err)
{
	return abl_err_set(err, ABL_EINPUT, "its manifest is damaged: %s", what);
}

static bool is_hash(const char *text)
{
	return text && strlen(text) == ABL_HASH_TEXT - 1 &&
	       strspn(text, "0123456789abcdef") == ABL_HASH_TEXT - 1;
}

static int read_file(struct abl_manifest *m, const json_t *one, struct abl_err *err)
{
	const char *name = json_string_value(json_object_get(one, "name"));
	const char *hash = json_string_value(json_object_get(one, "xxh3_128"));
	const json_t *bytes = json_object_get(one, "bytes");
	struct abl_carry_file *f;

	if (!name || !abl_tar_name_is_fine(name) || !is_hash(hash) || !json_is_integer(bytes) ||
	    json_integer_value(bytes) < 0)
		return is_none("a file in it has no name, size or hash", err);
	abl_carry_files_add(&m->files, abl_strdup(name), NULL);
	f = &m->files.file[m->files.count - 1];
	f->bytes = (uint64_t)json_integer_value(bytes);
	memcpy(f->hash, hash, ABL_HASH_TEXT);
	return 0;
}

static char *text_of(const json_t *root, const char *name)
{
	const char *text = json_string_value(json_object_get(root, name));

	return text ? abl_strdup(text) : NULL;
}

static int read_root(struct abl_manifest *m, const json_t *root, struct abl_err *err)
{
	const json_t *format = json_object_get(root, "ablate_pack"),
		     *files = json_object_get(root, "files");
	int rc = 0;

	if (!json_is_integer(format) || json_integer_value(format) < 1)
		return is_none("it does not say which form it has", err);
	m->study = text_of(root, "study");
	m->engine = text_of(root, "engine");
	m->file = text_of(root, "study_file");
	m->schema = json_integer_value(json_object_get(root, "schema"));
	m->weights = json_is_true(json_object_get(root, "weights"));
	m->data = json_is_true(json_object_get(root, "data"));
	m->executes = json_is_true(json_object_get(root, "executes"));
	if (json_integer_value(format) > ABL_PACK_FORMAT)
		return abl_err_set(err, ABL_EINPUT,
				   "it has form %lld and this program knows up to %d: unpack it "
				   "with ablate %.60s, which packed it",
				   (long long)json_integer_value(format), ABL_PACK_FORMAT,
				   m->engine ? m->engine : "of a newer version");
	if (!m->study || !m->engine || !json_is_array(files))
		return is_none("it names no study, or no files", err);
	if (m->file && !abl_tar_name_is_fine(m->file))
		return is_none("its study file is elsewhere", err);
	for (size_t i = 0; i < json_array_size(files) && !rc; i++)
		rc = read_file(m, json_array_get(files, i), err);
	return rc;
}

int abl_manifest_read(struct abl_manifest *out, const char *text, size_t length,
		      struct abl_err *err)
{
	json_error_t at;
	json_t *root = json_loadb(text, length, JSON_REJECT_DUPLICATES, &at);
	size_t count;
	int rc;

	*out = (struct abl_manifest){0};
	rc = json_is_object(root) ? read_root(out, root, err) : is_none("it is no JSON", err);
	json_decref(root);
	count = out->files.count;
	abl_carry_files_sort(&out->files);
	if (!rc && out->files.count != count)
		rc = is_none("a file is in it twice", err);
	return rc;
}
