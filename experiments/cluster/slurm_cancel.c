/* SPDX-License-Identifier: Apache-2.0 */
#include "slurm_cancel.h"

#include "slurm_command.h"
#include "slurm_fleet.h"
#include "slurm_script.h"

#include <string.h>

#define ANSWERS 20.0  /* seconds for scancel and squeue to answer */
#define ANY "ablate-" /* how all comments of ours begin, where a list says none */

/* What is printed by a program of Slurm's; nothing where it fails. */
static void ask(struct abl_argv *words, struct abl_str *out)
{
	struct abl_slurm_command command = {0};

	if (!abl_slurm_command_start(&command, words->word, ANSWERS, NULL))
		abl_slurm_command_wait(&command);
	if (!command.exit_code && command.printed.length)
		abl_str_puts(out, command.printed.text);
	abl_slurm_command_finish(&command);
	abl_argv_finish(words);
}

/* A line of that number with that comment. */
static bool has_line(const char *printed, const char *job, const char *token)
{
	const size_t n = strcspn(job, ";");

	while (*printed) {
		const size_t length = strcspn(printed, "\n");
		const char *at = strstr(printed, token);

		if (length > n && !strncmp(printed, job, n) && printed[n] == '|' && at &&
		    at < printed + length)
			return true;
		printed += length + (printed[length] == '\n');
	}
	return false;
}

bool abl_slurm_is_ours(const struct abl_slurm_array *a)
{
	const char *cluster = strchr(a->job, ';');
	struct abl_argv words = {0};
	struct abl_str printed = {0}, option = {0};
	bool is;

	if (!a->adopted)
		return true;
	abl_slurm_search_words(&words);
	if (cluster) {
		abl_str_printf(&option, "--clusters=%s", cluster + 1);
		abl_argv_add(&words, option.text);
	}
	ask(&words, &printed);
	is = printed.length && has_line(printed.text, a->job, a->token ? a->token : ANY);
	abl_str_finish(&printed), abl_str_finish(&option);
	return is;
}

void abl_slurm_cancel(const char *job, bool waiting)
{
	struct abl_argv words = {0};
	struct abl_str ignored = {0};

	abl_slurm_cancel_words(job, waiting, &words);
	ask(&words, &ignored);
	abl_str_finish(&ignored);
}
