/* SPDX-License-Identifier: Apache-2.0 */
#include "plan_tasks.h"

#include "engine.h"
#include "files.h"
#include "task_check.h"
#include "world.h"

#include <stdlib.h>
#include <string.h>

enum { INDENT = 12, NAMED = 12 };

static void line(struct abl_str *out, const char *name)
{
	abl_str_printf(out, "  %-9s ", name);
}

static void add_rows(const struct abl_task_counts *c, const struct abl_task_spec *spec,
		     struct abl_str *out)
{
	char number[32];

	abl_str_printf(out, "%s train", abl_format_count((int64_t)c->train, number));
	if (!abl_task_spec_scored(spec))
		abl_str_puts(out, ", nothing held back: no dev score, 'ablate test' scores");
	else
		abl_str_printf(out, spec->dev ? ", %s dev" : ", %s of them held back: no dev file",
			       abl_format_count((int64_t)c->scored, number));
}

static void add_left_out(const struct abl_task_counts *c, bool dev, struct abl_str *out)
{
	char number[32];

	/* a held-back part is of the same file */
	if (c->train_left_out)
		abl_str_printf(out, "; %s row%s of train left out",
			       abl_format_count((int64_t)c->train_left_out, number),
			       abl_plural(c->train_left_out));
	if (c->scored_left_out && dev)
		abl_str_printf(out, "; %s row%s of dev left out",
			       abl_format_count((int64_t)c->scored_left_out, number),
			       abl_plural(c->scored_left_out));
}

/* A name with a blank at an end is quoted, or nobody would see the blank. */
static void add_name(const char *name, struct abl_str *out)
{
	const char *quote = *name && !abl_class_label_is_padded(name) ? "" : "'";

	abl_str_printf(out, "%s%s%s", quote, name, quote);
}

/* Their names, too, unless they are many. */
static void add_classes(const struct abl_class_labels *classes, struct abl_str *out)
{
	if (!classes->count)
		return;
	abl_str_printf(out, "; %zu class%s", classes->count, classes->count == 1 ? "" : "es");
	for (size_t i = 0; i < classes->count && classes->count <= NAMED; i++) {
		abl_str_puts(out, i ? ", " : ": ");
		add_name(classes->name[i], out);
	}
}

static void warn(struct abl_str *out, const char *text)
{
	line(out, "warning");
	abl_str_wrap(out, INDENT, INDENT, text);
}

/* Scores of what was learnt say nothing of what is new. */
static bool is_scored_on_train(const struct abl_task_spec *spec)
{
	char *train = NULL, *dev = NULL;
	bool same;

	if (spec->dev && spec->train && strcmp(spec->train, ABL_WORLD) != 0) {
		train = abl_real_path(spec->train);
		dev = abl_real_path(spec->dev);
	}
	same = train && dev && !strcmp(train, dev);
	free(train), free(dev);
	return same;
}

static void add_warnings(const struct abl_task_spec *spec, const struct abl_class_labels *classes,
			 struct abl_str *out)
{
	struct abl_str alike = {0}, text = {0};

	abl_class_labels_alike(classes, &alike);
	if (alike.length) {
		abl_str_printf(&text, "classes of '%s' that differ in blanks or case alone: %s",
			       spec->name, alike.text);
		warn(out, text.text);
		abl_str_clear(&text);
	}
	if (is_scored_on_train(spec)) {
		abl_str_printf(&text,
			       "'dev' of '%s' is its training file: the scores say nothing of new "
			       "examples; without 'dev' a tenth is held back",
			       spec->name);
		warn(out, text.text);
	}
	if (!strcmp(spec->type, "classify") && !spec->no_label &&
	    abl_class_labels_find(classes, "-") >= 0) {
		line(out, "warning");
		abl_str_clear(&text);
		abl_str_printf(&text,
			       "'-' is a class of '%s': if it stands for no gold label, set "
			       "`no_label: \"-\"`",
			       spec->name);
		abl_str_wrap(out, INDENT, INDENT, text.text);
	}
	abl_str_finish(&alike);
	abl_str_finish(&text);
}

void abl_plan_tasks(const struct abl_plan *plan, struct abl_str *out)
{
	const struct abl_study *s = plan->study;

	if (s->pretraining_only) {
		line(out, "task");
		abl_str_printf(out,
			       "none: pre-trainings are compared by %s on held-out documents\n",
			       abl_plan_metric(s, 0));
	}
	for (size_t t = 0; t < s->task_count && !s->pretraining_only; t++) {
		const struct abl_task_counts *c = abl_plan_counts(plan, t);
		const struct abl_task_spec *spec = &s->tasks[t].spec;
		struct abl_str text = {0};

		line(out, "task");
		abl_str_printf(&text, "%s: ", spec->name);
		add_rows(c, spec, &text);
		add_left_out(c, spec->dev, &text);
		add_classes(&c->classes, &text);
		abl_str_wrap(out, INDENT, INDENT, text.text);
		add_warnings(spec, &c->classes, out);
		abl_str_finish(&text);
	}
	if (!s->text_count && !s->vocab_file) {
		line(out, "vocab");
		abl_str_puts(out, s->task_count > 1 ? "learned from the tasks' training texts\n"
						    : "learned from the task's training texts\n");
	}
}
