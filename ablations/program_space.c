/* SPDX-License-Identifier: Apache-2.0 */
/* program_space.c - the option space that a study with `command:` declares. A configuration is an
 * array of eight bytes for each key, in the keys' order. */
#include "program_source.h"

#include <stdlib.h>
#include <string.h>

#define WIDTH sizeof(int64_t) /* of a number, a truth value, a pointer to a text */

void abl_program_terms_add(struct abl_program_terms *t, const struct abl_program_term *term)
{
	abl_grow(&t->items, &t->capacity, t->count + 1, sizeof *t->items);
	t->items[t->count++] = *term;
}

static void space_init(const struct abl_space *self, void *config)
{
	for (size_t i = 0; i < self->key_count; i++) {
		const struct abl_key *key = self->keys[i];
		const int rc = abl_option_set(key->option, config, key->name, &key->def, NULL);

		(void)rc; /* a default was checked when it was read */
	}
}

static void space_get(const void *config, const struct abl_key *key, struct abl_value *out)
{
	abl_option_get(key->option, config, out);
}

static int space_set(void *config, const struct abl_key *key, const struct abl_value *value,
		     struct abl_err *err)
{
	return abl_option_set(key->option, config, key->name, value, err);
}

/* A configuration while conditions are held against it: each key is looked at once. */
struct looking {
	const struct abl_program_space *p;
	const void *config;
	signed char *active; /* [key_count] 0: not looked at yet, 1: it is, -1: it is not */
};

static bool is_active(struct looking *l, const struct abl_key *key);

/* What is not active is at its default, as the program gets it. */
static bool has(struct looking *l, const struct abl_program_term *term)
{
	struct abl_value now = term->key->def;

	if (is_active(l, term->key))
		space_get(l->config, term->key, &now);
	for (size_t i = 0; i < term->value_count; i++)
		if (abl_value_equal(&now, &term->values[i]))
			return true;
	return false;
}

static bool holds(struct looking *l, const struct abl_program_terms *terms)
{
	for (size_t i = 0; i < terms->count; i++)
		if (!has(l, &terms->items[i]))
			return false;
	return true;
}

/* `when:` goes in no circle, so this ends. */
static bool is_active(struct looking *l, const struct abl_key *key)
{
	const size_t i = (size_t)(key - l->p->keys);

	if (!l->active[i])
		l->active[i] = holds(l, &l->p->when[i]) ? 1 : -1;
	return l->active[i] > 0;
}

static struct looking look(const struct abl_space *space, const void *config)
{
	return (struct looking){.p = (const struct abl_program_space *)space,
				.config = config,
				.active = abl_calloc(space->key_count, 1)};
}

static bool space_active(const struct abl_space *self, const void *config,
			 const struct abl_key *key)
{
	const struct abl_program_space *p = (const struct abl_program_space *)self;
	struct looking l;
	bool active;

	if (!p->when[key - p->keys].count)
		return true;
	l = look(self, config);
	active = is_active(&l, key);
	free(l.active);
	return active;
}

/* Each of them goes against the condition; without one they go against each other. */
static bool clashes(struct looking *l, const struct abl_program_rule *rule)
{
	const struct abl_program_terms *c = &rule->conflicts;

	for (size_t i = 0; rule->when.count && i < c->count; i++)
		if (has(l, &c->items[i]))
			return true;
	return !rule->when.count && c->count && holds(l, c);
}

static void blame(struct abl_resolving *r, const struct abl_program_terms *terms)
{
	for (size_t i = 0; i < terms->count; i++)
		abl_resolving_blame(r, terms->items[i].key);
}

static int space_resolve(const struct abl_space *self, void *config, struct abl_resolving *r,
			 struct abl_err *err)
{
	struct looking l = look(self, config);
	int rc = 0;

	for (size_t i = 0; i < l.p->rule_count && !rc; i++) {
		const struct abl_program_rule *rule = &l.p->rules[i];

		if (!holds(&l, &rule->when) || (holds(&l, &rule->needs) && !clashes(&l, rule)))
			continue;
		blame(r, &rule->when);
		blame(r, &rule->needs);
		blame(r, &rule->conflicts);
		rc = abl_err_set(err, ABL_EINPUT, "%s", rule->message);
	}
	free(l.active);
	return rc;
}

static void add_placebo(struct abl_program_space *p, size_t i)
{
	static const char *const choices[] = {"none", ABL_PLACEBO_SALTED, ABL_PLACEBO_ARM, NULL};

	p->rows[i] = (struct abl_option){
		.name = "placebo",
		.type = ABL_CHOICE,
		.offset = WIDTH * i,
		.def_choice = choices[0],
		.choices = choices,
		.help = "salted: the program gets another seed and nothing else changes: the A/A "
			"control",
		.stages = ABL_AT_FINETUNE};
	p->keys[i] = (struct abl_key){.name = "placebo",
				      .option = &p->rows[i],
				      .def = {.type = ABL_CHOICE, .choice = choices[0]},
				      .scope = ABL_SCOPE_MODEL,
				      .role = ABL_KEY_PLACEBO,
				      .stages = ABL_AT_FINETUNE,
				      .can_remove = true,
				      .can_add = true,
				      .none = {.type = ABL_CHOICE, .choice = choices[1]},
				      .added = {.type = ABL_CHOICE, .choice = choices[1]}};
}

struct abl_program_space *abl_program_space_create(size_t options)
{
	struct abl_program_space *p = abl_calloc(1, sizeof *p);
	const size_t count = options + 1;

	p->rows = abl_calloc(count, sizeof *p->rows);
	p->keys = abl_calloc(count, sizeof *p->keys);
	p->list = abl_calloc(count, sizeof *p->list);
	p->when = abl_calloc(count, sizeof *p->when);
	for (size_t i = 0; i < count; i++) {
		p->list[i] = &p->keys[i];
		p->keys[i].option = &p->rows[i];
		p->rows[i].offset = WIDTH * i;
	}
	add_placebo(p, options);
	p->space = (struct abl_space){.name = "program",
				      .keys = p->list,
				      .key_count = count,
				      .bytes = WIDTH * count,
				      .init = space_init,
				      .get = space_get,
				      .set = space_set,
				      .active = space_active,
				      .resolve = space_resolve};
	return p;
}

static void terms_finish(struct abl_program_terms *t)
{
	for (size_t i = 0; i < t->count; i++)
		free(t->items[i].values);
	free(t->items);
}

void abl_program_space_destroy(struct abl_program_space *p)
{
	if (!p)
		return;
	for (size_t i = 0; i < p->space.key_count; i++) {
		terms_finish(&p->when[i]);
		if (p->keys[i].role != ABL_KEY_PLACEBO)
			free((void *)(uintptr_t)p->rows[i].choices);
	}
	for (size_t i = 0; i < p->rule_count; i++) {
		terms_finish(&p->rules[i].when);
		terms_finish(&p->rules[i].needs);
		terms_finish(&p->rules[i].conflicts);
		free(p->rules[i].message);
	}
	free(p->rules);
	free(p->rows);
	free(p->keys);
	free(p->list);
	free(p->when);
	free(p);
}
