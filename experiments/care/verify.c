/* SPDX-License-Identifier: Apache-2.0 */
#include "verify.h"

#include "code_copy.h"
#include "disk_use.h"
#include "files.h"
#include "hash.h"
#include "input_hash.h"
#include "integrity.h"
#include "seal.h"
#include "stage_uses.h"
#include "store.h"
#include "str.h"
#include "trial_name.h"

#include <stdlib.h>
#include <string.h>

static const struct {
	const char *name, *advice;
} kinds[] = {
	[ABL_FAULT_DATABASE] = {"database",
				"keep a copy of the store; if there is a 'results.db.version-N' "
				"beside it, that is the database before its upgrade"},
	[ABL_FAULT_ARTEFACT] = {"artefact",
				"'ablate verify --repair' marks it, and the next 'ablate run "
				"STUDY.yaml' makes it again; its numbers stand"},
	[ABL_FAULT_CODE] = {"code", "the next 'ablate run STUDY.yaml' copies it again, if the "
				    "program is what it was"},
	[ABL_FAULT_DATA] = {"data", "the numbers are of what it held before: put that back, or let "
				    "'ablate run STUDY.yaml' begin anew with what it holds now"},
};

const char *abl_fault_name(enum abl_fault_kind kind)
{
	return kinds[kind].name;
}

const char *abl_fault_advice(enum abl_fault_kind kind)
{
	return kinds[kind].advice;
}

enum { MOST_NAMED = 1000 }; /* faults: of more, nobody reads each */

struct stage { /* with an artefact */
	char *kind, *key, *artifact, *seal, *predictions;
};

struct verification {
	struct abl_verified *out;
	struct abl_store *store;
	const struct abl_verify_request *request;
	struct stage *stage;
	size_t stage_count, stage_capacity;
	const char **code; /* interned, each once */
	size_t code_count, code_capacity;
	int64_t done, all;
};

static void add_fault(struct verification *v, enum abl_fault_kind kind, const char *of,
		      const char *what, const char *key)
{
	struct abl_verified *out = v->out;

	abl_grow(&out->fault, &out->capacity, out->count + 1, sizeof *out->fault);
	out->fault[out->count++] = (struct abl_fault){.kind = kind,
						      .of = abl_strdup(of),
						      .what = abl_strdup(what),
						      .key = key ? abl_strdup(key) : NULL};
}

static void tick(struct verification *v)
{
	if (v->request->tick)
		v->request->tick(v->request->data, v->done, v->all, v->out->bytes);
	v->done++;
}

/* ---- what there is ---- */

static char *copy(const char *text)
{
	return text ? abl_strdup(text) : NULL;
}

static void take_code(struct verification *v, const char *name)
{
	name = abl_intern(name);
	for (size_t i = 0; i < v->code_count; i++)
		if (v->code[i] == name)
			return;
	abl_grow(&v->code, &v->code_capacity, v->code_count + 1, sizeof *v->code);
	v->code[v->code_count++] = name;
}

static void take_stage(void *data, const struct abl_stage_use *u)
{
	struct verification *v = data;

	if (v->request->study && !u->of_study)
		return;
	if (u->code)
		take_code(v, u->code);
	v->out->dropped += u->dropped && !u->lost;
	if (strcmp(u->state, abl_state_name(ABL_DONE)) != 0 || !u->artifact)
		return;
	abl_grow(&v->stage, &v->stage_capacity, v->stage_count + 1, sizeof *v->stage);
	v->stage[v->stage_count++] = (struct stage){copy(u->kind), copy(u->key), copy(u->artifact),
						    copy(u->seal), copy(u->predictions)};
}

static int by_artifact(const void *a, const void *b)
{
	return strcmp(((const struct stage *)a)->artifact, ((const struct stage *)b)->artifact);
}

/* ---- looking ---- */

static void take_row(void *data, const char *of, const char *fault)
{
	add_fault(data, ABL_FAULT_DATABASE, of, fault, NULL);
}

static void add_name(void *data, const struct abl_trial_name *name)
{
	abl_trial_name_text(name, data);
}

/* For whom the stage was; NULL where that cannot be told. */
static char *whose(struct verification *v, const struct stage *s)
{
	struct abl_str text = {0};
	int64_t trial, trials;

	if (v->out->count > MOST_NAMED ||
	    abl_read_served(v->store, s->key, &trial, &trials, NULL) != 1)
		return NULL;
	abl_str_printf(&text, "%s of ", s->kind);
	if (abl_read_trial_name(v->store, trial, add_name, &text, NULL) != 1)
		abl_str_puts(&text, "an earlier plan");
	if (trials > 1)
		abl_str_printf(&text, " and %lld more trial%s", (long long)trials - 1,
			       abl_plural(trials - 1));
	return text.text;
}

static void look_at_stage(struct verification *v, const struct stage *s)
{
	const enum abl_look how = v->request->fast ? ABL_LOOK_SIZES : ABL_LOOK_ALL;
	const char *store = abl_store_folder(v->store);
	char *folder = abl_path_join(store, s->artifact);
	char *predictions = abl_path_join(folder, s->predictions ? s->predictions : "");
	struct abl_err err = {0};
	/* without a seal nothing says what should be there: at least the folder should */
	int rc = abl_made_check(folder, s->seal, how, &err);

	if (!rc && !abl_is_dir(folder))
		rc = abl_err_set(&err, ABL_EDAMAGED, "%s is missing", folder);
	if (!rc && s->predictions && !abl_is_regular(predictions))
		rc = abl_err_set(&err, ABL_EDAMAGED, "%s, its predictions, is missing",
				 predictions);
	v->out->artefacts++;
	v->out->bytes += v->request->fast ? 0 : abl_disk_use(folder);
	if (rc) {
		add_fault(v, ABL_FAULT_ARTEFACT, s->artifact,
			  !strncmp(err.text, folder, strlen(folder)) && err.text[strlen(folder)]
				  ? err.text + strlen(folder) + 1
				  : err.text,
			  s->key);
		v->out->fault[v->out->count - 1].whose = whose(v, s);
	}
	free(folder), free(predictions);
}

static void look_at_code(struct verification *v, const char *name)
{
	struct abl_str of = {0};
	struct abl_err err = {0};
	int64_t bytes = 0;
	int rc = v->request->fast
			 ? 0
			 : abl_code_copy_verify(abl_store_folder(v->store), name, &bytes, &err);

	abl_str_printf(&of, "code/%s", name);
	v->out->copies += !v->request->fast;
	v->out->bytes += bytes;
	if (rc)
		add_fault(v, ABL_FAULT_CODE, of.text, err.text, NULL);
	abl_str_finish(&of);
}

#define INPUT "input/" /* the roles of what a program reads, whose bytes are hashed as they are */

static void look_at_data(void *data, const struct abl_data_file *f)
{
	struct verification *v = data;
	struct abl_content content;
	struct abl_err err = {0};
	char hash[ABL_HASH_TEXT];
	int rc;

	if (!abl_is_regular(f->path)) { /* where the study was run from, it may be there */
		v->out->absent++;
		return;
	}
	v->out->files++;
	v->out->bytes += abl_disk_use(f->path);
	if (strncmp(f->role, INPUT, strlen(INPUT)) != 0) {
		rc = abl_hash_file(f->path, hash, &err);
	} else {
		rc = abl_hash_cache_file(NULL, f->path, &content, &err);
		memcpy(hash, content.hash, sizeof hash);
	}
	if (rc || strcmp(hash, f->hash) != 0)
		add_fault(v, ABL_FAULT_DATA, f->path,
			  rc ? err.text : "has changed since it was last run on", NULL);
}

static int look_at_all(struct verification *v, struct abl_err *err)
{
	const int64_t study = v->request->study;
	struct abl_err own = {0};
	int rc = abl_read_integrity(v->store, study, take_row, v, err);

	if (!rc && (rc = abl_store_sum_check(v->store, study, true, &own)) == ABL_EDAMAGED) {
		add_fault(v, ABL_FAULT_DATABASE, "results.db", own.text, NULL);
		rc = 0;
	} else if (rc) {
		abl_err_set(err, (enum abl_code)rc, "%s", own.text);
	}
	rc = rc ? rc : abl_read_stage_uses(v->store, study, take_stage, v, err);
	if (rc)
		return rc;
	if (v->stage_count)
		qsort(v->stage, v->stage_count, sizeof *v->stage, by_artifact);
	v->all = (int64_t)(v->stage_count + v->code_count);
	for (size_t i = 0; i < v->stage_count; i++) {
		tick(v);
		/* several stages may have one, by 'run --code same' */
		if (!i || strcmp(v->stage[i].artifact, v->stage[i - 1].artifact) != 0)
			look_at_stage(v, &v->stage[i]);
	}
	for (size_t i = 0; i < v->code_count; i++) {
		tick(v);
		look_at_code(v, v->code[i]);
	}
	return v->request->fast ? 0 : abl_read_data_files(v->store, study, look_at_data, v, err);
}

int abl_verify(struct abl_verified *out, struct abl_store *store,
	       const struct abl_verify_request *request, struct abl_err *err)
{
	struct verification v = {.out = out, .store = store, .request = request};
	int rc;

	*out = (struct abl_verified){0};
	rc = look_at_all(&v, err);
	for (size_t i = 0; i < v.stage_count; i++)
		free(v.stage[i].kind), free(v.stage[i].key), free(v.stage[i].artifact),
			free(v.stage[i].seal), free(v.stage[i].predictions);
	free(v.stage), free(v.code);
	return rc;
}

void abl_verified_finish(struct abl_verified *v)
{
	if (!v)
		return;
	for (size_t i = 0; i < v->count; i++)
		free(v->fault[i].of), free(v->fault[i].what), free(v->fault[i].key),
			free(v->fault[i].whose);
	free(v->fault);
	*v = (struct abl_verified){0};
}

int abl_verify_repair(struct abl_store *store, const struct abl_verified *v, int64_t *marked,
		      struct abl_err *err)
{
	int rc = abl_store_begin(store, err);

	*marked = 0;
	if (rc)
		return rc;
	for (size_t i = 0; i < v->count && !rc; i++) {
		if (!v->fault[i].key)
			continue;
		rc = abl_store_stage_lost(store, v->fault[i].key, v->fault[i].what, err);
		*marked += !rc;
	}
	if (rc) {
		abl_store_rollback(store);
		return rc;
	}
	rc = abl_store_commit(store, err);
	return rc ? rc : abl_store_sync(store, true, err);
}
