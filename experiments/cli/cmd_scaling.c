/* SPDX-License-Identifier: Apache-2.0 */
/* cmd_scaling.c - do losses and scores follow a law of size, and what would twice the size bring?
 */
#include "advice.h"
#include "args.h"
#include "args_study.h"
#include "command.h"
#include "print.h"
#include "scaling.h"
#include "store.h"

#include <stdio.h>
#include <string.h>

static const struct abl_command_option options[] = {
	{.name = "task",
	 .type = ABL_ARG_TEXT,
	 .value = "TASK",
	 .help = "one task only; 'pretraining': the held-out loss"},
	{.name = "metric",
	 .type = ABL_ARG_TEXT,
	 .value = "METRIC",
	 .help = "this metric (default: each task's main one)"},
	{.name = "x",
	 .type = ABL_ARG_TEXT,
	 .value = "parameters|words|flops",
	 .choices = "parameters|words|flops",
	 .help = "what grows (default parameters)"},
	ABL_OPTION_STORE,
	ABL_OPTION_FORMAT,
	{0},
};

static enum abl_scaling_axis axis_of(const struct abl_args *args)
{
	const char *name = abl_args_text(args, "x");
	int axis = ABL_AXES - 1;

	while (axis > 0 && (!name || strcmp(name, abl_axis_name((enum abl_scaling_axis)axis))))
		axis--;
	return (enum abl_scaling_axis)axis;
}

/* Each line of the text, broken where it is too long. */
static void print_lines(const char *text)
{
	struct abl_str out = {0}, line = {0};

	for (; *text; text++) {
		if (*text != '\n') {
			abl_str_add(&line, text, 1);
			continue;
		}
		if (line.length)
			abl_str_wrap(&out, 0, 2, line.text);
		else
			abl_str_puts(&out, "\n");
		abl_str_clear(&line);
	}
	if (out.length)
		abl_advice_print(stdout, "%s", out.text);
	abl_str_finish(&out), abl_str_finish(&line);
}

static void print_for_people(const struct abl_scaling *s)
{
	struct abl_str text = {0};

	for (size_t i = 0; i < s->rows; i++) {
		abl_str_puts(&text, i ? "\n" : "");
		abl_scaling_paragraph(&s->row[i], &text);
	}
	for (size_t i = 0; i < s->pairs; i++) {
		abl_str_puts(&text, "\n");
		abl_scaling_pair_text(&s->pair[i], &text);
	}
	if (s->off_line.length)
		abl_str_printf(&text, "\non no line, as they differ in more than size: %s\n",
			       s->off_line.text);
	if (s->no_size.length)
		abl_str_printf(&text, "\nwithout a known size: %s\n", s->no_size.text);
	print_lines(text.text);
	abl_str_finish(&text);
}

static int exec(const struct abl_args *args, struct abl_err *err)
{
	enum abl_table_format format = abl_table_format(abl_args_text(args, "format"));
	const struct abl_scaling_request request = {.task = abl_args_text(args, "task"),
						    .metric = abl_args_text(args, "metric"),
						    .axis = axis_of(args)};
	struct abl_str name = {0};
	struct abl_scaling *s;
	struct abl_store *store;
	int64_t study;
	int rc;

	if (abl_study_arg_named(args, args->word[0], &store, &study, &name, err)) {
		abl_str_finish(&name);
		return ABL_EXIT_USAGE;
	}
	rc = abl_scaling(&s, store, name.text, &request, err);
	if (!rc && format == ABL_TABLE_PLAIN)
		print_for_people(s);
	else if (!rc)
		abl_print_table(abl_scaling_table(s, abl_table_is_for_machines(format)), format);
	if (!rc)
		abl_scaling_destroy(s);
	abl_store_close(store);
	abl_str_finish(&name);
	return rc ? ABL_EXIT_FAILED : ABL_EXIT_OK;
}

const struct abl_command abl_cmd_scaling = {
	.name = "scaling",
	.usage = "STUDY [--task TASK] [--metric METRIC] [--x parameters|words|flops] [--store DIR] "
		 "[--format FORMAT]",
	.summary = "show whether losses and scores follow a power law of size",
	.details =
		"STUDY is a study's name or file. Variants that differ in their size alone are a "
		"line;\n"
		"curves are fitted to the means of its sizes. The verdict is about the largest "
		"size:\n"
		"  a power law so far (b ...)      it is where a power law of the others has it\n"
		"  bends, falls faster             above that; below that\n"
		"  cannot tell from these sizes    the interval of the prediction is too wide\n"
		"  neither                         no such curve goes through the sizes\n"
		"  depends on how parameters ...   with embeddings it is another verdict than "
		"without\n"
		"A score that rises is fitted as what it is short of: error = 1 - score. The fits "
		"need 4\n"
		"sizes or more, and two seeds at least.",
	.min_words = 1,
	.max_words = 1,
	.options = options,
	.exec = exec,
};
