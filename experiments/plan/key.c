/* SPDX-License-Identifier: Apache-2.0 */
#include "key.h"

#include "document_groups.h"
#include "documents.h"
#include "files.h"
#include "native_judged.h"

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
	int rc;

	if (strcmp(path, "world")) {
		rc = read_text(path, documents, err);
		return rc ? rc : abl_hash_file(path, out, err);
	}
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

/* A tenth of train that fine-tuning is judged by must be there. */
static int check_judged(const struct abl_study *s, size_t t, struct abl_err *err)
{
	struct abl_task_counts counts = {0};
	const char *split = abl_task_spec_scored(&s->tasks[t].spec);
	struct abl_err fault = {0};

	if (!split && abl_native_judged(s, t, true))
		return abl_err_set(err, ABL_EINPUT,
				   "'select: best_dev' goes by the score on dev, and task '%s' has "
				   "none: use 'select: last'",
				   s->tasks[t].spec.name);
	if ((split && !strcmp(split, "held-back")) || !abl_native_judged(s, t, false))
		return 0;
	if (abl_task_check(&s->tasks[t].spec, "held-back", &counts, &fault))
		return abl_err_set(err, ABL_EINPUT,
				   "task '%s' has too few training examples to hold back a tenth, "
				   "by which 'select: best' and 'early_stopping' go; use 'select: "
				   "best_dev'",
				   s->tasks[t].spec.name);
	abl_task_counts_finish(&counts);
	return 0;
}

/* Reads the rows that will be trained and scored on: what is wrong with one is found before hours
 * of pre-training, not after. */
static int read_rows(const struct abl_study *s, size_t t, struct abl_task_counts *counts,
		     struct abl_err *err)
{
	const struct abl_task_spec *spec = &s->tasks[t].spec;

	struct abl_err fault = {0};
	int rc = abl_task_check_metric(spec, err);

	if (!rc)
		rc = abl_task_check(spec, abl_task_spec_scored(&s->tasks[t].spec), counts, err);
	if (!rc && abl_task_check_f1(spec, counts->classes.count, &fault))
		rc = abl_study_task_fail(s, t, "metric", fault.text, err);
	return rc ? rc : check_judged(s, t, err);
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
	if (!rc && s->held_out) {
		documents = 0;
		return hash_text(s->held_out, &documents, in->held_out, err);
	}
	if (rc || !s->groups)
		return rc;
	rc = abl_document_groups_read(&groups, s->groups, err);
	if (!rc)
		rc = abl_document_groups_check(&groups, s->groups, documents, err);
	abl_document_groups_finish(&groups);
	return rc ? rc : abl_hash_file(s->groups, in->groups, err);
}

/* A column, a class, a number that a file has not is as often a slip in the study. */
static int name_task(const struct abl_study *s, size_t t, int rc, struct abl_err *err)
{
	struct abl_err why;

	if (rc != ABL_EINPUT || !err || strstr(err->text, s->path))
		return rc;
	why = *err;
	*err = (struct abl_err){0};
	return abl_err_set(err, ABL_EINPUT, "%s (read for task '%s' of '%s')", why.text,
			   s->tasks[t].spec.name, s->path);
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
	in->tested = abl_calloc(s->task_count, sizeof *in->tested);
	in->counts = abl_calloc(s->task_count, sizeof *in->counts);
	in->task_count = s->task_count;
	rc = hash_texts(s, in, err);
	if (!rc && s->vocab_file)
		rc = abl_hash_file(s->vocab_file, in->vocab, err);
	if (!rc && s->init)
		rc = hash_init(s->init, in->init, err);
	for (size_t t = 0; t < s->task_count && !s->pretraining_only && !rc; t++) {
		const struct abl_task_spec *spec = &s->tasks[t].spec;

		rc = read_rows(s, t, &in->counts[t], err);
		rc = rc ? rc : hash_task(spec, "train", in->train[t], err);
		if (!rc && abl_task_spec_scored(&s->tasks[t].spec))
			rc = hash_task(spec, abl_task_spec_scored(&s->tasks[t].spec), in->scored[t],
				       err);
		rc = rc ? rc : hash_task(spec, "held-back", in->held_back[t], err);
		if (!rc && s->tasks[t].tested)
			rc = hash_task(spec, "test", in->tested[t], err);
		rc = rc ? name_task(s, t, rc, err) : 0;
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
	for (size_t t = 0; t < in->task_count; t++)
		abl_task_counts_finish(&in->counts[t]);
	free(in->text), free(in->train), free(in->scored), free(in->held_back), free(in->tested);
	free(in->counts);
	free(in);
}

static void add(struct abl_str *out, const char *name, const char *value)
{
	abl_str_printf(out, "%s=%s\n", name, value);
}

/* The content of an input: a stage's key, or the hash of the study's file that stands there. */
static const char *input_text(const struct abl_plan *p, const struct abl_plan_stage *stage,
			      const struct abl_plan_input *input)
{
	if (input->stage != ABL_NONE)
		return p->stages[input->stage].key;
	if (!strcmp(input->name, "vocab"))
		return p->inputs->vocab;
	return abl_plan_starts_from(p, stage) ? p->inputs->init : "none";
}

static void add_texts(const struct abl_plan *p, const struct abl_plan_stage *stage,
		      struct abl_str *out)
{
	(void)stage;
	for (size_t i = 0; i < p->study->text_count; i++)
		add(out, "text", p->inputs->text[i]);
}

/* Only where a vocabulary has no texts: others keep their keys. */
static void add_tasks(const struct abl_plan *p, const struct abl_plan_stage *stage,
		      struct abl_str *out)
{
	(void)stage;
	for (size_t t = 0; t < p->study->task_count && !p->study->text_count; t++) {
		add(out, "train", p->inputs->train[t]);
		add(out, "hold_back",
		    abl_task_spec_holds_back(&p->study->tasks[t].spec) ? "yes" : "no");
	}
}

static void add_groups(const struct abl_plan *p, const struct abl_plan_stage *stage,
		       struct abl_str *out)
{
	(void)stage;
	if (p->study->groups) /* only then: others keep their keys */
		add(out, "groups", p->inputs->groups);
	if (p->study->held_out)
		add(out, "held_out", p->inputs->held_out);
}

static const char *scored_hash(const struct abl_plan *p, const struct abl_plan_stage *stage)
{
	const struct abl_plan_inputs *in = p->inputs;

	return abl_plan_is_test(stage)             ? in->tested[stage->task]
	       : strcmp(stage->split, "held-back") ? in->scored[stage->task]
						   : in->held_back[stage->task];
}

static void add_train(const struct abl_plan *p, const struct abl_plan_stage *stage,
		      struct abl_str *out)
{
	add(out, "train", p->inputs->train[stage->task]);
	add(out, "hold_back", stage->hold_back ? "yes" : "no");
	if (stage->sees_scored) /* only then: others keep their keys */
		add(out, "selected_on", scored_hash(p, stage));
}

static void add_split(const struct abl_plan *p, const struct abl_plan_stage *stage,
		      struct abl_str *out)
{
	add(out, "split", stage->split);
	add(out, "scored", scored_hash(p, stage));
	if (stage->sharpness) /* only then: others keep their keys */
		add(out, "measure", "sharpness/1");
}

/* What stages read, in the order of the text; other stages' artefacts come after the texts. */
static const struct {
	enum abl_reads what;
	void (*add)(const struct abl_plan *, const struct abl_plan_stage *, struct abl_str *);
} before[] = {{ABL_READS_TEXTS, add_texts},
	      {ABL_READS_TASKS, add_tasks},
	      {ABL_READS_GROUPS, add_groups}},
  after[] = {{ABL_READS_TRAIN, add_train}, {ABL_READS_SPLIT, add_split}};

void abl_native_canonical(const struct abl_plan *p, const struct abl_plan_stage *stage,
			  struct abl_str *out)
{
	const struct abl_kind *kind = stage->kind;

	add(out, "stage", kind->name);
	abl_str_printf(out, "seed=%lld\n", (long long)stage->seed);
	for (size_t i = 0; i < sizeof before / sizeof *before; i++)
		if (kind->reads & before[i].what)
			before[i].add(p, stage, out);
	for (size_t i = 0; i < stage->input_count; i++)
		if (kind->inputs[i].hashed)
			add(out, stage->inputs[i].name, input_text(p, stage, &stage->inputs[i]));
	for (size_t i = 0; i < sizeof after / sizeof *after; i++)
		if (kind->reads & after[i].what)
			after[i].add(p, stage, out);
	abl_values_canonical(stage->config, kind->options, out);
}
