/* SPDX-License-Identifier: Apache-2.0 */
/* cmd_unpack.c - a packed study into a store. */
#include "advice.h"
#include "args.h"
#include "carry_share.h"
#include "command.h"
#include "shell.h"
#include "str.h"
#include "study_name.h"
#include "unpack.h"

#include <stdio.h>
#include <stdlib.h>

static const struct abl_command_option options[] = {
	ABL_OPTION_STORE,
	{.name = "as",
	 .type = ABL_ARG_TEXT,
	 .value = "NAME",
	 .help = "what the study is called here (default: as it was)"},
	{.name = "trust",
	 .type = ABL_ARG_FLAG,
	 .help = "allow 'ablate run' to execute the study's commands here"},
	{0},
};

static void print_shared(const struct abl_unpacked *u)
{
	if (u->shared)
		printf("shared   %zu of its stages were in the store and stay as they are\n",
		       u->shared);
	if (!u->differing)
		return;
	fprintf(stderr,
		"ablate: %zu of them have other results there than here, though they are the same "
		"stages:\n%s",
		u->differing, u->differences.text);
	if (u->differing > 5)
		fprintf(stderr, "and %zu more\n", u->differing - 5);
	fprintf(stderr, "what is here stands; 'ablate rerun TRIAL' says which can be had again\n");
}

static void print_trust(const struct abl_unpack_request *r)
{
	char *file = abl_strdup(abl_shell_quoted(r->file));

	abl_advice_print(stdout,
			 "         nothing of it runs before 'ablate unpack %s%s%s --trust'\n",
			 file, r->as ? " --as " : "", r->as ? abl_shell_quoted(r->as) : "");
	free(file);
}

static void print_unpacked(const struct abl_unpacked *u, const struct abl_unpack_request *r)
{
	const char *name = u->study;

	printf("%s  study '%s'%s\n", u->same ? "same    " : "unpacked", name,
	       u->other_results ? ": it is in the store already; results of its stages are other "
				  "ones here, and stay"
	       : u->same        ? ": it is in the store already, with the same content"
				: "");
	if (!u->same)
		print_shared(u);
	printf("store    %s\n", r->store);
	if (u->file)
		printf("file     %s\n", u->file);
	if (u->again)
		printf("weights  of %zu stage%s that the store had not kept\n", u->again,
		       abl_plural((int64_t)u->again));
	if (u->dropped)
		printf("without  weights of %zu stage%s: made again where something needs them\n",
		       u->dropped, abl_plural((int64_t)u->dropped));
	if (u->missing_count) {
		printf("data     %zu file%s of it %s not here:\n%s", u->missing_count,
		       u->missing_count == 1 ? "" : "s", u->missing_count == 1 ? "is" : "are",
		       u->missing.text);
		if (u->missing_count > 10)
			printf("and %zu more\n", u->missing_count - 10);
	}
	if (u->executes) {
		printf("executes these words, if it is run:\n%s", u->commands.text);
		if (u->trusted)
			printf("trusted  'ablate run' executes them\n");
		else
			print_trust(r);
	}
	abl_advice_print(stdout, "next     'ablate compare %s'\n", abl_shell_quoted(name));
	if (u->file && u->data)
		abl_advice_print(stdout, "         'ablate run %s --data %s'\n",
				 abl_shell_quoted(u->file), abl_shell_quoted(u->data));
}

static int exec(const struct abl_args *args, struct abl_err *err)
{
	const char *as = abl_args_text(args, "as");
	struct abl_carry_share share = {.what = "unpacking"};
	const struct abl_unpack_request request = {.file = args->word[0],
						   .store = abl_args_store(args),
						   .as = as ? abl_nfc(as) : NULL,
						   .trust = abl_args_flag(args, "trust"),
						   .tell_data = &share,
						   .tell = abl_carry_share};
	struct abl_unpacked u;
	int rc = abl_unpack(&u, &request, err);

	abl_carry_share_end(&share);
	if (!rc)
		print_unpacked(&u, &request);
	abl_unpacked_finish(&u);
	return rc ? ABL_EXIT_FAILED : ABL_EXIT_OK;
}

const struct abl_command abl_cmd_unpack = {
	.name = "unpack",
	.usage = "FILE [--store DIR] [--as NAME] [--trust]",
	.summary = "put a study that somebody has packed into a store",
	.details = "FILE is what 'ablate pack' wrote, here or elsewhere. It is checked from one "
		   "end to "
		   "the other before\n"
		   "anything is written. Stages that the store has already are shared, and their "
		   "results compared.\n"
		   "A study whose file names commands is read like any other, and shown with them; "
		   "they are executed\n"
		   "once somebody says --trust, then or later.",
	.min_words = 1,
	.max_words = 1,
	.options = options,
	.exec = exec,
};
