/* SPDX-License-Identifier: Apache-2.0 */
/* design_points.c - what the designs have in common: settings, labels, how many there may be. */
#include "design_points.h"

#include "node_value.h"
#include "str.h"

#include <stdlib.h>
#include <string.h>

void abl_design_add(struct abl_study *s, const struct abl_point *p)
{
	struct abl_study_source *r = s->source;

	abl_grow(&r->points, &r->point_capacity, r->point_count + 1, sizeof *r->points);
	r->points[r->point_count++] = *p;
}

int abl_design_check_varied(const struct abl_study *s, const struct abl_placed *p,
			    struct abl_err *err)
{
	const char *name = p->setting.key->name;

	if (p->setting.key == s->tune.key)
		return abl_node_fail(p->key, "remove it from 'tune:' or from the design", err,
				     "'%s' is tuned, so a design cannot vary it", name);
	if (!s->tune.key && p->setting.key->stages == ABL_AT_TUNING)
		return abl_node_fail(p->key, "add 'tune: {learning_rate: [1e-4, 3e-4]}'", err,
				     "the study has no 'tune:', so '%s' changes nothing", name);
	if (s->pretraining_only && p->setting.key->scope == ABL_SCOPE_FINETUNE)
		return abl_node_fail(p->key, "keys of pre-training begin with 'pretrain_'", err,
				     "'%s' is a key of fine-tuning, and this study has no tasks",
				     name);
	/* of a program, what the design sets comes above what the task does */
	for (size_t t = 0; t < s->task_count && !s->program; t++)
		if (s->source->task_maps[t] && abl_node_get(s->source->task_maps[t], name))
			return abl_node_fail(
				p->key, "remove it from the task or from the design", err,
				"task '%s' sets '%s' itself, so a design cannot vary it",
				s->tasks[t].spec.name, name);
	return abl_study_check_pretraining(s, p, err);
}

static void setting_text(const struct abl_setting *s, struct abl_str *out)
{
	abl_str_printf(out, "%s=", s->key->name);
	if (s->value.type == ABL_TEXT || s->value.type == ABL_CHOICE)
		abl_label_text(s->value.choice, out);
	else
		abl_value_text(&s->value, out);
}

bool abl_design_is_none(const struct abl_setting *s)
{
	if (s->key->component)
		return !strcmp(s->value.choice, "none");
	return s->key->can_remove && s->key->role != ABL_KEY_PLACEBO &&
	       abl_value_equal(&s->value, &s->key->none);
}

char *abl_design_label(const struct abl_placed_list *l, bool removal)
{
	struct abl_str out = {0};

	for (size_t i = 0; i < l->count; i++) {
		abl_str_puts(&out, i ? ", " : "");
		if (removal && abl_design_is_none(&l->items[i].setting))
			abl_str_printf(&out, "no %s", l->items[i].setting.key->name);
		else
			setting_text(&l->items[i].setting, &out);
	}
	return out.text;
}

char *abl_design_subject(const struct abl_placed_list *l)
{
	struct abl_str out = {0};

	for (size_t i = 0; i < l->count; i++)
		abl_str_printf(&out, "%s%s", i ? ", " : "", l->items[i].setting.key->name);
	return out.text;
}

static const char *other_choice(const char *const *choices, const char *than)
{
	for (; *choices; choices++)
		if (strcmp(*choices, than) != 0)
			return *choices;
	return than;
}

int abl_design_slot(const struct abl_study *s, const struct abl_node *n, bool add,
		    const struct abl_values *base, struct abl_placed *out, struct abl_err *err)
{
	const bool scalar = n->kind == ABL_NODE_SCALAR;
	const struct abl_key *key = scalar ? abl_space_key(s->space, n->text) : NULL;
	const char *near = scalar && !key ? abl_space_nearest(s->space, n->text) : NULL;
	struct abl_value now;
	char help[200];

	if (!key) {
		abl_study_keys_help(s, help, sizeof help);
		return abl_node_fail(n, help, err, "unknown %s '%.60s'%s%s%s",
				     s->program ? "option" : "component", n->text ? n->text : "",
				     near ? "; did you mean '" : "", near ? near : "",
				     near ? "'?" : "");
	}
	if (add ? key->can_add : key->can_remove) {
		*out = (struct abl_placed){
			.setting = {key, add ? key->added : key->none}, .key = n, .value = n};
		return 0;
	}
	if (s->program) {
		snprintf(help, sizeof help, "add '%s: VALUE' to the option, or write {%s: VALUE}",
			 add ? "added" : "none", key->name);
		return abl_node_fail(n, help, err, "option '%s' does not say what it is %s",
				     key->name, add ? "when it is added" : "when it is left out");
	}
	if (!key->component) {
		snprintf(help, sizeof help, "write {%s: VALUE}", key->name);
		return abl_node_fail(n, help, err, "'%s' is a hyperparameter: give its value",
				     key->name);
	}
	abl_values_get(base, key, &now);
	snprintf(help, sizeof help, "write {%s: %s}", key->name,
		 other_choice(key->option->choices, now.choice));
	return abl_node_fail(n, help, err, "'%s' cannot be removed, only swapped", key->name);
}

int abl_design_check_differs(const struct abl_node *n, const struct abl_placed_list *l,
			     const struct abl_values *base, struct abl_err *err)
{
	struct abl_value now;
	struct abl_str text = {0};

	for (size_t i = 0; i < l->count; i++) {
		abl_values_get(base, l->items[i].setting.key, &now);
		if (!abl_value_equal(&now, &l->items[i].setting.value))
			return 0;
	}
	abl_value_text(&now, &text);
	abl_node_fail(n, "change the baseline, or remove this from the design", err,
		      "the baseline has '%s: %s' already, so this would change nothing",
		      l->items[0].setting.key->name, text.text);
	abl_str_finish(&text);
	return ABL_EINPUT;
}

/* `label:` beside the settings of an item. */
static int read_label(const struct abl_node *n, char **out, struct abl_err *err)
{
	const char *text;
	int rc = abl_node_label(n, "label", &text, err);

	if (!rc)
		*out = abl_strdup(text);
	return rc;
}

int abl_design_settings(struct abl_study *s, const struct abl_node *n, struct abl_point *p,
			struct abl_err *err)
{
	struct abl_placed one;

	for (size_t i = 0; i < n->count; i += 2) {
		if (!strcmp(n->items[i]->text, "label")) {
			if (read_label(n->items[i + 1], &p->label, err))
				return ABL_EINPUT;
			continue;
		}
		if (abl_placed_read(s, n->items[i], n->items[i + 1], &one, err) ||
		    abl_design_check_varied(s, &one, err))
			return ABL_EINPUT;
		abl_placed_add(&p->settings, &one);
	}
	return 0;
}

int abl_design_check_count(const struct abl_study *s, const struct abl_node *n, uint64_t more,
			   struct abl_err *err)
{
	uint64_t limit = s->limits.variants ? (uint64_t)s->limits.variants : ABL_VARIANTS_DEFAULT;
	uint64_t total = s->source->point_count - 1 + more;
	char made[32], most[32], help[100];

	if (total <= limit)
		return 0;
	abl_format_count((int64_t)total, made);
	abl_format_count((int64_t)limit, most);
	if (total <= 100000)
		snprintf(help, sizeof help, "allow them with 'limits: {variants: %llu}'",
			 (unsigned long long)total);
	else
		snprintf(help, sizeof help,
			 "shorten the lists; 'limits: {variants: N}' allows up to 100000");
	return abl_node_fail(n, help, err, "the design has %s%s variants, more than %s",
			     more >= ABL_DESIGN_MANY ? "over " : "", made, most);
}

void abl_point_finish(struct abl_point *p)
{
	free(p->label);
	free(p->subject);
	free(p->why_not);
	free(p->settings.items);
}
