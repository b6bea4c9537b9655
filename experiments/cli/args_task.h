/* SPDX-License-Identifier: Apache-2.0 */
/* args_task.h - how a task's file is read, from the command line: --task, --type, --layout. */
#ifndef ABL_ARGS_TASK_H
#define ABL_ARGS_TASK_H

#include "command.h"
#include "task_spec.h"

#define ABL_OPTIONS_TASK                                                            \
	{.name = "task",                                                            \
	 .type = ABL_ARG_TEXT,                                                      \
	 .value = "NAME",                                                           \
	 .help = "well-known task ('ablate tasks' lists them), or one of --study"}, \
		{.name = "study",                                                   \
		 .type = ABL_ARG_TEXT,                                              \
		 .value = "FILE",                                                   \
		 .help = "study file whose task it is"},                            \
		{.name = "type",                                                    \
		 .type = ABL_ARG_TEXT,                                              \
		 .value = "TYPE",                                                   \
		 .help = "type of any other task: classify, tag, ..."},             \
	{                                                                           \
		.name = "layout", .type = ABL_ARG_TEXT, .value = "KEY=VALUE,...",   \
		.help = "its columns, as in a study file: text=0,label=last"        \
	}

/* Anything said of a task? */
bool abl_layout_given(const struct abl_args *a);
/* Behind the message that a task is not known, where it has no hint yet: where tasks are found.
 * Returns rc. */
int abl_task_or_hint(int rc, struct abl_err *err);
/* The task of the file in --study, whole: the one named by --task, or its only one. Ends with
 * abl_task_spec_finish(). */
int abl_task_of_study(struct abl_task_spec *s, const struct abl_args *a,
		      struct abl_err *err) ABL_MUST_USE;
/* Makes the spec of those options, without a file; ends with abl_task_spec_finish() after success.
 */
int abl_layout_begin(struct abl_task_spec *s, const struct abl_args *a,
		     struct abl_err *err) ABL_MUST_USE;
/* Makes `file` its test file, and checks the spec. The spec stays the caller's to finish. */
int abl_layout_file(struct abl_task_spec *s, const char *file, bool gold,
		    struct abl_err *err) ABL_MUST_USE;
/* Both: makes the spec of those options, with `file` as its test file (NULL: none, which is for
 * questions about texts). `gold`: the file must have labels. Ends with abl_task_spec_finish() after
 * success. */
int abl_layout_read(struct abl_task_spec *s, const struct abl_args *a, const char *file, bool gold,
		    struct abl_err *err) ABL_MUST_USE;

#endif
