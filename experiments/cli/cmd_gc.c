/* SPDX-License-Identifier: Apache-2.0 */
/* cmd_gc.c - removes from a store what no study needs. */
#include "advice.h"
#include "command.h"
#include "files.h"
#include "gc.h"
#include "print.h"
#include "print_bytes.h"
#include "store_arg.h"

#include <stdio.h>

static const struct abl_command_option options[] = {
	{.name = "dry-run",
	 .letter = 'n',
	 .type = ABL_ARG_FLAG,
	 .help = "remove nothing, only say what would go"},
	{.name = "earlier",
	 .type = ABL_ARG_FLAG,
	 .help = "also what only earlier versions of a study file have made; numbers, curves and "
		 "predictions stay"},
	{.name = "backups",
	 .type = ABL_ARG_FLAG,
	 .help = "also the copies of the database from before upgrades"},
	{.name = "older-than",
	 .type = ABL_ARG_REAL,
	 .value = "DAYS",
	 .help = "only what was last changed so many days ago"},
	ABL_OPTION_STORE,
	ABL_OPTION_FORMAT,
	{0},
};

static void print_kinds(const struct abl_gc *g, enum abl_table_format format)
{
	struct abl_table *t = abl_table_create();
	int64_t count = 0, bytes = 0;

	abl_table_column(t, "kind", false);
	abl_table_column(t, "things", true);
	abl_table_column(t, "bytes", true);
	for (int k = 0; k < ABL_CARE_KINDS; k++) {
		count += g->count[k];
		bytes += g->bytes[k];
		if (!g->count[k] && !g->bytes[k])
			continue;
		abl_table_text(t, abl_care_kind_name((enum abl_care_kind)k));
		abl_table_int(t, g->count[k]);
		abl_table_bytes(t, g->bytes[k]);
	}
	abl_table_text(t, "total");
	abl_table_int(t, count);
	abl_table_bytes(t, bytes);
	abl_print_table(t, format);
}

static void print_left(const char *what, int64_t bytes, const char *how)
{
	char text[32];

	if (bytes)
		abl_advice_print(stdout, "left     %s of %s: %s\n", abl_bytes_text(bytes, text),
				 what, how);
}

static void print_unknown(const struct abl_gc *g, const char *store)
{
	char text[32];

	if (!g->unknown)
		return;
	printf("left     %s not of a store's making, in '%s':\n",
	       abl_bytes_text(g->unknown_bytes, text), store);
	for (size_t i = 0; i < 3 && g->names[i]; i++)
		printf("         %s\n", g->names[i]);
	if (g->unknown > 3)
		printf("         and %lld more\n", (long long)g->unknown - 3);
}

static int print_all(const struct abl_gc *g, const struct abl_gc_request *r, const char *store,
		     enum abl_table_format format, struct abl_err *err)
{
	char text[32];
	const bool people = format == ABL_TABLE_PLAIN;
	bool any = g->stages != 0;

	for (int k = 0; k < ABL_CARE_KINDS; k++)
		any |= g->count[k] != 0;
	if (people)
		printf("%s\n", !any         ? "nothing goes: all of it is needed"
			       : r->dry_run ? "what would go, as nothing needs it:"
					    : "gone, as nothing needed it:");
	if (any || !people)
		print_kinds(g, format);
	if (people) {
		if (g->unused)
			printf("database made smaller by %s\n", abl_bytes_text(g->unused, text));
		print_left("what only earlier versions of a study file have made", g->earlier,
			   "'ablate gc --earlier' removes it; its numbers stay");
		print_left("copies of the database", g->backups, "'ablate gc --backups'");
		print_left("what nothing needs", g->young, "it is younger than --older-than says");
		print_unknown(g, store);
	}
	if (!g->failed)
		return ABL_EXIT_OK;
	abl_err_set(err, ABL_EIO, "%lld thing%s could not be removed: %s", (long long)g->failures,
		    g->failures == 1 ? "" : "s", g->failed);
	return ABL_EXIT_FAILED;
}

static int exec(const struct abl_args *args, struct abl_err *err)
{
	const double days = abl_args_real(args, "older-than", 0);
	const struct abl_gc_request request = {
		.dry_run = abl_args_flag(args, "dry-run"),
		.earlier = abl_args_flag(args, "earlier"),
		.backups = abl_args_flag(args, "backups"),
		.older = 86400 * days,
	};
	const enum abl_table_format format = abl_table_format(abl_args_text(args, "format"));
	struct abl_store *store = NULL;
	struct abl_gc gc = {0};
	int code = ABL_EXIT_FAILED;
	int rc = days >= 0 ? 0
			   : abl_err_set(err, ABL_EINPUT,
					 "--older-than is negative: it is how "
					 "many days ago");

	rc = rc                ? rc
	     : request.dry_run ? abl_store_open(&store, abl_args_store(args), ABL_STORE_READ, err)
			       : abl_store_arg_change(args, &store, err);
	rc = rc ? rc : abl_gc(&gc, store, &request, err);
	if (!rc)
		code = print_all(&gc, &request, abl_store_folder(store), format, err);
	abl_gc_finish(&gc);
	abl_store_close(store);
	return code;
}

const struct abl_command abl_cmd_gc = {
	.name = "gc",
	.usage = "[--dry-run] [--earlier] [--backups] [--older-than DAYS] [--store DIR]",
	.summary = "remove the files of a store that no study needs any more",
	.details = "What goes: what stages have made that no study has ('ablate rm' leaves it), "
		   "saved states, logs\n"
		   "and copies of code of such stages, figures of studies that are gone, files "
		   "that were being\n"
		   "written when their program died. What stays: all that a study's file as last "
		   "run needs; what\n"
		   "earlier versions of it have made, in case it comes back (--earlier removes "
		   "that); what is not\n"
		   "of a store's making, links above all. Killed in the middle, it can be run "
		   "again. Numbers never go.",
	.options = options,
	.exec = exec,
};
