/* SPDX-License-Identifier: Apache-2.0 */
/* designs.c - the rows under `design:`; each appends points. */
#include "node_value.h"
#include "str.h"
#include "study_source.h"

#include <stdlib.h>
#include <string.h>

#define MANY ((uint64_t)1 << 50) /* counts stop growing here, so that they never overflow */

static void point_add(struct abl_study *s, const struct abl_point *p)
{
	struct abl_study_source *r = s->source;

	abl_grow(&r->points, &r->point_capacity, r->point_count + 1, sizeof *r->points);
	r->points[r->point_count++] = *p;
}

/* What no design may vary: what is tuned, what a task sets for itself, pre-training where there is
 * none. */
static int check_varied(const struct abl_study *s, const struct abl_placed *p, struct abl_err *err)
{
	const char *name = p->setting.key->name;

	if (p->setting.key == s->tune.key)
		return abl_node_fail(p->key, "remove it from 'tune:' or from the design", err,
				     "'%s' is tuned, so a design cannot vary it", name);
	if (!s->tune.key && p->setting.key->stages == ABL_AT_TUNING)
		return abl_node_fail(p->key, "add 'tune: {learning_rate: [1e-4, 3e-4]}'", err,
				     "the study has no 'tune:', so '%s' changes nothing", name);
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

static bool is_none(const struct abl_setting *s)
{
	if (s->key->component)
		return !strcmp(s->value.choice, "none");
	return s->key->can_remove && s->key->role != ABL_KEY_PLACEBO &&
	       abl_value_equal(&s->value, &s->key->none);
}

/* "no segments", "layers=4, hidden=256"; the caller's. */
static char *settings_label(const struct abl_placed_list *l, bool removal)
{
	struct abl_str out = {0};

	for (size_t i = 0; i < l->count; i++) {
		abl_str_puts(&out, i ? ", " : "");
		if (removal && is_none(&l->items[i].setting))
			abl_str_printf(&out, "no %s", l->items[i].setting.key->name);
		else
			setting_text(&l->items[i].setting, &out);
	}
	return out.text;
}

static char *settings_subject(const struct abl_placed_list *l)
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

/* A bare name: which component does the design put into that slot? */
static int read_slot(const struct abl_study *s, const struct abl_node *n,
		     enum abl_variant_kind kind, const struct abl_values *base,
		     struct abl_placed *out, struct abl_err *err)
{
	const bool scalar = n->kind == ABL_NODE_SCALAR, add = kind == ABL_VARIANT_ADDITION;
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

static int check_differs(const struct abl_node *n, const struct abl_placed_list *l,
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

/* The settings and the label of an item that is a map. */
static int read_settings(struct abl_study *s, const struct abl_node *n, struct abl_point *p,
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
		    check_varied(s, &one, err))
			return ABL_EINPUT;
		abl_placed_add(&p->settings, &one);
	}
	return 0;
}

/* "with segments", "no segments", "layers=4"; the caller's. */
static char *point_label(const struct abl_point *p, enum abl_variant_kind kind)
{
	struct abl_str label = {0};

	if (p->kind == ABL_VARIANT_PLACEBO)
		return abl_strdup(p->subject);
	if (kind != ABL_VARIANT_ADDITION || p->node->kind != ABL_NODE_SCALAR)
		return settings_label(&p->settings, kind == ABL_VARIANT_REMOVAL);
	abl_str_printf(&label, "with %s", p->subject);
	return label.text;
}

static bool only_removes(const struct abl_placed_list *l)
{
	for (size_t i = 0; i < l->count; i++)
		if (!is_none(&l->items[i].setting))
			return false;
	return true;
}

/* One item of leave-one-out or add-one-in. */
static int read_one(struct abl_study *s, const struct abl_node *n, enum abl_variant_kind kind,
		    const struct abl_values *base, struct abl_err *err)
{
	struct abl_point p = {.kind = kind, .node = n};
	struct abl_placed one;
	int rc;

	if (n->kind == ABL_NODE_MAP) {
		rc = read_settings(s, n, &p, err);
		if (!rc && !p.settings.count)
			rc = abl_node_fail(n, NULL, err, "a map without settings changes nothing");
	} else {
		rc = read_slot(s, n, kind, base, &one, err);
		rc = rc ? rc : check_varied(s, &one, err);
		if (!rc)
			abl_placed_add(&p.settings, &one);
	}
	if (!rc)
		rc = check_differs(n, &p.settings, base, err);
	if (rc) {
		free(p.label);
		free(p.settings.items);
		return rc;
	}
	p.subject = p.label ? abl_strdup(p.label) : settings_subject(&p.settings);
	if (p.settings.count == 1 && p.settings.items[0].setting.key->role == ABL_KEY_PLACEBO)
		p.kind = ABL_VARIANT_PLACEBO;
	else if (kind == ABL_VARIANT_REMOVAL && !only_removes(&p.settings))
		p.kind = ABL_VARIANT_SWAP;
	if (!p.label)
		p.label = point_label(&p, kind);
	point_add(s, &p);
	return 0;
}

static int read_each(struct abl_study *s, const struct abl_node *n, enum abl_variant_kind kind,
		     struct abl_err *err)
{
	struct abl_values *base;
	size_t count;
	const struct abl_node *const *items = abl_node_items(&n, &count);
	int rc;

	if (!count)
		return abl_node_fail(n, NULL, err, "an empty list gives no variant");
	if (abl_study_baseline(s, &base, err))
		return ABL_EINPUT;
	rc = 0;
	for (size_t i = 0; i < count && !rc; i++)
		rc = read_one(s, items[i], kind, base, err);
	abl_values_destroy(base);
	return rc;
}

int abl_design_leave_one_out(struct abl_study *s, const struct abl_node *n, struct abl_err *err)
{
	return read_each(s, n, ABL_VARIANT_REMOVAL, err);
}

int abl_design_add_one_in(struct abl_study *s, const struct abl_node *n, struct abl_err *err)
{
	return read_each(s, n, ABL_VARIANT_ADDITION, err);
}

/* Would `more` points be too many? Counted before any is made. */
static int check_count(const struct abl_study *s, const struct abl_node *n, uint64_t more,
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
			     more >= MANY ? "over " : "", made, most);
}

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
			if (abl_placed_read(s, key, items[i], &p, err) || check_varied(s, &p, err))
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
	p.label = settings_label(&p.settings, false);
	p.subject = abl_strdup(p.label);
	point_add(s, &p);
}

int abl_design_grid(struct abl_study *s, const struct abl_node *n, struct abl_err *err)
{
	struct axes a;
	uint64_t product = 1;
	size_t *pick = NULL;
	int rc = axes_read(&a, s, n, "grid", err);

	for (size_t k = 0; !rc && k < a.count; k++)
		product = product > MANY / a.keys[k].count ? MANY : product * a.keys[k].count;
	if (rc || (rc = check_count(s, n, product, err)))
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
	if (rc || (rc = check_count(s, n, a.keys[0].count, err)))
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

int abl_design_list(struct abl_study *s, const struct abl_node *n, struct abl_err *err)
{
	size_t count;
	const struct abl_node *const *items = abl_node_items(&n, &count);

	if (!count)
		return abl_node_fail(n, NULL, err, "an empty list gives no variant");
	if (check_count(s, n, count, err))
		return ABL_EINPUT;
	for (size_t i = 0; i < count; i++) {
		struct abl_point p = {.kind = ABL_VARIANT_LIST, .node = items[i]};

		if (abl_node_expect(items[i], ABL_NODE_MAP, "list", err))
			return ABL_EINPUT;
		if (read_settings(s, items[i], &p, err) ||
		    (!p.settings.count &&
		     abl_node_fail(items[i], "the baseline is a variant already", err,
				   "this variant changes nothing"))) {
			free(p.label);
			free(p.settings.items);
			return ABL_EINPUT;
		}
		if (!p.label)
			p.label = settings_label(&p.settings, false);
		p.subject = abl_strdup(p.label);
		point_add(s, &p);
	}
	return 0;
}
