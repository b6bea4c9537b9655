/* SPDX-License-Identifier: Apache-2.0 */
#include "pack.h"

#include "code_copy.h"
#include "code_record.h"
#include "disk_use.h"
#include "files.h"
#include "integrity.h"
#include "own_folder.h"
#include "pack_write.h"
#include "seal.h"
#include "standing.h"
#include "store_carry.h"
#include "store_drop.h"
#include "study_files.h"
#include "tar_read.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

struct names {
	char **name;
	size_t count, capacity;
};

struct stage {
	char *key, *artifact, *predictions; /* predictions: or NULL */
	bool is_program;
};

struct pack {
	const struct abl_pack_request *request;
	struct abl_packed *out;
	const char *store; /* its folder */
	char *temporary;   /* a folder of ours */
	struct abl_carry_files files;
	struct abl_study_layout layout;
	struct names code, artifacts; /* copies of code, the oldest first */
	struct abl_store *packed;     /* the database that is made */
	struct stage *stage;          /* [stage_count]: those that have made something */
	size_t stage_count, stage_capacity;
	/* of the artefact that is looked at */
	const char *predictions;
	bool lacks;
	const char *key;
};

static bool add_name(struct names *n, const char *name)
{
	for (size_t i = 0; i < n->count; i++)
		if (!strcmp(n->name[i], name))
			return false;
	abl_grow(&n->name, &n->capacity, n->count + 1, sizeof *n->name);
	n->name[n->count++] = abl_strdup(name);
	return true;
}

static void names_finish(struct names *n)
{
	for (size_t i = 0; i < n->count; i++)
		free(n->name[i]);
	free(n->name);
}

/* ---- what a stage has made ---- */

/* What is large, and made again when somebody needs it. */
static bool is_weights(const char *name)
{
	static const char *const endings[] = {
		".safetensors", ".bin",  ".pt",  ".pth",    ".ckpt",    ".npz", ".npy",  ".h5",
		".onnx",        ".gguf", ".pkl", ".joblib", ".msgpack", ".tar", ".keras"};
	const size_t n = strlen(name);

	for (size_t i = 0; i < sizeof endings / sizeof *endings; i++) {
		const size_t m = strlen(endings[i]);

		if (n > m && !strcmp(name + n - m, endings[i]))
			return true;
	}
	return false;
}

static bool wants_file(const char *below, void *data)
{
	struct pack *p = data;
	struct abl_str path = {0};
	struct stat st;

	if (!abl_tar_name_is_fine(below))
		return false;
	if (p->request->weights || !is_weights(below) ||
	    (p->predictions && !strcmp(p->predictions, below)))
		return true;
	abl_str_printf(&path, "%s/%s/%s", p->store, p->key, below);
	p->out->left_out++;
	p->lacks = true;
	if (!stat(path.text, &st))
		p->out->left_bytes += (double)st.st_size;
	abl_str_finish(&path);
	return false;
}

/* What is left of a program's artefact, as a sealed folder of its own, as `keep:` leaves one. */
static int set_apart(struct pack *p, const char *key, size_t from, struct abl_err *err)
{
	struct abl_str folder = {0}, name = {0};
	struct abl_made made = {0};
	struct abl_stage_drop drop = {.artifact = p->key, .what = "weights"};
	char seal[ABL_HASH_TEXT];
	int rc = 0;

	abl_str_printf(&folder, "%s/kept/%s", p->temporary, key);
	abl_str_printf(&name, "artifacts/%s.kept", key);
	abl_made_begin(&made);
	for (size_t i = from; i < p->files.count && !rc; i++) {
		const char *its = abl_carry_below(p->files.file[i].name, p->key);
		char *to = abl_carry_join(folder.text, its ? its : "");

		if (its && strcmp(its, ABL_SEAL) != 0) {
			rc = abl_carry_copy(p->files.file[i].path, to, err);
			rc = rc ? rc : abl_made_take_file(to, err);
		}
		free(to);
	}
	abl_made_begin(NULL);
	rc = rc ? rc : abl_mkdir_all(folder.text, err);
	rc = rc ? rc : abl_made_seal(&made, folder.text, seal, err);
	abl_made_finish(&made);
	abl_carry_files_cut(&p->files, from);
	abl_carry_files_walk(&p->files, folder.text, name.text, NULL, NULL);
	drop.left = name.text;
	drop.seal = seal;
	drop.bytes = abl_disk_use(folder.text);
	rc = rc ? rc : abl_store_stage_dropped(p->packed, &drop, err);
	abl_str_finish(&folder), abl_str_finish(&name);
	return rc;
}

/* A stage of the built-in engine is its weights; a program leaves other things, too. */
static int leave_weights(struct pack *p, const struct stage *s, size_t from, struct abl_err *err)
{
	const struct abl_stage_drop all = {.artifact = s->artifact, .what = "all"};

	if (s->is_program)
		return set_apart(p, s->key, from, err);
	abl_carry_files_cut(&p->files, from);
	return abl_store_stage_dropped(p->packed, &all, err);
}

static int take_artifact(struct pack *p, const struct stage *s, struct abl_err *err)
{
	const size_t from = p->files.count;
	char *folder = abl_carry_join(p->store, s->artifact);

	p->predictions = s->predictions;
	p->key = s->artifact;
	p->lacks = false;
	abl_carry_files_walk(&p->files, folder, s->artifact, wants_file, p);
	free(folder);
	return p->lacks ? leave_weights(p, s, from, err) : 0;
}

static void take_stage(void *data, const struct abl_carried_stage *s)
{
	struct pack *p = data;

	p->out->stages++;
	if (s->code)
		add_name(&p->code, s->code);
	if (!s->done || !s->artifact || !add_name(&p->artifacts, s->artifact))
		return; /* several stages may have one: 'run --code same' */
	abl_grow(&p->stage, &p->stage_capacity, p->stage_count + 1, sizeof *p->stage);
	p->stage[p->stage_count++] =
		(struct stage){.key = abl_strdup(s->key),
			       .artifact = abl_strdup(s->artifact),
			       .predictions = s->predictions ? abl_strdup(s->predictions) : NULL,
			       .is_program = s->code != NULL};
}

static void take_log(void *data, const char *from, const char *to)
{
	struct pack *p = data;
	char *path = abl_carry_join(p->store, from);

	if (abl_is_regular(path))
		abl_carry_files_add(&p->files, abl_strdup(to), abl_strdup(path));
	free(path);
}

/* ---- the database ---- */

static int put_rows(struct pack *p, struct abl_store *to, struct abl_err *err)
{
	const struct abl_carry_request carry = {.name = p->request->study,
						.as = p->request->study,
						.data = p,
						.stage = take_stage,
						.log = take_log};
	int rc = abl_store_begin(to, err);

	if (rc)
		return rc;
	rc = abl_store_carry(to, p->request->store, &carry, err);
	p->packed = to;
	for (size_t i = 0; i < p->stage_count && !rc; i++)
		rc = take_artifact(p, &p->stage[i], err);
	if (rc) {
		abl_store_rollback(to);
		return rc;
	}
	rc = abl_store_commit(to, err);
	rc = rc ? rc : abl_store_refresh_views(to, err);
	return rc ? rc : abl_store_settle(to, err);
}

static int make_database(struct pack *p, struct abl_err *err)
{
	char *folder = abl_carry_join(p->temporary, "store");
	struct abl_store *to = NULL;
	int rc = abl_store_open(&to, folder, ABL_STORE_WRITE, err);

	rc = rc ? rc : put_rows(p, to, err);
	abl_store_close(to);
	abl_carry_files_add(&p->files, abl_strdup("results.db"),
			    abl_carry_join(folder, "results.db"));
	free(folder);
	return rc;
}

/* ---- the study's own files ---- */

static int take_study_file(struct pack *p, int64_t study, struct abl_err *err)
{
	struct abl_file_record record;
	int rc = abl_read_file_record(p->request->store, study, &record, err);

	rc = rc ? rc
		: abl_study_layout_make(&p->layout, record.path, record.text, p->temporary,
					&p->files, err);
	abl_file_record_finish(&record);
	return rc;
}

/* The copy in the store, with a list without this machine's own: links to where inputs lie, inodes
 * and times. And the newest of each file, where the study file looks for it. */
static int take_code(struct pack *p, const char *name, struct abl_err *err)
{
	char *folder = abl_code_copy_path(p->store, name), *list, *to, *at;
	struct abl_code_record record;
	struct abl_code_set set = {0};
	struct abl_str file = {0};
	int rc;

	abl_str_printf(&file, "%s.list", folder);
	list = file.text;
	if (abl_code_record_read(&record, list, NULL)) { /* gone: it is said where it is needed */
		abl_code_record_finish(&record);
		free(folder), free(list);
		return 0;
	}
	file = (struct abl_str){0};
	abl_str_printf(&file, "%s/code-%s.list", p->temporary, name);
	to = file.text;
	set.code = record.code;
	rc = abl_code_record_write(&set, NULL, to, err);
	file = (struct abl_str){0};
	abl_str_printf(&file, "code/%s.list", name);
	abl_carry_files_add(&p->files, file.text, to);
	for (size_t i = 0; i < record.code.count && !rc; i++) {
		const char *its = record.code.file[i].path;
		char *path = abl_carry_join(folder, its);

		if (*its != '/' && abl_tar_name_is_fine(its) && abl_is_regular(path)) {
			file = (struct abl_str){0};
			abl_str_printf(&file, "code/%s/%s", name, its);
			abl_carry_files_add(&p->files, file.text, abl_strdup(path));
			at = abl_study_layout_code(&p->layout, its);
			if (at)
				abl_carry_files_add(&p->files, at, abl_strdup(path));
		}
		free(path);
	}
	abl_code_record_finish(&record);
	free(folder), free(list);
	return rc;
}

struct data {
	struct pack *pack;
	int rc;
	struct abl_err *err;
};

static void take_data(void *data, const struct abl_data_file *f)
{
	struct data *d = data;
	const struct abl_study_layout *l = &d->pack->layout;
	char *path = l->directory && *f->path != '/' ? abl_carry_join(l->directory, f->path)
						     : abl_strdup(f->path);
	char hash[ABL_HASH_TEXT], *name;

	if (d->rc) {
		free(path);
		return;
	}
	if (!abl_is_regular(path))
		d->rc = abl_err_set(d->err, ABL_EINPUT,
				    "the data file '%s' (%s) is not there: leave out --data, or "
				    "pack where it is",
				    path, f->role);
	else if (strncmp(f->role, "input/", 6) != 0 && !abl_hash_file(path, hash, NULL) &&
		 strcmp(hash, f->hash) != 0)
		d->rc = abl_err_set(d->err, ABL_EINPUT,
				    "the data file '%s' (%s) is not what the study was run on: its "
				    "hash is %s and was %s",
				    path, f->role, hash, f->hash);
	name = d->rc ? NULL : abl_study_layout_data(l, f->path);
	if (name)
		abl_carry_files_add(&d->pack->files, name, abl_strdup(path));
	free(path);
}

static bool is_kept_figure(const char *below, void *data)
{
	return abl_tar_name_is_fine(below) && !strstr(below, ".tmp-");
}

static int take_files(struct pack *p, int64_t study, struct abl_err *err)
{
	struct abl_str plots = {0};
	struct data data = {.pack = p, .err = err};
	int rc = take_study_file(p, study, err);

	for (size_t i = p->code.count; i-- > 0 && !rc;)
		rc = take_code(p, p->code.name[i], err);
	if (!rc && p->request->data)
		rc = abl_read_data_files(p->request->store, study, take_data, &data, err);
	rc = rc ? rc : data.rc;
	abl_str_printf(&plots, "%s/plots/%s", p->store, p->request->study);
	abl_carry_files_walk(&p->files, plots.text, "plots", is_kept_figure, NULL);
	abl_str_finish(&plots);
	return rc;
}

/* ---- writing ---- */

static void describe(const struct pack *p, struct abl_str *out)
{
	abl_str_printf(
		out,
		"A study of ablate: '%s'\n\n"
		"To work with it:  ablate unpack FILE\n"
		"Without ablate:   report page and figures are in plots/, results.db is an SQLite\n"
		"                  database (its views: trials, variants, effects)\n\n"
		"manifest.json     every other file, its size and its XXH3-128 hash\n"
		"results.db        this study's rows: variants, trials, stages, results, curves\n"
		"study/            the study file with what it includes%s\n"
		"artifacts/        predictions and what else its stages have made%s\n"
		"logs/             what each attempt said\n",
		p->request->study, p->layout.directory ? "; its program's code" : "",
		p->request->weights ? "" : ", without weights");
	if (p->code.count)
		abl_str_puts(out, "code/             the copies of its program that were run\n");
	if (p->request->data)
		abl_str_puts(out, "data/             what it was trained and scored on, but for "
				  "what lies in study/\n");
	abl_str_puts(out, "\nIt names the machine that it was run on and paths there; values of\n"
			  "variables with secret names are not in it.\n");
}

static int write_archive(struct pack *p, struct abl_err *err)
{
	const struct abl_manifest m = {.study = (char *)(uintptr_t)p->request->study,
				       .engine = (char *)(uintptr_t)p->request->engine,
				       .file = p->layout.file,
				       .schema = abl_store_schema(),
				       .weights = p->request->weights,
				       .data = p->request->data,
				       .executes = p->layout.executes,
				       .files = p->files};
	struct abl_str about = {0};
	const struct abl_pack_archive archive = {.output = p->request->output,
						 .manifest = &m,
						 .about = &about,
						 .tell_data = p->request->tell_data,
						 .tell = p->request->tell};
	int rc;

	describe(p, &about);
	rc = abl_pack_write(&archive, &p->out->bytes, err);
	abl_str_finish(&about);
	return rc;
}

int abl_pack(struct abl_packed *out, const struct abl_pack_request *request, struct abl_err *err)
{
	struct pack p = {.request = request, .out = out, .store = abl_store_folder(request->store)};
	struct abl_str parts = {0};
	int64_t study;
	int rc = abl_store_find_study(request->store, request->study, &study, err);

	*out = (struct abl_packed){0};
	if (rc)
		return rc;
	abl_orphans_remove(request->output); /* of one that was killed */
	abl_str_printf(&parts, "%s.parts", request->output);
	rc = abl_own_folder(parts.text, &p.temporary, err);
	abl_str_finish(&parts);
	if (rc)
		return abl_err_prefix(err, rc, "cannot pack to '%s'", request->output);
	rc = make_database(&p, err);
	rc = rc ? rc : take_files(&p, study, err);
	abl_carry_files_sort(&p.files);
	rc = rc ? rc : write_archive(&p, err);
	(void)!abl_remove_tree(p.temporary, NULL);
	out->files = p.files.count;
	out->has_file = p.layout.file != NULL;
	out->executes = p.layout.file && p.layout.executes;
	abl_carry_files_finish(&p.files);
	abl_study_layout_finish(&p.layout);
	names_finish(&p.code), names_finish(&p.artifacts);
	for (size_t i = 0; i < p.stage_count; i++)
		free(p.stage[i].key), free(p.stage[i].artifact), free(p.stage[i].predictions);
	free(p.stage);
	free(p.temporary);
	return rc;
}
