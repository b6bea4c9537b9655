/* SPDX-License-Identifier: Apache-2.0 */
#include "task_spec.h"

#include "class_labels.h"
#include "files.h"
#include "hash.h"
#include "hint.h"
#include "json.h"
#include "str.h"
#include "task_types.h"
#include "world.h"

#include <stddef.h>
#include <stdlib.h>
#include <string.h>

/* The fields of a spec: the one list that set, finish, JSON and hash go through. */
enum kind { TEXT, FILE_NAME, FORMAT, CHOICE, COUNT };

/* Whose result a field decides; files count by their content, not here. */
enum use { NEITHER = 0, TRAINING = 1, SCORING = 2, BOTH = 3 };

static const struct field {
	const char *name;
	size_t offset;
	enum kind kind;
	enum use use;
	const char *choices; /* joined by '|'; those of formats are the types' */
} fields[] = {
#define AT(member) #member, offsetof(struct abl_task_spec, member)
	{AT(name), TEXT, NEITHER},
	{AT(type), TEXT, BOTH},
	{AT(train), FILE_NAME, NEITHER},
	{AT(dev), FILE_NAME, NEITHER},
	{AT(test), FILE_NAME, NEITHER},
	{AT(format), FORMAT, BOTH},
	{AT(header), CHOICE, BOTH, "yes|no|auto"},
	{AT(text), TEXT, BOTH},
	{AT(test_text), TEXT, NEITHER}, /* of files without labels */
	{AT(text_b), TEXT, BOTH},
	{AT(label), TEXT, BOTH},
	{AT(choices), TEXT, BOTH},
	{AT(group), TEXT, BOTH},
	{AT(labels), TEXT, BOTH},
	{AT(metric), TEXT, SCORING},
	{AT(positive), TEXT, SCORING},
	{AT(broken), CHOICE, BOTH, "refuse|skip"},
	{AT(no_label), TEXT, BOTH},
	{AT(more_columns), CHOICE, BOTH, "refuse|pass|before_last"},
	{AT(train_examples), COUNT, NEITHER},
	{AT(dev_examples), COUNT, NEITHER},
	{AT(test_examples), COUNT, NEITHER},
	{AT(world_seed), COUNT, BOTH},
	{AT(limit), COUNT, BOTH},
	{AT(no_answer), CHOICE, BOTH, "yes|no"},
	{AT(held_back), CHOICE, NEITHER, "yes|no"}, /* the plan has what it decides */
	{AT(stride), COUNT, BOTH},
	{AT(max_question), COUNT, BOTH},
	{AT(n_best), COUNT, SCORING},
	{AT(max_answer), COUNT, SCORING},
#undef AT
};
#define FIELDS (sizeof fields / sizeof *fields)

#define NO_LABEL "-" /* what SNLI and those that follow it have where nobody agreed */

static char **text_of(const struct abl_task_spec *s, const struct field *f)
{
	return (char **)((char *)(uintptr_t)s + f->offset);
}

static int64_t *count_of(const struct abl_task_spec *s, const struct field *f)
{
	return (int64_t *)((char *)(uintptr_t)s + f->offset);
}

static const struct field *find(const char *name)
{
	for (size_t i = 0; i < FIELDS; i++)
		if (!strcmp(fields[i].name, name))
			return &fields[i];
	return NULL;
}

static const char *name_at(size_t i, const void *data)
{
	/* the name itself is the study's key */
	return strcmp(fields[i].name, "name") ? fields[i].name : NULL;
}

void abl_task_spec_finish(struct abl_task_spec *s)
{
	if (!s)
		return;
	for (size_t i = 0; i < FIELDS; i++)
		if (fields[i].kind != COUNT)
			free(*text_of(s, &fields[i]));
	*s = (struct abl_task_spec){0};
}

/* ---- one field from text ---- */

/* The formats of all types, joined by '|'. */
static void list_formats(struct abl_str *out)
{
	const struct abl_task_facts *type;

	for (size_t i = 0; (type = abl_task_facts_at(i)); i++)
		if (type->formats && !(out->length && strstr(out->text, type->formats)))
			abl_str_printf(out, "%s%s", out->length ? "|" : "", type->formats);
}

static int check_choice(const struct field *f, const char *value, struct abl_err *err)
{
	struct abl_str formats = {0};
	const char *choices = f->choices;
	int rc = 0;

	if (f->kind == FORMAT) {
		list_formats(&formats);
		choices = formats.text;
	}
	if (!abl_is_one_of(choices, value))
		rc = abl_err_set(err, ABL_EINPUT, "'%s' is '%s'; it must be one of %s", f->name,
				 value, choices);
	abl_str_finish(&formats);
	return rc;
}

static int set_text(struct abl_task_spec *s, const struct field *f, const char *value,
		    const char *data, struct abl_err *err)
{
	char **at = text_of(s, f);

	if (!*value)
		return abl_err_set(err, ABL_EINPUT, "'%s' is empty", f->name);
	if ((f->kind == CHOICE || f->kind == FORMAT) && check_choice(f, value, err))
		return ABL_EINPUT;
	free(*at);
	*at = f->kind == FILE_NAME && strcmp(value, ABL_WORLD) ? abl_path_join(data, value)
							       : abl_strdup(value);
	return 0;
}

static int set_count(struct abl_task_spec *s, const struct field *f, const char *value,
		     struct abl_err *err)
{
	int64_t n;

	if (!abl_parse_int(value, &n) || n < 0)
		return abl_err_set(err, ABL_EINPUT,
				   "'%s' is '%s'; it must be a whole number, 0 or more", f->name,
				   value);
	*count_of(s, f) = n;
	return 0;
}

int abl_task_spec_set(struct abl_task_spec *s, const char *field, const char *value,
		      const char *data, struct abl_err *err)
{
	const struct field *f = find(field);
	const char *near;

	if (f && name_at((size_t)(f - fields), NULL))
		return f->kind == COUNT ? set_count(s, f, value, err)
					: set_text(s, f, value, data, err);
	near = abl_hint_nearest(ABL_HINT_TASK_FIELD, field, FIELDS, name_at, NULL);
	if (near)
		return abl_err_set(err, ABL_EINPUT, "a task has no field '%s'; did you mean '%s'?",
				   field, near);
	return abl_err_set(err, ABL_EINPUT,
			   "a task has no field '%s'; its fields are type, train, dev, test, "
			   "format, header, text, text_b, label, ...",
			   field);
}

/* ---- the whole ---- */

static bool is_world(const char *file)
{
	return file && !strcmp(file, ABL_WORLD);
}

static int check_file(const struct abl_task_spec *s, const char *field, const char *path,
		      struct abl_err *err)
{
	if (!path)
		return 0;
	if (is_world(path) != is_world(s->train))
		return abl_err_set(err, ABL_EINPUT, "task '%s' mixes the built-in world with files",
				   s->name);
	if (is_world(path))
		return 0;
	if (abl_is_dir(path))
		return abl_err_set(err, ABL_EINPUT, "the '%s' file of task '%s' is a folder: '%s'",
				   field, s->name, path);
	if (!abl_file_exists(path))
		return abl_err_set(err, ABL_EINPUT,
				   "the '%s' file of task '%s' does not exist: '%s'", field,
				   s->name, path);
	return 0;
}

static void set_default(char **at, const char *value)
{
	if (!*at)
		*at = abl_strdup(value);
}

/* The format that the file's name says, of a type's `formats`; NULL: none. */
static const char *named_format(const char *formats, const char *path)
{
	static const struct {
		const char *ending, *format;
	} endings[] = {
		{".csv", "csv"}, {".jsonl", "jsonl"}, {".ndjson", "jsonl"}, {".conllu", "conllu"}};
	const char *slash = strrchr(path, '/'), *name = slash ? slash : path;

	for (size_t i = 0; i < sizeof endings / sizeof *endings; i++) {
		const char *at = strstr(name, endings[i].ending);
		char behind = at ? at[strlen(endings[i].ending)] : 'x';

		if ((!behind || behind == '.') && abl_is_one_of(formats, endings[i].format))
			return endings[i].format;
	}
	return NULL;
}

const char *abl_task_spec_format(const struct abl_task_spec *s, const char *path)
{
	const struct abl_task_facts *type = abl_task_facts_find(s->type);
	const char *named = type ? named_format(type->formats, path) : NULL;

	return named && !strcmp(named, "jsonl") ? named : s->format ? s->format : "tsv";
}

static int check_world(struct abl_task_spec *s, struct abl_err *err)
{
	if (!abl_world_task_find(s->name))
		return abl_err_set(err, ABL_EINPUT, "the built-in world has no task '%s'", s->name);
	if (s->text || s->text_b || s->label)
		return abl_err_set(
			err, ABL_EINPUT,
			"task '%s' of the built-in world has no columns or format to set", s->name);
	if (!s->train_examples || (s->dev && !s->dev_examples) || (s->test && !s->test_examples))
		return abl_err_set(err, ABL_EINPUT, "a split of task '%s' has 0 examples", s->name);
	return 0;
}

static int check_columns(const struct abl_task_spec *s, const struct abl_task_facts *type,
			 bool labelled, struct abl_err *err)
{
	const struct {
		const char *name, *value;
		bool needed;
	} columns[] = {{"text", s->text, type->text},
		       {"label", s->label, type->label && labelled},
		       {"choices", s->choices, type->choices}};

	for (size_t i = 0; i < sizeof columns / sizeof *columns; i++)
		if (columns[i].needed && !columns[i].value)
			return abl_err_set(err, ABL_EINPUT,
					   "task '%s' has no '%s'; name its column", s->name,
					   columns[i].name);
	return 0;
}

static int check_scale(const struct abl_task_spec *s, struct abl_err *err)
{
	double low, high;

	if (abl_task_facts_find(s->type)->labels != ABL_LABELS_NUMBERS ||
	    abl_class_labels_scale(s->labels, &low, &high))
		return 0;
	return abl_err_set(err, ABL_EINPUT,
			   "task '%s': the 'labels' of a regression are the ends of its scale, two "
			   "numbers such as 0|5, not '%s'",
			   s->name, s->labels);
}

static int check_labels(const struct abl_task_spec *s, struct abl_err *err)
{
	struct abl_class_labels names = {0};
	int rc = 0;

	if (s->labels)
		abl_class_labels_split(&names, s->labels);
	if (s->no_label && !abl_task_facts_find(s->type)->label)
		rc = abl_err_set(err, ABL_EINPUT,
				 "task '%s': type '%s' has no column of labels for 'no_label'",
				 s->name, s->type);
	for (size_t i = 0; i < names.count && !rc && s->no_label; i++)
		if (abl_is_one_of(s->no_label, names.name[i]))
			rc = abl_err_set(err, ABL_EINPUT,
					 "task '%s': '%s' cannot be one of the 'labels' and "
					 "'no_label'",
					 s->name, names.name[i]);
	for (size_t i = 0; i < names.count && !rc; i++)
		if (!*names.name[i] || abl_class_labels_find(&names, names.name[i]) < (int32_t)i)
			rc = abl_err_set(err, ABL_EINPUT,
					 "task '%s': 'labels' has '%s' %s: give different names, "
					 "joined by '|'",
					 s->name, names.name[i],
					 *names.name[i] ? "twice" : "as a name");
	abl_class_labels_finish(&names);
	return rc;
}

static int unknown_type(const struct abl_task_spec *s, struct abl_err *err)
{
	const char *meant = abl_hint(ABL_HINT_VALUE, s->type);
	const struct abl_task_facts *type;
	struct abl_str names = {0};

	for (size_t i = 0; (type = abl_task_facts_at(i)); i++)
		if (!type->pretraining)
			abl_str_printf(&names, "%s%s", names.length ? ", " : "", type->name);
	abl_err_set(err, ABL_EINPUT, "task '%s' has type '%s'; %s%s%sit must be one of %s", s->name,
		    s->type, meant ? "did you mean '" : "", meant ? meant : "", meant ? "'? " : "",
		    names.text);
	abl_str_finish(&names);
	return ABL_EINPUT;
}

static int check_type(const struct abl_task_spec *s, const struct abl_task_facts **type,
		      struct abl_err *err)
{
	*type = abl_task_facts_find(s->type);
	if (!s->name || !s->type)
		return abl_err_set(err, ABL_EINPUT, "task '%s' has no 'type'; add `type: classify`",
				   s->name ? s->name : "");
	if (!*type || (*type)->pretraining)
		return unknown_type(s, err);
	if (s->format && !abl_is_one_of((*type)->formats, s->format))
		return abl_err_set(err, ABL_EINPUT,
				   "task '%s': files of type '%s' have format %s, not '%s'",
				   s->name, s->type, (*type)->formats, s->format);
	return check_labels(s, err) || check_scale(s, err) ? ABL_EINPUT : 0;
}

static void set_defaults(struct abl_task_spec *s, const struct abl_task_facts *type,
			 const char *file)
{
	const char *named = named_format(type->formats, file);
	struct abl_str first = {0};

	abl_str_add(&first, type->formats, strcspn(type->formats, "|"));
	set_default(&s->format, named ? named : first.text);
	abl_str_finish(&first);
	set_default(&s->header, "auto");
	set_default(&s->broken, "refuse");
	if (!s->labels && type->label && !strcmp(s->broken, "skip"))
		set_default(&s->no_label, NO_LABEL);
}

int abl_task_spec_check_test(struct abl_task_spec *s, bool gold, struct abl_err *err)
{
	const struct abl_task_facts *type;

	if (check_type(s, &type, err) || check_columns(s, type, gold, err))
		return ABL_EINPUT;
	set_defaults(s, type, s->test ? s->test : s->dev);
	return 0;
}

int abl_task_spec_check(struct abl_task_spec *s, struct abl_err *err)
{
	const struct abl_task_facts *type;

	if (check_type(s, &type, err))
		return ABL_EINPUT;
	if (!s->train)
		return abl_err_set(err, ABL_EINPUT,
				   "task '%s' has no 'train'; name its file in the data folder",
				   s->name);
	if (check_file(s, "train", s->train, err) || check_file(s, "dev", s->dev, err) ||
	    check_file(s, "test", s->test, err))
		return ABL_EINPUT;
	if (is_world(s->train))
		return check_world(s, err);
	if (check_columns(s, type, true, err))
		return ABL_EINPUT;
	if (s->train_examples || s->dev_examples || s->test_examples || s->world_seed)
		return abl_err_set(err, ABL_EINPUT,
				   "task '%s' reads files, which decide its number of examples; "
				   "`limit: n` trains on fewer",
				   s->name);
	set_defaults(s, type, s->train);
	return 0;
}

/* ---- JSON ---- */

json_t *abl_task_spec_json(const struct abl_task_spec *s)
{
	struct abl_json j;

	abl_json_begin(&j);
	for (size_t i = 0; i < FIELDS; i++) {
		const struct field *f = &fields[i];

		if (f->kind == COUNT && *count_of(s, f))
			abl_json_int(&j, j.root, f->name, *count_of(s, f));
		else if (f->kind != COUNT)
			abl_json_text(&j, j.root, f->name, *text_of(s, f));
	}
	return abl_json_take(&j);
}

int abl_task_spec_from_json(struct abl_task_spec *s, const json_t *o, struct abl_err *err)
{
	const char *name;
	json_t *value;

	*s = (struct abl_task_spec){0};
	json_object_foreach((json_t *)(uintptr_t)o, name, value)
	{
		const struct field *f = find(name);

		if (f && f->kind == COUNT && json_is_integer(value))
			*count_of(s, f) = json_integer_value(value);
		else if (f && f->kind != COUNT && json_is_string(value) && !*text_of(s, f))
			*text_of(s, f) = abl_strdup(json_string_value(value));
		else {
			abl_err_set(err, ABL_EINPUT,
				    "the task's field '%s' is unknown or has the wrong type", name);
			abl_task_spec_finish(s);
			return ABL_EINPUT;
		}
	}
	return 0;
}

/* ---- hash ---- */

/* Two fields decide nothing where without them the same rows would be left out, or end the run:
 * classes that are said do not have the label that is none, and refused rows have no result. */
static bool decides(const struct abl_task_spec *s, const struct field *f)
{
	if (!strcmp(f->name, "no_label"))
		return !s->labels;
	if (!strcmp(f->name, "more_columns"))
		return s->broken && !strcmp(s->broken, "skip");
	return true;
}

static void hash_fields(const struct abl_task_spec *s, enum use use, struct abl_hash *h)
{
	for (size_t i = 0; i < FIELDS; i++) {
		const struct field *f = &fields[i];
		char number[24];

		if (!(f->use & use) || !decides(s, f))
			continue;
		if (f->kind == COUNT && *count_of(s, f)) {
			snprintf(number, sizeof number, "%lld", (long long)*count_of(s, f));
			abl_hash_field(h, f->name, number);
		} else if (f->kind != COUNT && *text_of(s, f)) {
			abl_hash_field(h, f->name, *text_of(s, f));
		}
	}
}

/* The content of one file; the world's is its task, its version and how many examples. */
static int hash_content(const struct abl_task_spec *s, const char *split, const char *path,
			int64_t examples, struct abl_hash *h, struct abl_err *err)
{
	char text[ABL_HASH_TEXT + 64];
	int rc = 0;

	if (!is_world(path))
		rc = abl_hash_file(path, text, err);
	else
		snprintf(text, sizeof text, ABL_WORLD "/%d %s %lld", ABL_WORLD_VERSION, s->name,
			 (long long)examples);
	if (!rc)
		abl_hash_field(h, split, text);
	return rc;
}

int abl_task_spec_hash(const struct abl_task_spec *s, const char *split, struct abl_hash *h,
		       struct abl_err *err)
{
	bool dev = !strcmp(split, "dev"), test = !strcmp(split, "test"),
	     held_back = !strcmp(split, "held-back");
	const char *path = dev ? s->dev : test ? s->test : s->train;

	if (!path)
		return abl_err_set(err, ABL_EINPUT, "task '%s' has no %s file", s->name, split);
	hash_fields(s, dev || test || held_back ? SCORING : TRAINING, h);
	return hash_content(s, split, path,
			    dev    ? s->dev_examples
			    : test ? s->test_examples
				   : s->train_examples,
			    h, err);
}
