/* SPDX-License-Identifier: Apache-2.0 */
#include "examples.h"

#include "class_labels.h"
#include "hash.h"
#include "rng.h"
#include "str.h"
#include "task_rows.h"
#include "task_text.h"
#include "task_types.h"
#include "world.h"

#include <assert.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#define NONE SIZE_MAX
#define ROWS_ENOUGH 10 /* that a label of one row, the first, is no accident */

enum column { TEXT, TEXT_B, LABEL, GROUP, COLUMNS };

/* A file being read. Texts are offsets until the last row is in: the block they lie in still moves.
 */
struct loader {
	const struct abl_task_spec *spec;
	const char *path;
	bool labelled; /* every row must have a label */
	bool is_train;
	bool collects;    /* class names come from here unless the spec has them */
	bool numbers;     /* labels are the gold numbers of a regression */
	bool checks;      /* a number has to be one even where none is needed */
	bool others;      /* a label may be no class: what is predicted is right or wrong anyway */
	double low, high; /* the scale of the numbers */
	struct abl_examples out;
	size_t capacity;
	struct abl_str text;
	size_t *a, *b, *label; /* [out.count] offsets into text; NONE */
	size_t a_capacity, b_capacity, label_capacity;
};

/* ---- rows ---- */

static size_t store_text(struct loader *l, const char *text)
{
	size_t at = l->text.length;

	abl_str_add(&l->text, text, strlen(text) + 1);
	return at;
}

static uint64_t mix(uint64_t hash, const char *text)
{
	return abl_rng_derive(hash, abl_hash64(text, strlen(text)));
}

/* Adds one example; texts are copied. `b`, `label` and `group` may be NULL. */
static struct abl_example *add(struct loader *l, const char *a, const char *b, const char *label,
			       const char *group, size_t line)
{
	size_t n = l->out.count++;
	struct abl_example *e;

	abl_grow(&l->out.items, &l->capacity, n + 1, sizeof *l->out.items);
	abl_grow(&l->a, &l->a_capacity, n + 1, sizeof *l->a);
	abl_grow(&l->b, &l->b_capacity, n + 1, sizeof *l->b);
	abl_grow(&l->label, &l->label_capacity, n + 1, sizeof *l->label);
	l->a[n] = store_text(l, a);
	l->b[n] = b ? store_text(l, b) : NONE;
	l->label[n] = label ? store_text(l, label) : NONE;
	e = &l->out.items[n];
	*e = (struct abl_example){.label = -1,
				  .line = (uint32_t)line,
				  .place = (uint32_t)n,
				  .group = mix(0, group ? group : a)};
	e->id = mix(mix(mix(line, a), b ? b : ""), label ? label : "");
	return e;
}

static bool read_number(const struct loader *l, const char *text, double *out)
{
	return abl_parse_real(text, out) && isfinite(*out) && *out >= l->low && *out <= l->high;
}

/* 1: the row is left out. */
static int bad_number(struct abl_task_rows *r, const char *text, size_t line, struct abl_err *err)
{
	const char *column = r->spec->label ? r->spec->label : "label";
	double x;

	if (!abl_parse_real(text, &x) || !isfinite(x))
		return abl_task_rows_broken(r, ABL_LEFT_VALUE, line, err,
					    "'%.100s' is not a number: check the column '%s'", text,
					    column);
	return abl_task_rows_broken(
		r, ABL_LEFT_VALUE, line, err,
		"'%.100s' is off the scale of task '%s', %s: check the column '%s' and 'labels'",
		text, r->spec->name, r->spec->labels, column);
}

static int take_row(struct abl_task_rows *r, const char *const *field, size_t line,
		    struct abl_err *err)
{
	const char *label = field[LABEL];
	struct loader *l = r->data;
	bool scored = l->numbers && label && *label;
	struct abl_example *e;
	double score = 0;

	if (l->labelled && label && !*label)
		return abl_err_set(err, ABL_EINPUT,
				   "%s:%zu: a row without a label: add the label or remove the row",
				   l->path, line);
	if (scored && !read_number(l, label, &score)) {
		if (l->labelled || l->checks)
			return bad_number(r, label, line, err);
		scored = false;
	}
	e = add(l, field[TEXT], field[TEXT_B], label, field[GROUP], line);
	e->place = (uint32_t)abl_task_rows_place(r);
	if (scored)
		e->score = score, e->label = 0;
	return 0;
}

static int read_file(struct loader *l, struct abl_err *err)
{
	const struct abl_task_spec *s = l->spec;
	const struct abl_task_column columns[COLUMNS] = {
		[TEXT] = {.what = "first text",
			  .name = s->text,
			  .headed = l->labelled ? NULL : s->test_text},
		[TEXT_B] = {"second text", s->text_b, false},
		[LABEL] = {.what = "label",
			   .name = s->label,
			   .optional = !l->labelled,
			   .apart = true,
			   .gold = true},
		[GROUP] = {"group", s->group, !l->is_train}};
	struct abl_task_rows rows = {.spec = s,
				     .path = l->path,
				     .columns = columns,
				     .count = COLUMNS,
				     .limit = l->is_train ? (size_t)s->limit : 0,
				     .all = l->others,
				     .each = s->answer_each,
				     .hook = take_row,
				     .data = l};
	int rc;

	(void)abl_class_labels_scale(s->labels, &l->low, &l->high);
	rc = abl_task_rows_read(&rows, err);
	l->out.left_out = rows.left_out;
	return rc;
}

static int make_world(struct loader *l, const char *split, int64_t examples, struct abl_err *err)
{
	const struct abl_world_task *task = abl_world_task_find(l->spec->name);
	struct abl_world_example e = {0};
	struct abl_class_labels names = {0};
	struct abl_example *x;

	if (!task || !task->labels)
		return abl_err_set(err, ABL_EINPUT,
				   "the built-in world has no task '%s' of labelled texts",
				   l->spec->name);
	if (l->is_train && l->spec->limit && l->spec->limit < examples)
		examples = l->spec->limit;
	abl_class_labels_split(&names, task->labels);
	for (int64_t i = 0; i < examples; i++) {
		abl_world_example(task, (uint64_t)l->spec->world_seed, split, (uint64_t)i, &e);
		x = add(l, e.a.text, task->pair ? e.b.text : NULL, names.name[e.label], NULL,
			(size_t)i + 1);
		if (l->numbers && abl_parse_real(names.name[e.label], &x->score))
			x->label = 0;
	}
	abl_class_labels_finish(&names);
	abl_world_example_finish(&e);
	return 0;
}

/* ---- the whole ---- */

static void point_at_texts(struct loader *l)
{
	l->out.text = l->text.text;
	l->text = (struct abl_str){0};
	for (size_t i = 0; i < l->out.count; i++) {
		l->out.items[i].a = l->out.text + l->a[i];
		l->out.items[i].b = l->b[i] == NONE ? NULL : l->out.text + l->b[i];
	}
}

static const char *label_text(size_t i, const void *data)
{
	const struct loader *l = data;

	return l->label[i] == NONE || !l->out.text[l->label[i]] ? NULL : l->out.text + l->label[i];
}

/* The place, behind the classes, of a label that is none of them. */
static int32_t add_other(struct abl_class_labels *names, size_t classes, const char *label)
{
	if (names->count - classes < ABL_CLASSES_MAX)
		return abl_class_labels_add(names, label);
	return (int32_t)names->count - 1;
}

/* Gold of which no label is a class is of another task. */
static int check_known(const struct loader *l, const struct abl_class_labels *names, size_t classes,
		       struct abl_err *err)
{
	size_t other = l->out.count;

	for (size_t i = l->out.count; i--;) {
		const int32_t label = l->out.items[i].label;

		if (label >= 0 && (size_t)label < classes)
			return 0;
		other = label >= 0 ? i : other;
	}
	if (other == l->out.count)
		return 0;
	return abl_class_labels_unknown(&(struct abl_class_labels){names->name, classes, 0},
					label_text(other, l), l->path, l->out.items[other].line,
					err);
}

/* Class order, then each example's class. */
static int number_labels(struct loader *l, const struct abl_examples *train, struct abl_err *err)
{
	struct abl_class_labels names = {0};
	size_t classes;
	int rc = 0;

	if (train)
		abl_class_labels_copy(&names, train->labels, train->label_count);
	else if (l->spec->labels)
		abl_class_labels_split(&names, l->spec->labels);
	else if (l->collects)
		abl_class_labels_collect(&names, l->out.count, label_text, l);
	if (names.count > ABL_CLASSES_MAX)
		rc = abl_err_set(err, ABL_EINPUT,
				 "%s: more than %d different labels: check the column '%s'",
				 l->path, ABL_CLASSES_MAX, l->spec->label);
	classes = names.count;
	for (size_t i = 0; i < l->out.count && !rc; i++) {
		const char *label = label_text(i, l);

		if (!label)
			continue;
		if (strpbrk(label, "\t\r\n"))
			rc = abl_err_set(err, ABL_EINPUT,
					 "%s:%u: the label '%.100s' contains a TAB or a line end, "
					 "which a predictions file cannot hold",
					 l->path, l->out.items[i].line, label);
		l->out.items[i].label = abl_class_labels_find(&names, label);
		if (!rc && l->out.items[i].label < 0 && l->others)
			l->out.items[i].label = add_other(&names, classes, label);
		else if (!rc && l->out.items[i].label < 0)
			rc = abl_class_labels_unknown(&names, label, l->path, l->out.items[i].line,
						      err);
	}
	if (!rc && l->labelled && l->others)
		rc = check_known(l, &names, classes, err);
	l->out.labels = names.name;
	l->out.label_count = classes;
	l->out.other_count = names.count - classes;
	return rc;
}

/* Nothing can be learnt from one class, or from one number. */
static int check_classes(const struct loader *l, struct abl_err *err)
{
	const struct abl_example *x = l->out.items;

	for (size_t i = 1; i < l->out.count; i++)
		if (x[i].label != x->label || x[i].score != x->score)
			return 0;
	return abl_err_set(err, ABL_EINPUT,
			   "%s: %s%zu row%s %s the label '%s'; at least two labels are needed: "
			   "check the column '%s'",
			   l->path, l->out.count == 1 ? "its " : "all ", l->out.count,
			   abl_plural(l->out.count), l->out.count == 1 ? "has" : "have",
			   label_text(0, l), l->spec->label ? l->spec->label : "label");
}

/* Columns that are numbered do not say whether there is a header: one that was taken for an example
 * has a label of its own. */
static int check_header(const struct loader *l, struct abl_err *err)
{
	const struct abl_task_spec *s = l->spec;
	const char *columns[] = {s->text, s->text_b, s->label, s->group};
	const struct abl_example *x = l->out.items;

	if (!s->text || s->labels || l->out.count < ROWS_ENOUGH ||
	    (s->header && strcmp(s->header, "auto")))
		return 0;
	for (size_t i = 0; i < sizeof columns / sizeof *columns; i++)
		if (columns[i] && !abl_row_column_is_place(columns[i]))
			return 0;
	for (size_t i = 1; i < l->out.count; i++)
		if (x[i].label == x->label)
			return 0;
	return abl_err_set(err, ABL_EINPUT,
			   "%s:%u: is this a header? No other row has its label '%s': set `header: "
			   "yes` or `header: no`",
			   l->path, x->line, label_text(0, l));
}

bool abl_example_held_back(const struct abl_example *e)
{
	return abl_group_held_back(e->group);
}

/* Leaves those examples that are (not) held back. */
static int divide(struct loader *l, bool held_back, struct abl_err *err)
{
	size_t kept = 0;

	for (size_t i = 0; i < l->out.count; i++)
		if (abl_example_held_back(&l->out.items[i]) == held_back)
			l->out.items[kept++] = l->out.items[i];
	l->out.count = kept;
	if (!kept)
		return abl_err_set(
			err, ABL_EINPUT,
			"%s: too few groups of examples to hold back a tenth: give a dev file",
			l->path);
	return 0;
}

int abl_examples_load(const struct abl_task_spec *spec, const char *split,
		      const struct abl_examples *train, struct abl_examples *out,
		      struct abl_err *err)
{
	const struct abl_task_facts *type = abl_task_facts_find(spec->type);
	bool held_back = !strcmp(split, "held-back"), rest = !strcmp(split, "train-rest");
	bool dev = !strcmp(split, "dev"), gold = !strcmp(split, "gold"),
	     alone = !strcmp(split, "test-alone"), test = gold || alone || !strcmp(split, "test");
	struct loader l = {.spec = spec,
			   .is_train = !dev && !test,
			   .labelled = gold || !test,
			   .collects = gold || alone || (!test && !(dev && train)),
			   .checks = alone,
			   .others = test && !alone,
			   .numbers = type && type->labels == ABL_LABELS_NUMBERS};
	int64_t examples = dev    ? spec->dev_examples
			   : test ? spec->test_examples
				  : spec->train_examples;
	int rc;

	assert(dev || test || held_back || rest || !strcmp(split, "train"));
	l.path = dev ? spec->dev : test ? spec->test : spec->train;
	if (!l.path)
		return abl_err_set(err, ABL_EINPUT, "task '%s' has no %s file", spec->name, split);
	rc = strcmp(l.path, ABL_WORLD) ? read_file(&l, err)
				       : make_world(&l,
						    dev    ? "dev"
						    : test ? "test"
							   : "train",
						    examples, err);
	point_at_texts(&l);
	if (!rc && !l.numbers)
		rc = number_labels(&l, l.is_train ? NULL : train, err);
	if (!rc && l.is_train)
		rc = check_classes(&l, err);
	if (!rc && l.is_train && !l.numbers)
		rc = check_header(&l, err);
	if (!rc && (held_back || rest))
		rc = divide(&l, held_back, err);
	free(l.a), free(l.b), free(l.label);
	if (rc)
		abl_examples_finish(&l.out);
	else
		*out = l.out;
	return rc;
}

void abl_examples_finish(struct abl_examples *e)
{
	if (!e)
		return;
	for (size_t i = 0; i < e->label_count + e->other_count; i++)
		free(e->labels[i]);
	free(e->labels);
	free(e->items);
	free(e->text);
	*e = (struct abl_examples){0};
}
