/* SPDX-License-Identifier: Apache-2.0 */
/* cmd_export.c - a checkpoint as a folder that transformers opens. */
#include "args_checkpoint.h"
#include "command.h"
#include "hf_folder.h"

#include <stdio.h>
#include <stdlib.h>

static int exec(const struct abl_args *a, struct abl_err *err)
{
	char *from = abl_checkpoint_arg(a, a->word[0], err);
	struct abl_str summary = {0};

	if (from && !abl_hf_export(from, a->word[1], &summary, err))
		printf("%s\n", summary.text);
	abl_str_finish(&summary);
	free(from);
	return ABL_EXIT_OK;
}

static const struct abl_command_option options[] = {ABL_OPTION_STORE, {.name = NULL}};

const struct abl_command abl_cmd_export = {
	.name = "export",
	.usage = "CHECKPOINT DIR [--store DIR]",
	.summary = "export a BERT checkpoint in Hugging Face format",
	.details = ABL_CHECKPOINT_HELP
	"DIR gets config.json, model.safetensors, vocab.txt and\n"
	"tokenizer_config.json. Variants with a component that the format cannot express "
	"are refused.",
	.min_words = 2,
	.max_words = 2,
	.options = options,
	.exec = exec,
};
