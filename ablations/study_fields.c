/* SPDX-License-Identifier: Apache-2.0 */
/* study_fields.c - the table of the study file's own keys. */
#include "node_value.h"
#include "program_source.h"
#include "str.h"
#include "study_source.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#define FIELD(member) offsetof(struct abl_study, member)

#define RETRY(key, cause, tries, pause, growth, help)        \
	static const struct abl_option retry_##key##_row = { \
		.name = #key, .type = ABL_INT, .offset = FIELD(retry.key), .min = 0, .max = 1000};
#include "retries.def"
#undef RETRY

static const struct abl_option verdict_row = {.name = "verdict_from",
					      .type = ABL_INT,
					      .offset = FIELD(verdict_from),
					      .min = 2,
					      .max = 1000};

const char *const abl_keep_words[] = {ABL_KEEP_WEIGHTS, ABL_KEEP_NONE, ABL_KEEP_LAST, NULL};
static const struct abl_option keep_row = {
	.name = "keep", .type = ABL_CHOICE, .offset = FIELD(keep), .choices = abl_keep_words};

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

static int read_baseline(struct abl_study *s, const struct abl_node *n, struct abl_err *err)
{
	const struct abl_node *init =
		n->kind == ABL_NODE_MAP && !s->program ? abl_node_get(n, "init") : NULL;

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

/* In the order in which they are read: what is needed by others comes first. */
const struct abl_study_field abl_study_fields[] = {
	{"study", "name", "needed", "unique name of the study; becomes part of file names",
	 .read = read_study},
	{"about", "text", "", "the question the study answers", .read = read_about},
	{"command", "list of words", "",
	 "the program that is trained, instead of the built-in engine: its words, which no shell "
	 "takes apart; {name} stands for an option, for the folder of a step, or for one of flags, "
	 "out, state, seed, variant, study, task, step, options, gpus, cards, port, directory; "
	 "'{{' is a brace"},
	{"steps", "map of steps", "",
	 "several programs instead of one 'command': each has a folder {out}, which others find "
	 "under the step's name; what is the same in several trials runs once"},
	{"steps.NAME.command", "list of words", "", "its program; needed", .of = ABL_OF_PROGRAM},
	{"steps.NAME.reads", "list of steps", "those that its words name",
	 "steps whose folders it reads", .of = ABL_OF_PROGRAM},
	{"steps.NAME.options", "list of options", "those that its words name; all with {flags}",
	 "options that it gets, and that it runs anew for", .of = ABL_OF_PROGRAM},
	{"steps.NAME.seed", "none", "the study's seed",
	 "none: its result does not depend on the seed, so all seeds share it",
	 .of = ABL_OF_PROGRAM},
	{"steps.NAME.files", "pattern or list", "", "files of its code beside the study's 'files'",
	 .of = ABL_OF_PROGRAM},
	{"steps.NAME.inputs", "pattern or list", "",
	 "files of its data beside the study's 'inputs'", .of = ABL_OF_PROGRAM},
	{"steps.NAME.gpus", "0 to 64", "the study's 'gpus'", "cards that it needs",
	 .of = ABL_OF_PROGRAM},
	{"setup", "line or list of lines", "",
	 "lines of sh that come before the command: module load cuda", .of = ABL_OF_PROGRAM},
	{"wrap", "list of words", "", "words before the command: [apptainer, exec, --nv, img.sif]",
	 .of = ABL_OF_PROGRAM},
	{"directory", "folder", "the study file's",
	 "where the program runs; relative to the study file", .of = ABL_OF_PROGRAM},
	{"files", "pattern or list", "",
	 "the code, relative to 'directory': its content decides which results are still true; "
	 "files that the command names are among it anyway; ** stands for any folders",
	 .of = ABL_OF_PROGRAM},
	{"inputs", "pattern or list", "", "the data that the program reads, likewise",
	 .of = ABL_OF_PROGRAM},
	{"environment", "map of texts", "",
	 "environment variables; a part of what results depend on", .of = ABL_OF_PROGRAM},
	{"pass", "map of texts", "",
	 "environment variables that no result depends on: those of trackers",
	 .of = ABL_OF_PROGRAM},
	{"flags", "argparse, hydra, json, env", "argparse",
	 "how options reach the program: --lr=0.001; lr=0.001; in the file {options}; as ABLATE_LR "
	 "in its environment",
	 .of = ABL_OF_PROGRAM},
	{"options", "map of options", "",
	 "the program's options that the study knows: each is always passed", .of = ABL_OF_PROGRAM},
	{"options.NAME.type", "real, int, bool, choice, text", "", "what it takes; needed",
	 .of = ABL_OF_PROGRAM},
	{"options.NAME.default", "value", "", "its value where a variant sets no other; needed",
	 .of = ABL_OF_PROGRAM},
	{"options.NAME.min", "number", "", "the least value", .of = ABL_OF_PROGRAM},
	{"options.NAME.max", "number", "", "the largest value", .of = ABL_OF_PROGRAM},
	{"options.NAME.values", "list", "", "the values of a choice", .of = ABL_OF_PROGRAM},
	{"options.NAME.none", "value", "false for bool", "what leave-one-out sets",
	 .of = ABL_OF_PROGRAM},
	{"options.NAME.added", "value", "the default, true for bool", "what add-one-in sets",
	 .of = ABL_OF_PROGRAM},
	{"options.NAME.flag", "text", "its name, in the style of 'flags'",
	 "how the program spells it: --learning-rate", .of = ABL_OF_PROGRAM},
	{"options.NAME.on", "word or list", "by the style",
	 "words for true; with 'off' alone: none", .of = ABL_OF_PROGRAM},
	{"options.NAME.off", "word or list", "by the style",
	 "words for false; with 'on' alone: none", .of = ABL_OF_PROGRAM},
	{"options.NAME.when", "{option: value or list}", "always",
	 "where the option does something; elsewhere it makes no new trials and has its default",
	 .of = ABL_OF_PROGRAM},
	{"options.NAME.help", "text", "", "one line about it", .of = ABL_OF_PROGRAM},
	{"constraints", "list of constraints", "",
	 "{option: value or list, needs: {option: value}}, or 'conflicts' instead of 'needs': what "
	 "cannot be combined; 'message' says why",
	 .of = ABL_OF_PROGRAM},
	{"seed", "{flag: TEXT}, {environment: NAME}, none", "",
	 "how the program gets the seed of a replicate, from 1 to 2147483647; {seed} in the "
	 "command stands for it, too",
	 .of = ABL_OF_PROGRAM},
	{"seed.flag", "text", "", "the flag of the seed, passed with {flags}: --seed",
	 .of = ABL_OF_PROGRAM},
	{"seed.environment", "name", "", "the environment variable of the seed",
	 .of = ABL_OF_PROGRAM},
	{"gpus", "0 to 64", "0", "cards that each trial needs", .of = ABL_OF_PROGRAM},
	{"metrics", "map of metrics", "needed",
	 "the numbers that the program gives; a text is short for {from: text}",
	 .of = ABL_OF_PROGRAM},
	{"metrics.NAME.goal", "max, min", "max", "which way is better", .of = ABL_OF_PROGRAM},
	{"metrics.NAME.main", "truth value", "true where there is one metric",
	 "trials are compared by it", .of = ABL_OF_PROGRAM},
	{"metrics.NAME.split", "name", "dev", "the data it is of: dev, test, train",
	 .of = ABL_OF_PROGRAM},
	{"metrics.NAME.from", "file: key, or template", "what it prints: name=value",
	 "where it is found: \"{out}/results.json: accuracy\"", .of = ABL_OF_PROGRAM},
	{"metrics.NAME.series", "truth value", "false", "keep its points over steps",
	 .of = ABL_OF_PROGRAM},
	{"metrics.NAME.step", "key", "as its file has it", "where the step of a point is found",
	 .of = ABL_OF_PROGRAM},
	{"metrics.NAME.pick", "last, best", "last",
	 "which of its points is the result; the best of a test split is refused",
	 .of = ABL_OF_PROGRAM},
	{"predictions", "map", "",
	 "what the program predicted for each example: a table in the folder of each trial",
	 .of = ABL_OF_PROGRAM},
	{"predictions.from", "file", "needed", "the file: \"{out}/pred.jsonl\"",
	 .of = ABL_OF_PROGRAM},
	{"predictions.id", "key", "needed", "which example a row is about", .of = ABL_OF_PROGRAM},
	{"predictions.correct", "key", "needed", "whether the prediction is right",
	 .of = ABL_OF_PROGRAM},
	{"resume", "map", "every attempt begins anew", "how the program goes on after a stop",
	 .of = ABL_OF_PROGRAM},
	{"resume.if", "pattern", "needed", "it can where a file matches: \"{state}/checkpoint-*\"",
	 .of = ABL_OF_PROGRAM},
	{"resume.flags", "word or list", "", "words that are added to the command then",
	 .of = ABL_OF_PROGRAM},
	{"stop", "map", "", "how it is asked to stop", .of = ABL_OF_PROGRAM},
	{"stop.signal", "name", "TERM", "the signal: TERM, INT, USR1, USR2, HUP, QUIT, ALRM, CONT",
	 .of = ABL_OF_PROGRAM},
	{"stop.grace", "seconds", "60", "what has not ended then is killed; \"2 min\" is possible",
	 .of = ABL_OF_PROGRAM},
	{"keep", "pattern, list, or a word", "",
	 "files of {out} that stay beside those that metrics name; weights: all; none: not even "
	 "what "
	 "later steps read, once they are done; last: all of the last seed, and of the others none",
	 .of = ABL_OF_PROGRAM},
	{"code", "copy, in-place", "copy",
	 "run in a copy of the files, which may be edited meanwhile, or where they lie",
	 .of = ABL_OF_PROGRAM},
	{"check", "repeat", "",
	 "repeat: run one seed of the baseline twice, to see what differs by chance alone",
	 .of = ABL_OF_PROGRAM},
	{"include", "file, list of files, list of rules", "",
	 "files whose settings this one overrides, relative to it; or rules {key: value or list}: "
	 "only points that match one of them are kept",
	 .read = read_include},
	{"data", "folder or world", "--data or $ABLATE_DATA",
	 "the data folder, relative to the study file; 'world' is built in and needs no files; "
	 "overridden by --data DIR and $ABLATE_DATA",
	 .read = abl_study_read_data, .of = ABL_OF_ENGINE},
	{"pretraining", "map", "none: trained from scratch", "what to pre-train on",
	 .read = read_pretraining, .of = ABL_OF_ENGINE},
	{"pretraining.texts", "file, list of files, world", "needed",
	 "plain text files in the data folder, also .gz and .xz; an empty line ends a document",
	 .read = abl_study_read_texts, .of = ABL_OF_ENGINE},
	{"pretraining.groups", "file or none", "none: documents are held out one by one",
	 "a TAB-separated table with a header, in the data folder; its column 'documents' says how "
	 "many consecutive documents belong together (the chapters of a novel) and are held out "
	 "together",
	 .read = abl_study_read_groups, .of = ABL_OF_ENGINE},
	{"pretraining.dev", "file or none", "none: about 5 % of the documents are held out",
	 "a text in the data folder that pre-trainings are scored on; they then train on all of "
	 "'texts' but its documents",
	 .read = abl_study_read_held_out, .of = ABL_OF_ENGINE},
	{"vocab", "positive integer or file", "the value of vocab_size",
	 "learn a WordPiece vocabulary of this size from the texts (without pre-training: from the "
	 "tasks' training texts), or use this file in the data folder",
	 .read = abl_study_read_vocab, .of = ABL_OF_ENGINE},
	{"baseline", "map of configuration keys", "all defaults",
	 "the variant all others are compared with", .read = read_baseline},
	{"baseline.init", "folder", "initial weights are drawn from the seed",
	 "a checkpoint of ablate or in Hugging Face format that every variant starts from; "
	 "relative to the study file; the baseline takes its sizes and vocabulary",
	 .read = abl_study_read_init, .of = ABL_OF_ENGINE},
	{"tune", "{key: [values], by: ...}", "nothing is tuned",
	 "select the value of one recipe key by the mean over seeds, for each variant as its key "
	 "'tuning' says",
	 .read = abl_study_read_tune},
	{"tune.by", "held-back or dev", "held-back",
	 "select on a tenth of the training data held back, or on dev (every number is then marked "
	 "so)",
	 .of = ABL_OF_ENGINE, .read = abl_study_read_tune_by},
	{"tune.by", "a metric, dev, held-back", "the main metric",
	 "select by this metric, or by the first one of that split; every number is then marked so",
	 .of = ABL_OF_PROGRAM},
	{"tasks", "map or list of tasks", "one, called as the study",
	 "{name: {flags: [word], option: value}}: words for the program, and options that have "
	 "another value there",
	 .read = abl_program_read_tasks, .of = ABL_OF_PROGRAM},
	{"tasks", "list of tasks", "needed",
	 "names of well-known tasks; {name: {key: value}} changes fine-tuning keys and file fields "
	 "of one task; []: none, pre-trainings are compared by their held-out loss",
	 .read = abl_study_read_tasks, .of = ABL_OF_ENGINE},
	{"keep", "weights, none or last", "weights",
	 "weights that stay once nothing waits for them: all, none, or those of the last seed; "
	 "numbers, curves and predictions always do",
	 &keep_row, .of = ABL_OF_ENGINE},
	{"limits", "map", "no limits", "bounds on the work", .read = abl_study_read_limits},
	{"limits.hours", NULL, "no limit",
	 "stop the whole run after this many hours; it can be continued", &abl_limit_hours},
	{"limits.trial_minutes", NULL, "no limit", "kill a stage that takes longer",
	 &abl_limit_minutes},
	{"limits.workers", "auto, or 1 to 4096", "auto", "stages that run at the same time",
	 .read = abl_limit_read_workers},
	{"limits.variants", NULL, "10000", "refuse designs with more variants",
	 &abl_limit_variants},
	{"limits.by", "a time: 07:00, or 2026-11-30 07:00", "no limit",
	 "start nothing that would not end by then, and stop; it can be continued. Whole "
	 "comparisons "
	 "come first. 'run --by' says another",
	 .read = abl_limit_read_by},
	{"limits.price", "0.12 per core-hour, per hour or per gpu-hour", "no price",
	 "what 'plan' tells the cost by; a currency may stand at the number: 0.12 EUR per "
	 "core-hour",
	 .read = abl_limit_read_price},
	{"limits.trials_per_gpu", "1 to 64", "1", "trials that share a card",
	 .read = abl_limit_read_trials_per_gpu, .of = ABL_OF_PROGRAM},
	{"cluster", "map", "the site file's",
	 "the machines of 'run --on'; the site file, $ABLATE_SITE or ~/.config/ablate/site.yaml, "
	 "has "
	 "the same keys for all studies",
	 .read = abl_study_read_cluster},
	{"cluster.slurm", "list of words", "",
	 "options for sbatch, as they are: [--partition=cpu, --time=4:00:00]",
	 .read = abl_cluster_read_slurm},
	{"cluster.head", "list of words", "",
	 "options for sbatch of the run's own job: behind those of cluster.slurm for partition, "
	 "account, time and the like",
	 .read = abl_cluster_read_head},
	{"cluster.workers", "1 to 4096", "1", "workers of 'run --on slurm': allocations at a time",
	 .read = abl_cluster_read_workers},
	{"cluster.ports", "a port, or FIRST-LAST", "any free one",
	 "where workers of 'run --on slurm' may connect back to", .read = abl_cluster_read_ports},
	{"cluster.linger", "seconds", "600",
	 "how long a worker waits for a run that is gone, before it stops its stages; \"10 min\" "
	 "is "
	 "possible",
	 .read = abl_cluster_read_linger},
	{"cluster.lease", "4 s to 1 h", "60",
	 "after so long a silence a worker is taken for lost; it beats four times in that time",
	 .read = abl_cluster_read_lease},
	{"cluster.program", "path", "where it is on this machine", "ablate on the other machines",
	 .read = abl_cluster_read_program},
	{"retry", "map, or 0 to 1000", "by cause",
	 "how often a failed stage is tried again, by the cause of its failures; a number is for "
	 "all of them",
	 .read = abl_study_read_retry},
#define RETRY(key, cause, tries, pause, growth, help) \
	{"retry." #key, NULL, #tries, "tries again " help, &retry_##key##_row},
#include "retries.def"
#undef RETRY
	{"retry.breaker", "2 to 1000, or off", "5",
	 "stages that fail within 10 s of their start, one after another, until no more are "
	 "started",
	 .read = abl_study_read_breaker},
	{"baseline_arms", "1 or 2", "1",
	 "2: the baseline runs twice, the second time with other random streams, and each seed's "
	 "mean of both is what variants are compared with",
	 .read = abl_study_read_arms},
	{"exclude", "list of rules", "", "drop the points that match a rule {key: value or list}",
	 .read = read_exclude},
	{"design", "map of designs", "the baseline alone",
	 "how variants are made; several designs are combined as a union",
	 .read = abl_study_read_design},
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
	{"design.pairs", "list", "",
	 "items as in leave-one-out: each by itself, and every two together",
	 .read = abl_design_pairs},
	{"design.factorial", "list of components, map of two values each, or a map", "",
	 "every combination of two levels: the baseline's and none, or the two values; or a "
	 "fraction "
	 "of them: {factors: ..., fraction: 1/2}",
	 .read = abl_design_factorial},
	{"design.factorial.factors", "list of components, or map of two values each", "",
	 "what is combined"},
	{"design.factorial.fraction", "1/2, 1/4, 1/8, 1/16", "all",
	 "run this part of the combinations, in which pairs of factors can be told apart"},
	{"design.factorial.runs", "a power of 2", "all", "the same, as a number of combinations"},
	{"design.random", "map", "",
	 "drawn points: {count: 24, seed: 7, key: {from: 1e-5, to: 1e-3, log: true}, key: "
	 "[values]}",
	 .read = abl_design_random},
	{"design.random.count", "1 to 100000", "needed", "how many"},
	{"design.random.seed", "0 or more", "needed", "the same seed draws the same points"},
	{"seeds", "1 to 1000, or a map", "5",
	 "replicates of every variant, each with its own pre-training",
	 .read = abl_study_read_seeds},
	{"seeds.pretrain", "1 to 1000", "needed", "pre-trainings of every variant",
	 .of = ABL_OF_ENGINE},
	{"seeds.finetune", "1 to 1000", "needed", "fine-tunings of each pre-training",
	 .of = ABL_OF_ENGINE},
	{"seeds.start", "2 to 1000", "",
	 "instead: replicates of the first look, to which more are added"},
	{"seeds.until", "above 0", "",
	 "add them to all variants until no interval of a primary row is wider than twice this, in "
	 "points (hundredths) of scores and in the units of other metrics"},
	{"seeds.max", "2 to 1000", "30", "or until there are so many"},
	{"primary", "list of variants, or of {variant: task, list of tasks, or all}",
	 "every variant, on the mean over tasks",
	 "the comparisons that the study is about, named before it runs: variants by subject or "
	 "label",
	 .read = abl_study_read_primary},
	{"margins", "{metric: difference}", "",
	 "differences below it are too small to matter; in the metric's units: {accuracy: 0.01}",
	 .read = abl_study_read_margins},
	{"verdict_from", NULL, "5",
	 "seeds that a verdict needs; with fewer than 5 it rests on normal differences, and says "
	 "so",
	 &verdict_row},
	{"plots", "figure or list of figures", "all that fit the design", figure_list + 2,
	 .read = read_plots},
	{"notify", "list of words, or several such lists", "",
	 "a command that is run when a run of the study ends or needs somebody, with JSON on its "
	 "standard input",
	 .read = abl_study_read_notify},
	{"measure", "sharpness, or a list", "",
	 "what else to measure for every trial: sharpness (22 passes over 512 training examples)",
	 .read = read_measure, .of = ABL_OF_ENGINE},
	{"select", "last, best, best_dev", "last",
	 "the baseline's key of this name: which weights are scored", .read = read_select,
	 .of = ABL_OF_ENGINE},
	{"early_stopping", "integer", "0",
	 "the baseline's key of this name: when fine-tuning ends early",
	 .read = read_early_stopping, .of = ABL_OF_ENGINE},
	{.name = NULL},
};
