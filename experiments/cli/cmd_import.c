/* SPDX-License-Identifier: Apache-2.0 */
/* cmd_import.c - a Hugging Face folder as a checkpoint of ours. */
#include "command.h"
#include "hf_folder.h"

#include <stdio.h>

static int exec(const struct abl_args *a, struct abl_err *err)
{
	const char *out = abl_args_text(a, "out");
	struct abl_str summary = {0};

	if (!out)
		return abl_err_set(err, ABL_EINPUT,
				   "--out CHECKPOINT is missing: name the folder to write");
	if (!abl_hf_import(a->word[0], out, &summary, err))
		printf("%s\n", summary.text);
	abl_str_finish(&summary);
	return ABL_EXIT_OK;
}

static const struct abl_command_option options[] = {
	{.name = "out",
	 .type = ABL_ARG_TEXT,
	 .value = "CHECKPOINT",
	 .help = "the folder to write: new or empty"},
	{.name = NULL},
};

const struct abl_command abl_cmd_import = {
	.name = "import",
	.usage = "DIR --out CHECKPOINT",
	.summary = "import a BERT model in Hugging Face format",
	.details = "DIR has config.json, model.safetensors and vocab.txt or tokenizer.json. "
		   "Everything is checked\n"
		   "before anything is written. Studies ('init:'), encode and predict also open "
		   "such a folder\n"
		   "directly; import makes a normalised copy (float32, tensor names starting with "
		   "'bert.').",
	.min_words = 1,
	.max_words = 1,
	.options = options,
	.exec = exec,
};
