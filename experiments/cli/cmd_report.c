/* SPDX-License-Identifier: Apache-2.0 */
#include "command.h"

#include "advice.h"
#include "args_study.h"
#include "report.h"

#include <stdio.h>

static int exec(const struct abl_args *args, struct abl_err *err)
{
	struct abl_store *store;
	struct abl_str path = {0}, name = {0};
	int64_t study;

	if (!abl_study_arg_named(args, args->word[0], &store, &study, &name, err)) {
		if (!abl_report_write(store, name.text, abl_args_text(args, "out"),
				      abl_advice_complete, &path, err))
			printf("%s\n", path.text);
		abl_store_close(store);
	}
	abl_str_finish(&name);
	abl_str_finish(&path);
	return ABL_EXIT_OK;
}

static const struct abl_command_option options[] = {
	{.name = "out",
	 .letter = 'o',
	 .type = ABL_ARG_TEXT,
	 .value = "FILE",
	 .help = "output file (default: plots/STUDY/report.html in the store)"},
	ABL_OPTION_STORE,
	{0},
};

const struct abl_command abl_cmd_report = {
	.name = "report",
	.usage = "STUDY [--out FILE] [--store DIR]",
	.summary = "write one HTML page about a study",
	.details = "STUDY is a study's name or file. The page shows effects and verdicts, figures, "
		   "scores, failures with their "
		   "logs, the\n"
		   "configuration, the provenance of the numbers, and how to run the study again. "
		   "It is one\n"
		   "self-contained file without scripts.",
	.min_words = 1,
	.max_words = 1,
	.options = options,
	.exec = exec,
};
