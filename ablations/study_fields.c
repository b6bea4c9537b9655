/* SPDX-License-Identifier: Apache-2.0 */
/* study_fields.c - the table of the study file's own keys. */
#include "node_value.h"
#include "str.h"
#include "study_source.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#define FIELD(member) offsetof(struct abl_study, member)

static const struct abl_option seeds_row = {
	.name = "seeds", .type = ABL_INT, .offset = FIELD(pretrain_seeds), .min = 1, .max = 1000};
static const struct abl_option pretrain_row = {.name = "pretrain",
					       .type = ABL_INT,
					       .offset = FIELD(pretrain_seeds),
					       .min = 1,
					       .max = 1000};
static const struct abl_option finetune_row = {.name = "finetune",
					       .type = ABL_INT,
					       .offset = FIELD(finetune_seeds),
					       .min = 1,
					       .max = 1000};
static const struct abl_option hours_row = {.name = "hours",
					    .type = ABL_REAL,
					    .offset = FIELD(limits.hours),
					    .max = INFINITY,
					    .above_min = true};
static const struct abl_option minutes_row = {.name = "trial_minutes",
					      .type = ABL_REAL,
					      .offset = FIELD(limits.trial_minutes),
					      .max = INFINITY,
					      .above_min = true};
static const struct abl_option workers_row = {
	.name = "workers", .type = ABL_INT, .offset = FIELD(limits.workers), .min = 1, .max = 4096};
static const struct abl_option variants_row = {.name = "variants",
					       .type = ABL_INT,
					       .offset = FIELD(limits.variants),
					       .min = 1,
					       .max = 100000};

/* The names alone of the figures that plots/ draws: the build lends its list. */
#define FIGURE(name) #name,
static const char *const figures[] = {
#include "figures.def"
	NULL};
#undef FIGURE
#define FIGURE(name) ", " #name
static const char figure_list[] =
#include "figures.def"
	;
#undef FIGURE
static const struct abl_option plot_row = {.name = "plots", .type = ABL_CHOICE, .choices = figures};

static const char *const measures[] = {"sharpness", NULL};
static const struct abl_option measure_row = {
	.name = "measure", .type = ABL_CHOICE, .choices = measures};

static const char *const tune_bys[] = {
	[ABL_TUNE_HELD_BACK] = "held-back", [ABL_TUNE_DEV] = "dev", NULL};
static const struct abl_option tune_by_row = {
	.name = "by", .type = ABL_CHOICE, .choices = tune_bys};

static int read_study(struct abl_study *s, const struct abl_node *n, struct abl_err *err)
{
	const char *name;

	if (abl_node_name(n, "study", &name, err))
		return ABL_EINPUT;
	s->name = abl_strdup(name);
	return 0;
}

static int read_about(struct abl_study *s, const struct abl_node *n, struct abl_err *err)
{
	const char *text;

	if (abl_node_text(n, "about", &text, err))
		return ABL_EINPUT;
	s->about = abl_strdup(text);
	return 0;
}

/* Keys of a map that has rows of its own. */
static int read_pretraining(struct abl_study *s, const struct abl_node *n, struct abl_err *err)
{
	s->has_pretraining = true;
	return abl_study_read_fields(s, n, "pretraining.", err);
}

static int read_design(struct abl_study *s, const struct abl_node *n, struct abl_err *err)
{
	return abl_study_read_fields(s, n, "design.", err);
}

static int read_limits(struct abl_study *s, const struct abl_node *n, struct abl_err *err)
{
	return abl_study_read_fields(s, n, "limits.", err);
}

static int read_seeds(struct abl_study *s, const struct abl_node *n, struct abl_err *err)
{
	if (n->kind == ABL_NODE_MAP) {
		s->crossed = true;
		if (abl_study_read_fields(s, n, "seeds.", err))
			return ABL_EINPUT;
		if (!s->has_pretraining)
			return abl_node_fail(
				n, "write one number: 'seeds: 5'", err,
				"this study does no pre-training, so it has no pre-training seeds");
		return 0;
	}
	if (abl_study_read_option(s, &seeds_row, n, err))
		return ABL_EINPUT;
	s->finetune_seeds = s->pretrain_seeds;
	return 0;
}

static int read_baseline(struct abl_study *s, const struct abl_node *n, struct abl_err *err)
{
	const struct abl_node *init = n->kind == ABL_NODE_MAP ? abl_node_get(n, "init") : NULL;

	if (init && abl_study_read_init(s, init, err))
		return ABL_EINPUT;
	return abl_placed_read_map(s, n, "baseline", &s->source->baseline, err);
}

static int read_exclude(struct abl_study *s, const struct abl_node *n, struct abl_err *err)
{
	s->source->exclude = n;
	return abl_rules_check(s, n, "exclude", err);
}

static int read_include(struct abl_study *s, const struct abl_node *n, struct abl_err *err)
{
	if (n->kind != ABL_NODE_LIST && n->kind != ABL_NODE_MAP)
		return 0;
	s->source->include = n; /* what is left are rules; the files are merged already */
	return abl_rules_check(s, n, "include", err);
}

static int read_workers(struct abl_study *s, const struct abl_node *n, struct abl_err *err)
{
	if (n->kind == ABL_NODE_SCALAR && !strcmp(n->text, "auto"))
		return 0;
	return abl_study_read_option(s, &workers_row, n, err);
}

static int read_plots(struct abl_study *s, const struct abl_node *n, struct abl_err *err)
{
	size_t count, capacity = 1;
	const struct abl_node *const *items = abl_node_items(&n, &count);

	abl_grow(&s->plots, &capacity, count + 1, sizeof *s->plots);
	for (size_t i = 0; i < count; i++) {
		struct abl_value v;

		if (abl_node_option(items[i], &plot_row, "plots", NULL, &v, err))
			return ABL_EINPUT;
		s->plots[i] = abl_strdup(v.choice);
		s->plots[i + 1] = NULL;
	}
	return 0;
}

static int read_measure(struct abl_study *s, const struct abl_node *n, struct abl_err *err)
{
	size_t count;
	const struct abl_node *const *items = abl_node_items(&n, &count);

	for (size_t i = 0; i < count; i++) {
		struct abl_value v;

		if (abl_node_option(items[i], &measure_row, "measure", NULL, &v, err))
			return ABL_EINPUT;
		s->sharpness = true; /* the only one */
	}
	return 0;
}

/* A key of the baseline that people look for at the top. */
static int read_as_key(struct abl_study *s, const struct abl_node *n, const char *name,
		       struct abl_err *err)
{
	struct abl_placed p = {.key = n, .value = n, .setting.key = abl_space_key(s->space, name)};

	if (!p.setting.key)
		return abl_node_fail(n, NULL, err, "this study's trials have no key '%s'", name);
	if (abl_node_value(n, p.setting.key, &p.setting.value, err))
		return ABL_EINPUT;
	abl_placed_add(&s->source->baseline, &p);
	return 0;
}

static int read_select(struct abl_study *s, const struct abl_node *n, struct abl_err *err)
{
	return read_as_key(s, n, "select", err);
}

static int read_early_stopping(struct abl_study *s, const struct abl_node *n, struct abl_err *err)
{
	return read_as_key(s, n, "early_stopping", err);
}

static int read_tune_by(struct abl_study *s, const struct abl_node *n, struct abl_err *err)
{
	struct abl_value v;

	if (abl_node_option(n, &tune_by_row, "by", NULL, &v, err))
		return ABL_EINPUT;
	s->tune.by = v.choice == tune_bys[ABL_TUNE_DEV] ? ABL_TUNE_DEV : ABL_TUNE_HELD_BACK;
	return 0;
}

static int read_tuned_key(struct abl_study *s, const struct abl_node *key,
			  const struct abl_node *list, struct abl_err *err)
{
	struct abl_placed p;

	if (list->kind != ABL_NODE_LIST || !list->count)
		return abl_node_fail(list, NULL, err, "'%s' needs a list of values to try",
				     key->text);
	s->tune.values = abl_calloc(list->count, sizeof *s->tune.values);
	for (size_t i = 0; i < list->count; i++) {
		if (abl_placed_read(s, key, list->items[i], &p, err))
			return ABL_EINPUT;
		for (size_t j = 0; j < i; j++)
			if (abl_value_equal(&s->tune.values[j], &p.setting.value))
				return abl_node_fail(list->items[i], NULL, err,
						     "this value is in the list twice");
		s->tune.values[s->tune.value_count++] = p.setting.value;
	}
	s->tune.key = p.setting.key;
	if (p.setting.key->scope == ABL_SCOPE_MODEL)
		return abl_node_fail(
			key, "tuning selects a recipe value: a learning rate, epochs, a batch size",
			err, "'%s' is not a recipe key, so it cannot be tuned", key->text);
	return abl_study_check_pretraining(s, &p, err);
}

static int read_tune(struct abl_study *s, const struct abl_node *n, struct abl_err *err)
{
	if (abl_node_expect(n, ABL_NODE_MAP, "tune", err))
		return ABL_EINPUT;
	for (size_t i = 0; i < n->count; i += 2) {
		if (!strcmp(n->items[i]->text, "by")) {
			if (read_tune_by(s, n->items[i + 1], err))
				return ABL_EINPUT;
		} else if (s->tune.key) {
			return abl_node_fail(n->items[i], "use a grid for the other key", err,
					     "only one key can be tuned, and that is '%s'",
					     s->tune.key->name);
		} else if (read_tuned_key(s, n->items[i], n->items[i + 1], err)) {
			return ABL_EINPUT;
		}
	}
	if (!s->tune.key)
		return abl_node_fail(n, NULL, err,
				     "'tune' needs a key and its values: "
				     "{learning_rate: [1e-4, 3e-4], by: held-back}");
	return 0;
}

/* In the order in which they are read: what is needed by others comes first. */
const struct abl_study_field abl_study_fields[] = {
	{"study", "name", "needed", "unique name of the study; becomes part of file names",
	 .read = read_study},
	{"about", "text", "", "the question the study answers", .read = read_about},
	{"include", "file, list of files, list of rules", "",
	 "files whose settings this one overrides, relative to it; or rules {key: value or list}: "
	 "only points that match one of them are kept",
	 .read = read_include},
	{"data", "folder or world", "--data or $ABLATE_DATA",
	 "the data folder, relative to the study file; 'world' is built in and needs no files; "
	 "overridden by --data DIR and $ABLATE_DATA",
	 .read = abl_study_read_data},
	{"pretraining", "map", "none: trained from scratch", "what to pre-train on",
	 .read = read_pretraining},
	{"pretraining.texts", "file, list of files, world", "needed",
	 "plain text files in the data folder, also .gz and .xz; an empty line ends a document",
	 .read = abl_study_read_texts},
	{"pretraining.groups", "file or none", "none: documents are held out one by one",
	 "a TAB-separated table with a header, in the data folder; its column 'documents' says how "
	 "many consecutive documents belong together (the chapters of a novel) and are held out "
	 "together",
	 .read = abl_study_read_groups},
	{"vocab", "positive integer or file", "the value of vocab_size",
	 "learn a WordPiece vocabulary of this size from the texts (without pre-training: from the "
	 "tasks' training texts), or use this file in the data folder",
	 .read = abl_study_read_vocab},
	{"baseline", "map of configuration keys", "all defaults",
	 "the variant all others are compared with", .read = read_baseline},
	{"baseline.init", "folder", "initial weights are drawn from the seed",
	 "a checkpoint of ablate or in Hugging Face format that every variant starts from; "
	 "relative to the study file; the baseline takes its sizes and vocabulary",
	 .read = abl_study_read_init},
	{"tune", "{key: [values], by: ...}", "nothing is tuned",
	 "select the value of one recipe key by the mean over seeds, for each variant as its key "
	 "'tuning' says",
	 .read = read_tune},
	{"tune.by", "held-back or dev", "held-back",
	 "select on a tenth of the training data held back, or on dev (every number is then marked "
	 "so)",
	 .read = read_tune_by},
	{"tasks", "list of tasks", "needed",
	 "names of well-known tasks; {name: {key: value}} changes fine-tuning keys and file fields "
	 "of one task",
	 .read = abl_study_read_tasks},
	{"limits", "map", "no limits", "bounds on the work", .read = read_limits},
	{"limits.hours", NULL, "no limit",
	 "stop the whole run after this many hours; it can be continued", &hours_row},
	{"limits.trial_minutes", NULL, "no limit", "kill a stage that takes longer", &minutes_row},
	{"limits.workers", "auto, or 1 to 4096", "auto", "stages that run at the same time",
	 .read = read_workers},
	{"limits.variants", NULL, "10000", "refuse designs with more variants", &variants_row},
	{"exclude", "list of rules", "", "drop the points that match a rule {key: value or list}",
	 .read = read_exclude},
	{"design", "map of designs", "the baseline alone",
	 "how variants are made; several designs are combined as a union", .read = read_design},
	{"design.leave-one-out", "list", "",
	 "each item is a variant with one component removed: its slot, or {key: value} to swap it; "
	 "'label' names the variant",
	 .read = abl_design_leave_one_out},
	{"design.add-one-in", "list", "",
	 "each item is a variant with one component added: a slot, or {key: value, ...}; 'label' "
	 "names the variant",
	 .read = abl_design_add_one_in},
	{"design.grid", "map of lists", "", "every combination of the values",
	 .read = abl_design_grid},
	{"design.zip", "map of lists", "", "first values together, second values together, ...",
	 .read = abl_design_zip},
	{"design.list", "list of maps", "", "each map is a variant; 'label' names it",
	 .read = abl_design_list},
	{"seeds", "1 to 1000, or a map", "5",
	 "replicates of every variant, each with its own pre-training", .read = read_seeds},
	{"seeds.pretrain", NULL, "needed", "pre-trainings of every variant", &pretrain_row},
	{"seeds.finetune", NULL, "needed", "fine-tunings of each pre-training", &finetune_row},
	{"plots", "figure or list of figures", "all that fit the design", figure_list + 2,
	 .read = read_plots},
	{"measure", "sharpness, or a list", "",
	 "what else to measure for every trial: sharpness (22 passes over 512 training examples)",
	 .read = read_measure},
	{"select", "last, best, best_dev", "last",
	 "the baseline's key of this name: which weights are scored", .read = read_select},
	{"early_stopping", "integer", "0",
	 "the baseline's key of this name: when fine-tuning ends early",
	 .read = read_early_stopping},
	{.name = NULL},
};
