/* SPDX-License-Identifier: Apache-2.0 */
/* cmd_new.c - writes a first study for a table of the user's, or for a program. */
#include "cmd_new_program.h"
#include "command.h"

#include "advice.h"
#include "files.h"
#include "first_study.h"
#include "shell.h"
#include "table_facts.h"
#include "table_guess.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* The names that the study file is made of; all owned. */
struct names {
	char *name, *study; /* the study, its file */
	char *data, *train, *dev, *texts;
	char *texts_file; /* as this command has to open it */
	bool apart;       /* the study lies elsewhere, or $ABLATE_DATA would come before its folder:
			     files are named whole */
};

static void finish(struct names *n)
{
	free(n->name);
	free(n->study);
	free(n->data);
	free(n->train);
	free(n->dev);
	free(n->texts);
	free(n->texts_file);
}

/* A file as the study names it: below the data folder where it lies there, else whole. */
static int name_file(const struct names *n, const char *path, char **out, struct abl_err *err)
{
	char *folder = abl_path_dir(path), *whole;
	const char *base = strrchr(path, '/');

	if (!n->apart && !strcmp(folder, n->data)) {
		*out = abl_strdup(base ? base + 1 : path);
		free(folder);
		return 0;
	}
	free(folder);
	whole = abl_real_path(path);
	if (!whole)
		return abl_err_set(err, ABL_EINPUT, "there is no file '%s'", path);
	*out = whole;
	return 0;
}

static int make_names(struct names *n, const struct abl_args *a, struct abl_err *err)
{
	const char *out = abl_args_text(a, "out"), *env = getenv("ABLATE_DATA");
	const char *dev = abl_args_text(a, "dev"), *texts = abl_args_text(a, "texts");
	struct abl_str file = {0};
	int rc;

	n->name = out ? abl_first_study_name(out) : abl_first_study_name(a->word[0]);
	abl_str_printf(&file, "%s.yaml", n->name);
	n->study = out ? abl_strdup(out) : abl_strdup(file.text);
	abl_str_clear(&file);
	n->apart = strchr(n->study, '/') || (env && *env);
	n->data = abl_path_dir(a->word[0]);
	rc = name_file(n, a->word[0], &n->train, err);
	if (!rc && dev)
		rc = name_file(n, dev, &n->dev, err);
	abl_str_add(&file, n->study, strlen(n->study) - strlen(strrchr(n->study, '.')));
	abl_str_puts(&file, "-texts.txt");
	n->texts_file = texts ? abl_strdup(texts) : abl_strdup(file.text);
	abl_str_finish(&file);
	return rc;
}

static int check_free(const char *path, struct abl_err *err)
{
	return abl_file_exists(path)
		       ? abl_err_set(err, ABL_EINPUT,
				     "'%s' is there already: name another with '--out FILE.yaml'",
				     path)
		       : 0;
}

static int write_texts(const struct abl_first_study *f, const char *table, const char *path,
		       struct abl_err *err)
{
	const struct abl_table_guess *g = f->guess;
	const size_t columns[] = {g->text, (size_t)g->text_b};
	struct abl_str text = {0};
	int rc = check_free(path, err);

	if (!rc)
		rc = abl_table_texts(table, f->facts->format, g->header, columns,
				     g->text_b >= 0 ? 2 : 1, &text, err);
	if (!rc)
		rc = abl_file_write(path, text.text ? text.text : "", text.length, err);
	abl_str_finish(&text);
	return rc;
}

static int write_study(struct names *n, const char *table, const struct abl_args *a,
		       const struct abl_table_facts *facts, const struct abl_table_guess *guess,
		       struct abl_err *err)
{
	struct abl_first_study f = {.name = n->name,
				    .data = n->data,
				    .train = n->train,
				    .dev = n->dev,
				    .own_texts = abl_args_text(a, "texts") != NULL,
				    .facts = facts,
				    .guess = guess};
	struct abl_str text = {0};
	int rc = check_free(n->study, err);

	if (!rc && !f.own_texts)
		rc = write_texts(&f, table, n->texts_file, err);
	if (!rc)
		rc = name_file(n, n->texts_file, &n->texts, err);
	if (rc)
		return rc;
	f.texts = n->texts;
	abl_first_study_write(&f, &text);
	rc = abl_file_write(n->study, text.text, text.length, err);
	if (!rc)
		fputs(text.text, stdout);
	abl_str_finish(&text);
	return rc;
}

static int exec(const struct abl_args *a, struct abl_err *err)
{
	const struct abl_table_named named = {.text = abl_args_text(a, "text"),
					      .text_b = abl_args_text(a, "text-b"),
					      .label = abl_args_text(a, "label")};
	const char *out = abl_args_text(a, "out"), *dot = out ? strrchr(out, '.') : NULL;
	struct abl_table_facts facts = {0};
	struct abl_table_guess guess;
	struct names names = {0};
	int rc;

	if (out && (!dot || (strcmp(dot, ".yaml") && strcmp(dot, ".yml"))))
		return abl_err_set(err, ABL_EINPUT, "--out is '%s': a study file ends in .yaml",
				   out);
	if (abl_new_is_program(a))
		return abl_new_program(a, err) ? ABL_EXIT_FAILED : ABL_EXIT_OK;
	if (a->words > 1)
		return abl_err_set(err, ABL_EINPUT,
				   "'%s' and '%s': one table at a time; a program comes after '--'",
				   a->word[0], a->word[1]);
	if (abl_args_text(a, "options") || abl_args_text(a, "wait"))
		return abl_err_set(err, ABL_EINPUT,
				   "--options and --wait are for programs: ablate new --options "
				   "NAMES -- python train.py");
	rc = abl_table_facts_read(&facts, a->word[0], err);
	if (!rc)
		rc = abl_table_guess(&guess, &facts, a->word[0], &named, err);
	if (!rc)
		rc = make_names(&names, a, err);
	if (!rc)
		rc = write_study(&names, a->word[0], a, &facts, &guess, err);
	if (!rc)
		abl_advice_print(stderr,
				 "wrote %s%s%s; look at its columns, then: 'ablate plan %s'\n",
				 names.study, abl_args_text(a, "texts") ? "" : " and ",
				 abl_args_text(a, "texts") ? "" : names.texts_file,
				 abl_shell_quoted(names.study));
	finish(&names);
	abl_table_facts_finish(&facts);
	return ABL_EXIT_OK;
}

static const struct abl_command_option options[] = {
	{.name = "text",
	 .type = ABL_ARG_TEXT,
	 .value = "COLUMN",
	 .help = "the text's column: a header's name, or a number from 0"},
	{.name = "text-b",
	 .type = ABL_ARG_TEXT,
	 .value = "COLUMN",
	 .help = "of a pair's second text"},
	{.name = "label",
	 .type = ABL_ARG_TEXT,
	 .value = "COLUMN",
	 .help = "the column of the class or score"},
	{.name = "dev",
	 .type = ABL_ARG_TEXT,
	 .value = "FILE",
	 .help = "the same table's rows for scoring (default: a tenth is held back)"},
	{.name = "texts",
	 .type = ABL_ARG_TEXT,
	 .value = "FILE",
	 .help = "running text for pre-training (default: the table's own texts)"},
	{.name = "options",
	 .type = ABL_ARG_TEXT,
	 .value = "NAME,...",
	 .help = "of a program: which of its options to declare and leave out"},
	{.name = "wait",
	 .type = ABL_ARG_INT,
	 .value = "SECONDS",
	 .help = "of a program: how long its --help may take (default 60)"},
	{.name = "out",
	 .type = ABL_ARG_TEXT,
	 .value = "FILE.yaml",
	 .help = "the study file to write (default: the table's or script's name, in this "
		 "folder)"},
	{0},
};

const struct abl_command abl_cmd_new = {
	.name = "new",
	.usage = "TABLE [--dev FILE] [--text COLUMN] [--label COLUMN] [--texts FILE]\n"
		 "       ablate new [--options NAME,...] -- python train.py [WORD...]",
	.summary = "write a first study for a table or a training program of your own",
	.details =
		"Reads the table (CSV, TSV or JSON lines; plain, .gz or .xz), finds the columns "
		"of texts and "
		"labels by their names and values, and writes a study of a small BERT with "
		"sizes and rates that suit it. Without --texts it also writes NAME-texts.txt, "
		"the table's texts, for pre-training; with held-back rows these are among them, "
		"without their labels.\n"
		"Of a program, whose words come after '--', it reads the options that it lists for "
		"--help (argparse, click, typer, absl, Hydra), and writes a study that passes "
		"them. Words "
		"that it does not declare as options stay in the command.",
	.min_words = 1,
	.max_words = ABL_ARGS_MAX,
	.options = options,
	.exec = exec,
};
