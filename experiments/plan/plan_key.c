/* SPDX-License-Identifier: Apache-2.0 */
#include "plan_key.h"

#include "document_groups.h"
#include "documents.h"
#include "files.h"
#include "task_check.h"

#include <stdlib.h>
#include <string.h>

/* Reads a pre-training text to its end, and adds up its documents: damage is found before any work,
 * and before a store is made. */
static int read_text(const char *path, uint64_t *documents, struct abl_err *err)
{
	const char *const texts[] = {path, NULL};
	struct abl_documents *d;
	struct abl_paragraph p = {0};
	int got = abl_documents_open(&d, texts, err);

	if (got)
		return got;
	while ((got = abl_documents_next(d, &p, err)) == 1)
		;
	*documents += p.document + 1;
	abl_documents_close(d);
	return got;
}

/* The built-in world is a pure function of the program; a change of its content raises the number.
 */
static int hash_text(const char *path, uint64_t *documents, char out[ABL_HASH_TEXT],
		     struct abl_err *err)
{
	static const char world[] = "world/1";

	if (strcmp(path, "world"))
		return read_text(path, documents, err) ? err->code : abl_hash_file(path, out, err);
	abl_hash_bytes(world, sizeof world - 1, out);
	return 0;
}

static int hash_task(const struct abl_task_spec *spec, const char *split, char out[ABL_HASH_TEXT],
		     struct abl_err *err)
{
	struct abl_hash *h = abl_hash_create();
	int rc = abl_task_spec_hash(spec, split, h, err);

	abl_hash_text(h, out);
	abl_hash_destroy(h);
	return rc;
}

/* Reads the rows that will be trained and scored on: what is wrong with one is found before hours
 * of pre-training, not after. */
static int read_rows(const struct abl_study *s, size_t t, struct abl_err *err)
{
	const struct abl_task_spec *spec = &s->tasks[t].spec;

	if (abl_task_check_metric(spec, err))
		return ABL_EINPUT;
	if (!strcmp(spec->train, "world"))
		return 0;
	return abl_task_check(spec, abl_plan_split(s, t), err);
}

/* The folder that variants start from: its settings and its weights; its vocabulary is apart. */
static int hash_init(const char *folder, char out[ABL_HASH_TEXT], struct abl_err *err)
{
	static const char *const files[] = {"config.json", "model.safetensors"};
	struct abl_hash *h = abl_hash_create();
	char each[ABL_HASH_TEXT];
	int rc = 0;

	for (size_t i = 0; !rc && i < sizeof files / sizeof *files; i++) {
		char *path = abl_path_join(folder, files[i]);

		rc = abl_hash_file(path, each, err);
		if (!rc)
			abl_hash_field(h, files[i], each);
		free(path);
	}
	abl_hash_text(h, out);
	abl_hash_destroy(h);
	return rc;
}

static int hash_texts(const struct abl_study *s, struct abl_plan_inputs *in, struct abl_err *err)
{
	struct abl_document_groups groups = {0};
	uint64_t documents = 0;
	int rc = 0;

	for (size_t i = 0; i < s->text_count && !rc; i++)
		rc = hash_text(s->texts[i], &documents, in->text[i], err);
	if (rc || !s->groups)
		return rc;
	rc = abl_document_groups_read(&groups, s->groups, err);
	if (!rc)
		rc = abl_document_groups_check(&groups, s->groups, documents, err);
	abl_document_groups_finish(&groups);
	return rc ? rc : abl_hash_file(s->groups, in->groups, err);
}

int abl_plan_inputs_create(struct abl_plan_inputs **out, const struct abl_study *s,
			   struct abl_err *err)
{
	struct abl_plan_inputs *in = abl_calloc(1, sizeof *in);
	int rc;

	in->text = abl_calloc(s->text_count + 1, sizeof *in->text);
	in->train = abl_calloc(s->task_count, sizeof *in->train);
	in->scored = abl_calloc(s->task_count, sizeof *in->scored);
	in->held_back = abl_calloc(s->task_count, sizeof *in->held_back);
	rc = hash_texts(s, in, err);
	if (!rc && s->vocab_file)
		rc = abl_hash_file(s->vocab_file, in->vocab, err);
	if (!rc && s->init)
		rc = hash_init(s->init, in->init, err);
	for (size_t t = 0; t < s->task_count && !rc; t++) {
		const struct abl_task_spec *spec = &s->tasks[t].spec;

		rc = read_rows(s, t, err);
		rc = rc ? rc : hash_task(spec, "train", in->train[t], err);
		rc = rc ? rc : hash_task(spec, abl_plan_split(s, t), in->scored[t], err);
		rc = rc ? rc : hash_task(spec, "held-back", in->held_back[t], err);
	}
	if (rc)
		abl_plan_inputs_destroy(in);
	else
		*out = in;
	return rc;
}

void abl_plan_inputs_destroy(struct abl_plan_inputs *in)
{
	if (!in)
		return;
	free(in->text), free(in->train), free(in->scored), free(in->held_back);
	free(in);
}

/* What a kind of stage reads, and which options affect it. */
enum { TEXTS = 1, VOCAB = 2, CORPUS = 4, PARENT = 8, TRAIN = 16, SPLIT = 32, GROUPS = 64 };
static const struct {
	unsigned options, reads;
} kinds[ABL_STAGES] = {
	[ABL_STAGE_VOCAB] = {ABL_AT_VOCAB, TEXTS},
	[ABL_STAGE_TOKENIZE] = {ABL_AT_TOKENIZE, TEXTS | GROUPS | VOCAB},
	[ABL_STAGE_PRETRAIN] = {ABL_AT_PRETRAIN, VOCAB | CORPUS},
	[ABL_STAGE_FINETUNE] = {ABL_AT_FINETUNE, VOCAB | PARENT | TRAIN},
	[ABL_STAGE_EVALUATE] = {ABL_AT_EVALUATE, PARENT | SPLIT},
};

static void add(struct abl_str *out, const char *name, const char *value)
{
	abl_str_printf(out, "%s=%s\n", name, value);
}

static const char *key_of(const struct abl_plan *p, size_t stage)
{
	return stage == ABL_NONE ? "none" : p->stages[stage].key;
}

void abl_plan_key(const struct abl_plan *p, struct abl_plan_stage *stage)
{
	const unsigned reads = kinds[stage->kind].reads;
	const struct abl_plan_inputs *in = p->inputs;
	struct abl_str text = {0};

	add(&text, "stage", abl_stage_name(stage->kind));
	abl_str_printf(&text, "seed=%lld\n", (long long)stage->seed);
	for (size_t i = 0; (reads & TEXTS) && i < p->study->text_count; i++)
		add(&text, "text", in->text[i]);
	if ((reads & GROUPS) && p->study->groups) /* only then: others keep their keys */
		add(&text, "groups", in->groups);
	if (reads & VOCAB)
		add(&text, "vocab", stage->vocab == ABL_NONE ? in->vocab : key_of(p, stage->vocab));
	if (reads & CORPUS)
		add(&text, "corpus", key_of(p, stage->corpus));
	if (reads & PARENT)
		add(&text, "parent",
		    abl_plan_starts_from(p, stage) ? in->init : key_of(p, stage->parent));
	if (reads & TRAIN) {
		add(&text, "train", in->train[stage->task]);
		add(&text, "hold_back", stage->hold_back ? "yes" : "no");
	}
	if (reads & SPLIT) {
		add(&text, "split", stage->split);
		add(&text, "scored",
		    strcmp(stage->split, "held-back") ? in->scored[stage->task]
						      : in->held_back[stage->task]);
		if (stage->sharpness) /* only then: others keep their keys */
			add(&text, "measure", "sharpness/1");
	}
	abl_config_canonical(&stage->config, kinds[stage->kind].options, &text);
	abl_hash_bytes(text.text, text.length, stage->key);
	stage->canonical = text.text;
}
