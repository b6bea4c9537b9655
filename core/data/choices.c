/* SPDX-License-Identifier: Apache-2.0 */
#include "choices.h"

#include "hash.h"
#include "rng.h"
#include "str.h"
#include "task_rows.h"
#include "task_text.h"
#include "task_types.h"
#include "world.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

enum column { TEXT, TEXT_B, LABEL, GROUP, FIRST_CHOICE };

/* A file being read. Texts are offsets until the last row is in: the block they lie in still moves.
 */
struct loader {
	const struct abl_task_spec *spec;
	const char *path;
	bool labelled; /* every row must have a label */
	bool is_train;
	bool others; /* a label may be no choice: what is predicted is right or wrong anyway */
	struct abl_choices out;
	size_t capacity, at_capacity;
	struct abl_str text;
	size_t *at; /* [out.count, 1 + out.choices] offsets into text: the text, the choices */
};

/* ---- questions ---- */

static uint64_t mix(uint64_t hash, const char *text)
{
	return abl_rng_derive(hash, abl_hash64(text, strlen(text)));
}

static size_t store_text(struct loader *l, const char *before, const char *text)
{
	size_t at = l->text.length;

	if (before && *before)
		abl_str_printf(&l->text, "%s ", before);
	abl_str_add(&l->text, text, strlen(text) + 1);
	return at;
}

/* Adds one question; texts are copied. `b`, a text before each choice, may be NULL. */
static struct abl_choice_question *add(struct loader *l, const char *a, const char *b,
				       const char *const *choice, size_t line)
{
	size_t n = l->out.count++, each = 1 + l->out.choices;
	struct abl_choice_question *q;

	abl_grow(&l->out.items, &l->capacity, n + 1, sizeof *l->out.items);
	abl_grow(&l->at, &l->at_capacity, (n + 1) * each, sizeof *l->at);
	q = &l->out.items[n];
	*q = (struct abl_choice_question){
		.label = -1, .line = (uint32_t)line, .group = mix(0, a), .id = mix(line, a)};
	l->at[n * each] = store_text(l, NULL, a);
	for (size_t i = 0; i < l->out.choices; i++) {
		l->at[n * each + 1 + i] = store_text(l, b, choice[i]);
		q->id = mix(q->id, l->text.text + l->at[n * each + 1 + i]);
	}
	return q;
}

/* Which choice the label names; one that the row leaves empty cannot be the right one. In files
 * that are predicted or compared, names of no choice are numbered behind the choices. */
static int find_right(struct abl_task_rows *r, const char *const *field, size_t line,
		      int32_t *right, struct abl_err *err)
{
	const char *label = field[LABEL];
	struct loader *l = r->data;

	*right = abl_class_labels_find(&l->out.names, label);
	if (*right < 0 && l->others) {
		*right = (int32_t)l->out.names.count - 1;
		if (l->out.names.count < ABL_CLASSES_MAX)
			*right = abl_class_labels_add(&l->out.names, label);
		return 0;
	}
	if (*right < 0)
		return abl_task_rows_broken(
			r, ABL_LEFT_VALUE, line, err,
			"the label '%.100s' is not a choice; the choices are '%s' to '%s'; "
			"`labels: A|B|...` renames them",
			label, l->out.names.name[0], l->out.names.name[l->out.choices - 1]);
	if (!l->others && !*field[FIRST_CHOICE + *right])
		return abl_task_rows_broken(r, ABL_LEFT_VALUE, line, err,
					    "the right choice, '%.100s', is empty in this row",
					    label);
	return 0;
}

static int take_row(struct abl_task_rows *r, const char *const *field, size_t line,
		    struct abl_err *err)
{
	const char *label = field[LABEL];
	struct loader *l = r->data;
	struct abl_choice_question *q;
	int32_t right = -1;
	int rc = 0;

	if (label && *label)
		rc = find_right(r, field, line, &right, err);
	else if (label && l->labelled)
		rc = abl_err_set(err, ABL_EINPUT,
				 "%s:%zu: a row without a label: add the label or remove the row",
				 l->path, line);
	if (rc)
		return rc;
	q = add(l, field[TEXT], field[TEXT_B], field + FIRST_CHOICE, line);
	q->label = right;
	q->place = (uint32_t)abl_task_rows_place(r);
	if (field[GROUP])
		q->group = mix(0, field[GROUP]);
	return 0;
}

/* Gold of which no label is a choice calls them otherwise. */
static int check_known(const struct loader *l, struct abl_err *err)
{
	const struct abl_choice_question *other = NULL;

	for (size_t i = 0; i < l->out.count; i++) {
		const struct abl_choice_question *q = &l->out.items[i];

		if (q->label >= 0 && (size_t)q->label < l->out.choices)
			return 0;
		if (!other && q->label >= 0)
			other = q;
	}
	if (!other)
		return 0;
	return abl_err_set(err, ABL_EINPUT,
			   "%s:%u: the label '%.100s' is not a choice; the choices are '%s' to "
			   "'%s'; `labels: A|B|...` renames them",
			   l->path, other->line, l->out.names.name[other->label],
			   l->out.names.name[0], l->out.names.name[l->out.choices - 1]);
}

/* ---- what the choices are called ---- */

/* From 0, as SWAG has them. */
static void number_choices(struct loader *l)
{
	char number[24], *name = number;

	for (size_t i = 0; i < l->out.choices; i++) {
		snprintf(number, sizeof number, "%zu", i);
		abl_class_labels_copy(&l->out.names, &name, 1);
	}
}

static int name_choices(struct loader *l, struct abl_err *err)
{
	if (l->spec->labels)
		abl_class_labels_split(&l->out.names, l->spec->labels);
	else
		number_choices(l);
	if (l->out.names.count != l->out.choices)
		return abl_err_set(err, ABL_EINPUT, "task '%s' has %zu choice%s but %zu 'labels'",
				   l->spec->name, l->out.choices, abl_plural(l->out.choices),
				   l->out.names.count);
	return 0;
}

/* ---- files ---- */

static int check_choices(const struct loader *l, const struct abl_class_labels *wanted,
			 struct abl_err *err)
{
	for (size_t i = 0; i < wanted->count; i++)
		if (abl_class_labels_find(wanted, wanted->name[i]) < (int32_t)i)
			return abl_err_set(err, ABL_EINPUT,
					   "task '%s': 'choices' has column '%s' twice: name "
					   "different ones",
					   l->spec->name, wanted->name[i]);
	if (l->out.choices >= 2 && l->out.choices <= ABL_CHOICES_MAX)
		return 0;
	return abl_err_set(err, ABL_EINPUT,
			   "task '%s' has %zu choice%s, not 2 to %d; name their columns: `choices: "
			   "ending0|ending1`",
			   l->spec->name, l->out.choices, abl_plural(l->out.choices),
			   ABL_CHOICES_MAX);
}

static int read_file(struct loader *l, struct abl_err *err)
{
	const struct abl_task_spec *s = l->spec;
	struct abl_task_column columns[FIRST_CHOICE + ABL_CHOICES_MAX] = {
		[TEXT] = {"first text", s->text, false},
		[TEXT_B] = {"text before each choice", s->text_b, false},
		[LABEL] = {.what = "label",
			   .name = s->label,
			   .optional = !l->labelled,
			   .apart = true,
			   .gold = true},
		[GROUP] = {"group", s->group, !l->is_train}};
	struct abl_class_labels wanted = {0};
	struct abl_task_rows rows = {.spec = s,
				     .path = l->path,
				     .columns = columns,
				     .limit = l->is_train ? (size_t)s->limit : 0,
				     .all = l->others,
				     .each = s->answer_each,
				     .hook = take_row,
				     .data = l};
	int rc;

	if (s->choices)
		abl_class_labels_split(&wanted, s->choices);
	l->out.choices = wanted.count;
	rc = check_choices(l, &wanted, err);
	if (!rc)
		rc = name_choices(l, err);
	for (size_t i = 0; !rc && i < wanted.count; i++)
		columns[FIRST_CHOICE + i] = (struct abl_task_column){"choice", wanted.name[i]};
	rows.count = FIRST_CHOICE + wanted.count;
	if (!rc)
		rc = abl_task_rows_read(&rows, err);
	l->out.left_out = rows.left_out;
	abl_class_labels_finish(&wanted);
	return rc;
}

/* ---- the built-in world ---- */

static int make_world(struct loader *l, const char *split, int64_t questions, struct abl_err *err)
{
	const struct abl_world_task *task = abl_world_task_find(l->spec->name);
	const char *choice[ABL_WORLD_CHOICES];
	struct abl_world_example e = {0};

	if (!task || !abl_task_facts_find(task->type)->choices)
		return abl_err_set(err, ABL_EINPUT,
				   "the built-in world has no choices in task '%s'", l->spec->name);
	l->out.choices = ABL_WORLD_CHOICES;
	if (name_choices(l, err))
		return ABL_EINPUT;
	if (l->is_train && l->spec->limit && l->spec->limit < questions)
		questions = l->spec->limit;
	for (int64_t i = 0; i < questions; i++) {
		abl_world_example(task, (uint64_t)l->spec->world_seed, split, (uint64_t)i, &e);
		for (int k = 0; k < ABL_WORLD_CHOICES; k++)
			choice[k] = e.choices[k].text;
		add(l, e.a.text, NULL, choice, (size_t)i + 1)->label = e.label;
	}
	abl_world_example_finish(&e);
	return 0;
}

/* ---- the whole ---- */

static void point_at_texts(struct loader *l)
{
	size_t n = l->out.choices;

	l->out.text = l->text.text;
	l->out.all_choices = abl_calloc(l->out.count * n + 1, sizeof *l->out.all_choices);
	for (size_t i = 0; i < l->out.count; i++) {
		const char **choice = l->out.all_choices + i * n;

		for (size_t k = 0; k < n; k++)
			choice[k] = l->out.text + l->at[i * (1 + n) + 1 + k];
		l->out.items[i].text = l->out.text + l->at[i * (1 + n)];
		l->out.items[i].choice = choice;
	}
	free(l->at);
}

/* Leaves those questions that are (not) held back. */
static int divide(struct loader *l, bool held_back, struct abl_err *err)
{
	size_t kept = 0;

	for (size_t i = 0; i < l->out.count; i++)
		if (abl_group_held_back(l->out.items[i].group) == held_back)
			l->out.items[kept++] = l->out.items[i];
	l->out.count = kept;
	if (!kept)
		return abl_err_set(
			err, ABL_EINPUT,
			"%s: too few groups of questions to hold back a tenth: give a dev file",
			l->path);
	return 0;
}

int abl_choices_load(const struct abl_task_spec *spec, const char *split, struct abl_choices *out,
		     struct abl_err *err)
{
	bool held_back = !strcmp(split, "held-back"), rest = !strcmp(split, "train-rest");
	bool dev = !strcmp(split, "dev"), test = !strcmp(split, "test"),
	     gold = !strcmp(split, "gold");
	struct loader l = {.spec = spec,
			   .is_train = !dev && !test && !gold,
			   .labelled = !test,
			   .others = test || gold};
	int rc;

	l.path = dev ? spec->dev : test || gold ? spec->test : spec->train;
	if (!l.path)
		return abl_err_set(err, ABL_EINPUT, "task '%s' has no %s file", spec->name, split);
	if (strcmp(l.path, ABL_WORLD))
		rc = read_file(&l, err);
	else if (l.is_train)
		rc = make_world(&l, "train", spec->train_examples, err);
	else
		rc = make_world(&l, dev ? "dev" : "test",
				dev ? spec->dev_examples : spec->test_examples, err);
	point_at_texts(&l);
	if (!rc && gold)
		rc = check_known(&l, err);
	if (!rc && (held_back || rest))
		rc = divide(&l, held_back, err);
	if (rc)
		abl_choices_finish(&l.out);
	else
		*out = l.out;
	return rc;
}

int abl_choices_ask(const struct abl_task_spec *spec, const char *const *texts, size_t count,
		    struct abl_choices *out, struct abl_err *err)
{
	struct loader l = {.spec = spec};

	l.out.choices = count ? count - 1 : 0;
	if (count < 3 || count > ABL_CHOICES_MAX + 1)
		return abl_err_set(err, ABL_EINPUT,
				   "%zu text%s: give one text, then 2 to %d continuations", count,
				   abl_plural(count), ABL_CHOICES_MAX);
	if (spec->labels)
		abl_class_labels_split(&l.out.names, spec->labels);
	if (l.out.names.count != l.out.choices) {
		abl_class_labels_finish(&l.out.names);
		number_choices(&l);
	}
	(void)add(&l, texts[0], NULL, texts + 1, 1);
	point_at_texts(&l);
	*out = l.out;
	return 0;
}

void abl_choices_finish(struct abl_choices *c)
{
	if (!c)
		return;
	abl_class_labels_finish(&c->names);
	free(c->all_choices);
	free(c->items);
	free(c->text);
	*c = (struct abl_choices){0};
}
