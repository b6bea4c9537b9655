/* SPDX-License-Identifier: Apache-2.0 */
/* cmd_predict.c - what a checkpoint says of a file, in the field's submission format, or of texts
 * on the command line. */
#include "command.h"
#include "compute.h"
#include "files.h"
#include "args_checkpoint.h"
#include "args_task.h"
#include "machine.h"
#include "predict.h"
#include "stage.h"
#include "trained_rows.h"

#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

static void progress(void *data, size_t items, size_t all)
{
	(void)data;
	fprintf(stderr, "\rpredicting: %3.0f %%\033[K", 100 * (double)items / (double)all);
}

/* Known before the work is done: where the answers cannot be written. */
static int check_out(const char *out, struct abl_err *err)
{
	char *folder = abl_path_dir(out);
	int rc = 0;

	if (abl_is_dir(out))
		rc = abl_err_set(err, ABL_EINPUT, "--out: '%s' is a folder, not a file", out);
	else if (!abl_is_dir(folder))
		rc = abl_err_set(err, ABL_EINPUT, "--out: there is no folder '%s': create it first",
				 folder);
	free(folder);
	return rc;
}

static int predict_file(const struct abl_args *a, struct abl_predictor *p, const char *folder,
			struct abl_err *err)
{
	bool shown = isatty(STDERR_FILENO);
	const struct abl_events events = {.scored = shown ? progress : NULL};
	const char *out = abl_args_text(a, "out");
	struct abl_task_spec spec;
	char count[32];
	size_t items;
	int rc;

	if (check_out(out, err) || abl_layout_read(&spec, a, a->word[1], false, err))
		return ABL_EXIT_USAGE;
	rc = abl_trained_warn(folder, &spec, err);
	rc = rc ? rc : abl_predict_file(p, &spec, out, &events, &items, err);
	if (shown)
		fputs("\r\033[K", stderr);
	if (!rc)
		printf("%s: %s prediction%s\n", out, abl_format_count((int64_t)items, count),
		       abl_plural((int64_t)items));
	abl_task_spec_finish(&spec);
	return ABL_EXIT_OK;
}

/* --text takes one; the other texts are the words behind the checkpoint. */
static int predict_texts(const struct abl_args *a, struct abl_predictor *p, struct abl_err *err)
{
	const char *texts[ABL_ARGS_MAX] = {abl_args_text(a, "text")};
	bool given = abl_layout_given(a);
	struct abl_task_spec spec = {0};
	struct abl_str out = {0};

	for (int i = 1; i < a->words; i++)
		texts[i] = a->word[i];
	if (given && abl_layout_read(&spec, a, NULL, false, err))
		return ABL_EXIT_USAGE;
	if (!abl_predict_texts(p, given ? &spec : NULL, texts, (size_t)a->words, &out, err))
		fputs(out.text, stdout);
	abl_str_finish(&out);
	abl_task_spec_finish(&spec);
	return ABL_EXIT_OK;
}

static int exec(const struct abl_args *a, struct abl_err *err)
{
	const char *text = abl_args_text(a, "text"), *out = abl_args_text(a, "out");
	const struct abl_naming naming = {abl_args_text(a, "labels"), abl_args_text(a, "map")};
	struct abl_compute *compute = NULL;
	struct abl_predictor *p;
	char *folder;

	if (!text && a->words == 2 && !out)
		return abl_err_set(
			err, ABL_EINPUT,
			"--out FILE is missing: the predictions of '%s' are written there",
			a->word[1]);
	if (!text && a->words != 2)
		return abl_err_set(err, ABL_EINPUT,
				   "nothing to predict: name a file and --out, or give --text; "
				   "usage: ablate predict %s",
				   a->command->usage);
	if (text && out)
		return abl_err_set(
			err, ABL_EINPUT,
			"--text and --out cannot be combined: answers to texts are printed");
	folder = abl_checkpoint_arg(a, a->word[0], err);
	if (!folder || abl_compute_create(&compute, "fp32", abl_machine_cores(), err) ||
	    abl_predictor_open(&p, compute, folder, &naming, err)) {
		abl_compute_destroy(compute);
		free(folder);
		return ABL_EXIT_USAGE;
	}
	(void)(text ? predict_texts(a, p, err) : predict_file(a, p, folder, err));
	fputs(abl_predictor_notes(p), stderr);
	abl_predictor_close(p);
	abl_compute_destroy(compute);
	free(folder);
	return ABL_EXIT_OK;
}

static const struct abl_command_option options[] = {
	ABL_OPTIONS_TASK,
	{.name = "out",
	 .type = ABL_ARG_TEXT,
	 .value = "FILE",
	 .help = "file to write the predictions to"},
	{.name = "labels",
	 .type = ABL_ARG_TEXT,
	 .value = "A|B|...",
	 .help = "the checkpoint's classes in its order; one name may stand for several"},
	{.name = "map",
	 .type = ABL_ARG_TEXT,
	 .value = "CLASS=CLASS,...",
	 .help = "what a class of the checkpoint counts as in the task"},
	{.name = "text",
	 .type = ABL_ARG_TEXT,
	 .value = "TEXT",
	 .help = "text to predict for; more texts may follow"},
	ABL_OPTION_STORE,
	{0},
};

const struct abl_command abl_cmd_predict = {
	.name = "predict",
	.usage = "CHECKPOINT ([--study FILE] --task NAME FILE --out FILE | --text TEXT [TEXT...])",
	.summary = "predict with a checkpoint, for a file or for texts",
	.details = ABL_CHECKPOINT_HELP
	"Predictions are written in the task's submission format, which 'ablate eval' reads. What\n"
	"TEXT is depends on the checkpoint's head:\n"
	"  classify, regress  one text, or two\n"
	"  tag                one text\n"
	"  story              a question, then the facts\n"
	"  span               a question and a passage\n"
	"  choice             a text, then the choices\n"
	"  pre-trained        one text or two with [MASK] to fill in; two texts without\n"
	"                     [MASK]: whether the second is next; from left to right: one\n"
	"                     text, whose next token is predicted",
	.min_words = 1,
	.max_words = ABL_ARGS_MAX,
	.options = options,
	.exec = exec,
};
