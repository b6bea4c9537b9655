/* SPDX-License-Identifier: Apache-2.0 */
#include "command.h"

#include "report.h"
#include "store.h"

#include <stdio.h>

static int exec(const struct abl_args *args, struct abl_err *err)
{
	struct abl_store *store = NULL;
	struct abl_str path = {0};

	if (!abl_store_open(&store, abl_args_store(args), ABL_STORE_READ, err) &&
	    !abl_report_write(store, args->word[0], abl_args_text(args, "out"), &path, err))
		printf("%s\n", path.text);
	abl_store_close(store);
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
	.details = "The page shows effects and verdicts, figures, scores, failures with their "
		   "logs, the\n"
		   "configuration, the provenance of the numbers, and how to run the study again. "
		   "It is one\n"
		   "self-contained file without scripts.",
	.min_words = 1,
	.max_words = 1,
	.options = options,
	.exec = exec,
};
