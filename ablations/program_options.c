/* SPDX-License-Identifier: Apache-2.0 */
/* program_options.c - `options:` of a study with `command:`: a row of its option space each. */
#include "node_value.h"
#include "program_source.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

/* One option while it is read. */
struct reading {
	struct abl_program_reading *r;
	const struct abl_node *name, *map;
	struct abl_option *row;
	struct abl_key *key;
	struct abl_program_option *option;
};

static const struct abl_node *field(const struct reading *o, const char *name)
{
	return abl_node_get(o->map, name);
}

static const char *const types[] = {
	[ABL_INT] = "int",       [ABL_REAL] = "real", [ABL_BOOL] = "bool",
	[ABL_CHOICE] = "choice", [ABL_TEXT] = "text", NULL};

static int read_type(struct reading *o, struct abl_err *err)
{
	const struct abl_option row = {.name = "type", .type = ABL_CHOICE, .choices = types};
	const struct abl_node *n = field(o, "type");
	const char *word = NULL;

	if (!n)
		return abl_node_fail(o->name, "type: real, int, bool, choice or text", err,
				     "option '%s' has no 'type'", o->key->name);
	if (abl_program_value(n, &row, &word, err))
		return ABL_EINPUT;
	while (types[o->row->type] != word)
		o->row->type++;
	return 0;
}

static int read_values(struct reading *o, struct abl_err *err)
{
	const struct abl_node *n = field(o, "values");
	const char **choices;

	if (o->row->type != ABL_CHOICE)
		return n ? abl_node_fail(n, "values are listed for 'type: choice'", err,
					 "option '%s' is no choice", o->key->name)
			 : 0;
	if (!n || n->kind != ABL_NODE_LIST || !n->count)
		return abl_node_fail(n ? n : o->name, "values: [a, b]", err,
				     "option '%s' is a choice and needs a list of 'values'",
				     o->key->name);
	choices = abl_calloc(n->count + 1, sizeof *choices);
	o->row->choices = choices;
	for (size_t i = 0; i < n->count; i++) {
		const char *text;

		if (abl_node_text(n->items[i], "values", &text, err))
			return ABL_EINPUT;
		for (size_t k = 0; k < i; k++)
			if (!strcmp(choices[k], text))
				return abl_node_fail(n->items[i], "remove one of them", err,
						     "'%.60s' is listed twice", text);
		choices[i] = abl_intern(text);
	}
	return 0;
}

static int read_bound(struct reading *o, const char *name, double *out, struct abl_err *err)
{
	const struct abl_option row = {.type = o->row->type, .min = -INFINITY, .max = INFINITY};
	const struct abl_node *n = field(o, name);
	struct abl_value v;

	if (!n)
		return 0;
	if (row.type != ABL_INT && row.type != ABL_REAL)
		return abl_node_fail(n, "bounds are for real and int", err,
				     "option '%s' is no number", o->key->name);
	if (abl_node_option(n, &row, name, NULL, &v, err))
		return ABL_EINPUT;
	*out = v.type == ABL_INT ? (double)v.i : v.r;
	return 0;
}

static int read_bounds(struct reading *o, struct abl_err *err)
{
	o->row->min = -INFINITY;
	o->row->max = INFINITY;
	if (read_bound(o, "min", &o->row->min, err) || read_bound(o, "max", &o->row->max, err))
		return ABL_EINPUT;
	if (o->row->min > o->row->max)
		return abl_node_fail(field(o, "min"), NULL, err, "'min' of '%s' is above its 'max'",
				     o->key->name);
	return 0;
}

/* One of its values: of `default`, `none` or `added`. */
static int read_value(struct reading *o, const char *name, struct abl_value *out,
		      struct abl_err *err)
{
	return abl_node_option(field(o, name), o->row, o->key->name, NULL, out, err);
}

/* A truth value is removed by false and added by true, without a word. */
static int read_states(struct reading *o, struct abl_err *err)
{
	struct abl_key *key = o->key;
	int rc;

	if (!field(o, "default"))
		return abl_node_fail(o->name, "the value it has where a variant sets no other", err,
				     "option '%s' has no 'default'", key->name);
	rc = read_value(o, "default", &key->def, err);
	o->row->def = key->def.type == ABL_REAL ? key->def.r : (double)key->def.i;
	o->row->def_choice = key->def.choice;
	key->can_remove = o->row->type == ABL_BOOL;
	key->none = (struct abl_value){.type = ABL_BOOL};
	if (!rc && field(o, "none")) {
		rc = read_value(o, "none", &key->none, err);
		key->can_remove = true;
	}
	if (rc)
		return rc;
	key->added = key->def;
	key->can_add = key->can_remove && !abl_value_equal(&key->def, &key->none);
	if (o->row->type == ABL_BOOL && !key->can_add) {
		key->added.i = !key->none.i;
		key->can_add = true;
	}
	if (field(o, "added")) {
		rc = read_value(o, "added", &key->added, err);
		key->can_add = true;
	}
	return rc;
}

/* With words for one state only, the other one has none. */
static int read_words(struct reading *o, struct abl_err *err)
{
	const struct abl_node *on = field(o, "on"), *off = field(o, "off"),
			      *flag = field(o, "flag");
	const char *text;

	if ((flag || on || off) && !strcmp(o->r->program->flags, "json"))
		return abl_node_fail(flag ? flag
				     : on ? on
					  : off,
				     "remove it", err,
				     "'flags: json' writes option '%s' by its name into {options}, "
				     "without words of the command",
				     o->key->name);
	if (flag && abl_node_text(flag, "flag", &text, err))
		return ABL_EINPUT;
	if (flag)
		o->option->flag = abl_strdup(text);
	if (!on && !off)
		return 0;
	if (o->row->type != ABL_BOOL)
		return abl_node_fail(on ? on : off, "other types are passed with their value", err,
				     "'%s' is for truth values, and option '%s' is none",
				     on ? "on" : "off", o->key->name);
	o->option->on = abl_program_no_words();
	o->option->off = abl_program_no_words();
	if ((on && abl_program_words_read(on, "on", true, &o->option->on, err)) ||
	    (off && abl_program_words_read(off, "off", true, &o->option->off, err)))
		return ABL_EINPUT;
	if (!*o->option->on && !*o->option->off)
		return abl_node_fail(on ? on : off, "off: [--no-augment]", err,
				     "neither state of option '%s' has a word", o->key->name);
	return 0;
}

static int read_help(struct reading *o, struct abl_err *err)
{
	const struct abl_node *n = field(o, "help");
	const char *text = "";

	if (n && abl_node_text(n, "help", &text, err))
		return ABL_EINPUT;
	o->row->help = abl_intern(text);
	return 0;
}

static int read_name(struct reading *o, struct abl_err *err)
{
	const struct abl_program_space *space = o->r->program->space;
	const char *name;

	if (abl_node_name(o->name, "option", &name, NULL))
		return abl_node_fail(o->name,
				     "use letters, digits, '-', '_' and '.', and say with 'flag:' "
				     "how the program spells it",
				     err, "an option cannot be called '%.60s'", o->name->text);
	if (abl_is_program_word(name, strlen(name)) || !strcmp(name, "label") ||
	    !strcmp(name, "placebo"))
		return abl_node_fail(o->name,
				     "call it otherwise, and say with 'flag:' how the program "
				     "spells it",
				     err,
				     "an option cannot be called '%s': the word has a meaning "
				     "of its own in study files",
				     name);
	if (abl_program_step_of(o->r->program, name, strlen(name)) >= 0)
		return abl_node_fail(o->name, "give one of them another name", err,
				     "a step is called '%s', too", name);
	for (const struct abl_key *k = space->keys; k < o->key; k++)
		if (!strcmp(k->name, name))
			return abl_node_fail(o->name, "give one of them another name", err,
					     "two options are called '%s'", name);
	o->key->name = o->row->name = abl_intern(name);
	return 0;
}

static int read_option(struct reading *o, struct abl_err *err)
{
	int rc = read_name(o, err);

	rc = rc ? rc : abl_node_expect(o->map, ABL_NODE_MAP, o->key->name, err);
	rc = rc ? rc : abl_study_check_keys(o->r->study, o->map, "options.NAME.", err);
	rc = rc ? rc : read_type(o, err);
	rc = rc ? rc : read_values(o, err);
	rc = rc ? rc : read_bounds(o, err);
	rc = rc ? rc : read_states(o, err);
	rc = rc ? rc : read_words(o, err);
	rc = rc ? rc : read_help(o, err);
	o->row->stages = o->key->stages = ABL_AT_FINETUNE;
	o->key->scope = ABL_SCOPE_FINETUNE;
	o->option->key = o->key;
	return rc;
}

int abl_program_read_options(struct abl_program_reading *r, struct abl_err *err)
{
	const struct abl_node *n = abl_node_get(r->root, "options");
	struct abl_program *p = r->program;
	size_t count;
	int rc = n ? abl_node_expect(n, ABL_NODE_MAP, "options", err) : 0;

	if (rc)
		return rc;
	count = n ? n->count / 2 : 0;
	p->space = abl_program_space_create(count);
	p->options = abl_calloc(count + 1, sizeof *p->options);
	p->option_count = count + 1;
	p->options[count].key = &p->space->keys[count];
	for (size_t i = 0; i < count && !rc; i++) {
		struct reading o = {.r = r,
				    .name = n->items[2 * i],
				    .map = n->items[2 * i + 1],
				    .row = &p->space->rows[i],
				    .key = &p->space->keys[i],
				    .option = &p->options[i]};

		rc = read_option(&o, err);
	}
	if (rc)
		return rc;
	r->study->space = &p->space->space;
	for (size_t i = 0; i < count && !rc; i++) {
		const struct abl_node *when = abl_node_get(n->items[2 * i + 1], "when");

		rc = when ? abl_program_read_when(r, i, when, err) : 0;
	}
	return rc ? rc : abl_program_check_when(r, err);
}
