/* SPDX-License-Identifier: Apache-2.0 */
/* cmd_test.c - scores the checkpoint of every trial on a file that no trial has seen. */
#include "advice.h"
#include "args_study.h"
#include "command.h"
#include "compare_examples.h"
#include "files.h"
#include "print_comparison.h"
#include "run_signals.h"
#include "run_stages.h"
#include "shell.h"
#include "standing.h"
#include "study_name.h"
#include "task_check.h"
#include "trials.h"
#include "world.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const struct abl_command_option options[] = {
	{.name = "file",
	 .type = ABL_ARG_TEXT,
	 .value = "FILE",
	 .help = "score this file (default: the 'test' file of each task)"},
	{.name = "task",
	 .type = ABL_ARG_TEXT,
	 .value = "NAME",
	 .help = "only this task; whose file --file is, where the study has several"},
	{.name = "split",
	 .type = ABL_ARG_TEXT,
	 .value = "test",
	 .choices = "test",
	 .help = "what the scores are kept as (default test)"},
	ABL_OPTION_STORE,
	ABL_OPTION_DATA,
	ABL_OPTION_WORKERS,
	ABL_OPTION_QUIET,
	{0},
};

static void take_path(void *data, const struct abl_standing *s)
{
	if (s->path)
		abl_str_puts(data, s->path);
}

/* The study's file: the word, or the one that the study of that name was run from. */
static int find_file(const struct abl_args *args, struct abl_str *path, struct abl_err *err)
{
	struct abl_store *store;
	int64_t study;
	int rc;

	if (abl_is_study_file(args->word[0])) {
		abl_str_puts(path, args->word[0]);
		return 0;
	}
	rc = abl_study_arg_needs_file(args, args->word[0], err);
	rc = rc ? rc : abl_study_arg_open(args, args->word[0], &store, &study, err);
	if (rc)
		return rc;
	rc = abl_read_standing(store, study, take_path, path, err);
	abl_store_close(store);
	if (!rc && (!path->text || !abl_file_exists(path->text)))
		rc = abl_err_set(err, ABL_EINPUT,
				 "the file of study '%s' is not at '%s' any more: name it",
				 args->word[0], path->text ? path->text : "");
	return rc;
}

/* ---- what is scored ---- */

/* A file without its answers cannot be scored, as those that leaderboards hand out. */
static int check_labels(const struct abl_task_spec *spec, struct abl_err *err)
{
	struct abl_err inner = {0};

	if (!abl_task_check_gold(spec, &inner))
		return 0;
	return abl_err_set(
		err, ABL_EINPUT,
		"%s; what is scored needs a label in every row: 'ablate predict' answers "
		"files without them",
		inner.text);
}

/* Scores on what was learnt say little of what is new. */
static void warn_of_training(const struct abl_task_spec *spec, const char *file)
{
	char *train = abl_real_path(spec->train), *tested = abl_real_path(file);

	if (train && tested && !strcmp(train, tested))
		fprintf(stderr,
			"ablate: warning: '%s' is the file that task '%s' was trained on: its "
			"scores "
			"say nothing of new examples\n",
			file, spec->name);
	free(train), free(tested);
}

/* Marks the tasks whose test file is there, or the one that --file is of. */
static int choose(struct abl_study *s, const struct abl_args *args, struct abl_err *err)
{
	const char *file = abl_args_text(args, "file"), *task = abl_args_text(args, "task");
	size_t one = 0, tested = 0;
	int rc = task ? abl_study_task(s, task, &one, err) : 0;

	if (!rc && file && !task && s->task_count > 1)
		rc = abl_err_set(err, ABL_EINPUT,
				 "the study has %zu tasks; say whose file it is: --task %s",
				 s->task_count, s->tasks[0].spec.name);
	if (!rc && file && (!abl_file_exists(file) || abl_is_dir(file)))
		rc = abl_err_set(err, ABL_EINPUT, "--file: there is no file '%s'", file);
	for (size_t t = 0; t < s->task_count && !rc; t++) {
		struct abl_task_spec *spec = &s->tasks[t].spec;

		if ((task || file) && t != one)
			continue;
		if (file && !strcmp(spec->train, ABL_WORLD))
			rc = abl_err_set(err, ABL_EINPUT,
					 "--file: task '%s' of the built-in world has no columns; "
					 "without --file its own test split is scored",
					 spec->name);
		if (rc)
			break;
		if (file) {
			warn_of_training(spec, file);
			free(spec->test);
			spec->test = abl_strdup(file);
		}
		if (!spec->test)
			continue;
		s->tasks[t].tested = true;
		tested++;
		rc = check_labels(spec, err);
	}
	if (!rc && !tested)
		rc = abl_err_set(
			err, ABL_EINPUT,
			"%s has no 'test' file: name one in the study, or give --file FILE",
			task                 ? task
			: s->task_count == 1 ? s->tasks[0].spec.name
					     : "no task of the study");
	return rc;
}

/* ---- what came out ---- */

static int print_scores(const struct abl_study_run *r, int64_t study, struct abl_err *err)
{
	const struct abl_compare_request request = {.tests = true};
	struct abl_analysis *a = NULL;
	char **tasks = NULL;
	int rc = abl_read_tested_tasks(&tasks, r->store, study, err);

	if (!rc && tasks[0])
		rc = abl_analyse(&a, r->store, study, &request, err);
	if (a && !rc)
		rc = abl_compare_examples(a, r->store, study, &request, false, err);
	if (a) {
		abl_print_analysis(a, false);
		printf("\n");
	}
	abl_analysis_destroy(a);
	abl_names_destroy(tasks);
	return rc;
}

static void print_untrained(void *data, const struct abl_standing_stage *s)
{
	struct abl_str name = {0};

	(void)data;
	abl_standing_name(s, &name);
	printf("failed: %s: %s %s: %s\n", name.text, s->stage ? s->stage : "",
	       s->state ? s->state : "", s->reason ? s->reason : "?");
	abl_str_finish(&name);
}

/* Which trials have no score, and what to do. Returns how many failed. */
static size_t print_missing(const struct abl_study_run *r, int64_t study,
			    const struct abl_tests_put *put, const char *path)
{
	const struct abl_run *run = &r->supervisor.run;
	struct abl_err err = {0};

	if (put->waiting) /* the scores are printed: a list that cannot be read ends nothing */
		(void)!abl_read_failures(r->store, study, print_untrained, NULL, &err);
	if (put->waiting)
		abl_advice_print(stdout,
				 "%zu trials are not scored: not trained, or not as the file says "
				 "now; 'ablate run %s' trains them\n",
				 put->waiting, abl_shell_quoted(path));
	if (run->lost)
		printf("%zu checkpoints are not in the store any more, so their trials are not "
		       "scored: train them again in another store (--store DIR), and keep their "
		       "folders in 'artifacts'\n",
		       run->lost);
	if (run->unkept)
		abl_advice_print(stdout,
				 "%zu checkpoints were not kept ('keep:' in the file, or 'ablate "
				 "gc'), so their trials are\nnot scored; 'ablate run %s --restore' "
				 "makes them again\n",
				 run->unkept, abl_shell_quoted(path));
	for (size_t i = 0; i < run->node_count; i++)
		if (abl_plan_is_test(&run->plan->stages[i]) && abl_node_failed(&run->nodes[i])) {
			printf("failed: %s\n", run->nodes[i].reason ? run->nodes[i].reason : "?");
			break;
		}
	return run->failed;
}

static int run_tests(struct abl_study_run *r, const struct abl_args *args, const char *path,
		     struct abl_err *err)
{
	const bool quiet = abl_args_flag(args, "quiet");
	struct abl_tests_put put = {0};
	struct abl_err stop = {0};
	size_t failed = 0;
	int64_t study = 0;
	int code, rc = abl_study_run_open_tests(r, abl_args_store(args), &study, &put, err);

	fputs(put.replaced.length ? put.replaced.text : "", stderr);
	abl_str_finish(&put.replaced);
	rc = rc ? rc : abl_run_start(r, study, "test", args->word[0], NULL, err);
	if (rc)
		return ABL_EXIT_FAILED;
	rc = abl_run_stages(r, NULL, quiet, &stop);
	code = rc == ABL_ESTOP ? ABL_EXIT_STOPPED : ABL_EXIT_FAILED;
	if (rc) {
		abl_err_set(err, (enum abl_code)stop.code, "%s%s", stop.text,
			    rc == ABL_ESTOP ? "; the same command goes on from here" : "");
	} else {
		rc = print_scores(r, study, err);
		failed = print_missing(r, study, &put, path);
		code = rc || failed || r->supervisor.run.lost || r->supervisor.run.unkept ||
				       put.waiting
			       ? ABL_EXIT_FAILED
			       : ABL_EXIT_OK;
	}
	if (abl_store_run_end(r->store, r->supervisor.run.row, code, err))
		code = ABL_EXIT_FAILED;
	return code;
}

static int exec(const struct abl_args *args, struct abl_err *err)
{
	const struct abl_study_options study_options = {.data = abl_args_text(args, "data")};
	struct abl_study_run r = {0};
	struct abl_str path = {0};
	int code = ABL_EXIT_FAILED, rc;

	abl_run_take_signals();
	rc = find_file(args, &path, err);

	rc = rc ? rc : abl_study_load(&r.study, path.text, &study_options, err);
	rc = rc ? rc : abl_study_need_files(r.study, err);
	rc = rc ? rc : choose(r.study, args, err);
	r.folder = abl_args_store(args);
	rc = rc ? rc : abl_study_run_plan_tests(&r, abl_args_int(args, "workers", 0), err);
	if (!rc)
		code = run_tests(&r, args, path.text, err);
	abl_study_run_finish(&r);
	abl_str_finish(&path);
	abl_run_forgive_reader();
	return code;
}

const struct abl_command abl_cmd_test = {
	.name = "test",
	.usage = "STUDY [--file FILE] [--task NAME] [--store DIR] [--data DIR]",
	.summary = "score every trial's checkpoint on a test file",
	.details =
		"STUDY is a study's file or name. Scores the checkpoints that 'ablate run' left "
		"on the task's\n"
		"'test' file, or on FILE, which has to have labels. The numbers stand beside "
		"those on dev:\n"
		"'ablate compare STUDY --split test' judges them, 'ablate results STUDY --split "
		"test' lists them,\n"
		"queries find them as 'test_accuracy' and so on. Nothing is trained, and nothing "
		"is scored twice;\n"
		"another file takes the place of the one before.",
	.min_words = 1,
	.max_words = 1,
	.options = options,
	.exec = exec,
};
