/* SPDX-License-Identifier: Apache-2.0 */
/* study_explain.c - `ablate explain`: what a key is, its value in a study, and who set it where. */
#include "hint.h"
#include "program_source.h"
#include "str.h"
#include "study_source.h"
#include "task_fields.h"

#include <string.h>

#define SHOWN_VARIANTS 8

/* "base.yaml:3, included from study.yaml:1" */
static void add_place(const struct abl_node *n, struct abl_str *out)
{
	abl_str_printf(out, "%s:%d", n->file->path, n->line);
	for (const struct abl_yaml_file *f = n->file; f->from; f = f->from)
		abl_str_printf(out, ", included from %s:%d", f->from->path, f->from_line);
}

static void add_set_at(const struct abl_node *value, struct abl_str *out)
{
	abl_str_puts(out, "  set at    ");
	add_place(value, out);
	abl_str_puts(out, "\n");
	for (const struct abl_node *n = value->below; n; n = n->below) {
		abl_str_puts(out, "  instead of ");
		abl_node_print(n, out);
		abl_str_puts(out, " at ");
		add_place(n, out);
		abl_str_puts(out, "\n");
	}
}

static void add_line(struct abl_str *out, const char *head, const char *text)
{
	abl_str_printf(out, "  %-9s %s\n", head, text);
}

static void add_help(struct abl_str *out, const char *help)
{
	abl_str_printf(out, "  %-9s ", "help");
	abl_str_wrap(out, 12, 12, help);
}

/* `name`: as it was asked for. */
static void explain_field(const struct abl_study *s, const struct abl_study_field *f,
			  const char *name, struct abl_str *out)
{
	const struct abl_node *value = abl_study_node(s, name, true);
	struct abl_str text = {0};

	if (value)
		abl_node_print(value, &text);
	abl_str_printf(out, "%s: %s\n", name, value ? text.text : "(not set)");
	if (value)
		add_set_at(value, out);
	if (value && !strcmp(f->name, "data")) {
		abl_str_printf(out, "  in use    %s\n", s->data);
	}
	abl_str_clear(&text);
	abl_study_field_type(f, &text);
	add_line(out, "takes", text.text);
	add_line(out, "default", *f->def ? f->def : "nothing");
	add_help(out, f->help);
	if (f->of != ABL_OF_ALL)
		add_line(out, "studies", abl_field_of_name(f->of));
	abl_str_finish(&text);
}

/* Where the study says the default of an option of its program. */
static const struct abl_node *default_of(const struct abl_study *s, const struct abl_key *key)
{
	struct abl_str path = {0};
	const struct abl_node *n;

	abl_str_printf(&path, "options.%s.default", key->name);
	n = abl_study_node(s, path.text, false);
	abl_str_finish(&path);
	return n;
}

static void add_baseline_value(const struct abl_study *s, const struct abl_key *key,
			       struct abl_str *out)
{
	const struct abl_placed_list *l = &s->source->baseline;
	struct abl_value now;

	abl_values_get(s->variants[0].config, key, &now);
	abl_str_printf(out, "%s: ", key->name);
	abl_value_text(&now, out);
	abl_str_puts(out, now.type == ABL_TEXT && !*now.choice ? "''\n" : "\n");
	for (size_t i = 0; i < l->count; i++)
		if (l->items[i].setting.key == key) {
			add_set_at(l->items[i].value, out);
			if (!abl_value_equal(&now, &l->items[i].setting.value))
				add_line(out, "but", "other settings of the baseline change it");
			return;
		}
	if (s->source->init_known && abl_study_init_key(key)) {
		abl_str_printf(out, "  set at    the folder '%s', by 'init:' at ", s->init);
		add_place(abl_study_node(s, "baseline.init", true), out);
		abl_str_puts(out, "\n");
		return;
	}
	if (s->program && key->role != ABL_KEY_PLACEBO) {
		abl_str_puts(out, "  set at    ");
		add_place(default_of(s, key), out);
		abl_str_puts(out, ", its default\n");
		return;
	}
	add_line(out, "set at",
		 abl_value_equal(&now, &key->def) ? "nowhere: the default"
						  : "nowhere: it follows from other settings");
}

static void add_variants(const struct abl_study *s, const struct abl_key *key, struct abl_str *out)
{
	size_t shown = 0, more = 0;

	for (size_t v = 1; v < s->variant_count; v++)
		for (size_t i = 0; i < s->variants[v].changed_count; i++) {
			struct abl_value value;

			if (s->variants[v].changed[i] != key)
				continue;
			if (shown++ >= SHOWN_VARIANTS) {
				more++;
				continue;
			}
			abl_values_get(s->variants[v].config, key, &value);
			abl_str_puts(out, shown == 1 ? "  variants  " : "            ");
			abl_value_text(&value, out);
			abl_str_printf(out, " in '%s'\n", s->variants[v].label);
		}
	if (more)
		abl_str_printf(out, "            and %zu more\n", more);
}

static void add_tasks(const struct abl_study *s, const struct abl_key *key, struct abl_str *out)
{
	for (size_t t = 0; t < s->task_count; t++)
		for (size_t i = 0; i < s->tasks[t].override_count; i++) {
			const struct abl_setting *o = &s->tasks[t].overrides[i];

			if (o->key != key)
				continue;
			abl_str_puts(out, "  task      ");
			abl_value_text(&o->value, out);
			abl_str_printf(out, " for '%s', set at ", s->tasks[t].spec.name);
			add_place(abl_node_get(s->source->task_maps[t], key->name), out);
			abl_str_puts(out, "\n");
		}
	if (s->tune.key != key)
		return;
	abl_str_puts(out, "  tuned     one of ");
	for (size_t i = 0; i < s->tune.value_count; i++) {
		abl_str_puts(out, i ? ", " : "");
		abl_value_text(&s->tune.values[i], out);
	}
	abl_str_printf(out, " by %s\n",
		       s->program                   ? s->program->metrics[s->tune.metric].name
		       : s->tune.by == ABL_TUNE_DEV ? "dev"
						    : "held-back");
}

static void explain_key(const struct abl_study *s, const struct abl_key *key, struct abl_str *out)
{
	struct abl_str text = {0};

	add_baseline_value(s, key, out);
	if (!abl_values_active(s->variants[0].config, key))
		add_line(out, "but",
			 s->program ? "it has no effect in the baseline: its 'when' does not hold"
				    : "it has no effect in the baseline: the component it belongs "
				      "to is not selected");
	add_variants(s, key, out);
	add_tasks(s, key, out);
	abl_str_printf(&text,
		       "%s: ", key->component ? "component" : abl_type_name(key->option->type));
	abl_option_range(key->option, &text);
	add_line(out, "takes", text.text);
	abl_str_clear(&text);
	abl_value_text(&key->def, &text);
	add_line(out, "default", *text.text ? text.text : "''");
	if (*key->option->help)
		add_help(out, key->option->help);
	abl_str_clear(&text);
	if (s->program && s->program->space->when[key - s->program->space->keys].count) {
		abl_program_terms_print(&s->program->space->when[key - s->program->space->keys],
					&text);
		add_line(out, "when", text.text);
		abl_str_clear(&text);
	}
	if (s->program)
		abl_program_affects(s, key, &text);
	add_line(out, "affects", s->program ? text.text : abl_stages_text(key->stages, &text));
	abl_str_finish(&text);
}

/* Its value in each task, and where that was set. */
static void explain_task_field(const struct abl_study *s, const struct abl_task_field *f,
			       struct abl_str *out)
{
	abl_str_printf(out, "%s: a field of a task\n", f->name);
	for (size_t t = 0; t < s->task_count; t++) {
		const struct abl_node *map = s->source->task_maps[t],
				      *set = map ? abl_node_get(map, f->name) : NULL;
		json_t *all = abl_task_spec_json(&s->tasks[t].spec),
		       *value = json_object_get(all, f->name);

		abl_str_printf(out, "  task      '%s': ", s->tasks[t].spec.name);
		if (json_is_integer(value))
			abl_str_printf(out, "%lld", (long long)json_integer_value(value));
		else
			abl_str_puts(out, value ? json_string_value(value) : "(not set)");
		if (set) {
			abl_str_puts(out, ", set at ");
			add_place(set, out);
		}
		abl_str_puts(out, "\n");
		json_decref(all);
	}
	add_line(out, "takes", f->takes);
	add_line(out, "default", *f->def ? f->def : "nothing");
	add_help(out, f->help);
}

#define NAME ".NAME."

/* Is the row's name this one, or one with the user's own word for NAME: "options.lr.default"? */
static bool is_called(const struct abl_study_field *f, const char *name)
{
	const char *any = strstr(f->name, NAME);
	size_t head, tail, n = strlen(name);

	if (!any || !strcmp(f->name, name))
		return !strcmp(f->name, name);
	head = (size_t)(any - f->name) + 1;
	tail = strlen(any + sizeof NAME - 2);
	return n > head + tail && !strncmp(f->name, name, head) &&
	       !strcmp(name + n - tail, any + sizeof NAME - 2);
}

/* The row of that name: for this kind of study, if there are two. The one without a name: none. */
static const struct abl_study_field *field_named(const struct abl_study *s, const char *name)
{
	const struct abl_study_field *f = abl_study_fields, *other = NULL;

	for (; f->name; f++) {
		if (!is_called(f, name))
			continue;
		if (abl_study_field_fits(f, s))
			return f;
		other = f;
	}
	return other ? other : f;
}

struct names {
	const struct abl_space *space;
	size_t fields;
};

static const char *any_name(size_t i, const void *data)
{
	const struct names *n = data;

	return i < n->fields ? abl_study_fields[i].name : n->space->keys[i - n->fields]->name;
}

int abl_study_explain(const struct abl_study *s, const char *name, struct abl_str *out,
		      struct abl_err *err)
{
	const struct abl_key *key = abl_space_key(s->space, name);
	const struct abl_study_field *f;
	const struct abl_task_field *field = s->program ? NULL : abl_task_field_find(name);
	const char *near;
	char help[200];
	struct names names = {.space = s->space};

	f = field_named(s, name);
	if (!f->name && abl_study_field_of(s, "baseline", name)) /* "init" beside the other keys */
		f = abl_study_field_of(s, "baseline", name);
	if (f->name)
		explain_field(s, f, strstr(f->name, NAME) ? name : f->name, out);
	if (key)
		explain_key(s, key, out);
	if (field)
		explain_task_field(s, field, out);
	if (f->name || key || field)
		return 0;
	while (abl_study_fields[names.fields].name)
		names.fields++;
	near = abl_hint_nearest(ABL_HINT_KEY, name, names.fields + s->space->key_count, any_name,
				&names);
	abl_study_keys_help(s, help, sizeof help);
	return abl_err_set(err, ABL_EINPUT, "unknown key '%s'%s%s%s; %s", name,
			   near ? "; did you mean '" : "", near ? near : "", near ? "'?" : "",
			   help);
}
