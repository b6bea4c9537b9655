/* SPDX-License-Identifier: Apache-2.0 */
/* study_judge.c - what a study says about how its results are judged. */
#include "design_points.h"
#include "native_space.h"
#include "node_value.h"
#include "str.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

/* Designs that look around; the others ask a question that was there before the results. */
static const char *const exploratory[] = {"grid", "zip", "random"};

int abl_study_read_design(struct abl_study *s, const struct abl_node *n, struct abl_err *err)
{
	int rc = abl_study_read_fields(s, n, "design.", err);

	if (rc)
		return rc;
	s->designs = abl_calloc(n->count / 2, sizeof *s->designs);
	for (size_t i = 0; i < n->count; i += 2) {
		const char *name = n->items[i]->text;

		s->designs[s->design_count++] = name; /* the tree's */
		for (size_t k = 0; k < sizeof exploratory / sizeof *exploratory; k++)
			s->exploratory |= !strcmp(name, exploratory[k]);
	}
	return 0;
}

/* The baseline once more. It comes before all that designs make. */
int abl_study_read_arms(struct abl_study *s, const struct abl_node *n, struct abl_err *err)
{
	static const struct abl_option row = {.name = "baseline_arms",
					      .type = ABL_INT,
					      .offset = offsetof(struct abl_study, baseline_arms),
					      .min = 1,
					      .max = 2};
	const struct abl_key *placebo = abl_space_role(s->space, ABL_KEY_PLACEBO);
	const struct abl_placed other = {
		.setting = {placebo, {.type = ABL_CHOICE, .choice = ABL_PLACEBO_ARM}},
		.key = n,
		.value = n};
	struct abl_point p = {.kind = ABL_VARIANT_ARM, .node = n};

	if (abl_study_read_option(s, &row, n, err))
		return ABL_EINPUT;
	if (s->baseline_arms < 2)
		return 0;
	abl_placed_add(&p.settings, &other);
	p.label = abl_strdup("baseline (2)");
	p.subject = abl_strdup(p.label);
	abl_design_add(s, &p);
	return 0;
}

int abl_study_read_margins(struct abl_study *s, const struct abl_node *n, struct abl_err *err)
{
	static const struct abl_option row = {
		.type = ABL_REAL, .max = INFINITY, .above_min = true, .below_max = true};

	if (abl_node_expect(n, ABL_NODE_MAP, "margins", err))
		return ABL_EINPUT;
	if (!n->count)
		return abl_node_fail(n, "{accuracy: 0.01}", err, "'margins' names no metric");
	s->margins = abl_calloc(n->count / 2, sizeof *s->margins);
	for (size_t i = 0; i < n->count; i += 2) {
		const char *metric = n->items[i]->text;
		struct abl_value v;

		if (abl_node_option(n->items[i + 1], &row, metric, NULL, &v, err))
			return ABL_EINPUT;
		s->margins[s->margin_count++] = (struct abl_study_margin){metric, v.r};
	}
	return 0;
}

int abl_study_read_primary(struct abl_study *s, const struct abl_node *n, struct abl_err *err)
{
	size_t count;
	const struct abl_node *const *items = abl_node_items(&n, &count);

	if (!count)
		return abl_node_fail(n, NULL, err, "'primary' names no variant");
	for (size_t i = 0; i < count; i++)
		if (items[i]->kind == ABL_NODE_LIST)
			return abl_node_expect(items[i], ABL_NODE_MAP, "primary", err);
	s->source->primary = n;
	return 0;
}

/* Labels, then subjects. */
static const char *name_at(size_t i, const void *data)
{
	const struct abl_study *s = data;

	return i < s->variant_count ? s->variants[i].label
				    : s->variants[i - s->variant_count].subject;
}

/* The variant of that label, else the only one of that subject. */
static int find_variant(const struct abl_study *s, const struct abl_node *n, size_t *out,
			struct abl_err *err)
{
	const char *name = n->text, *near;
	size_t found = 0, v;

	for (v = 1; v < s->variant_count; v++)
		if (!strcmp(s->variants[v].label, name)) {
			*out = v;
			return 0;
		}
	for (v = 1; v < s->variant_count; v++)
		if (!strcmp(s->variants[v].subject, name)) {
			*out = v;
			found++;
		}
	if (found == 1)
		return 0;
	if (found)
		return abl_node_fail(n, "name one by its label; 'ablate plan' lists them", err,
				     "%zu variants are about '%.60s'", found, name);
	near = abl_nearest(name, 2 * s->variant_count, name_at, s);
	return abl_node_fail(n, "'ablate plan --verbose' lists the variants", err,
			     "no variant is called '%.60s' or is about it%s%s%s", name,
			     near ? "; did you mean '" : "", near ? near : "", near ? "'?" : "");
}

static int add_primary(struct abl_study *s, const struct abl_node *variant,
		       const struct abl_node *task, struct abl_err *err)
{
	struct abl_study_primary row = {.task = ABL_ALL_TASKS};
	struct abl_err inner = {0};
	size_t capacity = s->primary_count;

	if (find_variant(s, variant, &row.variant, err))
		return ABL_EINPUT;
	if (s->variants[row.variant].kind == ABL_VARIANT_PLACEBO ||
	    s->variants[row.variant].kind == ABL_VARIANT_ARM)
		return abl_node_fail(variant, NULL, err,
				     "'%s' changes nothing, so it is no primary comparison",
				     variant->text);
	if (task && abl_node_expect(task, ABL_NODE_SCALAR, variant->text, err))
		return ABL_EINPUT;
	if (task && strcmp(task->text, "all") && abl_study_task(s, task->text, &row.task, &inner))
		return abl_node_fail(task, "or 'all': the mean over tasks", err, "%s", inner.text);
	for (size_t i = 0; i < s->primary_count; i++)
		if (s->primary[i].variant == row.variant && s->primary[i].task == row.task)
			return abl_node_fail(task ? task : variant, NULL, err,
					     "this comparison is named twice");
	abl_grow(&s->primary, &capacity, s->primary_count + 1, sizeof *s->primary);
	s->primary[s->primary_count++] = row;
	return 0;
}

/* {variant: task, variant: [task, task], variant: all} */
static int add_map(struct abl_study *s, const struct abl_node *map, struct abl_err *err)
{
	for (size_t i = 0; i < map->count; i += 2) {
		size_t count;
		const struct abl_node *value = map->items[i + 1];
		const struct abl_node *const *tasks = abl_node_items(&value, &count);

		if (!count)
			return abl_node_fail(value, "or 'all': the mean over tasks", err,
					     "'%.60s' has no task", map->items[i]->text);
		for (size_t k = 0; k < count; k++)
			if (add_primary(s, map->items[i], tasks[k], err))
				return ABL_EINPUT;
	}
	return 0;
}

int abl_study_find_primary(struct abl_study *s, struct abl_err *err)
{
	const struct abl_node *n = s->source->primary;
	size_t count = 0;
	const struct abl_node *const *items = n ? abl_node_items(&n, &count) : NULL;
	int rc = 0;

	for (size_t i = 0; i < count && !rc; i++)
		rc = items[i]->kind == ABL_NODE_MAP ? add_map(s, items[i], err)
						    : add_primary(s, items[i], NULL, err);
	return rc;
}
