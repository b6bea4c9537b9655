/* SPDX-License-Identifier: Apache-2.0 */
#include "predict.h"

#include "checkpoint.h"
#include "pretrained.h"
#include "task_pass.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

struct abl_predictor {
	const struct abl_compute *compute;
	struct abl_saved saved;
	struct abl_tokenizer *tokenizer;
	struct abl_layout layout;
	struct abl_task_tools tools;
	struct abl_naming naming;
	struct abl_str notes;
};

int abl_predictor_open(struct abl_predictor **out, const struct abl_compute *compute,
		       const char *folder, const struct abl_naming *naming, struct abl_err *err)
{
	struct abl_predictor *p = abl_calloc(1, sizeof *p);
	int rc = abl_saved_open(&p->saved, folder, err);

	if (rc) {
		free(p);
		return rc;
	}
	p->compute = compute;
	if (naming)
		p->naming = *naming;
	abl_str_puts(&p->notes, p->saved.notes);
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
	abl_str_finish(&p->notes);
	free(p);
}

const char *abl_predictor_notes(const struct abl_predictor *p)
{
	return p->notes.length ? p->notes.text : "";
}

/* Of two types whose heads and labels are the same a checkpoint from elsewhere does not say which
 * it is: a story's answers are classes. */
static bool same_head(const struct abl_task_facts *a, const struct abl_task_facts *b)
{
	return !strcmp(a->head, b->head) && a->labels == b->labels;
}

/* The type of the task, which must be that of the checkpoint's head. */
static int find_type(struct abl_predictor *p, const struct abl_task_spec *spec,
		     const struct abl_task_type **out, struct abl_err *err)
{
	struct abl_saved *s = &p->saved;
	const struct abl_task_facts *own = abl_task_facts_find(s->type),
				    *wanted = spec ? abl_task_facts_find(spec->type) : own;

	*out = own ? abl_task_type_find(own->name) : NULL;
	if (!*out)
		return abl_err_set(
			err, ABL_EINPUT,
			own ? "%s: was only pre-trained: use --text, or fine-tune it on a task"
			    : "%s: is an encoder without a head ('architectures' in its "
			      "config.json names none): fine-tune it on a task",
			s->folder);
	if (!wanted || !same_head(own, wanted))
		return abl_err_set(err, ABL_EINPUT,
				   "%s: its head is of type '%s', task '%s' is of type '%s'",
				   s->folder, own->name, spec->name, spec->type);
	*out = abl_task_type_find(wanted->name);
	return 0;
}

/* What the choices are called where the task does not say: a study's own names, of as many. */
static const char *choice_names(const struct abl_predictor *p, const struct abl_task_spec *spec)
{
	const char *own = p->saved.labels;

	if (!own || (spec && (spec->labels || abl_task_is_known(spec->name, NULL))))
		return NULL;
	return own;
}

/* Fields of a spec that say nothing of a prediction, and would be checked against gold. */
static const char *const only_scored[] = {"positive", "metric"};

/* What the task is like here: `spec` (NULL: nothing more is known) with the names of the
 * checkpoint's classes. Ends with abl_task_spec_finish(). */
static int complete_spec(struct abl_predictor *p, const struct abl_task_spec *spec,
			 struct abl_task_spec *out, struct abl_err *err)
{
	const struct abl_task_facts *type = abl_task_facts_find(p->saved.type);
	const char *choices = type->labels == ABL_LABELS_CHOICES ? choice_names(p, spec) : NULL;
	char *names = NULL;
	json_t *o;
	int rc;

	rc = abl_class_names(&p->saved, spec, &p->naming, &names, &p->notes, err);
	if (rc)
		return rc;
	o = spec ? abl_task_spec_json(spec)
		 : json_pack("{s:s,s:s}", "name", type->name, "type", type->name);
	for (size_t i = 0; i < sizeof only_scored / sizeof *only_scored; i++)
		json_object_del(o, only_scored[i]);
	if (names || choices)
		json_object_set_new(o, "labels", json_string(names ? names : choices));
	rc = abl_task_spec_from_json(out, o, err);
	out->answer_each = true;
	json_decref(o);
	free(names);
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
	int rc;

	r.compute = p->compute;
	rc = abl_checkpoint_open(&m, &r, p->saved.folder, err);

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
	int rc = find_type(p, spec, &type, err);

	if (!rc)
		rc = complete_spec(p, spec, &whole, err);
	if (rc)
		return rc;
	rc = type->load(&t, &whole, "test", NULL, &p->tools, err);
	if (!rc)
		rc = pass_over(p, type, t, e, err);
	if (!rc)
		rc = type->submit(t, path, err);
	if (!rc)
		type->note(t, &p->layout, &p->notes);
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

	if (abl_saved_is_pretrained(&p->saved) && !spec && !p->naming.labels && !p->naming.map)
		return abl_pretrained_ask(p->compute, &p->saved, &p->tools, texts, count, out, err);
	rc = find_type(p, spec, &type, err);
	if (!rc)
		rc = complete_spec(p, spec, &whole, err);
	if (rc)
		return rc;
	rc = type->ask(&t, &whole, texts, count, &p->tools, err);
	if (!rc)
		rc = pass_over(p, type, t, &silent, err);
	if (!rc) {
		type->answer(t, out);
		type->note(t, &p->layout, &p->notes);
	}
	type->destroy(t);
	abl_task_spec_finish(&whole);
	return rc;
}
