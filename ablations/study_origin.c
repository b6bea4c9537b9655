/* SPDX-License-Identifier: Apache-2.0 */
#include "study_origin.h"

#include "study_source.h"

#include <string.h>

static bool has(const struct abl_setting *list, size_t count, const struct abl_key *key)
{
	for (size_t i = 0; i < count; i++)
		if (list[i].key == key)
			return true;
	return false;
}

static bool is_in_baseline(const struct abl_study *s, const struct abl_key *key)
{
	for (size_t i = 0; i < s->source->baseline.count; i++)
		if (s->source->baseline.items[i].setting.key == key)
			return true;
	return false;
}

static bool has_changed(const struct abl_variant *v, const struct abl_key *key)
{
	for (size_t i = 0; i < v->changed_count; i++)
		if (v->changed[i] == key)
			return true;
	return false;
}

/* The program's own default is what its study says. */
static bool is_default(const struct abl_study *s, size_t variant, const struct abl_key *key)
{
	struct abl_value now;

	abl_values_get(s->variants[variant].config, key, &now);
	return abl_value_equal(&now, &key->def);
}

const char *abl_study_origin(const struct abl_study *s, const char *variant, const char *task,
			     const char *name)
{
	const struct abl_key *key = abl_space_key(s->space, name);
	size_t v = 0, t = 0;
	bool of_task;

	while (v < s->variant_count && strcmp(s->variants[v].label, variant) != 0)
		v++;
	while (t < s->task_count && strcmp(s->tasks[t].spec.name, task) != 0)
		t++;
	if (!key || v == s->variant_count || t == s->task_count)
		return NULL;
	if (s->tune.key == key)
		return "tuned";
	of_task = has(s->tasks[t].overrides, s->tasks[t].override_count, key);
	if (of_task && !s->program) /* the built-in engine's come last */
		return "task";
	if (has(s->variants[v].set, s->variants[v].set_count, key))
		return "variant";
	if (of_task)
		return "task";
	if (v && has_changed(&s->variants[v], key))
		return "follows";
	if (is_in_baseline(s, key))
		return "baseline";
	if (s->source->init && abl_study_init_key(key))
		return "init";
	return is_default(s, v, key) ? "default" : "follows";
}
