/* SPDX-License-Identifier: Apache-2.0 */
#include "run_slurm.h"

#include "advice.h"
#include "argv.h"
#include "files.h"
#include "args_study.h"
#include "link_tls.h"
#include "run_stages.h"
#include "shell.h"
#include "slurm_inside.h"
#include "slurm_self.h"
#include "store.h"

#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static void add_option(struct abl_argv *out, const char *name, const char *value)
{
	struct abl_str word = {0};

	abl_str_printf(&word, "--%s=%s", name, value);
	abl_argv_add(out, word.text);
	abl_str_finish(&word);
}

/* An option that was given several times has a line for each. */
static void add_each(struct abl_argv *out, const char *name, const char *values)
{
	while (*values) {
		const size_t n = strcspn(values, "\n");
		struct abl_str one = {0};

		abl_str_add(&one, values, n);
		add_option(out, name, one.text);
		abl_str_finish(&one);
		values += n + (values[n] == '\n');
	}
}

/* The command line as it was given. The store is named whatever the environment of the job says,
 * and an earlier head that still runs, on a node that Slurm does not hear, is waited for. */
static void add_words(const struct abl_args *args, const char *program, const char *store,
		      struct abl_argv *out)
{
	const struct abl_command_option *options = args->command->options;

	abl_argv_add(out, program);
	abl_argv_add(out, args->command->name);
	for (int i = 0; options[i].name; i++) {
		const char *name = options[i].name, *value = args->option[i];

		if (!value || !strcmp(name, "store") || !strcmp(name, "wait"))
			continue;
		if (options[i].type == ABL_ARG_FLAG) {
			char word[64];

			snprintf(word, sizeof word, "--%s", name);
			abl_argv_add(out, word);
		} else {
			add_each(out, name, value);
		}
	}
	add_option(out, "store", store);
	if (abl_tls_library())
		abl_argv_add(out, "--here");
	abl_argv_add(out, "--wait");
	abl_argv_add(out, "--");
	for (int i = 0; i < args->words; i++)
		abl_argv_add(out, args->word[i]);
}

static void says(void *data, const char *text)
{
	(void)data;
	fprintf(stderr, "ablate: %s\n", text);
}

/* Makes the store, and looks whether another run has it. Its real path, the caller's. */
static int make_store(const char *folder, char **path, struct abl_err *err)
{
	struct abl_store *store = NULL;
	int rc = abl_store_open(&store, folder, ABL_STORE_WRITE, err);

	abl_store_close(store);
	*path = rc ? NULL : abl_real_path(folder);
	if (!rc && !*path)
		rc = abl_err_set(err, ABL_EIO, "cannot find the store '%s': %s", folder,
				 strerror(errno));
	return rc;
}

static void tell(const struct abl_args *args, const struct abl_study_run *r, const char *job,
		 const char *log)
{
	const char *study = abl_shell_quoted(r->study->name);

	if (abl_args_flag(args, "quiet")) {
		printf("%s\n", job);
		return;
	}
	printf("submitted job %s: the run itself, which asks Slurm for its workers\n", job);
	printf("log       %s\n", log);
	abl_advice_print(stdout, "watch     'ablate status %s --watch', once it has begun\n",
			 study);
	abl_advice_print(stdout, "stop      'ablate stop %s', or 'scancel %s'\n", study, job);
	abl_advice_print(stdout, "results   'ablate report %s'\n", study);
}

/* Its words, and the place from which they are given. */
static int submit(const struct abl_args *args, const struct abl_study_run *r, const char *store,
		  struct abl_err *err)
{
	const struct abl_cluster *c = &r->study->cluster;
	struct abl_slurm_self self = {.study = r->study->name,
				      .options = (const char *const *)c->slurm,
				      .head_options = (const char *const *)c->head,
				      .whole = !abl_tls_library(),
				      .grace = abl_run_grace(r->study),
				      .says = says};
	char program[PATH_MAX] = "", directory[PATH_MAX] = "", *logs;
	struct abl_argv words = {0};
	struct abl_str job = {0}, log = {0};
	int rc;

	if (!realpath("/proc/self/exe", program) || !getcwd(directory, sizeof directory))
		return abl_err_set(err, ABL_EIO, "cannot tell where we are: %s", strerror(errno));
	logs = abl_path_join(store, "logs");
	add_words(args, program, store, &words);
	self.folder = logs;
	self.directory = directory;
	self.words = (const char *const *)words.word;
	rc = abl_slurm_self_submit(&self, &job, &log, err);
	if (!rc)
		tell(args, r, job.text, log.text);
	abl_argv_finish(&words);
	abl_str_finish(&job), abl_str_finish(&log);
	free(logs);
	return rc;
}

static int submit_first(const struct abl_args *args, struct abl_err *err)
{
	struct abl_study_run r = {0};
	char *store = NULL;
	int rc = abl_study_arg_plan(args, &r, err);

	rc = rc ? rc : abl_cluster_site(&r.study->cluster, err);
	rc = rc ? rc : make_store(abl_args_store(args), &store, err);
	rc = rc ? rc : submit(args, &r, store, err);
	abl_study_run_finish(&r);
	free(store);
	return rc;
}

bool abl_run_is_elsewhere(const struct abl_args *args, struct abl_places *places, int *code,
			  struct abl_err *err)
{
	char program[PATH_MAX];
	int rc = 0;

	*code = ABL_EXIT_FAILED;
	if (!abl_places_of(places, ABL_PLACE_SLURM) || abl_args_flag(args, "here"))
		return false;
	if (!abl_slurm_is_inside())
		rc = submit_first(args, err);
	else if (!realpath("/proc/self/exe", program))
		rc = abl_err_set(err, ABL_EIO, "cannot tell where this program is: %s",
				 strerror(errno));
	else
		rc = abl_slurm_inside_places(places, program, err);
	if (!rc && !abl_slurm_is_inside())
		*code = ABL_EXIT_OK;
	return rc || !abl_slurm_is_inside();
}
