/* SPDX-License-Identifier: Apache-2.0 */
/* point_rules.c - exclude and include: partial maps that points are held against. */
#include "node_value.h"
#include "str.h"
#include "study_source.h"

void abl_node_print(const struct abl_node *n, struct abl_str *out)
{
	static const char brackets[][3] = {[ABL_NODE_LIST] = "[]", [ABL_NODE_MAP] = "{}"};

	if (n->kind == ABL_NODE_SCALAR) {
		abl_str_puts(out, n->text);
		return;
	}
	abl_str_add(out, brackets[n->kind], 1);
	for (size_t i = 0; i < n->count; i++) {
		bool is_value = n->kind == ABL_NODE_MAP && i % 2;

		abl_str_puts(out, is_value ? ": " : i ? ", " : "");
		abl_node_print(n->items[i], out);
	}
	abl_str_add(out, brackets[n->kind] + 1, 1);
}

static int check_rule(const struct abl_study *s, const struct abl_node *rule, const char *name,
		      struct abl_err *err)
{
	struct abl_placed p;

	if (abl_node_expect(rule, ABL_NODE_MAP, name, err))
		return ABL_EINPUT;
	if (!rule->count)
		return abl_node_fail(rule, NULL, err, "an empty rule would match everything");
	for (size_t i = 0; i < rule->count; i += 2) {
		size_t count;
		const struct abl_node *value = rule->items[i + 1];
		const struct abl_node *const *items = abl_node_items(&value, &count);

		for (size_t k = 0; k < count; k++)
			if (abl_placed_read(s, rule->items[i], items[k], &p, err))
				return ABL_EINPUT;
		if (!count)
			return abl_node_fail(value, NULL, err, "an empty list matches nothing");
	}
	return 0;
}

int abl_rules_check(const struct abl_study *s, const struct abl_node *rules, const char *name,
		    struct abl_err *err)
{
	size_t count;
	const struct abl_node *const *items = abl_node_items(&rules, &count);

	for (size_t i = 0; i < count; i++)
		if (check_rule(s, items[i], name, err))
			return ABL_EINPUT;
	return 0;
}

/* One key of a rule: does the configuration hold that value, or one of the list? */
static bool holds(const struct abl_study *s, const struct abl_node *key,
		  const struct abl_node *value, const struct abl_values *config)
{
	size_t count;
	const struct abl_node *const *items = abl_node_items(&value, &count);
	struct abl_placed p;
	struct abl_value has;

	for (size_t i = 0; i < count; i++)
		if (!abl_placed_read(s, key, items[i], &p, NULL)) {
			abl_values_get(config, p.setting.key, &has);
			if (abl_value_equal(&has, &p.setting.value))
				return true;
		}
	return false;
}

const struct abl_node *abl_rules_match(const struct abl_study *s, const struct abl_node *rules,
				       const struct abl_values *config)
{
	size_t count = 0;
	const struct abl_node *const *items = rules ? abl_node_items(&rules, &count) : NULL;

	for (size_t i = 0; i < count; i++) {
		bool all = true;

		for (size_t k = 0; all && k < items[i]->count; k += 2)
			all = holds(s, items[i]->items[k], items[i]->items[k + 1], config);
		if (all)
			return items[i];
	}
	return NULL;
}
