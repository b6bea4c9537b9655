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
	ck_assert_uint_eq(s->task_count, 1);
	ck_assert_str_eq(s->tasks[0].spec.name, "s");
	abl_study_destroy(s);
}
END_TEST

int main(void)
{
	TCase *c = tcase_create("program_study");

	tcase_add_test(c, test_program__everything);
	tcase_add_test(c, test_program__steps);
	return run_tests(c);
}
