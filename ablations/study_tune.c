/* SPDX-License-Identifier: Apache-2.0 */
/* study_tune.c - `tune:`: the one key whose value is selected. */
#include "node_value.h"
#include "program_source.h"
#include "str.h"

#include <string.h>
#include <strings.h>

static const char *const tune_bys[] = {
	[ABL_TUNE_HELD_BACK] = "held-back", [ABL_TUNE_DEV] = "dev", NULL};
static const struct abl_option tune_by_row = {
	.name = "by", .type = ABL_CHOICE, .choices = tune_bys};

int abl_study_read_tune_by(struct abl_study *s, const struct abl_node *n, struct abl_err *err)
{
	struct abl_value v;

	if (abl_node_option(n, &tune_by_row, "by", NULL, &v, err))
		return ABL_EINPUT;
	s->tune.by = v.choice == tune_bys[ABL_TUNE_DEV] ? ABL_TUNE_DEV : ABL_TUNE_HELD_BACK;
	return 0;
}

static const char *metric_at(size_t i, const void *data)
{
	return ((const struct abl_program *)data)->metrics[i].name;
}

/* Values are never selected by what is reported as a test. */
static int select_by(struct abl_study *s, const struct abl_node *n, size_t metric,
		     struct abl_err *err)
{
	const struct abl_program_metric *m = &s->program->metrics[metric];

	if (!strncasecmp(m->split, "test", 4))
		return abl_node_fail(n, "add a metric on dev data, and select by it", err,
				     "'%s' is of the %s split, and what is selected on it is no "
				     "test any more",
				     m->name, m->split);
	s->tune.metric = metric;
	s->tune.by =
		strcmp(m->split, tune_bys[ABL_TUNE_HELD_BACK]) ? ABL_TUNE_DEV : ABL_TUNE_HELD_BACK;
	return 0;
}

/* "dev": the main metric if it is of that split, else the first one that is. */
static int select_by_split(struct abl_study *s, const struct abl_node *n, const char *split,
			   struct abl_err *err)
{
	const struct abl_program *p = s->program;

	for (size_t i = 0; i <= p->metric_count; i++) {
		const size_t metric = i ? i - 1 : p->main;

		if (!strcmp(p->metrics[metric].split, split))
			return select_by(s, n, metric, err);
	}
	return abl_node_fail(n, "say with 'split: dev' which metric is", err,
			     "no metric is of the split '%s'", split);
}

static int read_program_by(struct abl_study *s, const struct abl_node *n, struct abl_err *err)
{
	const struct abl_program *p = s->program;
	const char *text, *near;

	if (abl_node_text(n, "by", &text, err))
		return ABL_EINPUT;
	for (size_t i = 0; i < p->metric_count; i++)
		if (!strcmp(p->metrics[i].name, text))
			return select_by(s, n, i, err);
	for (const char *const *by = tune_bys; *by; by++)
		if (!strcmp(*by, text))
			return select_by_split(s, n, text, err);
	near = abl_nearest(text, p->metric_count, metric_at, p);
	return abl_node_fail(n, "the name of a metric, or dev", err, "no metric '%.60s'%s%s%s",
			     text, near ? "; did you mean '" : "", near ? near : "",
			     near ? "'?" : "");
}

static int read_tuned_key(struct abl_study *s, const struct abl_node *key,
			  const struct abl_node *list, struct abl_err *err)
{
	struct abl_placed p;

	if (list->kind != ABL_NODE_LIST || !list->count)
		return abl_node_fail(list, NULL, err, "'%s' needs a list of values to try",
				     key->text);
	s->tune.values = abl_calloc(list->count, sizeof *s->tune.values);
	for (size_t i = 0; i < list->count; i++) {
		if (abl_placed_read(s, key, list->items[i], &p, err))
			return ABL_EINPUT;
		for (size_t j = 0; j < i; j++)
			if (abl_value_equal(&s->tune.values[j], &p.setting.value))
				return abl_node_fail(list->items[i], NULL, err,
						     "this value is in the list twice");
		s->tune.values[s->tune.value_count++] = p.setting.value;
	}
	s->tune.key = p.setting.key;
	if (p.setting.key->scope == ABL_SCOPE_MODEL)
		return abl_node_fail(
			key, "tuning selects a recipe value: a learning rate, epochs, a batch size",
			err, "'%s' is not a recipe key, so it cannot be tuned", key->text);
	return abl_study_check_pretraining(s, &p, err);
}

int abl_study_read_tune(struct abl_study *s, const struct abl_node *n, struct abl_err *err)
{
	int (*const read)(struct abl_study *, const struct abl_node *, struct abl_err *) =
		s->program ? read_program_by : abl_study_read_tune_by;
	const struct abl_node *by = NULL;

	if (abl_node_expect(n, ABL_NODE_MAP, "tune", err))
		return ABL_EINPUT;
	for (size_t i = 0; i < n->count; i += 2) {
		if (!strcmp(n->items[i]->text, "by")) {
			by = n->items[i + 1];
			if (read(s, by, err))
				return ABL_EINPUT;
		} else if (s->tune.key) {
			return abl_node_fail(n->items[i], "use a grid for the other key", err,
					     "only one key can be tuned, and that is '%s'",
					     s->tune.key->name);
		} else if (read_tuned_key(s, n->items[i], n->items[i + 1], err)) {
			return ABL_EINPUT;
		}
	}
	if (!s->tune.key)
		return abl_node_fail(n, NULL, err, "'tune' needs a key and its values: %s",
				     s->program ? "{lr: [1e-4, 3e-4], by: accuracy}"
						: "{learning_rate: [1e-4, 3e-4], by: held-back}");
	return s->program && !by ? select_by(s, n, s->program->main, err) : 0;
}
