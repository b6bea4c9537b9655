/* SPDX-License-Identifier: Apache-2.0 */
/* Studies of a user's program that are fine: what comes of them. */
#include "program.h"
#include "study_fixture.h"

#include <signal.h>

/* The least that such a study says. */
#define PROGRAM \
	"study: s\ncommand: [prog, \"{flags}\"]\nmetrics: {accuracy: \"{out}/r.json: acc\"}\n"
#define LR "options: {lr: {type: real, default: 1e-3}}\n"

static const char *value_of(const struct abl_values *c, const char *key)
{
	static struct abl_str text;
	struct abl_value v;

	abl_str_finish(&text);
	abl_values_get(c, abl_space_key(abl_values_space(c), key), &v);
	abl_value_text(&v, &text);
	return text.text;
}

static const char *joined(char **words)
{
	static struct abl_str text;

	abl_str_finish(&text);
	abl_str_puts(&text, "");
	for (size_t i = 0; words[i]; i++)
		abl_str_printf(&text, "%s%s", i ? "|" : "", words[i]);
	return text.text;
}

static const char everything[] =
	"study: what-matters-in-my-recipe\n"
	"command: [python, train.py, \"{flags}\", --output_dir, \"{out}\"]\n"
	"setup: [module load cuda, conda activate x]\n"
	"wrap: [apptainer, exec, --nv, img.sif]\n"
	"directory: .\n"
	"files: [\"src/**/*.py\", requirements.txt]\n"
	"inputs: [data/train.csv]\n"
	"environment: {TOKENIZERS_PARALLELISM: \"false\"}\n"
	"pass: {WANDB_NAME: \"{variant}-{seed}\", WANDB_RUN_GROUP: \"{study}\"}\n"
	"flags: argparse\n"
	"options:\n"
	"  lr:      {type: real, default: 1e-3, min: 0, help: \"peak learning rate\"}\n"
	"  dropout: {type: real, default: 0.1, none: 0}\n"
	"  augment: {type: bool, default: true, on: [], off: [--no-augment]}\n"
	"  norm:    {type: choice, values: [layer, rms, none], default: layer, none: none}\n"
	"constraints:\n"
	"  - {augment: true, needs: {norm: layer}, message: \"augment needs layer norm\"}\n"
	"seed: {flag: --seed}\n"
	"metrics:\n"
	"  accuracy: {goal: max, main: true, split: dev, from: \"{out}/all_results.json: "
	"eval_accuracy\"}\n"
	"  loss:     {goal: min, series: true, from: \"{out}/**/trainer_state.json: "
	"log_history[].loss\", step: log_history[].step}\n"
	"predictions: {from: \"{out}/pred.jsonl\", id: id, correct: correct}\n"
	"tune: {lr: [1e-3, 3e-4, 1e-4], by: accuracy}\n"
	"tasks: {sst2: {flags: [--task_name, sst2]}, rte: {flags: [--task_name, rte], dropout: "
	"0.2}}\n"
	"resume: {if: \"{state}/checkpoint-*\", flags: [--resume_from_checkpoint, \"True\"]}\n"
	"stop: {signal: USR1, grace: 120}\n"
	"gpus: 1\n"
	"keep: [\"best/*.safetensors\"]\n"
	"design: {leave-one-out: [dropout, augment, norm, placebo]}\n"
	"seeds: 5\n";

static void check_words(const struct abl_program *p)
{
	ck_assert_uint_eq(p->step_count, 1);
	ck_assert_str_eq(p->steps[0].name, "");
	ck_assert_str_eq(joined(p->steps[0].command), "python|train.py|{flags}|--output_dir|{out}");
	ck_assert_uint_eq(p->steps[0].option_count, 4);
	ck_assert(p->steps[0].seeded && p->steps[0].gpus == 1);
	ck_assert_str_eq(joined(p->setup), "module load cuda|conda activate x");
	ck_assert_str_eq(joined(p->wrap), "apptainer|exec|--nv|img.sif");
	ck_assert(*p->directory == '/');
	ck_assert_str_eq(joined(p->files), "src/**/*.py|requirements.txt");
	ck_assert_str_eq(joined(p->inputs), "data/train.csv");
	ck_assert_str_eq(joined(p->keep), "best/*.safetensors");
	ck_assert_str_eq(p->environment[0].value, "false");
	ck_assert_uint_eq(p->pass_count, 2);
	ck_assert_str_eq(p->flags, "argparse");
	ck_assert_str_eq(p->seed_flag, "--seed");
	ck_assert_str_eq(p->resume_if, "{state}/checkpoint-*");
	ck_assert_str_eq(joined(p->resume_flags), "--resume_from_checkpoint|True");
	ck_assert(p->stop_signal == SIGUSR1 && p->stop_grace == 120 && p->trials_per_gpu == 1);
	ck_assert_str_eq(joined(p->options[2].on), "");
	ck_assert_str_eq(joined(p->options[2].off), "--no-augment");
	ck_assert_str_eq(joined(p->tasks[1].flags), "--task_name|rte");
}

START_TEST(test_program__everything)
{
	struct abl_study *s = load(everything);
	const struct abl_program *p = s->program;
	struct abl_values *c;

	check_words(p);
	ck_assert_uint_eq(p->metric_count, 2);
	ck_assert(p->main == 0 && p->metrics[0].main && !p->metrics[0].lower_is_better);
	ck_assert_str_eq(p->metrics[0].from, "{out}/all_results.json: eval_accuracy");
	ck_assert(p->metrics[1].series && p->metrics[1].lower_is_better && p->metrics[1].of == 0);
	ck_assert_str_eq(p->metrics[1].step, "log_history[].step");
	ck_assert_str_eq(p->predictions_id, "id");
	ck_assert(s->tune.value_count == 3 && s->tune.metric == 0 && s->tune.by == ABL_TUNE_DEV);
	ck_assert_uint_eq(s->variant_count, 4);
	ck_assert(s->dropped_count == 1 && s->dropped[0].kind == ABL_NOTE_INVALID);
	ck_assert_str_eq(s->dropped[0].label, "no norm");
	ck_assert_str_eq(s->dropped[0].text, "augment needs layer norm");
	ck_assert_str_eq(s->variants[1].label, "no dropout");
	ck_assert_int_eq(s->variants[2].kind, ABL_VARIANT_REMOVAL);
	ck_assert_str_eq(value_of(s->variants[2].config, "augment"), "false");
	ck_assert_int_eq(s->variants[3].kind, ABL_VARIANT_PLACEBO);
	ck_assert_uint_eq(s->task_count, 2);
	c = abl_study_config(s, 0, 1);
	ck_assert_str_eq(value_of(c, "dropout"), "0.2");
	abl_values_destroy(c);
	c = abl_study_config(s, 1, 1); /* what the design varies comes above the task's own */
	ck_assert_str_eq(value_of(c, "dropout"), "0");
	abl_values_destroy(c);
	abl_study_destroy(s);
}
END_TEST

START_TEST(test_program__steps)
{
	struct abl_study *s = load(
		"study: s\n"
		"steps:\n"
		"  score: {command: [python, score.py, --model, \"{train}\", --threshold, "
		"\"{threshold}\", --out, \"{out}\"], options: [threshold]}\n"
		"  prepare: {command: [python, prep.py, --out, \"{out}\"], reads: [], options: [], "
		"seed: none}\n"
		"  train: {command: [python, train.py, \"{flags}\", --data, \"{prepare}\", "
		"--output_dir, \"{out}\"], options: [lr, dropout], gpus: 2}\n"
		"options:\n"
		"  lr: {type: real, default: 1e-3}\n"
		"  dropout: {type: real, default: 0.1, none: 0}\n"
		"  threshold: {type: real, default: 0.5}\n"
		"seed: {flag: --seed}\n"
		"metrics:\n"
		"  f1: {main: true, from: \"{out}/r.json: f1\"}\n"
		"  loss: {goal: min, from: \"{train}/state.json: loss\"}\n"
		"  speed:\n");
	const struct abl_program *p = s->program;

	ck_assert_uint_eq(p->step_count, 3);
	ck_assert_str_eq(p->steps[0].name, "prepare");
	ck_assert(!p->steps[0].seeded && !p->steps[0].option_count && !p->steps[0].read_count);
	ck_assert_str_eq(p->steps[1].name, "train");
	ck_assert(p->steps[1].read_count == 1 && p->steps[1].reads[0] == 0);
	ck_assert(p->steps[1].option_count == 2 && p->steps[1].gpus == 2);
	ck_assert_str_eq(p->steps[2].name, "score");
	ck_assert(p->steps[2].read_count == 1 && p->steps[2].reads[0] == 1);
	ck_assert_str_eq(p->steps[2].options[0]->name, "threshold");
	ck_assert(p->metrics[0].of == 2 && p->metrics[1].of == 1 && p->metrics[2].of == 2);
	ck_assert_ptr_null(p->metrics[2].from);
	ck_assert_uint_eq(s->implied_count, 0);
	ck_assert_uint_eq(s->task_count, 1);
	ck_assert_str_eq(s->tasks[0].spec.name, "s");
	abl_study_destroy(s);
}
END_TEST

#define TOP "study: s\ncommand: [p, \"{flags}\"]\nmetrics: {a: \"{out}/r.json: a\"}\n"

static const struct abl_variant *variant(const struct abl_study *s, const char *label)
{
	for (size_t i = 0; i < s->variant_count; i++)
		if (!strcmp(s->variants[i].label, label))
			return &s->variants[i];
	for (size_t i = 0; i < s->variant_count; i++)
		fprintf(stderr, "'%s'\n", s->variants[i].label);
	ck_abort_msg("no variant '%s'", label);
	return NULL;
}

static const char *canonical(const struct abl_values *v)
{
	static struct abl_str text;

	abl_str_finish(&text);
	abl_values_canonical(v, ABL_AT_FINETUNE, &text);
	return text.text;
}

/* What does nothing makes no variant, and is in no canonical text. */
START_TEST(test_program__when)
{
	struct abl_study *s = load(
		TOP
		"options:\n"
		"  eps: {type: real, default: 1e-6, when: {norm: [layer, rms], deep: true}}\n"
		"  norm: {type: choice, values: [layer, rms, none], default: layer, none: none}\n"
		"  deep: {type: bool, default: false}\n"
		"design:\n"
		"  leave-one-out: [norm]\n"
		"  add-one-in: [deep]\n"
		"  list: [{eps: 1e-5, deep: true}, {eps: 1e-5, norm: none}]\n");
	const struct abl_values *c = variant(s, "eps=1e-5, deep=true")->config;

	ck_assert_uint_eq(s->variant_count, 4);
	ck_assert(s->dropped_count == 1 && s->dropped[0].kind == ABL_NOTE_DUPLICATE);
	ck_assert_str_eq(s->dropped[0].text, "no norm");
	ck_assert_str_eq(canonical(c), "deep=true\neps=1e-5\n");
	ck_assert_str_eq(canonical(variant(s, "no norm")->config), "norm=none\n");
	ck_assert_str_eq(value_of(variant(s, "with deep")->config, "deep"), "true");
	ck_assert_int_eq(variant(s, "with deep")->kind, ABL_VARIANT_ADDITION);
	abl_study_destroy(s);
}
END_TEST

START_TEST(test_program__constraints)
{
	struct abl_study *s =
		load(TOP "options:\n"
			 "  a1: {type: bool, default: false}\n"
			 "  b1: {type: bool, default: false}\n"
			 "  n: {type: int, default: 1, added: 2, none: 0}\n"
			 "constraints:\n"
			 "  - {a1: true, conflicts: {n: [2, 3], b1: true}}\n"
			 "  - conflicts: {b1: true, n: 3}\n"
			 "    message: \"b1 with 3: out of memory\"\n"
			 "design: {grid: {a1: [true, false], b1: [true, false], n: [1, 2, 3]}}\n");

	ck_assert_uint_eq(s->dropped_count, 7);
	for (size_t i = 0; i < s->dropped_count; i++)
		if (!strcmp(s->dropped[i].label, "a1=false, b1=true, n=3"))
			ck_assert_str_eq(s->dropped[i].text, "b1 with 3: out of memory");
		else if (s->dropped[i].kind == ABL_NOTE_INVALID)
			ck_assert_str_eq(s->dropped[i].text, "'a1: true' does not go with 'n: 2 or "
							     "3, b1: true'");
	abl_study_destroy(s);
}
END_TEST

/* Conditions that hang on others twice each are looked at once each. */
START_TEST(test_program__when_in_chains)
{
	struct abl_str text = {0};
	struct abl_study *s;

	abl_str_puts(&text, TOP "options:\n  o0: {type: int, default: 1}\n"
				"  o1: {type: int, default: 1, when: {o0: 1}}\n");
	for (int i = 2; i < 80; i++)
		abl_str_printf(&text, "  o%d: {type: int, default: 1, when: {o%d: 1, o%d: 1}}\n", i,
			       i - 1, i - 2);
	abl_str_puts(&text, "design: {list: [{o79: 2}, {o0: 2, o1: 2}]}\n");
	s = load(text.text);
	ck_assert_str_eq(canonical(variant(s, "o79=2")->config), "o79=2\n");
	ck_assert_str_eq(canonical(variant(s, "o0=2, o1=2")->config), "o0=2\n");
	abl_str_finish(&text);
	abl_study_destroy(s);
}
END_TEST

/* Any text can be a value, and a label is one line all the same. */
START_TEST(test_program__labels)
{
	struct abl_study *s = load(
		TOP "options:\n  x: {type: text, default: a}\n"
		    "  size: {type: choice, values: [16, 1e3, \"true\", null word], default: 16}\n"
		    "design:\n"
		    "  grid: {x: [1e-3, true, \"\", \" b\", \"l1\\nl2=\\u202e\", \"{out}\",\n"
		    "    \"a long text with many words in it that goes on and on: one\",\n"
		    "    \"a long text with many words in it that goes on and on: two\"]}\n"
		    "  list: [{size: 1e3}, {size: true}]\n");

	ck_assert_uint_eq(s->variant_count, 11);
	ck_assert_str_eq(value_of(variant(s, "x=1e-3")->config, "x"), "1e-3");
	variant(s, "x=true"), variant(s, "x=''"), variant(s, "x={out}"), variant(s, "size=1e3");
	for (size_t i = 0; i < s->variant_count; i++)
		ck_assert(!strpbrk(s->variants[i].label, "\n\t\x1b\xe2") &&
			  strlen(s->variants[i].label) < 60);
	ck_assert_str_eq(canonical(s->variants[5].config), "x=l1\\nl2=\xe2\x80\xae\n");
	abl_study_destroy(s);
}
END_TEST

START_TEST(test_program__includes)
{
	struct abl_study *s;

	write_file("base.yaml", "command: [p, \"{flags}\"]\n"
				"options:\n  lr: {type: real, default: 1}\n"
				"  wd: {type: real, default: 0.1, none: 0}\n"
				"metrics: {a: \"{out}/r.json: a\", b: {main: true}, a_loss: }\n"
				"baseline: {lr: 2, wd: 0.2}\n"
				"limits: {hours: 1, trials_per_gpu: 3}\n");
	s = load("study: s\ninclude: base.yaml\noptions: {lr: {type: int, default: 3}}\n"
		 "metrics: {a: {goal: min}}\nbaseline: {lr: 4}\nlimits: {hours: 2}\n"
		 "tasks:\n  - x\n  - y: {flags: [--y], lr: 5}\n  - z:\n"
		 "design: {leave-one-out: [wd]}\n");
	ck_assert_str_eq(value_of(s->variants[0].config, "lr"), "4");
	ck_assert_str_eq(value_of(s->variants[0].config, "wd"), "0.2");
	ck_assert_uint_eq(s->program->metric_count, 3);
	ck_assert_uint_eq(s->implied_count, 1);
	ck_assert_str_eq(s->implied[0].text,
			 "more is taken for better in 'a_loss': it has no 'goal: min'");
	ck_assert_str_eq(s->program->metrics[s->program->main].name, "b");
	ck_assert(s->limits.hours == 2 && s->program->trials_per_gpu == 3);
	ck_assert(s->task_count == 3 && s->tasks[1].override_count == 1);
	ck_assert_str_eq(joined(s->program->tasks[1].flags), "--y");
	abl_study_destroy(s);
}
END_TEST

/* Brackets behind a word need no quotes, and are what they are in quotes. */
START_TEST(test_program__brackets)
{
	struct abl_study *s = load(TOP "options: {x: {type: text, default: a[0].b[-1][2]}}\n");

	ck_assert_str_eq(value_of(s->variants[0].config, "x"), "a[0].b[-1][2]");
	abl_study_destroy(s);
	s = load(TOP "options: {x: {type: text, default: \"\xee\x80\x80 a[1]\"}}\n"); /* U+E000 */
	ck_assert_str_eq(value_of(s->variants[0].config, "x"), "\xee\x80\x80 a[1]");
	abl_study_destroy(s);
	refuse_start(TOP "options: {x: {type: text, default: a[1]}, y[0]: 1}\n",
		     "study.yaml:4:43: error: an option cannot be called 'y[0]'\n");
}
END_TEST

/* Studies that are fine, whatever else they say. */
static const char *const fine[] = {
	"study: s\ncommand: [/bin/true]\nmetrics: [a]\n",
	"study: s\ncommand: [/bin/true]\nmetrics: a\nseed: none\n",
	"study: s\ncommand: [p]\nmetrics: {a: }\nflags: env\noptions: {lr: {type: int, default: "
	"1}}\n",
	"study: s\ncommand: [p]\nmetrics: {a: }\nflags: json\noptions: {lr: {type: int, default: "
	"1}}\n",
	"study: s\ncommand: [p, \"{lr}\"]\nmetrics: {a: \"stdout: a {a}\"}\n"
	"options: {lr: {type: int, default: 1}}\n",
	"study: s\ncommand: [p]\nenvironment: {LR: \"{optim.lr}\", N: 4}\nmetrics: {a: }\n"
	"options: {optim.lr: {type: int, default: 1}}\n",
	TOP "stop: {signal: sigint, grace: \"2 min\"}\nseed: {environment: SEED}\ncode: in-place\n"
	    "check: repeat\nfiles: src\nkeep: \"{out}/best/*\"\nplots: effects\n",
	"study: s\ncommand: [p, \"{{\\\"a\\\": 1}}\", \"{seed}\", \"{port}\", \"{cards}\", "
	"\"{gpus}\"]\n"
	"metrics: {a: {split: test}, b: {main: true, pick: best}}\n",
	TOP
	"options: {a_b: {type: bool, default: true, on: --a}, a-b: {type: text, default: \"\"}}\n"
	"design: {leave-one-out: [a_b, {a-b: x, label: y}]}\nexclude: [{a_b: true, a-b: z}]\n",
};

START_TEST(test_program__fine)
{
	for (size_t i = 0; i < sizeof fine / sizeof *fine; i++)
		abl_study_destroy(load(fine[i]));
}
END_TEST

/* Several ends: those that metrics name are read by the last one. */
START_TEST(test_program__last_step)
{
	struct abl_study *s = load("study: s\nsteps:\n  score: {command: [a, \"{out}\"]}\n"
				   "  train: {command: [b]}\n"
				   "metrics: {x: \"{train}/r.json: x\", y: {main: true}}\n");

	ck_assert_str_eq(s->program->steps[1].name, "score");
	ck_assert_uint_eq(s->program->steps[1].read_count, 1);
	ck_assert(s->program->metrics[0].of == 0 && s->program->metrics[1].of == 1);
	abl_study_destroy(s);
}
END_TEST

static void check_place(const struct abl_study *s, const char *path, const char *start)
{
	err = (struct abl_err){0};
	ck_assert_int_eq(abl_study_fail_at(s, path, "no", &err), ABL_EINPUT);
	ck_assert_msg(!strncmp(err.text, start, strlen(start)), "%s: %s", path, err.text);
}

static bool explains(const struct abl_study *s, const char *key, const char *words)
{
	struct abl_str out = {0};
	bool found;

	ck_assert_int_eq(abl_study_explain(s, key, &out, &err), 0);
	found = strstr(out.text, words);
	if (!found)
		fprintf(stderr, "%s", out.text);
	abl_str_finish(&out);
	return found;
}

START_TEST(test_program__places_and_explain)
{
	struct abl_study *s =
		load("study: s\n"
		     "steps:\n"
		     "  train: {command: [p, \"{flags}\"], options: [optim.lr]}\n"
		     "  score: {command: [q, \"{train}\"]}\n"
		     "options: {optim.lr: {type: real, default: 1e-3, help: \"its rate\"}}\n"
		     "metrics: {a: \"{out}/r.json: a\"}\n"
		     "design: {grid: {optim.lr: [1, 2]}}\n");

	check_place(s, "options.optim.lr.default", "study.yaml:5:43: error: no\n");
	check_place(s, "metrics.a.from", "study.yaml:6:14: error: no\n");
	check_place(s, "steps.train.command.1", "study.yaml:3:24: error: no\n");
	check_place(s, "steps.train.command.7", "study.yaml:3:20: error: no\n");
	check_place(s, "files.0", "study.yaml:1:1: error: no\n");
	ck_assert(explains(s, "optim.lr", "  affects   train, score (reads train)\n"));
	ck_assert(explains(s, "optim.lr", "  set at    study.yaml:5, its default\n"));
	ck_assert(explains(s, "optim.lr", "1 in 'optim.lr=1'"));
	ck_assert(explains(s, "optim.lr", "  help      its rate\n"));
	ck_assert(explains(s, "options.optim.lr.type", "options.optim.lr.type: real\n"));
	ck_assert(explains(s, "tune.by", "  default   the main metric\n"));
	ck_assert(explains(s, "stop.grace", "(not set)"));
	ck_assert(explains(s, "placebo", "  affects   train, score\n"));
	ck_assert_int_eq(abl_study_explain(s, "optim.rl", &(struct abl_str){0}, NULL), ABL_EINPUT);
	abl_study_destroy(s);
}
END_TEST

int main(void)
{
	TCase *c = tcase_create("program_study");

	tcase_add_test(c, test_program__everything);
	tcase_add_test(c, test_program__steps);
	tcase_add_test(c, test_program__when);
	tcase_add_test(c, test_program__when_in_chains);
	tcase_add_test(c, test_program__constraints);
	tcase_add_test(c, test_program__labels);
	tcase_add_test(c, test_program__includes);
	tcase_add_test(c, test_program__brackets);
	tcase_add_test(c, test_program__fine);
	tcase_add_test(c, test_program__last_step);
	tcase_add_test(c, test_program__places_and_explain);
	return run_tests(c);
}
