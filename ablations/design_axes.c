/* SPDX-License-Identifier: Apache-2.0 */
/* design_axes.c - designs of lists of values: grid, zip. */
#include "design_points.h"

#include "node_value.h"
#include "str.h"

#include <stdlib.h>

/* A map of lists, read: settings[k] are the values of key k. */
struct axes {
	struct abl_placed_list *keys;
	size_t count;
};

static void axes_finish(struct axes *a)
{
	for (size_t k = 0; k < a->count; k++)
		free(a->keys[k].items);
	free(a->keys);
}

static int axes_read(struct axes *a, const struct abl_study *s, const struct abl_node *n,
		     const char *name, struct abl_err *err)
{
	*a = (struct axes){0};
	if (abl_node_expect(n, ABL_NODE_MAP, name, err))
		return ABL_EINPUT;
	if (!n->count)
		return abl_node_fail(n, NULL, err, "'%s' needs keys with lists of values", name);
	a->keys = abl_calloc(n->count / 2, sizeof *a->keys);
	a->count = n->count / 2;
	for (size_t k = 0; k < a->count; k++) {
		size_t count;
		const struct abl_node *key = n->items[2 * k], *value = n->items[2 * k + 1];
		const struct abl_node *const *items = abl_node_items(&value, &count);
		struct abl_placed p;

		if (!count)
			return abl_node_fail(value, NULL, err, "'%s' needs at least one value",
					     key->text);
		for (size_t i = 0; i < count; i++) {
			if (abl_placed_read(s, key, items[i], &p, err) ||
			    abl_design_check_varied(s, &p, err))
				return ABL_EINPUT;
			abl_placed_add(&a->keys[k], &p);
		}
	}
	return 0;
}

/* One point from the axes: value pick[k] of key k. */
static void axes_point(struct abl_study *s, const struct axes *a, const size_t *pick,
		       const struct abl_node *n)
{
	struct abl_point p = {.kind = ABL_VARIANT_GRID, .node = n};

	for (size_t k = 0; k < a->count; k++)
		abl_placed_add(&p.settings, &a->keys[k].items[pick[k]]);
	p.label = abl_design_label(&p.settings, false);
	p.subject = abl_strdup(p.label);
	abl_design_add(s, &p);
}

int abl_design_grid(struct abl_study *s, const struct abl_node *n, struct abl_err *err)
{
	struct axes a;
	uint64_t product = 1;
	size_t *pick = NULL;
	int rc = axes_read(&a, s, n, "grid", err);

	for (size_t k = 0; !rc && k < a.count; k++)
		product = product > ABL_DESIGN_MANY / a.keys[k].count ? ABL_DESIGN_MANY
								      : product * a.keys[k].count;
	if (rc || (rc = abl_design_check_count(s, n, product, err)))
		goto fail;
	pick = abl_calloc(a.count, sizeof *pick);
	for (uint64_t i = 0; i < product; i++) {
		uint64_t rest = i;

		for (size_t k = a.count; k-- > 0;
		     rest /= a.keys[k].count) /* the last key runs fastest */
			pick[k] = rest % a.keys[k].count;
		axes_point(s, &a, pick, n);
	}
fail:
	free(pick);
	axes_finish(&a);
	return rc;
}

int abl_design_zip(struct abl_study *s, const struct abl_node *n, struct abl_err *err)
{
	struct axes a;
	size_t *pick = NULL;
	int rc = axes_read(&a, s, n, "zip", err);

	for (size_t k = 1; !rc && k < a.count; k++)
		if (a.keys[k].count != a.keys[0].count)
			rc = abl_node_fail(n->items[2 * k + 1],
					   "'zip' pairs the values up; 'grid' combines them", err,
					   "'%s' has %zu value%s and '%s' has %zu",
					   n->items[2 * k]->text, a.keys[k].count,
					   abl_plural(a.keys[k].count), n->items[0]->text,
					   a.keys[0].count);
	if (rc || (rc = abl_design_check_count(s, n, a.keys[0].count, err)))
		goto fail;
	pick = abl_calloc(a.count, sizeof *pick);
	for (size_t i = 0; i < a.keys[0].count; i++) {
		for (size_t k = 0; k < a.count; k++)
			pick[k] = i;
		axes_point(s, &a, pick, n);
	}
fail:
	free(pick);
	axes_finish(&a);
	return rc;
}
