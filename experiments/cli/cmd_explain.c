/* SPDX-License-Identifier: Apache-2.0 */
/* cmd_explain.c - what a key is and what a study makes of it. */
#include "command.h"
#include "str.h"
#include "study.h"

#include <stdio.h>

static int exec(const struct abl_args *a, struct abl_err *err)
{
	/* the data need not be at hand to read a study */
	const struct abl_study_options how = {.data = abl_args_text(a, "data"), .no_files = true};
	struct abl_study *s = NULL;
	struct abl_str out = {0};

	if (!abl_study_load(&s, a->word[0], &how, err) &&
	    !abl_study_explain(s, a->word[1], &out, err))
		fwrite(out.text, 1, out.length, stdout);
	abl_study_destroy(s);
	abl_str_finish(&out);
	return ABL_EXIT_OK;
}

static const struct abl_command_option options[] = {ABL_OPTION_DATA, {.name = NULL}};

const struct abl_command abl_cmd_explain = {
	.name = "explain",
	.usage = "STUDY.yaml KEY [--data DIR]",
	.summary = "show what a key is, its value in a study, and where it was set",
	.details = "KEY is a configuration key (learning_rate), set or not, or a key of the study "
		   "file\n"
		   "(seeds, limits.hours). 'ablate components' lists them all.",
	.min_words = 2,
	.max_words = 2,
	.options = options,
	.exec = exec,
};
