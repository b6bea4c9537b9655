/* SPDX-License-Identifier: Apache-2.0 */
/* cmd_verify.c - checks every hash of a store. */
#include "advice.h"
#include "args_study.h"
#include "command.h"
#include "print.h"
#include "print_bytes.h"
#include "store_arg.h"
#include "verify.h"

#include <stdio.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

static const struct abl_command_option options[] = {
	{.name = "fast",
	 .type = ABL_ARG_FLAG,
	 .help = "only that the files are there with their sizes: none is read"},
	{.name = "repair",
	 .type = ABL_ARG_FLAG,
	 .help = "mark what is damaged: the next run makes it again, its numbers stand"},
	ABL_OPTION_STORE,
	ABL_OPTION_FORMAT,
	{0},
};

enum { MOST_SHOWN = 20 };

/* On a terminal, once a second. */
static void show_progress(void *data, int64_t done, int64_t all, int64_t bytes)
{
	time_t *last = data;
	const time_t now = time(NULL);
	char text[32];

	if (!isatty(STDERR_FILENO) || now == *last)
		return;
	fprintf(stderr, "\r%lld of %lld, %s \033[K", (long long)done, (long long)all,
		abl_bytes_text(bytes, text));
	*last = now;
}

static void print_rows(const struct abl_verified *v, enum abl_table_format format)
{
	static const char *const columns[] = {"kind", "of", "whose", "fault", "what_to_do"};
	struct abl_table *t = abl_table_create();

	for (size_t i = 0; i < sizeof columns / sizeof *columns; i++)
		abl_table_column(t, columns[i], false);
	for (size_t i = 0; i < v->count; i++) {
		abl_table_text(t, abl_fault_name(v->fault[i].kind));
		abl_table_text(t, v->fault[i].of);
		abl_table_text(t, v->fault[i].whose);
		abl_table_text(t, v->fault[i].what);
		abl_table_text(t, abl_fault_advice(v->fault[i].kind));
	}
	abl_print_table(t, format);
}

/* Faults of a kind, then what to do about them. */
static void print_faults(const struct abl_verified *v, bool repairs)
{
	for (int kind = 0; kind <= ABL_FAULT_DATA; kind++) {
		size_t n = 0;

		for (size_t i = 0; i < v->count; i++) {
			const struct abl_fault *f = &v->fault[i];

			if (f->kind != (enum abl_fault_kind)kind || n++ >= MOST_SHOWN)
				continue;
			printf("%-8s %s%s%s:\n         %s\n", abl_fault_name(f->kind), f->of,
			       f->whose ? ",\n         " : "", f->whose ? f->whose : "", f->what);
		}
		if (n > MOST_SHOWN)
			printf("         and %zu more\n", n - MOST_SHOWN);
		if (n && !(repairs && kind == ABL_FAULT_ARTEFACT))
			abl_advice_print(stdout, "         %s\n",
					 abl_fault_advice((enum abl_fault_kind)kind));
	}
}

static void print_end(const struct abl_verified *v, bool fast)
{
	char bytes[32];

	printf("looked at the database, %lld artefact%s", (long long)v->artefacts,
	       abl_plural(v->artefacts));
	if (!fast)
		printf(", %lld cop%s of code, %lld data file%s: %s read", (long long)v->copies,
		       v->copies == 1 ? "y" : "ies", (long long)v->files, abl_plural(v->files),
		       abl_bytes_text(v->bytes, bytes));
	printf("\n");
	if (v->dropped)
		printf("not there on purpose: what %lld stage%s made ('keep:', 'gc --earlier')\n",
		       (long long)v->dropped, abl_plural(v->dropped));
	if (v->absent)
		printf("not looked at: %lld data file%s that %s not where %s\n",
		       (long long)v->absent, abl_plural(v->absent), v->absent == 1 ? "is" : "are",
		       v->absent == 1 ? "it was" : "they were");
	if (v->count)
		printf("%zu fault%s\n", v->count, abl_plural((int64_t)v->count));
	else
		printf("all is as it was made\n");
}

static int repair(const struct abl_args *args, const struct abl_verified *v,
		  enum abl_table_format format, struct abl_err *err)
{
	struct abl_store *store = NULL;
	int64_t marked = 0;
	int rc = abl_store_arg_change(args, &store, err);

	rc = rc ? rc : abl_verify_repair(store, v, &marked, err);
	abl_store_close(store);
	if (!rc && format == ABL_TABLE_PLAIN)
		abl_advice_print(stdout,
				 "%lld marked: the next 'ablate run STUDY.yaml' makes %s again\n",
				 (long long)marked, marked == 1 ? "it" : "them");
	return rc;
}

static int exec(const struct abl_args *args, struct abl_err *err)
{
	const enum abl_table_format format = abl_table_format(abl_args_text(args, "format"));
	const bool fast = abl_args_flag(args, "fast");
	struct abl_verify_request request = {.fast = fast, .tick = show_progress};
	struct abl_store *store = NULL;
	struct abl_verified v = {0};
	time_t last = time(NULL);
	bool any;
	int rc = args->words ? abl_study_arg_open(args, args->word[0], &store, &request.study, err)
			     : abl_store_open(&store, abl_args_store(args), ABL_STORE_READ, err);

	request.data = &last;
	rc = rc ? rc : abl_verify(&v, store, &request, err);
	abl_store_close(store);
	if (isatty(STDERR_FILENO))
		fprintf(stderr, "\r\033[K");
	if (!rc && format != ABL_TABLE_PLAIN)
		print_rows(&v, format);
	if (!rc && format == ABL_TABLE_PLAIN) {
		print_faults(&v, abl_args_flag(args, "repair"));
		print_end(&v, fast);
	}
	any = v.count;
	if (!rc && any && abl_args_flag(args, "repair"))
		rc = repair(args, &v, format, err);
	abl_verified_finish(&v);
	return rc || any ? ABL_EXIT_FAILED : ABL_EXIT_OK;
}

const struct abl_command abl_cmd_verify = {
	.name = "verify",
	.usage = "[STUDY] [--fast] [--repair] [--store DIR] [--format FORMAT]",
	.summary = "check that what a store holds is what was put into it",
	.details = "Reads every file of every artefact and compares its hash with that of the time "
		   "when it was made;\n"
		   "the same for copies of code and for the data files that studies were run on; "
		   "checks the database\n"
		   "and that its rows agree. Changes nothing but with --repair. Exit code 1: there "
		   "is a fault; each is\n"
		   "named, with what to do.",
	.max_words = 1,
	.options = options,
	.exec = exec,
};
