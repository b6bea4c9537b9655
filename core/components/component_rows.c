/* SPDX-License-Identifier: Apache-2.0 */
#include "component_rows.h"

#include "native_space.h"

#include <string.h>

const struct abl_key *abl_key_twin(const struct abl_key *key)
{
	for (size_t i = 0; key->scope == ABL_SCOPE_FINETUNE && i < abl_native_space()->key_count;
	     i++)
		if (abl_native_space()->keys[i]->option == key->option &&
		    abl_native_space()->keys[i]->scope == ABL_SCOPE_PRETRAIN)
			return abl_native_space()->keys[i];
	return NULL;
}

void abl_key_takes(const struct abl_key *key, struct abl_str *out)
{
	if (key->option->type == ABL_INT || key->option->type == ABL_REAL)
		abl_str_printf(out, "%s, ", abl_type_name(key->option->type));
	abl_option_range(key->option, out);
}

void abl_key_default(const struct abl_key *key, struct abl_str *out)
{
	abl_value_text(&key->def, out);
}

void abl_key_owners(const struct abl_key *key, struct abl_str *out)
{
	const char *between = ": ";

	abl_str_puts(out, "");
	if (abl_key_slot(key) < 0 || key->component)
		return;
	abl_str_puts(out, abl_slot_info((enum abl_slot)abl_key_slot(key))->name);
	for (size_t i = 0; i < abl_component_count(); i++) {
		const struct abl_component *c = abl_component_at(i);

		for (const struct abl_option *o = c->options;
		     (int)c->slot == abl_key_slot(key) && o && o->name; o++)
			if (!strcmp(o->name, key->option->name)) {
				abl_str_printf(out, "%s%s", between, c->name);
				between = ", ";
			}
	}
}

void abl_constraint_text(const struct abl_constraint *c, struct abl_str *out)
{
	static const char *const words[] = {
		[ABL_NEEDS] = "needs", [ABL_CONFLICTS] = "cannot go with", [ABL_IMPLIES] = "makes"};

	abl_str_printf(out, "'%s: %s' %s '%s: %s': %s", c->slot, c->value, words[c->relation],
		       c->other_slot, c->other_value, c->message);
}

static void columns(struct abl_table *t, const char *const *names)
{
	for (; *names; names++)
		abl_table_column(t, *names, false);
}

static void finish(struct abl_table *t, enum abl_table_format format, struct abl_str *out)
{
	abl_table_render(t, format, out);
	abl_table_destroy(t);
}

/* One cell made by a function that appends. */
static void cell(struct abl_table *t, void (*add)(const struct abl_key *, struct abl_str *),
		 const struct abl_key *key)
{
	struct abl_str text = {0};

	add(key, &text);
	abl_table_text(t, text.text && *text.text ? text.text : NULL);
	abl_str_finish(&text);
}

static void add_stages(const struct abl_key *key, struct abl_str *out)
{
	abl_stages_text(key->stages, out);
}

static void add_key_row(struct abl_table *t, const struct abl_key *key)
{
	abl_table_text(t, key->name);
	abl_table_text(t, NULL);
	cell(t, abl_key_takes, key);
	cell(t, abl_key_default, key);
	cell(t, abl_key_owners, key);
	cell(t, add_stages, key);
	abl_table_text(t, key->option->help);
}

static void add_component_row(struct abl_table *t, const struct abl_key *key,
			      const struct abl_component *c)
{
	abl_table_text(t, key->name);
	abl_table_text(t, c->name);
	for (int i = 0; i < 3; i++)
		abl_table_text(t, NULL);
	cell(t, add_stages, key);
	abl_table_text(t, c->help);
}

void abl_components_table(enum abl_table_format format, const char *only, struct abl_str *out)
{
	static const char *const names[] = {"key",        "component", "takes", "default",
					    "belongs to", "affects",   "help",  NULL};
	struct abl_table *t = abl_table_create();

	columns(t, names);
	for (size_t i = 0; i < abl_native_space()->key_count; i++) {
		const struct abl_key *key = abl_native_space()->keys[i];

		if (only && strcmp(only, key->name))
			continue;
		add_key_row(t, key);
		for (size_t k = 0; key->component && k < abl_component_count(); k++)
			if ((int)abl_component_at(k)->slot == abl_key_slot(key))
				add_component_row(t, key, abl_component_at(k));
	}
	finish(t, format, out);
}

static void slots_page(struct abl_str *out)
{
	static const char *const names[] = {"slot", "what it is", "removed by", "affects", NULL};
	static const char *const component_names[] = {"slot", "component", "what it does", NULL};
	struct abl_table *t = abl_table_create();

	columns(t, names);
	for (size_t i = 0; i < abl_native_space()->key_count; i++) {
		const struct abl_key *key = abl_native_space()->keys[i];

		if (!key->component)
			continue;
		abl_table_text(t, key->name);
		abl_table_text(t, key->option->help);
		abl_table_text(t, abl_slot_info((enum abl_slot)abl_key_slot(key))->removed);
		cell(t, add_stages, key);
	}
	finish(t, ABL_TABLE_MARKDOWN, out);
	abl_str_puts(out, "\n## Components\nThe default of each slot is marked with `*`.\n\n");
	t = abl_table_create();
	columns(t, component_names);
	for (size_t i = 0; i < abl_component_count(); i++) {
		const struct abl_component *c = abl_component_at(i);
		const struct abl_slot_info *info = abl_slot_info(c->slot);
		struct abl_str name = {0};

		abl_str_printf(&name, "%s%s", c->name, strcmp(c->name, info->def) ? "" : " *");
		abl_table_text(t, info->name);
		abl_table_text(t, name.text);
		abl_table_text(t, c->help);
		abl_str_finish(&name);
	}
	finish(t, ABL_TABLE_MARKDOWN, out);
}

/* Keys that are no slots: those of the model, of the recipes, or of components. */
static void keys_page(struct abl_str *out, bool recipe, bool owned)
{
	static const char *const names[] = {"key", "takes", "default", "affects", "help", NULL};
	static const char *const owned_names[] = {"key",     "belongs to", "takes", "default",
						  "affects", "help",       NULL};
	struct abl_table *t = abl_table_create();

	columns(t, owned ? owned_names : names);
	for (size_t i = 0; i < abl_native_space()->key_count; i++) {
		const struct abl_key *key = abl_native_space()->keys[i];

		if (key->component || owned != (abl_key_slot(key) >= 0) ||
		    (!owned && recipe != (key->scope != ABL_SCOPE_MODEL)))
			continue;
		abl_table_text(t, key->name);
		if (owned)
			cell(t, abl_key_owners, key);
		cell(t, abl_key_takes, key);
		cell(t, abl_key_default, key);
		cell(t, add_stages, key);
		abl_table_text(t, key->option->help);
	}
	finish(t, ABL_TABLE_MARKDOWN, out);
}

void abl_components_page(struct abl_str *out)
{
	struct abl_str line = {0};

	abl_str_puts(out, "# Components and hyperparameters\n"
			  "Printed by `ablate components --format md`; do not edit. Every key can "
			  "be used under `baseline:`, in designs\n"
			  "and in rules; see [study-file.md](study-file.md).\n"
			  "\n"
			  "## Slots\n"
			  "`leave-one-out` sets a slot to what the column `removed by` says; a "
			  "slot without one can only be swapped, `{slot: component}`.\n"
			  "\n");
	slots_page(out);
	abl_str_puts(out, "\n## Constraints\n");
	for (size_t i = 0; i < abl_constraint_count(); i++) {
		abl_str_clear(&line);
		abl_constraint_text(abl_constraint_at(i), &line);
		abl_str_printf(out, "- %s\n", line.text);
	}
	abl_str_finish(&line);
	abl_str_puts(out, "\n## Model and text\n");
	keys_page(out, false, false);
	abl_str_puts(out, "\n"
			  "## Training\n"
			  "A key by itself applies to fine-tuning; with the prefix `pretrain_` it "
			  "applies to pre-training.\n"
			  "\n");
	keys_page(out, true, false);
	abl_str_puts(out, "\n"
			  "## Options of components\n"
			  "They have an effect only if their component is selected.\n"
			  "\n");
	keys_page(out, false, true);
}
