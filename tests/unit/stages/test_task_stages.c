/* SPDX-License-Identifier: Apache-2.0 */
/* Each task type that reads whole sequences from end to end, on files written here: a model without
 * pre-training is fine-tuned on a tiny rule and scored, its predictions lie beside the scores. */
#include "files.h"
#include "stage.h"
#include "str.h"
#include "task_spec.h"
#include "run_case.h"

#include <check.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

static char root[] = "/tmp/ablate-task-stages-XXXXXX";
static struct abl_config config;
static char *vocab;

static const char *const words[] = {"red", "blue", "cat", "dog", "old", "new", "big", "wet"};
enum { WORDS = sizeof words / sizeof *words };

struct seen {
	const char *metric;
	double value, examples, majority, parameters;
	int times, predictions;
};

static void on_result(void *data, const char *name, double value)
{
	struct seen *s = data;

	if (!strcmp(name, s->metric))
		s->value = value, s->times++;
	if (!strcmp(name, "examples"))
		s->examples = value;
	if (!strcmp(name, "parameters"))
		s->parameters = value;
}

static void on_predictions(void *data, const char *file)
{
	struct seen *s = data;

	ck_assert_str_eq(file, "predictions.tsv");
	s->predictions++;
}

static char *folder(const char *name)
{
	struct abl_err err = {0};
	char *path = abl_path_join(root, name);

	ck_assert_int_eq(abl_mkdir_all(path, &err), 0);
	return path;
}

static void must(struct abl_stage_request r, struct seen *seen)
{
	const struct abl_events e = {
		.data = seen, .result = on_result, .predictions = on_predictions};
	struct abl_err err = {0};

	r.config = &config;
	r.threads = 1;
	ck_assert_msg(!abl_stage_run(&r, &e, &err), "%s: %s", abl_stage_name(r.kind), err.text);
}

static char *put(const char *name, const char *text)
{
	char *path = abl_path_join(root, name);
	struct abl_err err = {0};

	ck_assert_msg(!abl_file_write(path, text, strlen(text), &err), "%s", err.text);
	return path;
}

static void prepare(void)
{
	struct abl_err err = {0};
	struct abl_str text = {0};

	abl_config_init(&config);
	config.layers = 1;
	config.hidden = 32;
	config.max_length = 24;
	config.slot[ABL_SLOT_PRETRAINING].component =
		abl_component_find(ABL_SLOT_PRETRAINING, "none");
	config.finetune.steps = 150;
	config.finetune.learning_rate = 3e-3;
	ck_assert_msg(!abl_config_resolve(&config, NULL, &err), "%s", err.text);
	abl_str_puts(&text, "[PAD]\n[UNK]\n[CLS]\n[SEP]\n[MASK]\nis\nin\nwhere\n?\n.\n");
	for (size_t i = 0; i < WORDS; i++)
		abl_str_printf(&text, "%s\n", words[i]);
	vocab = put("vocab.txt", text.text);
	abl_str_finish(&text);
}

/* ---- files in which an answer follows from the words ---- */

static const char *word(unsigned *state, unsigned from, unsigned of)
{
	*state = *state * 1664525u + 1013904223u;
	return words[from + (*state >> 16) % of];
}

/* yes: the two texts have the same first word */
static void write_pairs(struct abl_str *out, unsigned state, int rows)
{
	abl_str_puts(out, "a\tb\tlabel\n");
	for (int i = 0; i < rows; i++) {
		const char *x = word(&state, 0, 2), *y = word(&state, 0, 2);

		abl_str_printf(out, "%s %s %d\t%s %s\t%s\n", x, word(&state, 4, 4), i, y,
			       word(&state, 4, 4), x == y ? "yes" : "no");
	}
}

/* each kind of word adds its own number */
static void write_numbers(struct abl_str *out, unsigned state, int rows)
{
	abl_str_puts(out, "a\tb\tlabel\n");
	for (int i = 0; i < rows; i++) {
		const char *x = word(&state, 0, 2), *y = word(&state, 2, 2);

		abl_str_printf(out, "%s %d\t%s\t%.2f\n", x, i, y,
			       (x == words[0] ? 3.5 : .5) + (y == words[2] ? 1.25 : 0));
	}
}

/* an animal's colour changes; what was said last holds */
static void write_stories(struct abl_str *out, unsigned state, int rows)
{
	for (int i = 0; i < rows; i++) {
		const char *colour = word(&state, 0, 2), *other = word(&state, 4, 4);

		abl_str_printf(out, "1 %s dog is %d.\n2 cat is in %s.\n3 where is cat? \t%s\t2\n",
			       other, i, colour, colour);
	}
}

static const struct {
	const char *type, *metric, *labels;
	void (*write)(struct abl_str *out, unsigned state, int rows);
	double least; /* of the metric, which chance does not reach */
	const char *header;
} kinds[] = {
	{"classify", "accuracy", "[\"no\", \"yes\"]", write_pairs, .6,
	 "line\tgold\tprediction\tprobability\n"},
	{"regress", "pearson", "[\"score\"]", write_numbers, .9, "line\tgold\tprediction\n"},
	{"story", "accuracy", "[\"blue\", \"red\"]", write_stories, .9,
	 "line\tgold\tprediction\tprobability\n"},
};

static void write_split(int kind, const char *name, unsigned state, int rows)
{
	struct abl_str text = {0};

	kinds[kind].write(&text, state, rows);
	free(put(name, text.text));
	abl_str_finish(&text);
}

static struct abl_task_spec spec_of(int kind, bool dev)
{
	struct abl_task_spec s = {.name = abl_strdup(kinds[kind].type)};
	const char *const fields[] = {"type",  kinds[kind].type, "train", "train",  "dev",
				      "dev",   "text",           "a",     "text_b", "b",
				      "label", "label"};
	struct abl_err err = {0};

	for (size_t i = 0; i < sizeof fields / sizeof *fields; i += 2) {
		if (!dev && !strcmp(fields[i], "dev"))
			continue;
		if (!strcmp(kinds[kind].type, "story") && i >= 6)
			break;
		ck_assert_msg(!abl_task_spec_set(&s, fields[i], fields[i + 1], root, &err), "%s",
			      err.text);
	}
	ck_assert_msg(!abl_task_spec_check(&s, &err), "%s", err.text);
	return s;
}

static void check_predictions(const char *scored, int kind, int rows)
{
	char *path = abl_path_join(scored, "predictions.tsv");
	struct abl_str text = {0};
	struct abl_err err = {0};
	int lines = 0;

	ck_assert_int_eq(abl_file_read(path, &text, 1 << 20, &err), 0);
	ck_assert_msg(!strncmp(text.text, kinds[kind].header, strlen(kinds[kind].header)), "%s",
		      text.text);
	for (const char *p = text.text; (p = strchr(p, '\n')); p++)
		lines++;
	ck_assert_int_eq(lines, rows + 1);
	abl_str_finish(&text);
	free(path);
}

START_TEST(test_task_stages__learn_and_score)
{
	struct abl_task_spec task;
	char *tuned = folder("tuned"), *scored = folder("scored");
	struct seen seen = {.metric = kinds[_i].metric};

	write_split(_i, "train", 1, 160);
	write_split(_i, "dev", 2, 60);
	task = spec_of(_i, true);
	must((struct abl_stage_request){.kind = ABL_STAGE_FINETUNE,
					.task = &task,
					.vocab = vocab,
					.output = tuned,
					.split = "dev",
					.seed = 1},
	     &seen);
	ck_assert(seen.parameters > 1000);
	must((struct abl_stage_request){.kind = ABL_STAGE_EVALUATE,
					.task = &task,
					.vocab = vocab,
					.parent = tuned,
					.output = scored,
					.split = "dev",
					.seed = 1},
	     &seen);
	ck_assert_int_eq(seen.times, 1);
	ck_assert_int_eq(seen.predictions, 1);
	ck_assert_double_eq(seen.examples, 60);
	ck_assert_msg(seen.value >= kinds[_i].least, "%s: %s %g", kinds[_i].type, kinds[_i].metric,
		      seen.value);
	check_predictions(scored, _i, 60);
	abl_task_spec_finish(&task);
	free(tuned), free(scored);
}
END_TEST

/* Without a dev file a tenth of train is held back: learnt without, scored on it. */
START_TEST(test_task_stages__held_back)
{
	struct abl_task_spec task;
	char *tuned = folder("tuned"), *scored = folder("scored");
	struct seen seen = {.metric = kinds[_i].metric};
	const int64_t steps = config.finetune.steps;
	struct abl_stage_request r = {
		.kind = ABL_STAGE_FINETUNE, .vocab = vocab, .seed = 1, .hold_back = true};

	write_split(_i, "train", 1, 160);
	task = spec_of(_i, false);
	ck_assert(abl_task_spec_holds_back(&task));
	config.finetune.steps = 2;
	r.task = &task;
	r.output = tuned;
	must(r, &seen);
	r.kind = ABL_STAGE_EVALUATE;
	r.parent = tuned;
	r.output = scored;
	r.split = "held-back";
	must(r, &seen);
	ck_assert_msg(seen.examples > 4 && seen.examples < 40, "%g", seen.examples);
	check_predictions(scored, _i, (int)seen.examples);
	config.finetune.steps = steps;
	abl_task_spec_finish(&task);
	free(tuned), free(scored);
}
END_TEST

int main(void)
{
	TCase *c = tcase_create("task stages");
	struct abl_err err = {0};
	int failed, count = (int)(sizeof kinds / sizeof *kinds);

	if (!mkdtemp(root))
		return 1;
	tcase_add_unchecked_fixture(c, prepare, NULL);
	tcase_set_timeout(c, 120);
	tcase_add_loop_test(c, test_task_stages__learn_and_score, 0, count);
	tcase_add_loop_test(c, test_task_stages__held_back, 0, count);
	failed = run_case(c, "task stages");
	free(vocab);
	if (abl_remove_tree(root, &err))
		return 1;
	return failed;
}
