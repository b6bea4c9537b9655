/* SPDX-License-Identifier: Apache-2.0 */
/* cmd_components.c - what can be varied: slots, their components, hyperparameters. */
#include "advice.h"
#include "command.h"
#include "component_rows.h"
#include "hint.h"
#include "native_space.h"
#include "study_keys.h"
#include "task_fields.h"

#include <stdio.h>
#include <string.h>

#define NAME_COLUMNS 22
#define STUDY_FILE "study-file"
#define TASK "task"

/* "  name                text", the text wrapped beside the name. */
static void entry(struct abl_str *out, int indent, const char *name, const char *text)
{
	int width = NAME_COLUMNS - indent - 1;

	abl_str_printf(out, "%*s%-*s ", indent, "", width, name);
	if (strlen(name) > (size_t)width)
		abl_str_printf(out, "\n%*s", NAME_COLUMNS, "");
	abl_str_wrap(out, NAME_COLUMNS, NAME_COLUMNS, text);
}

static void slot_entry(struct abl_str *out, const struct abl_key *key)
{
	const struct abl_slot_info *info = abl_slot_info((enum abl_slot)abl_key_slot(key));
	const struct abl_key *twin = abl_key_twin(key);
	struct abl_str text = {0};

	abl_str_printf(&text, "%s [", info->help);
	abl_stages_text(key->stages | (twin ? twin->stages : 0), &text);
	abl_str_printf(&text, "; %s%s]", info->removed ? "removed: " : "swap only",
		       info->removed ? info->removed : "");
	entry(out, 0, key->name, text.text);
	for (size_t i = 0; i < abl_component_count(); i++) {
		const struct abl_component *c = abl_component_at(i);
		struct abl_str name = {0};

		if ((int)c->slot != abl_key_slot(key))
			continue;
		abl_str_printf(&name, "%c %s", strcmp(c->name, info->def) ? ' ' : '*', c->name);
		entry(out, 2, name.text, c->help);
		abl_str_finish(&name);
	}
	abl_str_finish(&text);
}

/* One entry for a key and its twin of pre-training. */
static void key_entry(struct abl_str *out, const struct abl_key *key)
{
	const struct abl_key *twin = abl_key_twin(key);
	struct abl_str text = {0}, owners = {0};

	abl_str_printf(&text, "%s; ", key->option->help);
	abl_key_takes(key, &text);
	abl_str_puts(&text, "; default ");
	abl_key_default(key, &text);
	if (twin && (key->option->has_pretrain_def || !strstr(twin->name, key->name))) {
		abl_str_printf(&text, "; %s: default ", twin->name);
		abl_key_default(twin, &text);
	}
	abl_str_puts(&text, " [");
	abl_stages_text(key->stages | (twin ? twin->stages : 0), &text);
	abl_key_owners(key, &owners);
	abl_str_printf(&text, "%s%s", *owners.text ? "; of " : "", owners.text);
	abl_str_puts(&text, "]");
	entry(out, 0, key->name, text.text);
	abl_str_finish(&text);
	abl_str_finish(&owners);
}

/* All entries of one heading. Keys of pre-training are told with their twins. */
static void section(struct abl_str *out, const char *heading, bool slots, bool owned)
{
	abl_str_printf(out, "%s\n", heading);
	for (size_t i = 0; i < abl_native_space()->key_count; i++) {
		const struct abl_key *key = abl_native_space()->keys[i];

		if (key->scope == ABL_SCOPE_PRETRAIN || key->component != slots ||
		    (!slots && owned != (abl_key_slot(key) >= 0)))
			continue;
		if (slots)
			slot_entry(out, key);
		else
			key_entry(out, key);
	}
}

static void print_all(struct abl_str *out)
{
	section(out, "SLOTS AND THEIR COMPONENTS (* = default) [stages they affect]", true, false);
	section(out,
		"\n"
		"HYPERPARAMETERS (training keys also with the prefix 'pretrain_')",
		false, false);
	section(out, "\nOPTIONS OF COMPONENTS", false, true);
	abl_str_puts(out,
		     "\n'ablate components NAME' shows more, '" STUDY_FILE
		     "' the study's own keys, '" TASK "'\n"
		     "those of a task; 'ablate explain FILE KEY' shows the value of a key in a "
		     "study\n");
}

/* The constraints that name the slot. */
static void add_constraints(struct abl_str *out, const char *slot)
{
	for (size_t i = 0; i < abl_constraint_count(); i++) {
		const struct abl_constraint *c = abl_constraint_at(i);
		struct abl_str text = {0};

		if (strcmp(c->slot, slot) && strcmp(c->other_slot, slot))
			continue;
		abl_constraint_text(c, &text);
		abl_str_wrap(out, 0, 2, text.text);
		abl_str_finish(&text);
	}
}

static void print_key(struct abl_str *out, const struct abl_key *key)
{
	const struct abl_key *twin = abl_key_twin(key);

	if (!key->component) {
		key_entry(out, key);
	} else {
		slot_entry(out, key);
		for (size_t i = 0; i < abl_native_space()->key_count; i++)
			if (abl_key_slot(abl_native_space()->keys[i]) == abl_key_slot(key) &&
			    !abl_native_space()->keys[i]->component &&
			    abl_native_space()->keys[i]->scope == key->scope)
				key_entry(out, abl_native_space()->keys[i]);
		add_constraints(out, key->name);
	}
	if (twin)
		abl_str_printf(out, "'%s' is the same for pre-training\n", twin->name);
}

/* Every slot that has a component of that name, shown whole. */
static bool print_component(struct abl_str *out, const char *name)
{
	bool found = false;

	for (size_t i = 0; i < abl_component_count(); i++) {
		const struct abl_component *c = abl_component_at(i);

		if (strcmp(c->name, name))
			continue;
		print_key(out, abl_config_key(abl_slot_info(c->slot)->name));
		found = true;
	}
	return found;
}

static void print_study_keys(struct abl_str *out)
{
	for (const struct abl_study_field *f = abl_study_fields; f->name; f++) {
		struct abl_str text = {0};

		abl_str_printf(&text, "%s; ", f->help);
		abl_study_field_type(f, &text);
		if (*f->def)
			abl_str_printf(&text, "; %s%s", strcmp(f->def, "needed") ? "default " : "",
				       f->def);
		if (f->of != ABL_OF_ALL)
			abl_str_printf(&text, "; studies %s", abl_field_of_name(f->of));
		entry(out, 0, f->name, text.text);
		abl_str_finish(&text);
	}
}

static void task_entry(struct abl_str *out, const struct abl_task_field *f)
{
	struct abl_str text = {0};

	abl_str_printf(&text, "%s; %s", f->help, f->takes);
	if (*f->def)
		abl_str_printf(&text, "; %s%s", strncmp(f->def, "needed", 6) ? "default: " : "",
			       f->def);
	entry(out, 0, f->name, text.text);
	abl_str_finish(&text);
}

static void print_task_fields(struct abl_str *out)
{
	const struct abl_task_field *f;

	for (size_t i = 0; (f = abl_task_field_at(i)); i++)
		task_entry(out, f);
	abl_str_puts(out,
		     "\na task also takes the keys of fine-tuning (learning_rate, epochs ...)\n");
}

/* "study-file" and "task" are no components, but lists of their own. */
static bool print_list(const char *name, enum abl_table_format format, struct abl_str *out)
{
	const bool plain = format == ABL_TABLE_PLAIN;

	if (!strcmp(name, STUDY_FILE)) {
		if (plain)
			print_study_keys(out);
		else
			abl_study_keys_table(format, out);
	} else if (!strcmp(name, TASK) || !strcmp(name, TASK "s")) {
		if (plain)
			print_task_fields(out);
		else
			abl_task_fields_table(format, out);
	} else {
		return false;
	}
	return true;
}

static const char *any_name(size_t i, const void *data)
{
	(void)data;
	return i < abl_native_space()->key_count
		       ? abl_native_space()->keys[i]->name
		       : abl_component_at(i - abl_native_space()->key_count)->name;
}

static int print_one(const char *name, struct abl_str *out, struct abl_err *err)
{
	const struct abl_key *key = abl_config_key(name);
	const struct abl_task_field *field = abl_task_field_find(name);
	const char *near;

	if (key)
		print_key(out, key);
	if (key || print_component(out, name))
		return 0;
	if (field) {
		task_entry(out, field);
		return 0;
	}
	near = abl_hint_nearest(ABL_HINT_KEY, name,
				abl_native_space()->key_count + abl_component_count(), any_name,
				NULL);
	return abl_err_set(
		err, ABL_EINPUT,
		"no slot, component or key '%s'%s%s%s; 'ablate components' lists them all", name,
		near ? "; did you mean '" : "", near ? near : "", near ? "'?" : "");
}

static int exec(const struct abl_args *a, struct abl_err *err)
{
	const char *name = a->words ? a->word[0] : NULL;
	enum abl_table_format format = abl_table_format(abl_args_text(a, "format"));
	struct abl_str out = {0};
	int rc = 0;

	if (name && print_list(name, format, &out)) {
		/* that was it */
	} else if (format == ABL_TABLE_PLAIN && name) {
		rc = print_one(name, &out, err);
	} else if (format == ABL_TABLE_PLAIN) {
		print_all(&out);
	} else if (name && !abl_config_key(name)) {
		const char *near = abl_space_nearest(abl_native_space(), name);

		rc = abl_err_set(err, ABL_EINPUT,
				 "no slot or key '%s'%s%s%s; 'ablate components' lists them all",
				 name, near ? "; did you mean '" : "", near ? near : "",
				 near ? "'?" : "");
	} else if (format == ABL_TABLE_MARKDOWN && !name) {
		abl_components_page(&out);
	} else {
		abl_components_table(format, name, &out);
	}
	if (!rc)
		abl_advice_print(stdout, "%s", out.text);
	abl_str_finish(&out);
	return ABL_EXIT_OK;
}

static const struct abl_command_option options[] = {ABL_OPTION_FORMAT, {.name = NULL}};

const struct abl_command abl_cmd_components = {
	.name = "components",
	.usage = "[NAME] [--format FORMAT]",
	.summary = "list what can be varied: components and hyperparameters",
	.details = "NAME is a slot (attention), a component (causal), a key (learning_rate), or\n"
		   "'" STUDY_FILE "' for the keys of a study file, '" TASK
		   "' for those of a task. --format md without NAME prints the\n"
		   "page docs/components.md.",
	.max_words = 1,
	.options = options,
	.exec = exec,
};
