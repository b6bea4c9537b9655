/* SPDX-License-Identifier: Apache-2.0 */
/* program_rules.c - which options go together: `when:` of an option, and `constraints:`. */
#include "node_value.h"
#include "program_source.h"

#include <stdlib.h>
#include <string.h>

/* "norm: layer" or "norm: [layer, rms]", appended. */
static int read_term(const struct abl_study *s, const struct abl_node *key,
		     const struct abl_node *value, struct abl_program_terms *out,
		     struct abl_err *err)
{
	struct abl_program_term term = {0};
	struct abl_placed p;
	size_t count;
	const struct abl_node *const *items = abl_node_items(&value, &count);
	int rc = count ? 0 : abl_node_fail(value, NULL, err, "an empty list matches nothing");

	term.values = abl_calloc(count, sizeof *term.values);
	for (size_t i = 0; i < count && !rc; i++) {
		rc = abl_placed_read(s, key, items[i], &p, err);
		if (!rc && p.setting.key->role == ABL_KEY_PLACEBO)
			rc = abl_node_fail(key, NULL, err,
					   "the placebo goes with everything, so no rule names it");
		if (rc)
			break;
		term.key = p.setting.key;
		term.values[term.value_count++] = p.setting.value;
	}
	if (rc)
		free(term.values);
	else
		abl_program_terms_add(out, &term);
	return rc;
}

static int read_terms(const struct abl_study *s, const struct abl_node *map, const char *name,
		      struct abl_program_terms *out, struct abl_err *err)
{
	int rc = abl_node_expect(map, ABL_NODE_MAP, name, err);

	if (!rc && !map->count)
		rc = abl_node_fail(map, NULL, err, "'%s' needs options with values", name);
	for (size_t i = 0; !rc && i < map->count; i += 2)
		rc = read_term(s, map->items[i], map->items[i + 1], out, err);
	return rc;
}

int abl_program_read_when(struct abl_program_reading *r, size_t i, const struct abl_node *n,
			  struct abl_err *err)
{
	return read_terms(r->study, n, "when", &r->program->space->when[i], err);
}

/* Depth first; state 1 is on the way, 2 is done. */
static bool in_circle(const struct abl_program_space *p, size_t i, char *state)
{
	bool circle = state[i] == 1;

	if (state[i])
		return circle;
	state[i] = 1;
	for (size_t k = 0; k < p->when[i].count && !circle; k++)
		circle = in_circle(p, (size_t)(p->when[i].items[k].key - p->keys), state);
	state[i] = 2;
	return circle;
}

int abl_program_check_when(const struct abl_program_reading *r, struct abl_err *err)
{
	const struct abl_program_space *p = r->program->space;
	const struct abl_node *options = abl_node_get(r->root, "options");
	char *state = abl_calloc(p->space.key_count, 1);
	int rc = 0;

	for (size_t i = 0; i < p->space.key_count && !rc; i++)
		if (in_circle(p, i, state))
			rc = abl_node_fail(abl_node_get(options->items[2 * i + 1], "when"),
					   "an option may depend on others, but not on itself", err,
					   "the 'when' of option '%s' goes in a circle",
					   p->keys[i].name);
	free(state);
	return rc;
}

void abl_program_terms_print(const struct abl_program_terms *t, struct abl_str *out)
{
	for (size_t i = 0; i < t->count; i++) {
		abl_str_printf(out, "%s%s: ", i ? ", " : "", t->items[i].key->name);
		for (size_t k = 0; k < t->items[i].value_count; k++) {
			abl_str_puts(out, k ? " or " : "");
			abl_value_text(&t->items[i].values[k], out);
		}
	}
}

/* "'augment: true' needs 'norm: layer'"; the caller's. */
static char *made_message(const struct abl_program_rule *rule)
{
	struct abl_str out = {0};

	abl_str_puts(&out, "'");
	abl_program_terms_print(rule->when.count ? &rule->when : &rule->conflicts, &out);
	abl_str_puts(&out, "'");
	if (!rule->when.count)
		abl_str_puts(&out, " do not go together");
	if (rule->needs.count) {
		abl_str_puts(&out, " needs '");
		abl_program_terms_print(&rule->needs, &out);
		abl_str_puts(&out, "'");
	}
	if (rule->when.count && rule->conflicts.count) {
		abl_str_printf(&out, "%s does not go with '", rule->needs.count ? " and" : "");
		abl_program_terms_print(&rule->conflicts, &out);
		abl_str_puts(&out, "'");
	}
	return out.text;
}

/* What a rule says beside the options it is about. */
static int read_part(const struct abl_study *s, const struct abl_node *key,
		     const struct abl_node *value, struct abl_program_rule *rule,
		     struct abl_err *err)
{
	const char *text;

	if (!strcmp(key->text, "needs"))
		return read_terms(s, value, "needs", &rule->needs, err);
	if (!strcmp(key->text, "conflicts"))
		return read_terms(s, value, "conflicts", &rule->conflicts, err);
	if (strcmp(key->text, "message"))
		return read_term(s, key, value, &rule->when, err);
	if (abl_node_text(value, "message", &text, err))
		return ABL_EINPUT;
	rule->message = abl_strdup(text);
	return 0;
}

static int read_rule(struct abl_program_reading *r, const struct abl_node *map, struct abl_err *err)
{
	static const char example[] = "{augment: true, needs: {norm: layer}}";
	struct abl_program_space *p = r->program->space;
	struct abl_program_rule *rule;
	int rc = abl_node_expect(map, ABL_NODE_MAP, "constraints", err);

	if (rc)
		return rc;
	abl_grow(&p->rules, &p->rule_capacity, p->rule_count + 1, sizeof *p->rules);
	rule = &p->rules[p->rule_count++];
	*rule = (struct abl_program_rule){0};
	for (size_t i = 0; i < map->count && !rc; i += 2)
		rc = read_part(r->study, map->items[i], map->items[i + 1], rule, err);
	if (rc)
		return rc;
	if (!rule->needs.count && !rule->conflicts.count)
		return abl_node_fail(
			map, example, err,
			"a constraint has 'needs' or 'conflicts' beside its condition");
	if (!rule->when.count && (rule->needs.count || rule->conflicts.count < 2))
		return abl_node_fail(map, example, err,
				     "a constraint needs a condition: options with values");
	if (!rule->message)
		rule->message = made_message(rule);
	return 0;
}

int abl_program_read_rules(struct abl_program_reading *r, struct abl_err *err)
{
	const struct abl_node *n = abl_node_get(r->root, "constraints");
	size_t count = 0;
	const struct abl_node *const *items = n ? abl_node_items(&n, &count) : NULL;

	for (size_t i = 0; i < count; i++)
		if (read_rule(r, items[i], err))
			return ABL_EINPUT;
	return 0;
}
