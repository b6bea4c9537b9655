/* SPDX-License-Identifier: Apache-2.0 */
/* args_study.h - the STUDY word of commands that read the store: a study's name, or its file. */
#ifndef ABL_ARGS_STUDY_H
#define ABL_ARGS_STUDY_H

#include "args.h"
#include "store.h"
#include "study_run.h"
#include "str.h"

#define ABL_OPTION_WORKERS                                                                         \
	{                                                                                          \
		.name = "workers", .letter = 'j', .type = ABL_ARG_INT, .value = "N",               \
		.help = "stages run at a time on this machine (default: the study's limits, else " \
			"one "                                                                     \
			"per core); workers of --on have 'HOST:N', 'local:N' or 'slots=N'"         \
	}
/* What to do with finished trials of a program whose code has changed. */
#define ABL_OPTION_CODE                                                                           \
	{                                                                                         \
		.name = "code", .type = ABL_ARG_TEXT, .value = "new|same", .choices = "new|same", \
		.help = "where the code of a study with 'command:' has changed: run its trials "  \
			"again, or keep what is done"                                             \
	}
#define ABL_OPTION_QUIET                                              \
	{                                                             \
		.name = "quiet", .letter = 'q', .type = ABL_ARG_FLAG, \
		.help = "show no progress, only the results"          \
	}
/* When it is to be over. */
#define ABL_OPTION_BY                                                                       \
	{                                                                                   \
		.name = "by", .type = ABL_ARG_TEXT, .value = "TIME",                        \
		.help = "whole comparisons first, and stop by this time: 07:00, "           \
			"'tomorrow 07:00', '2026-11-30 07:00'; none: whatever the study's " \
			"'limits' say"                                                      \
	}
/* Are the scores on the test file wanted? */
#define ABL_OPTION_SPLIT                                                                           \
	{                                                                                          \
		.name = "split", .type = ABL_ARG_TEXT, .value = "dev|test", .choices = "dev|test", \
		.help = "scores on dev (or what is held back), or those of 'ablate test'"          \
	}
bool abl_study_arg_tests(const struct abl_args *args);
/* The study of the command line, planned: abl_study_run_plan() with --data and --workers,
 * to be over by --by. */
int abl_study_arg_plan(const struct abl_args *args, struct abl_study_run *r,
		       struct abl_err *err) ABL_MUST_USE;

/* ABL_EINPUT where the word is the name of a study that has no file, since it was loaded. */
int abl_study_arg_needs_file(const struct abl_args *args, const char *word,
			     struct abl_err *err) ABL_MUST_USE;

/* Opens the store of the command line for reading and finds the study that the word names, or is
 * the file of; says so where that file is not what was last run. On success *store is the
 * caller's. `named`: its name, too. */
int abl_study_arg_open(const struct abl_args *args, const char *word, struct abl_store **store,
		       int64_t *study, struct abl_err *err) ABL_MUST_USE;
int abl_study_arg_named(const struct abl_args *args, const char *word, struct abl_store **store,
			int64_t *study, struct abl_str *name, struct abl_err *err) ABL_MUST_USE;

#endif
