/* SPDX-License-Identifier: Apache-2.0 */
/* cmd_sharpness.c - how sharp the minimum is that a checkpoint lies in. */
#include "args.h"
#include "args_checkpoint.h"
#include "args_task.h"
#include "checkpoint_texts.h"
#include "class_names.h"
#include "command.h"
#include "compute.h"
#include "pretrained.h"
#include "print.h"
#include "saved.h"
#include "sharpness.h"
#include "str.h"
#include "trained_rows.h"
#include "wordpiece.h"
#include "world.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define RULES 16 /* epsilons in all */

struct work {
	const struct abl_args *args;
	struct abl_saved saved;
	struct abl_tokenizer *tokenizer;
	struct abl_sharpness_rule rules[RULES];
	struct abl_sharpness out[RULES];
	struct abl_compute *compute;
	struct abl_sharpness_request request;
	size_t used;
	struct abl_str part;
};

/* The numbers of a list "1e-3,5e-4"; each is one rule. */
static int read_epsilons(struct work *w, const char *option, enum abl_sharpness_region region,
			 const char *fallback, struct abl_err *err)
{
	const char *list = abl_args_text(w->args, option);
	char *copy = abl_strdup(list ? list : fallback), *rest = copy, *word;
	int rc = 0;

	while (!rc && (word = strsep(&rest, ","))) {
		struct abl_sharpness_rule rule = {.region = region};

		if (!strcmp(word, "none") && !rest && word == copy)
			break;
		if (!abl_parse_real(word, &rule.epsilon) || !(rule.epsilon > 0) ||
		    !isfinite(rule.epsilon))
			rc = abl_err_set(err, ABL_EINPUT,
					 "--%s takes numbers above 0, separated by commas, or "
					 "none; not '%s'",
					 option, word);
		else if (w->request.rule_count == RULES)
			rc = abl_err_set(err, ABL_EINPUT, "more than %d regions", RULES);
		else
			w->rules[w->request.rule_count++] = rule;
	}
	free(copy);
	return rc;
}

static bool has_task(const struct abl_args *args)
{
	return abl_args_text(args, "task") || abl_args_text(args, "study");
}

static int read_options(struct work *w, struct abl_err *err)
{
	int64_t steps = abl_args_int(w->args, "steps", ABL_SHARPNESS_STEPS);
	int64_t examples = abl_args_int(w->args, "examples", ABL_SHARPNESS_EXAMPLES);
	int64_t threads = abl_args_int(w->args, "threads", 1);
	int rc;

	if (steps < 1 || steps > 10000 || examples < 1 || threads < 1 || threads > 4096)
		return abl_err_set(
			err, ABL_EINPUT,
			"--steps (up to 10000), --examples and --threads must be 1 or more");
	if (has_task(w->args) == (abl_args_text(w->args, "texts") != NULL))
		return abl_err_set(err, ABL_EINPUT,
				   "give --task TASK for a fine-tuned checkpoint, --study FILE "
				   "--task TASK if the task is a study's own, or --texts FILE for "
				   "a pre-trained one");
	rc = read_epsilons(w, "epsilon", ABL_SHARPNESS_BOX, "1e-3,5e-4", err);
	rc = rc ? rc : read_epsilons(w, "relative", ABL_SHARPNESS_RELATIVE, "0.05,0.02", err);
	if (rc)
		return rc;
	if (!w->request.rule_count)
		return abl_err_set(err, ABL_EINPUT, "--epsilon and --relative cannot both be none");
	for (size_t i = 0; i < w->request.rule_count; i++)
		w->rules[i].steps = (int)steps;
	w->request.rules = w->rules;
	w->request.examples = (size_t)examples;
	w->request.seed = (uint64_t)abl_args_int(w->args, "seed", 0);
	rc = abl_compute_create(&w->compute, "fp32", (int)threads, err);
	w->request.compute = w->compute;
	return rc;
}

static const char *data_folder(const struct abl_args *args)
{
	const char *data = abl_args_text(args, "data");

	if (!data)
		data = getenv("ABLATE_DATA");
	return data && *data ? data : ABL_WORLD;
}

static int check_type(const struct abl_saved *saved, const struct abl_task_spec *spec,
		      struct abl_err *err)
{
	if (!saved->type || abl_saved_is_pretrained(saved) || !strcmp(saved->type, spec->type))
		return 0;
	return abl_err_set(err, ABL_EINPUT,
			   "%s: was fine-tuned on another type of task: '%s', not '%s'",
			   saved->folder, saved->type, spec->type);
}

/* The spec of the task; classes in the checkpoint's order. */
static int find_task(struct work *w, struct abl_task_spec *spec, struct abl_err *err)
{
	const struct abl_naming naming = {.labels = abl_args_text(w->args, "labels")};
	struct abl_str notes = {0};
	char *names = NULL;
	int rc =
		abl_args_text(w->args, "study")
			? abl_task_of_study(spec, w->args, err)
			: abl_task_or_hint(abl_task_spec_known(spec, abl_args_text(w->args, "task"),
							       data_folder(w->args), err),
					   err);

	rc = rc ? rc : abl_task_spec_check(spec, err);
	rc = rc ? rc : check_type(&w->saved, spec, err);
	rc = rc ? rc : abl_class_names(&w->saved, spec, &naming, &names, &notes, err);
	if (!rc && names) {
		free(spec->labels);
		spec->labels = names;
	}
	fputs(notes.length ? notes.text : "", stderr);
	abl_str_finish(&notes);
	return rc;
}

static int on_task(struct work *w, bool dev, struct abl_err *err)
{
	struct abl_task_spec spec = {0};
	const struct abl_task_type *type = NULL;
	struct abl_task *train = NULL, *other = NULL;
	struct abl_layout layout;
	struct abl_task_tools tools = {w->tokenizer, &layout};
	const char *split = NULL;
	int rc = find_task(w, &spec, err);

	if (!rc && !(type = abl_task_type_find(spec.type)))
		rc = abl_err_set(err, ABL_EINPUT, "task '%s' has unknown type '%s'", spec.name,
				 spec.type);
	if (!rc)
		rc = abl_layout_init(&layout, &w->saved.config, w->saved.vocab, false, err);
	if (!rc)
		rc = abl_trained_split(&w->saved, &spec, dev, &split, err);
	if (!rc)
		rc = type->load(&train, &spec, dev ? "train" : split, NULL, &tools, err);
	if (!rc && dev)
		rc = type->load(&other, &spec, split, train, &tools, err);
	if (!rc && !dev && w->saved.config.finetune.fraction < 1) /* as it was trained */
		type->subset(train, w->saved.config.finetune.fraction);
	if (!rc)
		rc = abl_sharpness_of_task(
			w->out, &w->used, &w->request,
			&(struct abl_task_feed){type, dev ? other : train, &layout}, err);
	if (!rc)
		abl_str_printf(&w->part, "%s %s", spec.name, split);
	if (type) {
		type->destroy(train);
		type->destroy(other);
	}
	abl_task_spec_finish(&spec);
	return rc;
}

static int on_texts(struct work *w, bool held_out, struct abl_err *err)
{
	const char *const texts[] = {abl_args_text(w->args, "texts"), NULL};
	const char *groups = abl_args_text(w->args, "groups");
	struct abl_corpus corpus = {0};
	int rc = abl_checkpoint_texts(&corpus, &w->saved, texts, groups, err);

	if (!rc)
		rc = abl_checkpoint_split(&corpus, &w->saved, texts[0], groups, held_out, err);
	if (!rc)
		rc = abl_sharpness_of_text(w->out, &w->used, &w->request, &corpus, held_out, err);
	if (!rc)
		abl_str_printf(&w->part, "%s %s", texts[0], held_out ? "held-out" : "train");
	abl_corpus_close(&corpus);
	return rc;
}

static void print_rows(const struct work *w, enum abl_table_format format)
{
	static const char *const columns[] = {"part",  "examples", "region",  "epsilon",
					      "steps", "loss",     "highest", "sharpness"};
	struct abl_table *t = abl_table_create();
	char text[32];

	for (size_t i = 0; i < sizeof columns / sizeof *columns; i++)
		abl_table_column(t, columns[i], i != 0 && i != 2);
	for (size_t i = 0; i < w->request.rule_count; i++) {
		const struct abl_sharpness_rule *rule = &w->rules[i];
		const struct abl_sharpness *s = &w->out[i];

		abl_table_text(t, w->part.text);
		abl_table_int(t, (int64_t)w->used);
		abl_table_text(t, abl_sharpness_region_name(rule->region));
		abl_table_real(t, rule->epsilon, abl_format_real(rule->epsilon, text));
		abl_table_int(t, rule->steps);
		for (int k = 0; k < 3; k++) {
			double x = k == 0 ? s->loss : k == 1 ? s->highest : s->sharpness;

			snprintf(text, sizeof text, k == 2 ? "%.2f" : "%.4f", x);
			abl_table_real(t, x, text);
		}
	}
	abl_print_table(t, format);
}

static int exec(const struct abl_args *args, struct abl_err *err)
{
	const char *split = abl_args_text(args, "split");
	bool dev = split && !strcmp(split, "dev");
	struct work w = {.args = args};
	char *folder = NULL;
	int rc = read_options(&w, err);

	if (!rc && !(folder = abl_checkpoint_arg(args, args->word[0], err)))
		rc = ABL_EINPUT;
	rc = rc ? rc : abl_saved_open(&w.saved, folder, err);
	free(folder);
	if (rc) {
		abl_compute_destroy(w.compute);
		return ABL_EXIT_USAGE;
	}
	fputs(w.saved.notes, stderr);
	w.tokenizer = abl_tokenizer_create(w.saved.vocab, w.saved.config.cased);
	w.request.checkpoint = w.saved.folder;
	w.request.config = &w.saved.config;
	w.request.vocab = w.saved.vocab;
	rc = has_task(args) ? on_task(&w, dev, err) : on_texts(&w, dev, err);
	if (!rc)
		print_rows(&w, abl_table_format(abl_args_text(args, "format")));
	abl_tokenizer_destroy(w.tokenizer);
	abl_saved_finish(&w.saved);
	abl_str_finish(&w.part);
	abl_compute_destroy(w.compute);
	return rc ? ABL_EXIT_FAILED : ABL_EXIT_OK;
}

static const struct abl_command_option options[] = {
	{.name = "task",
	 .type = ABL_ARG_TEXT,
	 .value = "TASK",
	 .help = "task whose examples give the loss: a well-known one, or one of --study"},
	{.name = "study",
	 .type = ABL_ARG_TEXT,
	 .value = "FILE",
	 .help = "study file whose task it is"},
	{.name = "texts",
	 .type = ABL_ARG_TEXT,
	 .value = "FILE",
	 .help = "text file, or world: use the pre-training loss on it"},
	{.name = "labels",
	 .type = ABL_ARG_TEXT,
	 .value = "A|B|...",
	 .help = "the checkpoint's classes in its order, where they have no names"},
	ABL_OPTION_DATA,
	ABL_OPTION_STORE,
	{.name = "groups",
	 .type = ABL_ARG_TEXT,
	 .value = "FILE",
	 .help = "which documents of --texts belong together, for checkpoints that do not say what "
		 "was held out"},
	{.name = "split",
	 .type = ABL_ARG_TEXT,
	 .value = "SPLIT",
	 .choices = "train|dev",
	 .help = "train or dev (held-out documents of a text) (default train)"},
	{.name = "examples",
	 .type = ABL_ARG_INT,
	 .value = "N",
	 .help = "size of the subset: the first N by hash (default 512)"},
	{.name = "seed",
	 .type = ABL_ARG_INT,
	 .value = "S",
	 .help = "seed of the subset; for a text also of pairs and masks (default 0)"},
	{.name = "epsilon",
	 .type = ABL_ARG_TEXT,
	 .value = "LIST",
	 .help = "box sizes (Keskar et al.), or none (default 1e-3,5e-4)"},
	{.name = "relative",
	 .type = ABL_ARG_TEXT,
	 .value = "LIST",
	 .help = "radii relative to each tensor's norm, or none (default 0.05,0.02)"},
	{.name = "steps",
	 .type = ABL_ARG_INT,
	 .value = "K",
	 .help = "steps of gradient ascent (default 10)"},
	{.name = "threads",
	 .type = ABL_ARG_INT,
	 .value = "N",
	 .help = "threads of the matrix products (default 1)"},
	ABL_OPTION_FORMAT,
	{0},
};

const struct abl_command abl_cmd_sharpness = {
	.name = "sharpness",
	.usage = "CHECKPOINT [--study FILE] --task TASK | --texts FILE [--split train|dev] "
		 "[--epsilon LIST]",
	.summary = "measure how sharp a checkpoint's minimum is",
	.details = ABL_CHECKPOINT_HELP
	"The highest loss f found near the weights x, with dropout off, on a fixed subset "
	"of the\n"
	"examples; sharpness = 100 (max f - f(x)) / (1 + f(x)), as Keskar et al. (2017) "
	"define it.\n"
	"  box       each weight moves by at most epsilon (|x_i| + 1); steps by the "
	"gradient's sign\n"
	"  relative  each tensor moves by at most epsilon times its norm: rescaling that "
	"does not change\n"
	"            the function does not change this number either\n"
	"Both start at x and take K projected steps of 2.5 epsilon / K; nothing is random.",
	.min_words = 1,
	.max_words = 1,
	.options = options,
	.exec = exec,
};
