/* SPDX-License-Identifier: Apache-2.0 */
#include "cmd_data_export.h"

#include "advice.h"
#include "files.h"
#include "print.h"
#include "str.h"
#include "task_spec.h"
#include "world.h"

#include <stdlib.h>
#include <string.h>

static const char *const splits[] = {"train", "dev", "test"};
#define SPLITS (sizeof splits / sizeof *splits)

/* Endings of the formats' files, by which other programs know them. */
static const char *ending(const char *format)
{
	static const char *const endings[][2] = {
		{"conll", "conll"}, {"babi", "txt"}, {"squad", "json"}};

	for (size_t i = 0; format && i < sizeof endings / sizeof *endings; i++)
		if (!strcmp(format, endings[i][0]))
			return endings[i][1];
	return "tsv";
}

static int64_t examples_of(const struct abl_task_spec *s, size_t split)
{
	return split == 0 ? s->train_examples : split == 1 ? s->dev_examples : s->test_examples;
}

/* What a file has, or whether it may be written: `out` is its text. */
struct exported {
	struct abl_str path, text;
	bool there; /* with this very text */
};

static void finish(struct exported *e)
{
	abl_str_finish(&e->path);
	abl_str_finish(&e->text);
}

/* The same text again is no harm; anything else there is somebody's. */
static int check_free(struct exported *e, struct abl_err *err)
{
	struct abl_str old = {0};
	struct abl_err ignored = {0};

	if (!abl_file_exists(e->path.text))
		return 0;
	e->there = abl_is_regular(e->path.text) &&
		   !abl_file_read(e->path.text, &old, e->text.length, &ignored) &&
		   old.length == e->text.length && !memcmp(old.text, e->text.text, old.length);
	abl_str_finish(&old);
	return e->there ? 0
			: abl_err_set(err, ABL_EINPUT,
				      "'%s' is there already and has other content: remove it, or "
				      "name another folder",
				      e->path.text);
}

static int make(struct exported *e, const char *folder, const struct abl_task_spec *s, size_t split,
		struct abl_err *err)
{
	int rc;

	abl_str_printf(&e->path, "%s/%s/%s.%s", folder, s->name, splits[split], ending(s->format));
	rc = abl_world_text(s->name, (uint64_t)s->world_seed, splits[split],
			    (size_t)examples_of(s, split), &e->text, err);
	return rc ? rc : check_free(e, err);
}

static int write_one(const struct exported *e, struct abl_err *err)
{
	char *folder = abl_path_dir(e->path.text);
	int rc = abl_mkdir_all(folder, err);

	free(folder);
	if (!rc && !e->there)
		rc = abl_file_write(e->path.text, e->text.text, e->text.length, err);
	return rc;
}

/* Each split of a task: looked at only, or written and put into the table. */
static int each_split(const char *task, const char *folder, struct abl_table *table,
		      struct abl_err *err)
{
	struct abl_task_spec spec;
	char shown[32];
	int rc = abl_task_spec_known(&spec, task, ABL_WORLD, err);

	if (rc)
		return rc;
	for (size_t i = 0; i < SPLITS && !rc; i++) {
		struct exported e = {0};

		rc = make(&e, folder, &spec, i, err);
		if (!rc && table)
			rc = write_one(&e, err);
		if (!rc && table) {
			abl_table_text(table, e.path.text);
			abl_table_real(table, (double)examples_of(&spec, i),
				       abl_format_count(examples_of(&spec, i), shown));
			abl_table_text(table, e.there ? "was there" : "written");
		}
		finish(&e);
	}
	abl_task_spec_finish(&spec);
	return rc;
}

/* A task as a study with this data folder spells it. */
static void put_spec(const struct abl_world_task *t, struct abl_str *out)
{
	const char *end = ending(t->format);

	abl_str_printf(out, "  - %s: {type: %s, train: %s/train.%s, dev: %s/dev.%s", t->name,
		       t->type, t->name, end, t->name, end);
	if (!t->format)
		abl_str_printf(out, ",\n      text: text%s, label: label",
			       t->pair ? ", text_b: text_b" : "");
	if (!strcmp(t->type, "choice"))
		for (int c = 0; c < ABL_WORLD_CHOICES; c++)
			abl_str_printf(out, "%schoice%d%s", c ? "|" : ", choices: \"", c,
				       c + 1 < ABL_WORLD_CHOICES ? "" : "\"");
	if (t->no_answer)
		abl_str_puts(out, ", no_answer: yes");
	abl_str_puts(out, "}\n");
}

/* Calls each_split() for the tasks named after the folder and by --task, or for all. */
static int each_task(const struct abl_args *a, struct abl_table *table, struct abl_str *specs,
		     struct abl_err *err)
{
	const char *task = abl_args_text(a, "task");
	int rc = 0;

	for (size_t i = 0; !task && i < abl_world_task_count() && !rc; i++) {
		rc = each_split(abl_world_task_at(i)->name, a->word[0], table, err);
		put_spec(abl_world_task_at(i), specs);
	}
	for (int i = 0; task && i < a->words && !rc; i++) {
		const char *name = i ? a->word[i] : task;

		rc = each_split(name, a->word[0], table, err);
		if (!rc)
			put_spec(abl_world_task_find(name), specs);
	}
	return rc;
}

int abl_data_export(const struct abl_args *a, struct abl_err *err)
{
	enum abl_table_format format = abl_table_format(abl_args_text(a, "format"));
	struct abl_table *table;
	struct abl_str specs = {0};
	int rc;

	if (!a->words || (a->words > 1 && !abl_args_text(a, "task")))
		return abl_err_set(err, ABL_EINPUT,
				   "%s: ablate data --export world DIR [--task NAME...]",
				   a->words ? "one folder at a time" : "name a folder");
	rc = each_task(a, NULL, &specs, err); /* nothing is written unless all can be */
	if (rc)
		goto done;
	abl_str_clear(&specs);
	table = abl_table_create();
	abl_table_column(table, "file", false);
	abl_table_whole(table);
	abl_table_column(table, "examples", true);
	abl_table_column(table, "state", false);
	rc = each_task(a, table, &specs, err);
	if (rc) {
		abl_table_destroy(table);
		goto done;
	}
	abl_print_table(table, format);
	if (!abl_table_is_for_machines(format))
		abl_advice_print(stderr, "as tasks of a study with 'data: %s%s':\n%s",
				 strcmp(a->word[0], "world") ? "" : "./", a->word[0], specs.text);
done:
	abl_str_finish(&specs);
	return ABL_EXIT_OK;
}
