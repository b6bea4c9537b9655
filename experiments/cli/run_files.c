/* SPDX-License-Identifier: Apache-2.0 */
#include "run_files.h"

#include "machine.h"
#include "shell.h"
#include "str.h"
#include "study.h"
#include "unpacked_data.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#define PAUSE 500000000L /* nanoseconds from one try to the next */
#define REMIND 600.0     /* seconds */

static int check_names(const struct abl_args *args, char *const *names, int i, struct abl_err *err)
{
	for (int k = 0; k < i; k++)
		if (!strcmp(names[k], names[i]))
			return abl_err_set(err, ABL_EINPUT,
					   "'%s' and '%s' are both of the study '%s': give one of "
					   "them another name",
					   args->word[k], args->word[i], names[i]);
	return 0;
}

int abl_run_check_files(const struct abl_args *args, bool *grows, struct abl_err *err)
{
	const struct abl_study_options options = {.data = abl_args_text(args, "data")};
	char **names = abl_calloc((size_t)args->words + 1, sizeof *names);
	int rc = 0;

	for (int i = 0; i < args->words && !rc; i++) {
		struct abl_study *study = NULL;

		rc = abl_study_load(&study, args->word[i], &options, err);
		rc = abl_unpacked_data_tell(rc, abl_args_store(args), args->word[i], err);
		if (!rc) {
			names[i] = abl_strdup(study->name);
			grows[i] = study->seeds_until > 0;
			rc = check_names(args, names, i, err);
		}
		abl_study_destroy(study);
	}
	for (int i = 0; i < args->words; i++)
		free(names[i]);
	free(names);
	return rc;
}

int abl_run_wait(struct abl_store **out, const char *folder, struct abl_err *err)
{
	const struct timespec pause = {.tv_nsec = PAUSE};
	const double began = abl_clock_now();
	double told = 0;
	char waited[32];

	for (;;) {
		struct abl_err why = {0};
		const int rc = abl_store_open(out, folder, ABL_STORE_WRITE, &why);
		const double now = abl_clock_now();

		if (rc != ABL_EBUSY)
			return rc ? abl_err_set(err, (enum abl_code)rc, "%s", why.text) : 0;
		why.text[strcspn(why.text, ";")] = '\0';
		if (!told)
			fprintf(stderr, "ablate: waiting: %s\n", why.text);
		else if (now - told > REMIND)
			fprintf(stderr, "ablate: still waiting after %s: %s\n",
				abl_format_duration(now - began, waited), why.text);
		if (!told || now - told > REMIND)
			told = now;
		(void)nanosleep(&pause, NULL);
	}
}

void abl_run_tell_busy(const struct abl_args *args, struct abl_err *err)
{
	static const char usual[] = "; wait for it, ";
	const char *at = strstr(err->text, usual); /* nothing else says so (store_lock.c) */
	struct abl_str text = {0};

	if (!at)
		return;
	abl_str_printf(&text, "%.*s; 'ablate run", (int)(at - err->text), err->text);
	for (int i = 0; i < args->words; i++) {
		abl_str_puts(&text, " ");
		abl_shell_word(&text, args->word[i]);
	}
	abl_str_printf(&text, " --wait' waits for it; %s", at + sizeof usual - 1);
	*err = (struct abl_err){0};
	abl_err_set(err, ABL_EBUSY, "%s", text.text);
	abl_str_finish(&text);
}
