/* SPDX-License-Identifier: Apache-2.0 */
#include "predict.h"

#include "checkpoint.h"
#include "class_labels.h"
#include "pretrained.h"
#include "task_pass.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

struct abl_predictor {
	struct abl_saved saved;
	struct abl_tokenizer *tokenizer;
	struct abl_layout layout;
	struct abl_task_tools tools;
};

int abl_predictor_open(struct abl_predictor **out, const char *folder, struct abl_err *err)
{
	struct abl_predictor *p = abl_calloc(1, sizeof *p);
	int rc = abl_saved_open(&p->saved, folder, err);

	if (rc) {
		free(p);
		return rc;
	}
	p->tokenizer = abl_tokenizer_create(p->saved.vocab, p->saved.config.cased);
	p->tools = (struct abl_task_tools){p->tokenizer, &p->layout};
	rc = abl_layout_init(&p->layout, &p->saved.config, p->saved.vocab,
			     abl_saved_is_pretrained(&p->saved), err);
	if (rc)
		abl_predictor_close(p);
	else
		*out = p;
	return rc;
}

void abl_predictor_close(struct abl_predictor *p)
{
	if (!p)
		return;
	abl_tokenizer_destroy(p->tokenizer);
	abl_saved_finish(&p->saved);
	free(p);
}

/* The task type of the checkpoint's head. */
static int find_type(const struct abl_predictor *p, const struct abl_task_type **out,
		     struct abl_err *err)
{
	const char *type = p->saved.type;

	*out = type ? abl_task_type_find(type) : NULL;
	if (*out)
		return 0;
	return abl_err_set(err, ABL_EINPUT,
			   type ? "%s: was only pre-trained: use --text, or fine-tune it on a task"
				: "%s: is an encoder without a head: fine-tune it on a task",
			   p->saved.folder);
}

/* transformers' names for classes that have none. */
static bool is_named(const char *labels)
{
	return strncmp(labels, "LABEL_", 6) != 0;
}

/* Do the task's labels count the classes from 0, where the checkpoint has words for as many? Then
 * the file is read, and its answers written, by number: class i is the checkpoint's class i. */
static bool counts_classes(const char *task, const char *own)
{
	struct abl_str ids = {0};
	bool words = true, same;
	size_t n = 0;

	for (const char *p = own; *p; p += strcspn(p, "|"), p += *p == '|') {
		words &= strspn(p, "0123456789") < strcspn(p, "|");
		abl_str_printf(&ids, "%s%zu", n ? "|" : "", n);
		n++;
	}
	same = task && n && !strcmp(task, ids.text);
	abl_str_finish(&ids);
	return words && same;
}

/* A task whose classes are said takes no checkpoint that has others, unless it only counts them. */
static int check_classes(const struct abl_predictor *p, const struct abl_task_spec *spec,
			 struct abl_err *err)
{
	struct abl_class_labels ours = {0}, theirs = {0};
	int rc = 0;

	if (p->saved.labels && counts_classes(spec->labels, p->saved.labels))
		return 0;
	abl_class_labels_split(&ours, p->saved.labels);
	abl_class_labels_split(&theirs, spec->labels);
	for (size_t i = 0; i < ours.count && !rc; i++)
		if (abl_class_labels_find(&theirs, ours.name[i]) < 0)
			rc = abl_err_set(err, ABL_EINPUT,
					 "%s: was fine-tuned on another task: its class '%s' is "
					 "not a class of task '%s' (%s)",
					 p->saved.folder, ours.name[i], spec->name, spec->labels);
	abl_class_labels_finish(&ours), abl_class_labels_finish(&theirs);
	return rc;
}

/* What the task is like here: `spec` (NULL: nothing more is known) with the checkpoint's classes.
 * Ends with abl_task_spec_finish(). */
static int complete_spec(const struct abl_predictor *p, const struct abl_task_spec *spec,
			 struct abl_task_spec *out, struct abl_err *err)
{
	json_t *o = spec ? abl_task_spec_json(spec) : json_object();
	const char *task = json_string_value(json_object_get(o, "labels")), *own = p->saved.labels;
	/* a regression's labels are its scale, which a checkpoint does not keep */
	bool has_scale = task && abl_task_facts_find(p->saved.type)->labels == ABL_LABELS_NUMBERS;
	int rc;

	if (!spec) {
		json_object_set_new(o, "name", json_string(p->saved.type));
		json_object_set_new(o, "type", json_string(p->saved.type));
	}
	if (!has_scale && own && (!task || (is_named(own) && !counts_classes(task, own))))
		json_object_set_new(o, "labels", json_string(own));
	rc = abl_task_spec_from_json(out, o, err);
	json_decref(o);
	if (!rc && strcmp(out->type, p->saved.type)) {
		rc = abl_err_set(err, ABL_EINPUT,
				 "%s: its head is of type '%s', task '%s' is of type '%s'",
				 p->saved.folder, p->saved.type, out->name, out->type);
		abl_task_spec_finish(out);
	}
	if (!rc && spec && spec->labels && !has_scale && is_named(p->saved.labels)) {
		rc = check_classes(p, spec, err);
		if (rc)
			abl_task_spec_finish(out);
	}
	return rc;
}

/* One pass over the task's items. */
static int pass_over(struct abl_predictor *p, const struct abl_task_type *type, struct abl_task *t,
		     const struct abl_events *e, struct abl_err *err)
{
	struct abl_model_request r =
		abl_task_model_request(type, t, &p->saved.config, p->saved.vocab);
	struct abl_model *m = NULL;
	double loss;
	int rc = abl_checkpoint_open(&m, &r, p->saved.folder, err);

	if (!rc && type->use_decided && !isnan(p->saved.decided))
		type->use_decided(t, p->saved.decided);
	if (!rc)
		rc = abl_task_pass(&(struct abl_task_feed){type, t, &p->layout}, m, e, &loss, err);
	abl_model_destroy(m);
	return rc;
}

int abl_predict_file(struct abl_predictor *p, const struct abl_task_spec *spec, const char *path,
		     const struct abl_events *e, size_t *answers, struct abl_err *err)
{
	const struct abl_task_type *type;
	struct abl_task_spec whole = {0};
	struct abl_task *t = NULL;
	int rc = find_type(p, &type, err);

	if (!rc)
		rc = complete_spec(p, spec, &whole, err);
	if (rc)
		return rc;
	rc = type->load(&t, &whole, "test", NULL, &p->tools, err);
	if (!rc)
		rc = pass_over(p, type, t, e, err);
	if (!rc)
		rc = type->submit(t, path, err);
	*answers = rc ? 0 : type->answers ? type->answers(t) : type->count(t);
	type->destroy(t);
	abl_task_spec_finish(&whole);
	return rc;
}

int abl_predict_texts(struct abl_predictor *p, const struct abl_task_spec *spec,
		      const char *const *texts, size_t count, struct abl_str *out,
		      struct abl_err *err)
{
	static const struct abl_events silent = {0};
	const struct abl_task_type *type;
	struct abl_task_spec whole = {0};
	struct abl_task *t = NULL;
	int rc;

	if (abl_saved_is_pretrained(&p->saved) && !spec)
		return abl_pretrained_ask(&p->saved, &p->tools, texts, count, out, err);
	rc = find_type(p, &type, err);
	if (!rc)
		rc = complete_spec(p, spec, &whole, err);
	if (rc)
		return rc;
	rc = type->ask(&t, &whole, texts, count, &p->tools, err);
	if (!rc)
		rc = pass_over(p, type, t, &silent, err);
	if (!rc)
		type->answer(t, out);
	type->destroy(t);
	abl_task_spec_finish(&whole);
	return rc;
}
