/* SPDX-License-Identifier: Apache-2.0 */
/* cmd_eval.c - a predictions file, of whatever program, scored against gold by the official
 * rules. */
#include "command.h"
#include "args_task.h"
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

#define COUNTS "examples|words|total|HasAns_total|NoAns_total"
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

static int exec(const struct abl_args *a, struct abl_err *err)
{
	enum abl_table_format format = abl_table_format(abl_args_text(a, "format"));
	const char *gold = abl_args_text(a, "gold");
	struct abl_task_spec spec;
	struct scores s = {0};
	struct abl_str notes = {0};

	if (!gold || !abl_args_text(a, "pred"))
		return abl_err_set(err, ABL_EINPUT, "--%s FILE is missing; usage: ablate eval %s",
				   gold ? "pred" : "gold", a->command->usage);
	if (abl_layout_read(&spec, a, gold, true, err))
		return ABL_EXIT_USAGE;
	if (!score(a, &spec, &s, &notes, err)) {
		fputs(notes.length ? notes.text : "", stderr);
		if (format == ABL_TABLE_JSON)
			put_json(&s);
		else
			put_table(&s, format);
	}
	finish(&s);
	abl_str_finish(&notes);
	abl_task_spec_finish(&spec);
	return ABL_EXIT_OK;
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
	ABL_OPTION_FORMAT,
	{0},
};

const struct abl_command abl_cmd_eval = {
	.name = "eval",
	.usage = "--task NAME --gold FILE --pred FILE [--na-prob FILE] [--format FORMAT]",
	.summary = "score a file of predictions by the official rules of its task",
	.details =
		"Predictions may come from any program: lines 'index<TAB>prediction' below that "
		"header (GLUE,\n"
		"multiple choice), one JSON object {id: answer} (SQuAD), or the gold columns and "
		"one more\n"
		"(CoNLL). --format json prints one object with all digits, named as in the "
		"official scripts.\n"
		"Gold data of other tasks:\n"
		"  ablate eval --type classify --layout text=0,label=1 --gold g.tsv --pred p.tsv",
	.min_words = 0,
	.max_words = 0,
	.options = options,
	.exec = exec,
};
