/* SPDX-License-Identifier: Apache-2.0 */
#include "command.h"

#include "advice.h"
#include "args_study.h"
#include "figure.h"
#include "shell.h"
#include "terminal.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static void print_paths(const struct abl_figure *figure, const struct abl_figure_request *request)
{
	for (size_t i = 0; abl_figure_pictures[i]; i++) {
		char *path = abl_figure_path(figure, request, abl_figure_pictures[i]);

		printf("%s\n", path);
		free(path);
	}
}

enum { COLUMNS = 80, LEAST_COLUMNS = 40, MOST_COLUMNS = 120 }; /* of text */

static bool locale_is_utf8(void)
{
	static const char *const names[] = {"LC_ALL", "LC_CTYPE", "LANG"};
	const char *value = "";

	for (size_t i = 0; i < sizeof names / sizeof *names && !*value; i++)
		value = getenv(names[i]) ? getenv(names[i]) : "";
	return strcasestr(value, "utf-8") || strcasestr(value, "utf8");
}

/* One figure as text, or why there is none. */
static int show(struct abl_store *store, const struct abl_figure *figure,
		const struct abl_figure_request *request, int *drawn, struct abl_err *err)
{
	const size_t columns = abl_terminal_columns();
	struct abl_str absent = {0}, text = {0};
	int rc = abl_figure_text(store, figure, request,
				 columns < LEAST_COLUMNS  ? COLUMNS
				 : columns > MOST_COLUMNS ? MOST_COLUMNS
							  : columns,
				 locale_is_utf8(), &text, &absent, err);

	if (!rc && absent.length)
		printf("no %s: %s\n", figure->name, absent.text);
	else if (!rc)
		printf("%s%s", (*drawn)++ ? "\n" : "", text.text);
	fflush(stdout);
	abl_str_finish(&absent), abl_str_finish(&text);
	return rc;
}

/* Draws one figure and says where it is, or why there is none. */
static int draw(struct abl_store *store, const struct abl_figure *figure,
		const struct abl_figure_request *request, int *drawn, struct abl_err *err)
{
	struct abl_str absent = {0}, remark = {0};
	int rc = abl_figure_draw(store, figure, request, &absent, &remark, err);

	if (!rc && absent.length)
		printf("no %s: %s\n", figure->name, absent.text);
	else if (!rc) {
		print_paths(figure, request);
		if (remark.length)
			printf("%s\n", remark.text);
		(*drawn)++;
	}
	fflush(stdout);
	abl_str_finish(&absent), abl_str_finish(&remark);
	return rc;
}

static int find_figures(const struct abl_args *args, const struct abl_figure *out[ABL_ARGS_MAX],
			size_t *count, struct abl_err *err)
{
	int rc = 0;

	*count = 0;
	for (int i = 1; i < args->words && !rc; i++)
		rc = abl_figure_find(&out[(*count)++], args->word[i], err);
	for (size_t i = 0; args->words == 1 && i < abl_figure_count(); i++)
		if (abl_figure_at(i)->in_text || !abl_args_flag(args, "terminal"))
			out[(*count)++] = abl_figure_at(i);
	return rc;
}

/* An option that no figure asked for looks at is a mistake. */
static int check_option(const struct abl_args *args, const struct abl_figure *const *figure,
			size_t count, struct abl_err *err)
{
	struct abl_str names = {0};
	bool used = !abl_args_text(args, "option");
	int rc = 0;

	for (size_t i = 0; i < count; i++)
		used |= figure[i]->by_option;
	for (size_t i = 0; i < abl_figure_count(); i++)
		if (abl_figure_at(i)->by_option)
			abl_str_printf(&names, "%s%s", names.length ? ", " : "",
				       abl_figure_at(i)->name);
	if (!used)
		rc = abl_err_set(err, ABL_EINPUT, "--option is for the figure %s", names.text);
	abl_str_finish(&names);
	return rc;
}

/* Text is for no file. */
static int check_terminal(const struct abl_args *args, struct abl_err *err)
{
	static const char *const others[] = {"out", "size"};

	for (size_t i = 0; i < sizeof others / sizeof *others; i++)
		if (abl_args_flag(args, "terminal") && abl_args_text(args, others[i]))
			return abl_err_set(err, ABL_EINPUT,
					   "--terminal prints text and writes no file: leave out "
					   "--%s",
					   others[i]);
	return 0;
}

static int draw_files(struct abl_store *store, struct abl_figure_request *request, const char *out,
		      const struct abl_figure *const *figure, size_t count, struct abl_err *err)
{
	char *folder =
		out ? abl_strdup(out) : abl_figure_folder(abl_store_folder(store), request->study);
	int drawn = 0, rc = 0;

	request->folder = folder;
	if (!out && !abl_figure_folder_takes_files(folder))
		rc = abl_err_set(err, ABL_EIO,
				 "the store '%s' is read-only: name a folder for the figures with "
				 "--out DIR",
				 abl_store_folder(store));
	for (size_t i = 0; i < count && !rc; i++)
		rc = draw(store, figure[i], request, &drawn, err);
	if (drawn && !rc)
		abl_advice_print(stdout,
				 "each figure's script and numbers are beside it; 'ablate report "
				 "%s' makes one page of them\n",
				 abl_shell_quoted(request->study));
	free(folder);
	return rc;
}

static int exec(const struct abl_args *args, struct abl_err *err)
{
	const struct abl_figure *figure[ABL_ARGS_MAX];
	struct abl_figure_request request = {.option = abl_args_text(args, "option"),
					     .metric = abl_args_text(args, "metric")};
	const char *size = abl_args_text(args, "size");
	struct abl_store *store = NULL;
	struct abl_str name = {0};
	int64_t study;
	size_t count;
	int drawn = 0, rc;

	request.column = size && !strcmp(size, "column");
	if ((rc = check_terminal(args, err)) || (rc = find_figures(args, figure, &count, err)) ||
	    (rc = check_option(args, figure, count, err)) ||
	    (rc = abl_study_arg_named(args, args->word[0], &store, &study, &name, err)))
		goto fail;
	request.study = name.text;
	if (!abl_args_flag(args, "terminal"))
		rc = draw_files(store, &request, abl_args_text(args, "out"), figure, count, err);
	for (size_t i = 0; abl_args_flag(args, "terminal") && i < count && !rc; i++)
		rc = show(store, figure[i], &request, &drawn, err);
fail:
	abl_store_close(store);
	abl_str_finish(&name);
	return ABL_EXIT_OK;
}

static const struct abl_command_option options[] = {
	{.name = "option",
	 .type = ABL_ARG_TEXT,
	 .value = "KEY",
	 .help = "sensitivity: option on the x axis (default: the one with most values)"},
	{.name = "metric",
	 .type = ABL_ARG_TEXT,
	 .value = "NAME",
	 .help = "metric to draw (default: each task's main metric)"},
	{.name = "size",
	 .type = ABL_ARG_TEXT,
	 .value = "SIZE",
	 .choices = "column|page",
	 .help = "for a paper: one column, 85 mm, or the whole width, 180 mm (default)"},
	{.name = "terminal",
	 .type = ABL_ARG_FLAG,
	 .help = "print the figures as text, for a connection without pictures (default: effects, "
		 "curves, scaling)"},
	{.name = "out",
	 .type = ABL_ARG_TEXT,
	 .value = "DIR",
	 .help = "output folder (default: plots/STUDY in the store)"},
	ABL_OPTION_STORE,
	{0},
};

static void list_figures(FILE *out)
{
	struct abl_str text = {0};

	for (size_t i = 0; i < abl_figure_count(); i++) {
		abl_str_printf(&text, "  %-12s  ", abl_figure_at(i)->name);
		abl_str_wrap(&text, 16, 16, abl_figure_at(i)->help);
	}
	fputs(text.text, out);
	abl_str_finish(&text);
}

const struct abl_command abl_cmd_plot = {
	.name = "plot",
	.usage = "STUDY [FIGURE...] [--option KEY] [--metric NAME] [--size SIZE] [--out DIR] "
		 "[--store DIR]",
	.summary = "draw figures of a study as PNG, SVG and PDF",
	.details =
		"STUDY is a study's name or file; figures (default: all that apply to the study):",
	.rows = list_figures,
	.ending =
		"Each figure is written as NAME.png, NAME.svg (light and dark) and NAME.pdf, with "
		"its numbers\nNAME.csv and its script NAME.gp; NAME is the figure's, followed by "
		"what was asked for:\n'effects-f1-column.png'.",
	.min_words = 1,
	.max_words = ABL_ARGS_MAX,
	.options = options,
	.exec = exec,
};
