/* SPDX-License-Identifier: Apache-2.0 */
/* Tagging as a task: words, pieces and targets, predictions and scores without a model, and a small
 * model that learns tags from files written here. */
#include "files.h"
#include "scores_by_name.h"
#include "stage.h"
#include "str.h"
#include "task.h"
#include "run_case.h"

#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static char root[] = "/tmp/ablate-tag-XXXXXX";
static char tag[] = "tag", conll[] = "conll", entity_f1[] = "entity_f1";

static char *put(const char *name, const char *text)
{
	char *path = abl_path_join(root, name);
	struct abl_err err = {0};

	ck_assert_msg(!abl_file_write(path, text, strlen(text), &err), "%s", err.text);
	return path;
}

static json_t *mark(struct abl_task_spec *gold, const char *predictions, struct abl_err *err)
{
	struct abl_mark_request r = {.spec = gold, .predictions = predictions};
	json_t *scores = json_object();

	if (!abl_task_tag.mark(&r, take_score, scores, err))
		return scores;
	json_decref(scores);
	return NULL;
}

/* ---- through a task, without a model ---- */

static const char pieces[] = "[PAD]\n[UNK]\n[CLS]\n[SEP]\n[MASK]\nann\nr\n##an\n##un\nho\n##me\n"
			     ".\n";

struct tools {
	struct abl_vocab *vocab;
	struct abl_tokenizer *tokenizer;
	struct abl_config config;
	struct abl_layout layout;
	struct abl_task_tools tools;
};

static void tools_init(struct tools *t, int64_t max_length)
{
	char *path = put("vocab.txt", pieces);
	struct abl_err err = {0};

	abl_config_init(&t->config);
	t->config.max_length = max_length;
	ck_assert_msg(!abl_config_resolve(&t->config, NULL, &err), "%s", err.text);
	ck_assert_msg(!abl_vocab_load(&t->vocab, path, &err), "%s", err.text);
	t->tokenizer = abl_tokenizer_create(t->vocab, false);
	ck_assert_msg(!abl_layout_init(&t->layout, &t->config, t->vocab, false, &err), "%s",
		      err.text);
	t->tools = (struct abl_task_tools){t->tokenizer, &t->layout};
	free(path);
}

static void tools_finish(struct tools *t)
{
	abl_tokenizer_destroy(t->tokenizer);
	abl_vocab_destroy(t->vocab);
}

/* Puts all items into one batch and lets the "model" answer class `says(target)`. */
static void pass(struct abl_task *t, const struct tools *tools, struct abl_batch *b, int says)
{
	size_t classes = (size_t)abl_task_head(abl_task_type_find("tag"), t).classes;
	struct abl_err err = {0};
	real *scores;

	ck_assert(!abl_batch_init(b, 1000, 100, &err));
	for (size_t i = 0; i < abl_task_tag.count(t); i++)
		abl_task_tag.put(t, i, &tools->layout, b);
	scores = calloc(b->targets * classes, sizeof *scores);
	for (size_t k = 0; k < b->targets; k++) { /* says < 0: the gold one, where it is a class */
		int32_t c = says >= 0 ? says : b->target_piece[k] >= 0 ? b->target_piece[k] : 0;

		scores[k * classes + (size_t)c] = 1;
	}
	abl_task_tag.collect(t, 0, abl_task_tag.count(t), b, scores);
	free(scores);
}

/* Each word has one target, at its first piece, an empty word too; what was cut off counts as O;
 * a tag that train does not have is wrong; what submit() writes can be marked and says the same. */
START_TEST(test_tag__words_pieces_and_cuts)
{
	static const int32_t rows[] = {1, 2, 4, 5, 7, 8}, tags[] = {0, 1, 1, -1, 1, 1};
	char *train = put("train", "Ann\tB-per\nran\tO\n"),
	     *dev = put("dev", "Ann\tB-per\nrun\tO\n\tO\n\nhome\tI-new\nran\tO\n\xE2\x80\x8B\tO\n"
			       ".\tO\n.\tB-per\n"),
	     *out = abl_path_join(root, "submitted");
	struct abl_task_spec spec = {
		.name = tag, .type = tag, .train = train, .dev = dev, .test = dev, .format = conll};
	struct abl_err err = {0};
	struct abl_task *known, *t;
	struct abl_batch b;
	struct tools tools;
	json_t *scores = json_object(), *marked, *value;
	struct abl_str text = {0};
	const char *name;

	tools_init(&tools, 8); /* six pieces beside [CLS] and [SEP] */
	ck_assert_msg(!abl_task_tag.load(&known, &spec, "train", NULL, &tools.tools, &err), "%s",
		      err.text);
	ck_assert_msg(!abl_task_tag.load(&t, &spec, "dev", known, &tools.tools, &err), "%s",
		      err.text);
	pass(t, &tools, &b, -1);
	/* [CLS] ann r ##un [UNK] [SEP] | [CLS] ho ##me r ##an [UNK] . [SEP]; the second . is cut */
	ck_assert_uint_eq(b.tokens, 14);
	ck_assert_uint_eq(b.targets, 7);
	ck_assert_int_eq(b.target_row[3], 7);
	ck_assert_int_eq(b.target_piece[3], -1);
	for (size_t k = 0; k < 3; k++) {
		ck_assert_int_eq(b.target_row[k], rows[k]);
		ck_assert_int_eq(b.target_piece[k], tags[k]);
	}
	ck_assert_int_eq(b.piece[4], abl_vocab_special(tools.vocab, ABL_UNK));
	abl_task_tag.score(t, take_score, scores);
	/* right: three, then ran, the invisible word, the first full stop */
	ck_assert(score_of(scores, "accuracy") == 6. / 8);
	ck_assert(score_of(scores, "majority") == 5. / 8);
	ck_assert(score_of(scores, "recall") == 1. / 3 && score_of(scores, "entity_f1") > 0);
	ck_assert(score_of(scores, "entity_f1_majority") == 0);
	ck_assert_msg(!abl_task_tag.submit(t, out, &err), "%s", err.text);
	ck_assert_msg(!abl_file_read(out, &text, 1000, &err), "%s", err.text);
	/* word, gold, prediction; the one that was cut off is the last */
	ck_assert(!strncmp(text.text, "Ann\tB-per\t", 10) &&
		  strstr(text.text, "\n.\tB-per\tO\n\n"));
	marked = mark(&spec, out, &err);
	ck_assert_msg(marked != NULL, "%s", err.text);
	ck_assert_uint_ge(json_object_size(marked), 11);
	json_object_foreach(marked, name, value)
		ck_assert(json_equal(value, json_object_get(scores, name)));
	json_decref(scores), json_decref(marked);
	abl_str_finish(&text);
	abl_batch_finish(&b);
	abl_task_tag.destroy(t), abl_task_tag.destroy(known);
	tools_finish(&tools);
	free(train), free(dev), free(out);
}
END_TEST

/* Without a tag O what was cut off is wrong, whatever gold says. */
START_TEST(test_tag__cut_off_without_o)
{
	char *train = put("train", "Ann\tN\nran\tV\n"),
	     *dev = put("dev", ".\tN\n.\tN\n.\tN\n.\tN\n.\tN\n.\tN\n.\tN\n.\tO\n");
	struct abl_task_spec spec = {
		.name = tag, .type = tag, .train = train, .dev = dev, .format = conll};
	struct abl_err err = {0};
	struct abl_task *known, *t;
	struct abl_str labels = {0};
	struct abl_batch b;
	struct tools tools;
	json_t *scores = json_object();

	tools_init(&tools, 8);
	ck_assert(!abl_task_tag.load(&known, &spec, "train", NULL, &tools.tools, &err));
	ck_assert(!abl_task_tag.load(&t, &spec, "dev", known, &tools.tools, &err));
	abl_task_tag.labels(t, &labels);
	ck_assert_str_eq(labels.text, "N\nV");
	pass(t, &tools, &b, 0);
	abl_task_tag.score(t, take_score, scores);
	ck_assert(score_of(scores, "accuracy") == 6. / 8);
	ck_assert(!json_object_get(scores, "entity_f1"));
	json_decref(scores);
	abl_str_finish(&labels);
	abl_batch_finish(&b);
	abl_task_tag.destroy(t), abl_task_tag.destroy(known);
	tools_finish(&tools);
	free(train), free(dev);
}
END_TEST

START_TEST(test_tag__ask_and_answer)
{
	static const char *const texts[] = {"Ann ran home.", "Ho!"}, *const blank[] = {"Ann", " "};
	char names[] = "N|V";
	struct abl_task_spec spec = {.name = tag, .type = tag, .format = conll, .labels = names};
	struct abl_str said = {0};
	struct abl_err err = {0};
	struct abl_task *t;
	struct abl_batch b;
	struct tools tools;

	tools_init(&tools, 8);
	ck_assert_msg(!abl_task_tag.ask(&t, &spec, texts, 2, &tools.tools, &err), "%s", err.text);
	pass(t, &tools, &b, 1);
	abl_task_tag.answer(t, &said);
	ck_assert_str_eq(said.text, "Ann\tV\t1.000\nran\tV\t1.000\nhome\tV\t1.000\n"
				    ".\tV\t1.000\n\nHo\tV\t1.000\n!\tV\t1.000\n");
	ck_assert_int_eq(abl_task_tag.ask(&t, &spec, blank, 2, &tools.tools, &err), ABL_EINPUT);
	ck_assert_msg(strstr(err.text, "text 2 has no words"), "%s", err.text);
	abl_str_finish(&said);
	abl_batch_finish(&b);
	abl_task_tag.destroy(t);
	tools_finish(&tools);
}
END_TEST

/* A share is part of any larger share. */
START_TEST(test_tag__keep_is_nested)
{
	struct abl_str text = {0};
	struct abl_task_spec spec = {.name = tag, .type = tag, .format = conll};
	struct abl_err err = {0};
	struct abl_task *t;
	struct tools tools;
	bool kept[2][100] = {0};

	for (int i = 0; i < 100; i++)
		abl_str_printf(&text, "w\t%s\n\n", i % 2 ? "A" : "B");
	spec.train = put("hundred", text.text);
	tools_init(&tools, 8);
	for (int k = 0; k < 2; k++) {
		struct abl_str said = {0};

		ck_assert(!abl_task_tag.load(&t, &spec, "train", NULL, &tools.tools, &err));
		abl_task_tag.subset(t, k ? .6 : .3);
		ck_assert(!abl_task_tag.write(t, spec.train, &err));
		ck_assert(!abl_file_read(spec.train, &said, 1 << 20, &err));
		for (const char *at = strchr(said.text, '\n') + 1; *at; at = strchr(at, '\n') + 1)
			kept[k][strtol(at, NULL, 10) / 2] = true; /* the sentence's line */
		ck_assert(!abl_file_write(spec.train, text.text, text.length, &err));
		abl_task_tag.destroy(t);
		abl_str_finish(&said);
	}
	size_t less = 0, more = 0;
	for (int i = 0; i < 100; i++) {
		less += kept[0][i];
		more += kept[1][i];
		ck_assert(kept[1][i] || !kept[0][i]);
	}
	ck_assert(less > 15 && less < 45 && more > 45 && more < 75);
	tools_finish(&tools);
	abl_str_finish(&text);
	free(spec.train);
}
END_TEST

START_TEST(test_tag__refused)
{
	static const struct {
		const char *train, *labels, *error;
	} bad[] = {
		{"a\tO\nb\tO\n", NULL,
		 ": all 2 words have the tag 'O'; at least two tags are needed"},
		{"a\tO\nb\tX\n", "O|Y", ":2: unknown label 'X'; the classes are 'O', 'Y'"},
	};
	struct tools tools;

	tools_init(&tools, 8);
	for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
		struct abl_task_spec spec = {.name = tag,
					     .train = put("bad", bad[i].train),
					     .format = conll,
					     .labels = (char *)(uintptr_t)bad[i].labels};
		struct abl_err err = {0};
		struct abl_task *t;

		ck_assert_int_eq(abl_task_tag.load(&t, &spec, "train", NULL, &tools.tools, &err),
				 ABL_EINPUT);
		ck_assert_msg(strstr(err.text, bad[i].error), "%s", err.text);
		spec.test = spec.train;
		spec.labels = NULL;
		err = (struct abl_err){0};
		ck_assert_int_eq(abl_task_tag.load(&t, &spec, "test", NULL, &tools.tools, &err),
				 ABL_EINPUT);
		ck_assert_msg(strstr(err.text, "the tags are not known"), "%s", err.text);
		free(spec.train);
	}
	tools_finish(&tools);
}
END_TEST

/* ---- through the stages ---- */

/* Sentences whose tags can be learnt: who goes where, names of two words among them. */
static char *put_sentences(const char *name, int from, int to)
{
	static const char *const who[] = {"Ann\tB-per\n", "Bo\tB-per\nLee\tI-per\n", "she\tO\n"},
				 *const where[] = {"Rome\tB-loc\n", "New\tB-loc\nYork\tI-loc\n",
						   "home\tO\n"};
	struct abl_str text = {0};
	char *path;

	for (int i = from; i < to; i++)
		abl_str_printf(&text, "%sgoes\tO\n%sto\tO\n%s\n", who[i % 3],
			       i % 5 ? "" : "back\tO\n", where[i / 3 % 3]);
	path = put(name, text.text);
	abl_str_finish(&text);
	return path;
}

static void must(struct abl_stage_request r, json_t *results)
{
	struct abl_events e = {.data = results, .result = take_score};
	struct abl_err err = {0};

	r.threads = 1;
	r.seed = 1;
	ck_assert_msg(!abl_stage_run(&r, &e, &err), "%s: %s", abl_stage_name(r.kind), err.text);
}

START_TEST(test_tag__a_model_learns_tags)
{
	char *train = put_sentences("train", 0, 90), *dev = put_sentences("dev", 90, 135);
	char *vocab = put("vocab.txt", "[PAD]\n[UNK]\n[CLS]\n[SEP]\n[MASK]\nann\nbo\nlee\nshe\n"
				       "goes\nback\nto\nrome\nnew\ny\n##ork\nhome\n"),
	     *tuned = abl_path_join(root, "tuned"), *scored = abl_path_join(root, "scored"),
	     *predictions = abl_path_join(scored, "predictions.tsv");
	struct abl_task_spec spec = {.name = tag,
				     .type = tag,
				     .train = train,
				     .dev = dev,
				     .format = conll,
				     .metric = entity_f1};
	json_t *results = json_object(), *found = json_object();
	static const char wanted[] = "line\tgold\tprediction\tprobability\n1\tB-per O O O B-loc\t";
	struct abl_config config;
	struct abl_str text = {0};
	struct abl_err err = {0};

	ck_assert(!abl_mkdir_all(tuned, &err) && !abl_mkdir_all(scored, &err));
	abl_config_init(&config);
	config.layers = 1;
	config.hidden = 32;
	config.max_length = 16;
	config.finetune.steps = 60;
	config.finetune.learning_rate = 3e-3;
	ck_assert_msg(!abl_config_resolve(&config, NULL, &err), "%s", err.text);
	must((struct abl_stage_request){.kind = ABL_STAGE_FINETUNE,
					.config = &config,
					.vocab = vocab,
					.task = &spec,
					.output = tuned,
					.split = "dev"},
	     results);
	must((struct abl_stage_request){.kind = ABL_STAGE_EVALUATE,
					.config = &config,
					.vocab = vocab,
					.task = &spec,
					.parent = tuned,
					.output = scored,
					.split = "dev"},
	     found);
	ck_assert(score_of(results, "train_examples") == 90);
	ck_assert(score_of(found, "examples") == 45);
	ck_assert(score_of(found, "accuracy") > .9);
	ck_assert(score_of(found, "entity_f1") > .9);
	ck_assert(score_of(found, "entity_f1_majority") == 0);
	ck_assert(!abl_file_read(predictions, &text, 1 << 20, &err));
	ck_assert(!strncmp(text.text, wanted, strlen(wanted)));
	abl_str_finish(&text);
	json_decref(results), json_decref(found);
	free(train), free(dev), free(vocab), free(tuned), free(scored), free(predictions);
}
END_TEST

int main(void)
{
	TCase *c = tcase_create("tag");
	struct abl_err err = {0};
	int failed;

	if (!mkdtemp(root))
		return 1;
	tcase_set_timeout(c, 120);
	tcase_add_test(c, test_tag__words_pieces_and_cuts);
	tcase_add_test(c, test_tag__cut_off_without_o);
	tcase_add_test(c, test_tag__ask_and_answer);
	tcase_add_test(c, test_tag__keep_is_nested);
	tcase_add_test(c, test_tag__refused);
	tcase_add_test(c, test_tag__a_model_learns_tags);
	failed = run_case(c, "tag");
	return abl_remove_tree(root, &err) || failed;
}
