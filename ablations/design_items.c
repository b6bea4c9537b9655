/* SPDX-License-Identifier: Apache-2.0 */
/* design_items.c - designs of items that are changed: leave-one-out, add-one-in, pairs. */
#include "design_points.h"

#include "node_value.h"
#include "str.h"

#include <stdlib.h>
#include <string.h>

/* "with segments", "no segments", "layers=4"; the caller's. */
static char *point_label(const struct abl_point *p, enum abl_variant_kind kind)
{
	struct abl_str label = {0};

	if (p->kind == ABL_VARIANT_PLACEBO)
		return abl_strdup(p->subject);
	if (kind != ABL_VARIANT_ADDITION || p->node->kind != ABL_NODE_SCALAR)
		return abl_design_label(&p->settings, kind == ABL_VARIANT_REMOVAL);
	abl_str_printf(&label, "with %s", p->subject);
	return label.text;
}

static bool only_removes(const struct abl_placed_list *l)
{
	for (size_t i = 0; i < l->count; i++)
		if (!abl_design_is_none(&l->items[i].setting))
			return false;
	return true;
}

/* One item: the settings, label, subject and kind of *p. After a failure *p is empty. */
static int read_item(struct abl_study *s, const struct abl_node *n, enum abl_variant_kind kind,
		     const struct abl_values *base, struct abl_point *p, struct abl_err *err)
{
	struct abl_placed one;
	int rc;

	*p = (struct abl_point){.kind = kind, .node = n};
	if (n->kind == ABL_NODE_MAP) {
		rc = abl_design_settings(s, n, p, err);
		if (!rc && !p->settings.count)
			rc = abl_node_fail(n, NULL, err, "a map without settings changes nothing");
	} else {
		rc = abl_design_slot(s, n, kind == ABL_VARIANT_ADDITION, base, &one, err);
		rc = rc ? rc : abl_design_check_varied(s, &one, err);
		if (!rc)
			abl_placed_add(&p->settings, &one);
	}
	if (!rc)
		rc = abl_design_check_differs(n, &p->settings, base, err);
	if (rc) {
		abl_point_finish(p);
		return rc;
	}
	p->subject = p->label ? abl_strdup(p->label) : abl_design_subject(&p->settings);
	if (p->settings.count == 1 && p->settings.items[0].setting.key->role == ABL_KEY_PLACEBO)
		p->kind = ABL_VARIANT_PLACEBO;
	else if (kind == ABL_VARIANT_REMOVAL && !only_removes(&p->settings))
		p->kind = ABL_VARIANT_SWAP;
	if (!p->label)
		p->label = point_label(p, kind);
	return 0;
}

/* The items of a list, each as a point; *out is the caller's. */
static int read_items(struct abl_study *s, const struct abl_node *n, enum abl_variant_kind kind,
		      struct abl_point **out, size_t *out_count, struct abl_err *err)
{
	struct abl_values *base;
	size_t count;
	const struct abl_node *const *items = abl_node_items(&n, &count);
	int rc = 0;

	*out_count = 0;
	if (!count)
		return abl_node_fail(n, NULL, err, "an empty list gives no variant");
	if (abl_study_baseline(s, &base, err))
		return ABL_EINPUT;
	*out = abl_calloc(count, sizeof **out);
	for (; *out_count < count && !rc; *out_count += !rc)
		rc = read_item(s, items[*out_count], kind, base, &(*out)[*out_count], err);
	abl_values_destroy(base);
	while (rc && *out_count)
		abl_point_finish(&(*out)[--*out_count]);
	if (rc)
		free(*out);
	return rc;
}

static int read_each(struct abl_study *s, const struct abl_node *n, enum abl_variant_kind kind,
		     struct abl_err *err)
{
	struct abl_point *points;
	size_t count;
	int rc = read_items(s, n, kind, &points, &count, err);

	if (rc)
		return rc;
	for (size_t i = 0; i < count; i++)
		abl_design_add(s, &points[i]);
	free(points);
	return 0;
}

int abl_design_leave_one_out(struct abl_study *s, const struct abl_node *n, struct abl_err *err)
{
	return read_each(s, n, ABL_VARIANT_REMOVAL, err);
}

int abl_design_add_one_in(struct abl_study *s, const struct abl_node *n, struct abl_err *err)
{
	return read_each(s, n, ABL_VARIANT_ADDITION, err);
}

static bool sets(const struct abl_placed_list *l, const struct abl_setting *other, bool same_value)
{
	for (size_t i = 0; i < l->count; i++)
		if (l->items[i].setting.key == other->key &&
		    (!same_value || abl_value_equal(&l->items[i].setting.value, &other->value)))
			return true;
	return false;
}

static bool same_settings(const struct abl_placed_list *a, const struct abl_placed_list *b)
{
	if (a->count != b->count)
		return false;
	for (size_t i = 0; i < a->count; i++)
		if (!sets(b, &a->items[i].setting, true))
			return false;
	return true;
}

/* The key that both set, or NULL: they cannot be set together then. */
static const struct abl_key *shared_key(const struct abl_placed_list *a,
					const struct abl_placed_list *b)
{
	for (size_t i = 0; i < a->count; i++)
		if (sets(b, &a->items[i].setting, false))
			return a->items[i].setting.key;
	return NULL;
}

/* Both changes together. */
static void add_pair(struct abl_study *s, const struct abl_point *a, const struct abl_point *b)
{
	const struct abl_key *shared = shared_key(&a->settings, &b->settings);
	struct abl_point p = {.kind = ABL_VARIANT_PAIR, .node = b->node};
	struct abl_str label = {0}, subject = {0}, why = {0};

	for (size_t i = 0; i < a->settings.count; i++)
		abl_placed_add(&p.settings, &a->settings.items[i]);
	for (size_t i = 0; i < b->settings.count; i++)
		abl_placed_add(&p.settings, &b->settings.items[i]);
	abl_str_printf(&label, "%s, %s", a->label, b->label);
	abl_str_printf(&subject, "%s, %s", a->subject, b->subject);
	if (shared)
		abl_str_printf(&why, "both set '%s'", shared->name);
	p.label = label.text;
	p.subject = subject.text;
	p.why_not = why.text;
	abl_design_add(s, &p);
}

static int check_pairs(const struct abl_study *s, const struct abl_node *n,
		       const struct abl_point *points, size_t count, struct abl_err *err)
{
	if (count < 2)
		return abl_node_fail(n, "'leave-one-out' changes one thing at a time", err,
				     "'pairs' needs two items at least");
	for (size_t i = 0; i < count; i++) {
		if (points[i].kind == ABL_VARIANT_PLACEBO)
			return abl_node_fail(points[i].node, "move it to 'leave-one-out'", err,
					     "a placebo changes nothing, so a pair with it says "
					     "nothing new");
		for (size_t k = 0; k < i; k++)
			if (same_settings(&points[i].settings, &points[k].settings))
				return abl_node_fail(points[i].node, NULL, err,
						     "this is in the list twice");
	}
	return abl_design_check_count(s, n, (uint64_t)count * (count + 1) / 2, err);
}

/* Each change by itself, unless another design has it, and every two of them. */
int abl_design_pairs(struct abl_study *s, const struct abl_node *n, struct abl_err *err)
{
	struct abl_point *points;
	size_t count;
	int rc = read_items(s, n, ABL_VARIANT_REMOVAL, &points, &count, err);

	if (rc)
		return rc;
	rc = check_pairs(s, n, points, count, err);
	for (size_t i = 0; i < count; i++) {
		points[i].again = true;
		if (rc)
			abl_point_finish(&points[i]);
		else
			abl_design_add(s, &points[i]);
	}
	for (size_t i = 0; !rc && i < count; i++)
		for (size_t k = i + 1; k < count; k++)
			add_pair(s, &points[i], &points[k]);
	free(points);
	return rc;
}
