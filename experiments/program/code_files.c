/* SPDX-License-Identifier: Apache-2.0 */
#include "code_files.h"

#include "code_found.h"
#include "files.h"

#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

enum { MOST_FILES = 20000 };
#define MOST_CODE ((int64_t)512 << 20)

/* ---- hashes ---- */

/* Lengths are hashed, too: a name can contain anything. */
static void hash_list(struct abl_code_list *list, bool code)
{
	struct abl_hash *h = abl_hash_create();

	for (size_t i = 0; i < list->count; i++) {
		const struct abl_code_file *f = &list->file[i];
		struct abl_str head = {0};

		abl_str_printf(&head, "%zu:%s:%s%s\n", strlen(f->path), f->path, f->content.hash,
			       code && f->content.executable ? ":x" : "");
		abl_hash_add(h, head.text, head.length);
		abl_str_finish(&head);
	}
	abl_hash_text(h, list->hash);
	abl_hash_destroy(h);
}

static int read_list(struct abl_code_set *c, struct abl_code_list *list,
		     struct abl_hash_cache *cache, const char *what, struct abl_err *err)
{
	int rc = 0;

	for (size_t i = 0; i < list->count && !rc; i++) {
		char *full = abl_code_full(c, list->file[i].path);

		rc = abl_hash_cache_file(cache, full, &list->file[i].content, err);
		free(full);
	}
	hash_list(list, list == &c->code);
	return abl_err_prefix(err, rc, "%s", what);
}

/* Before anything is read: nobody waits for the hash of a data set that was taken for code. */
static int check_size(const struct abl_code_set *c, struct abl_err *err)
{
	int64_t total = 0, most = 0;
	const char *largest = "";
	char a[32], b[32];

	if (c->code.count > MOST_FILES)
		return abl_err_set(err, ABL_EINPUT,
				   "files: %zu files in '%s' are more than code has (%d): name "
				   "what the program reads under 'inputs:'",
				   c->code.count, c->directory, MOST_FILES);
	for (size_t i = 0; i < c->code.count; i++) {
		char *full = abl_code_full(c, c->code.file[i].path);
		struct stat st;

		if (c->code.file[i].path[0] != '/' && !stat(full, &st)) {
			total += st.st_size;
			if (st.st_size > most)
				largest = c->code.file[i].path;
			most = st.st_size > most ? st.st_size : most;
		}
		free(full);
	}
	if (total <= MOST_CODE)
		return 0;
	return abl_err_set(err, ABL_EINPUT,
			   "files: %s in '%s' are more than code has (%s), '%s' above all: name "
			   "what the program reads under 'inputs:'",
			   abl_format_bytes((double)total, a), c->directory,
			   abl_format_bytes((double)MOST_CODE, b), largest);
}

static int find_names(struct abl_code_search *s, struct abl_err *err)
{
	const struct abl_code_spec *spec = s->spec;
	struct abl_code_set *c = s->out;
	int rc = 0;

	for (int i = 0; i < 2 && !rc; i++)
		if (spec->inputs[i])
			rc = abl_code_add_patterns(s, spec->inputs[i], true, err);
	abl_code_sort(&c->inputs);
	abl_code_settle_links(c);
	for (int i = 0; i < 2 && !rc; i++)
		if (spec->files[i])
			rc = abl_code_add_patterns(s, spec->files[i], false, err);
	if (!rc)
		abl_code_add_words(s);
	abl_code_sort(&c->code);
	abl_code_drop_inputs(c);
	return rc;
}

int abl_code_find(struct abl_code_set *out, const struct abl_code_spec *spec, struct abl_err *err)
{
	struct abl_code_search s = {.spec = spec, .out = out};
	int rc;

	*out = (struct abl_code_set){.directory = abl_code_plain(spec->directory)};
	if (!abl_is_dir(out->directory))
		return abl_err_set(err, ABL_EINPUT, "directory: there is no folder '%s'",
				   out->directory);
	s.real = abl_real_path(out->directory);
	if (!s.real)
		s.real = abl_strdup(out->directory);
	rc = find_names(&s, err);
	free(s.real);
	rc = rc ? rc : check_size(out, err);
	rc = rc ? rc : read_list(out, &out->code, spec->cache, "files", err);
	rc = rc ? rc : read_list(out, &out->inputs, spec->cache, "inputs", err);
	if (!rc)
		abl_code_note_imports(out);
	return rc;
}

static void finish_list(struct abl_code_list *list)
{
	for (size_t i = 0; i < list->count; i++)
		free(list->file[i].path);
	free(list->file);
}

void abl_code_finish(struct abl_code_set *c)
{
	if (!c)
		return;
	finish_list(&c->code);
	finish_list(&c->inputs);
	for (size_t i = 0; i < c->link_count; i++) {
		free(c->link[i].path);
		free(c->link[i].target);
	}
	for (size_t i = 0; i < c->word_count; i++)
		free(c->word[i].text);
	free(c->link);
	free(c->word);
	free(c->directory);
	abl_str_finish(&c->notes);
	*c = (struct abl_code_set){0};
}

static int check_file(const struct abl_code_set *c, const struct abl_code_file *f, bool bit,
		      struct abl_hash_cache *cache, struct abl_err *err)
{
	struct abl_content now;
	char *path = abl_code_full(c, f->path);
	int rc = abl_hash_cache_file(cache, path, &now, err);

	if (!rc && (strcmp(now.hash, f->content.hash) != 0 ||
		    (bit && now.executable != f->content.executable)))
		rc = abl_err_set(err, ABL_EINPUT,
				 "'%s' has changed since the plan was made: run again", path);
	free(path);
	return rc;
}

int abl_code_check(const struct abl_code_set *c, struct abl_hash_cache *cache, bool in_place,
		   struct abl_err *err)
{
	int rc = 0;

	for (size_t i = 0; i < c->inputs.count && !rc; i++)
		rc = check_file(c, &c->inputs.file[i], false, cache, err);
	for (size_t i = 0; i < c->code.count && !rc; i++)
		if (in_place || c->code.file[i].path[0] == '/')
			rc = check_file(c, &c->code.file[i], true, cache, err);
	return rc;
}

const char *abl_code_word(const struct abl_code_set *c, bool of_wrap, size_t at, const char *word)
{
	for (size_t i = 0; i < c->word_count; i++)
		if (c->word[i].of_wrap == of_wrap && c->word[i].at == at)
			return c->word[i].text;
	return word;
}
