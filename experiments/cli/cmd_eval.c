/* SPDX-License-Identifier: Apache-2.0 */
/* cmd_eval.c - a predictions file, of whatever program, scored against gold by the official
 * rules; or a text scored by a checkpoint (eval_text.h). */
#include "command.h"
#include "args_checkpoint.h"
#include "args_task.h"
#include "eval_text.h"
#include "print.h"
#include "str.h"
#include "task.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* The metrics in the order in which they come. */
struct scores {
	size_t count, capacity;
	struct score {
		char *name;
		double value;
	} * items;
};

/* SQuAD's script of 1.1 has no figure for questions without a prediction: it warns. */
static void take(void *data, const char *name, double value)
{
	struct scores *s = data;

	if (!strcmp(name, "missing")) {
		fprintf(stderr, "questions without a prediction (counted as wrong): %.0f\n", value);
		return;
	}
	abl_grow(&s->items, &s->capacity, s->count + 1, sizeof *s->items);
	s->items[s->count++] = (struct score){abl_strdup(name), value};
}

static void finish(struct scores *s)
{
	for (size_t i = 0; i < s->count; i++)
		free(s->items[i].name);
	free(s->items);
}

/* One object, as the official scripts print theirs; all digits. */
static void put_json(const struct scores *s)
{
	char number[32];

	puts("{");
	for (size_t i = 0; i < s->count; i++) {
		double x = s->items[i].value;

		printf("  \"%s\": %s%s\n", s->items[i].name,
		       isfinite(x) ? abl_format_real(x, number) : "null",
		       i + 1 < s->count ? "," : "");
	}
	puts("}");
}

#define COUNTS "examples|words|sequences|tokens|total|HasAns_total|NoAns_total"
#define THRESHOLDS "best_exact_thresh|best_f1_thresh"

/* Of a threshold, a probability that may be tiny, the digits say more than the decimals. */
static const char *show(const struct score *s, char out[32])
{
	if (isfinite(s->value) && abl_is_one_of(COUNTS, s->name))
		return abl_format_count((int64_t)s->value, out);
	if (!isfinite(s->value) || !abl_is_one_of(THRESHOLDS, s->name))
		return abl_format_score(s->value, out);
	return abl_format_number(s->value, out);
}

static void put_table(const struct scores *s, enum abl_table_format format)
{
	struct abl_table *t = abl_table_create();

	abl_table_column(t, "metric", false);
	abl_table_column(t, "value", true);
	for (size_t i = 0; i < s->count; i++) {
		char shown[32];

		abl_table_text(t, s->items[i].name);
		abl_table_real(t, s->items[i].value, show(&s->items[i], shown));
	}
	abl_print_table(t, format);
}

static int score(const struct abl_args *a, const struct abl_task_spec *spec, struct scores *out,
		 struct abl_str *notes, struct abl_err *err)
{
	const struct abl_task_type *type = abl_task_type_find(spec->type);
	struct abl_mark_request r = {.spec = spec,
				     .predictions = abl_args_text(a, "pred"),
				     .no_answer = abl_args_text(a, "na-prob"),
				     .notes = notes};

	if (!type)
		return abl_err_set(err, ABL_EINPUT, "type '%s' is not supported", spec->type);
	if (r.no_answer && !type->facts->no_answer)
		return abl_err_set(err, ABL_EINPUT,
				   "--na-prob is for questions that may have no answer; task '%s' "
				   "is of type '%s'",
				   spec->name, spec->type);
	return type->mark(&r, take, out, err);
}

/* The files of predictions. */
static int score_files(const struct abl_args *a, struct scores *s, struct abl_err *err)
{
	const char *gold = abl_args_text(a, "gold");
	struct abl_task_spec spec;
	struct abl_str notes = {0};
	int rc;

	if (a->words)
		return abl_err_set(err, ABL_EINPUT,
				   "'%s' is one word too many: a text needs --checkpoint, files of "
				   "answers --gold and --pred",
				   a->word[0]);
	if (!gold || !abl_args_text(a, "pred"))
		return abl_err_set(err, ABL_EINPUT, "--%s FILE is missing; usage: ablate eval %s",
				   gold ? "pred" : "gold", a->command->usage);
	rc = abl_layout_read(&spec, a, gold, true, err);
	if (rc)
		return rc;
	rc = score(a, &spec, s, &notes, err);
	if (!rc)
		fputs(notes.length ? notes.text : "", stderr);
	abl_str_finish(&notes);
	abl_task_spec_finish(&spec);
	return rc;
}

static int exec(const struct abl_args *a, struct abl_err *err)
{
	enum abl_table_format format = abl_table_format(abl_args_text(a, "format"));
	struct scores s = {0};
	int rc = abl_args_text(a, "checkpoint") ? abl_eval_text(a, take, &s, err)
						: score_files(a, &s, err);

	if (!rc && format == ABL_TABLE_JSON)
		put_json(&s);
	else if (!rc)
		put_table(&s, format);
	finish(&s);
	return rc == ABL_EINPUT ? ABL_EXIT_USAGE : rc ? ABL_EXIT_FAILED : ABL_EXIT_OK;
}

static const struct abl_command_option options[] = {
	ABL_OPTIONS_TASK,
	{.name = "gold", .type = ABL_ARG_TEXT, .value = "FILE", .help = "the gold answers"},
	{.name = "pred",
	 .type = ABL_ARG_TEXT,
	 .value = "FILE",
	 .help = "the predictions, in the task's submission format"},
	{.name = "na-prob",
	 .type = ABL_ARG_TEXT,
	 .value = "FILE",
	 .help = "squad2: {question id: probability of no answer}"},
	{.name = "checkpoint",
	 .type = ABL_ARG_TEXT,
	 .value = "CHECKPOINT",
	 .help = "score texts by it: --task mlm, lm or nsp"},
	{.name = "split",
	 .type = ABL_ARG_TEXT,
	 .value = "all|dev",
	 .choices = "all|dev",
	 .help = "of the texts: all of them (default), or the documents that the checkpoint was "
		 "not trained on"},
	{.name = "groups",
	 .type = ABL_ARG_TEXT,
	 .value = "FILE",
	 .help = "which documents of the texts belong together, for checkpoints that do not say "
		 "what was held out"},
	{.name = "sequences",
	 .type = ABL_ARG_INT,
	 .value = "N",
	 .help = "of the texts: about N sequences, spread evenly (default: all)"},
	{.name = "write",
	 .type = ABL_ARG_TEXT,
	 .value = "FILE",
	 .help = "of the texts: write the sequences that were scored, a JSON object a line, as "
		 "transformers' models take them"},
	{.name = "threads",
	 .type = ABL_ARG_INT,
	 .value = "N",
	 .help = "threads of the matrix products (default 1)"},
	ABL_OPTION_STORE,
	ABL_OPTION_FORMAT,
	{0},
};

const struct abl_command abl_cmd_eval = {
	.name = "eval",
	.usage = "--task NAME --gold FILE --pred FILE [--na-prob FILE] [--format FORMAT]\n"
		 "       ablate eval --task mlm|lm|nsp --checkpoint CHECKPOINT FILE... "
		 "[--split all|dev]",
	.summary = "score predictions by the official rules of a task, or a text by a checkpoint",
	.details =
		"Predictions may come from any program: lines 'index<TAB>prediction' below that "
		"header (GLUE,\n"
		"multiple choice), one JSON object {id: answer} (SQuAD), or the gold columns and "
		"one more\n"
		"(CoNLL). --format json prints one object with all digits, named as in the "
		"official scripts.\n"
		"Gold data of other tasks:\n"
		"  ablate eval --type classify --layout text=0,label=1 --gold g.tsv --pred p.tsv\n"
		"Texts (plain, .gz or .xz, or 'world') are scored by what a checkpoint was "
		"pre-trained for: mlm\n"
		"predicts masked tokens, lm the next token, nsp whether a text follows another; "
		"pairs and masks\n"
		"are the same for every checkpoint (one trained with lm and without nsp reads "
		"single texts).\n"
		"Perplexities compare where the vocabulary is the same, bits per character "
		"anywhere. " ABL_CHECKPOINT_HELP,
	.min_words = 0,
	.max_words = ABL_ARGS_MAX,
	.options = options,
	.exec = exec,
};
