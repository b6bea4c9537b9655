/* SPDX-License-Identifier: Apache-2.0 */
/* cmd_pack.c - a study as one file that somebody else opens. */
#include "advice.h"
#include "args_study.h"
#include "carry_share.h"
#include "command.h"
#include "pack.h"
#include "print_bytes.h"
#include "shell.h"

#include <stdio.h>

static const struct abl_command_option options[] = {
	{.name = "output",
	 .letter = 'o',
	 .type = ABL_ARG_TEXT,
	 .value = "FILE",
	 .help = "the file to write (default: STUDY" ABL_PACK_ENDING " here)"},
	{.name = "weights",
	 .type = ABL_ARG_FLAG,
	 .help = "put checkpoints and tokenized corpora in, too"},
	{.name = "no-weights", .type = ABL_ARG_FLAG, .help = "leave them out (the default)"},
	{.name = "data",
	 .type = ABL_ARG_FLAG,
	 .help = "put the data files in, too: see whether you may pass them on"},
	ABL_OPTION_STORE,
	{0},
};

static void print_packed(const struct abl_packed *p, const char *file)
{
	char bytes[32], left[32];

	printf("packed   %s: %zu files, %zu stage%s, %s\n", file, p->files, p->stages,
	       abl_plural((int64_t)p->stages), abl_bytes_text((int64_t)p->bytes, bytes));
	if (p->left_out)
		printf("without  %zu file%s of weights, %s: '--weights' puts %s in\n", p->left_out,
		       abl_plural((int64_t)p->left_out),
		       abl_bytes_text((int64_t)p->left_bytes, left),
		       p->left_out == 1 ? "it" : "them");
	printf("inside   names of this machine, its paths and what programs have printed; no "
	       "values\n"
	       "         of variables with secret names\n");
	if (!p->has_file)
		printf("         no study file: it cannot be run, only read\n");
	abl_advice_print(stdout, "open     'ablate unpack %s', or 'tar tf %s'\n",
			 abl_shell_quoted(file), abl_shell_quoted(file));
}

static int exec(const struct abl_args *args, struct abl_err *err)
{
	struct abl_pack_request request = {.output = abl_args_text(args, "output"),
					   .engine = ABL_VERSION,
					   .weights = abl_args_flag(args, "weights"),
					   .data = abl_args_flag(args, "data")};
	struct abl_carry_share share = {.what = "packing"};
	struct abl_packed packed = {0};
	struct abl_store *store = NULL;
	struct abl_str name = {0}, file = {0};
	int64_t study;
	int rc;

	if (request.weights && abl_args_flag(args, "no-weights"))
		return abl_err_set(err, ABL_EINPUT, "give --weights or --no-weights, not both") !=
		       0;
	rc = abl_study_arg_named(args, args->word[0], &store, &study, &name, err);
	if (rc)
		return ABL_EXIT_FAILED;
	abl_str_printf(&file, "%s" ABL_PACK_ENDING, name.text);
	if (!request.output)
		request.output = file.text;
	request.store = store;
	request.study = name.text;
	request.tell_data = &share;
	request.tell = abl_carry_share;
	rc = abl_pack(&packed, &request, err);
	abl_carry_share_end(&share);
	if (!rc)
		print_packed(&packed, request.output);
	abl_store_close(store);
	abl_str_finish(&name), abl_str_finish(&file);
	return rc ? ABL_EXIT_FAILED : ABL_EXIT_OK;
}

const struct abl_command abl_cmd_pack = {
	.name = "pack",
	.usage = "STUDY [--output FILE] [--weights | --no-weights] [--data] [--store DIR]",
	.summary = "write a study into one file that somebody else opens",
	.details = "STUDY is a study's name or file. The file is a gzipped tar archive: a database "
		   "with the study's\n"
		   "rows and no others, its study file with what it includes, predictions, logs, "
		   "figures and page,\n"
		   "the code of its program. 'ablate unpack' puts it into another store, where "
		   "everything that reads\n"
		   "a study reads it. The same store packed twice gives the same bytes.",
	.min_words = 1,
	.max_words = 1,
	.options = options,
	.exec = exec,
};
