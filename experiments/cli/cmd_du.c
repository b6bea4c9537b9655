/* SPDX-License-Identifier: Apache-2.0 */
/* cmd_du.c - what a store takes on the disk, by study and by kind. Reads only. */
#include "advice.h"
#include "args_study.h"
#include "care.h"
#include "command.h"
#include "print.h"
#include "print_bytes.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const struct abl_command_option options[] = {
	ABL_OPTION_STORE,
	ABL_OPTION_FORMAT,
	{0},
};

struct share {
	int64_t id;
	const char *name;
	int64_t own[ABL_CARE_KINDS], shared[ABL_CARE_KINDS];
};

struct use {
	struct share *study; /* in the order in which they came */
	size_t count, capacity;
	struct share all;
	int64_t total, goes, earlier;
};

static void take_study(void *data, int64_t id, const char *name)
{
	struct use *u = data;

	abl_grow(&u->study, &u->capacity, u->count + 1, sizeof *u->study);
	u->study[u->count++] = (struct share){.id = id, .name = abl_intern(name)};
}

static void add(int64_t *to, const struct abl_care_item *item)
{
	for (size_t k = 0; k < ABL_CARE_KINDS; k++)
		to[k] += item->bytes[k];
}

static bool shares(const struct abl_care_item *item, int64_t study)
{
	const char *p = item->sharers;

	for (; p; p = strchr(p, ',') ? strchr(p, ',') + 1 : NULL)
		if (strtoll(p, NULL, 10) == study)
			return true;
	return false;
}

/* `only`: the study that was asked for; 0: all. */
static void count(struct use *u, const struct abl_care *care, int64_t only)
{
	for (size_t i = 0; i < care->count; i++) {
		const struct abl_care_item *item = &care->item[i];

		if (only && !item->of_study)
			continue;
		add(item->shared ? u->all.shared : u->all.own, item);
		u->total += abl_care_bytes(item);
		u->goes += item->fate == ABL_FATE_GOES ? abl_care_bytes(item) : 0;
		u->earlier += item->fate == ABL_FATE_EARLIER
				      ? abl_care_bytes(item) - item->bytes[ABL_CARE_PREDICTIONS]
				      : 0;
		for (size_t s = 0; s < u->count; s++)
			if (u->study[s].id == item->study)
				add(u->study[s].own, item);
			else if (item->shared && shares(item, u->study[s].id))
				add(u->study[s].shared, item);
	}
}

static int64_t sum(const int64_t *bytes)
{
	int64_t all = 0;

	for (size_t k = 0; k < ABL_CARE_KINDS; k++)
		all += bytes[k];
	return all;
}

static void row(struct abl_table *t, const char *of, const char *name, int64_t own, int64_t shared)
{
	if (of)
		abl_table_text(t, of);
	abl_table_text(t, name);
	abl_table_bytes(t, own);
	abl_table_bytes(t, shared);
}

static struct abl_table *make_table(const char *of, const char *name)
{
	struct abl_table *t = abl_table_create();

	if (of)
		abl_table_column(t, of, false);
	abl_table_column(t, name, false);
	abl_table_column(t, "own", true);
	abl_table_column(t, "shared", true);
	return t;
}

static void add_studies(struct abl_table *t, const struct use *u, const char *of)
{
	for (size_t s = 0; s < u->count; s++)
		row(t, of, u->study[s].name, sum(u->study[s].own), sum(u->study[s].shared));
}

static void add_kinds(struct abl_table *t, const struct use *u, const char *of)
{
	for (size_t k = 0; k < ABL_CARE_KINDS; k++)
		if (u->all.own[k] || u->all.shared[k])
			row(t, of, abl_care_kind_name((enum abl_care_kind)k), u->all.own[k],
			    u->all.shared[k]);
}

static void print_tables(const struct use *u)
{
	struct abl_table *t = make_table(NULL, "study");
	char bytes[32], goes[32], earlier[32];

	add_studies(t, u, NULL);
	if (u->count) {
		abl_print_table(t, ABL_TABLE_PLAIN);
		printf("\n");
	} else {
		abl_table_destroy(t);
	}
	t = make_table(NULL, "kind");
	add_kinds(t, u, NULL);
	abl_print_table(t, ABL_TABLE_PLAIN);
	printf("\ntotal: %s; ", abl_bytes_text(u->total, bytes));
	if (u->goes || u->earlier)
		abl_advice_print(stdout, "'ablate gc' frees %s, and with --earlier %s\n",
				 abl_bytes_text(u->goes, goes),
				 abl_bytes_text(u->goes + u->earlier, earlier));
	else
		printf("all of it is needed\n");
}

/* Studies and kinds in one table. */
static void print_rows(const struct use *u, enum abl_table_format format)
{
	struct abl_table *t = make_table("of", "name");

	add_studies(t, u, "study");
	add_kinds(t, u, "kind");
	row(t, "total", "gc frees", u->goes, 0);
	row(t, "total", "gc --earlier frees", u->goes + u->earlier, 0);
	row(t, "total", "all", u->total, 0);
	abl_print_table(t, format);
}

static int exec(const struct abl_args *args, struct abl_err *err)
{
	const enum abl_table_format format = abl_table_format(abl_args_text(args, "format"));
	struct abl_store *store = NULL;
	struct abl_care care = {0};
	struct use use = {0};
	int64_t study = 0;
	int rc = args->words ? abl_study_arg_open(args, args->word[0], &store, &study, err)
			     : abl_store_open(&store, abl_args_store(args), ABL_STORE_READ, err);

	rc = rc || study ? rc : abl_read_study_names(store, take_study, &use, err);
	rc = rc ? rc : abl_care_look(&care, store, study, err);
	if (!rc)
		count(&use, &care, study);
	if (!rc && format == ABL_TABLE_PLAIN)
		print_tables(&use);
	else if (!rc)
		print_rows(&use, format);
	free(use.study);
	abl_care_finish(&care);
	abl_store_close(store);
	return rc ? ABL_EXIT_FAILED : ABL_EXIT_OK;
}

const struct abl_command abl_cmd_du = {
	.name = "du",
	.usage = "[STUDY] [--store DIR] [--format FORMAT]",
	.summary = "show what a store takes on the disk, by study and by kind",
	.details = "'own' is what nobody else has, 'shared' what several studies use. Kinds: "
		   "weights (of the\n"
		   "native engine), outputs (of programs), data (vocabularies, tokenized texts), "
		   "predictions, states\n"
		   "(saved in the middle of a stage), logs, code, figures, the database. In blocks "
		   "of 4 KiB; a\n"
		   "file with several names counts once. The last line says what 'ablate gc' would "
		   "free.",
	.max_words = 1,
	.options = options,
	.exec = exec,
};
