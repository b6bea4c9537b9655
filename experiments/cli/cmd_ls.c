/* SPDX-License-Identifier: Apache-2.0 */
/* cmd_ls.c - what a store has: its studies, or the variants of one. Reads only. */
#include "advice.h"
#include "args_study.h"
#include "command.h"
#include "listed.h"
#include "print.h"
#include "print_bytes.h"

#include <math.h>
#include <stdio.h>
#include <time.h>

static const struct abl_command_option options[] = {
	ABL_OPTION_STORE,
	ABL_OPTION_FORMAT,
	{0},
};

struct listing {
	struct abl_table *table;
	bool of_variants, exact; /* exact: for machines */
	int64_t rows;
};

static void add_time(struct listing *l, double when)
{
	const time_t t = isnan(when) ? 0 : (time_t)when;
	struct tm day;
	char text[32];

	if (isnan(when) || !localtime_r(&t, &day))
		abl_table_text(l->table, NULL);
	else if (strftime(text, sizeof text, l->exact ? "%Y-%m-%d %H:%M:%S" : "%m-%d %H:%M", &day))
		abl_table_text(l->table, text);
}

static void take_row(void *data, const struct abl_listed *row)
{
	struct listing *l = data;
	struct abl_table *t = l->table;

	l->rows++;
	abl_table_text(t, row->name);
	abl_table_int(t, row->trials);
	abl_table_int(t, row->done);
	abl_table_int(t, row->failed);
	abl_table_int(t, row->waiting);
	if (!l->of_variants)
		add_time(l, row->last_run);
	abl_table_bytes(t, row->own);
	abl_table_bytes(t, row->shared);
	if (l->of_variants) {
		abl_table_int(t, row->weights);
		abl_table_int(t, row->dropped);
		abl_table_text(t, row->trials ? row->made : "earlier plan");
	} else {
		abl_table_text(t, row->made);
		abl_table_text(t, row->path);
	}
}

static struct abl_table *make_table(bool of_variants)
{
	static const struct {
		const char *name;
		bool right, of_studies, of_variants;
	} columns[] = {
		{"study", false, true, false},    {"variant", false, false, true},
		{"trials", true, true, true},     {"done", true, true, true},
		{"failed", true, true, true},     {"waiting", true, true, true},
		{"last_run", false, true, false}, {"own", true, true, true},
		{"shared", true, true, true},     {"models", true, false, true},
		{"removed", true, false, true},   {"made", false, true, false},
		{"kind", false, false, true},     {"file", false, true, false},
	};
	struct abl_table *t = abl_table_create();

	for (size_t i = 0; i < sizeof columns / sizeof *columns; i++)
		if (of_variants ? columns[i].of_variants : columns[i].of_studies)
			abl_table_column(t, columns[i].name, columns[i].right);
	return t;
}

static int list(struct abl_store *store, int64_t study, enum abl_table_format format,
		struct abl_err *err)
{
	struct listing l = {.table = make_table(study != 0),
			    .of_variants = study != 0,
			    .exact = abl_table_is_for_machines(format)};
	int rc = abl_read_listed(store, study, take_row, &l, err);

	if (rc || (!l.rows && format == ABL_TABLE_PLAIN)) {
		abl_table_destroy(l.table);
		if (!rc)
			abl_advice_print(stdout,
					 "the store '%s' has no study yet: 'ablate run "
					 "STUDY.yaml' makes one\n",
					 abl_store_folder(store));
		return rc;
	}
	abl_print_table(l.table, format);
	return 0;
}

static int exec(const struct abl_args *args, struct abl_err *err)
{
	const enum abl_table_format format = abl_table_format(abl_args_text(args, "format"));
	struct abl_store *store = NULL;
	int64_t study = 0;
	int rc = args->words ? abl_study_arg_open(args, args->word[0], &store, &study, err)
			     : abl_store_open(&store, abl_args_store(args), ABL_STORE_READ, err);

	rc = rc ? rc : list(store, study, format, err);
	abl_store_close(store);
	return rc ? ABL_EXIT_FAILED : ABL_EXIT_OK;
}

const struct abl_command abl_cmd_ls = {
	.name = "ls",
	.usage = "[STUDY] [--store DIR] [--format FORMAT]",
	.summary = "list the studies of a store, with the room that they take",
	.details = "Without STUDY: one row per study. With it: one per variant, those of earlier "
		   "plans too.\n"
		   "'own' is the room on disk of what nobody else has, 'shared' of what other "
		   "studies (or variants)\n"
		   "use as well; 'models' are trained ones that are there, 'removed' those that "
		   "'keep:' or 'ablate gc'\n"
		   "removed: their numbers stand. 'made' says who did the work: the native "
		   "engine, a program of\n"
		   "yours, or somebody else (loaded, unpacked). 'ablate du' counts all files.",
	.max_words = 1,
	.options = options,
	.exec = exec,
};
