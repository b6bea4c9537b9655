/* SPDX-License-Identifier: Apache-2.0 */
/* test_saved.c - checkpoint folders: models of transformers say here what they say there (tiny
 * folders and expected.json by reference/make_hf_folders.py), import, export and encode. Folders
 * that are refused: test_saved_refused.c. */
#include "checkpoint.h"
#include "encode.h"
#include "files.h"
#include "hash.h"
#include "hf_folder.h"
#include "saved.h"
#include "test_compute.h"
#include "wordpiece.h"

#include <check.h>
#include <jansson.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static char root[] = "/tmp/ablate-saved-XXXXXX";
static char *given; /* tests/reference/hf */
static json_t *expected;
static struct abl_err err;
static struct abl_compute *compute;

static char *join(const char *base, const char *name)
{
	return abl_path_join(base, name);
}

/* A model with these heads, its weights from the folder, none drawn. */
static struct abl_model *model_of(const struct abl_saved *s, const struct abl_head_request *heads,
				  size_t count)
{
	struct abl_model_request r = {.compute = compute,
				      .config = &s->config,
				      .vocab_size = abl_vocab_size(s->vocab),
				      .head_count = count,
				      .max_tokens = 256,
				      .max_sequences = 16};
	struct abl_model *m;
	size_t taken;

	for (size_t i = 0; i < count; i++)
		r.heads[i] = heads[i];
	ck_assert_msg(!abl_model_create(&m, &r, &err), "%s", err.text);
	ck_assert_msg(!abl_checkpoint_load(m, s->folder, &taken, &err), "%s", err.text);
	ck_assert_uint_eq(taken, abl_model_params(m)->count);
	return m;
}

static void put_texts(const struct abl_saved *s, const char *a, const char *b,
		      struct abl_batch *batch)
{
	struct abl_tokenizer *t = abl_tokenizer_create(s->vocab, s->config.cased);
	struct abl_ids ids[2] = {{0}, {0}};
	struct abl_layout layout;

	ck_assert_int_eq(abl_layout_init(&layout, &s->config, s->vocab, false, &err), 0);
	ck_assert_int_eq(abl_tokenizer_encode(t, a, strlen(a), &ids[0], &err), 0);
	if (b)
		ck_assert_int_eq(abl_tokenizer_encode(t, b, strlen(b), &ids[1], &err), 0);
	abl_batch_add(batch, &layout,
		      &(struct abl_sequence){.a = ids[0].items,
					     .a_length = ids[0].count,
					     .b = ids[1].items,
					     .b_length = ids[1].count,
					     .pair = b != NULL,
					     .example = 1});
	abl_ids_finish(&ids[0]), abl_ids_finish(&ids[1]);
	abl_tokenizer_destroy(t);
}

static void check_numbers(const char *what, const json_t *want, const real *got)
{
	ck_assert_uint_gt(json_array_size(want), 0);
	for (size_t i = 0; i < json_array_size(want); i++) {
		const double x = json_number_value(json_array_get(want, i));

		ck_assert_msg(fabs(x - (double)got[i]) < 1e-4, "%s[%zu]: %g, transformers says %g",
			      what, i, (double)got[i], x);
	}
}

static const char *text_of(const json_t *o, const char *name)
{
	return json_string_value(json_object_get(o, name));
}

static void check_pieces(const json_t *c, const struct abl_batch *b)
{
	const json_t *ids = json_object_get(c, "ids");

	ck_assert_uint_eq(json_array_size(ids), b->tokens);
	for (size_t i = 0; i < b->tokens; i++)
		ck_assert_int_eq(json_integer_value(json_array_get(ids, i)), b->piece[i]);
}

/* What one case of a folder says, each alone and (layers) with others before it. */
static void check_case(const char *name, const struct abl_saved *s, struct abl_model *m,
		       const json_t *c)
{
	const json_t *choices = json_object_get(c, "choices"),
		     *layers = json_object_get(c, "layers");
	const json_int_t target = json_integer_value(json_object_get(c, "target"));
	const json_t *losses[] = {json_object_get(c, !strcmp(name, "lm") ? "lm_loss" : "mlm_loss"),
				  json_object_get(c, "nsp_loss")};
	struct abl_pass pass = {.train = false};
	real scores[256] = {0};
	struct abl_batch b;

	ck_assert_int_eq(abl_batch_init(&b, 256, 16, &err), 0);
	for (size_t i = 0; i < json_array_size(choices); i++) {
		put_texts(s, text_of(c, "a"), json_string_value(json_array_get(choices, i)), &b);
		b.joined[i] = i > 0;
		b.label[i] = i ? -1 : 0;
	}
	if (!choices) {
		put_texts(s, text_of(c, "a"), text_of(c, "b"), &b);
		check_pieces(c, &b);
	}
	if (layers) {
		put_texts(s, "a boat", NULL, &b); /* another beside it changes nothing */
		abl_model_encode(m, &b);
		for (size_t i = 0; i < json_array_size(layers); i++)
			check_numbers("layer", json_array_get(layers, i), abl_model_layer(m, i));
	} else if (target) {
		if (strcmp(name, "lm") != 0)
			b.piece[json_integer_value(json_object_get(c, "row"))] =
				abl_vocab_special(s->vocab, ABL_MASK);
		abl_batch_add_target(&b, (size_t)json_integer_value(json_object_get(c, "row")),
				     (int32_t)target);
		b.label[0] = 1;
		abl_model_pass(m, &b, &pass);
		for (size_t i = 0; i < 2; i++)
			if (losses[i])
				ck_assert_double_eq_tol(json_number_value(losses[i]),
							pass.head[i].loss, 1e-4);
	} else {
		for (size_t t = 0; t < b.tokens && strstr("tag decoder span", name); t++)
			abl_batch_add_target(&b, t, 0);
		b.answer_end[0] = 0;
		pass.scores = scores;
		abl_model_pass(m, &b, &pass);
		check_numbers(name, json_object_get(c, "scores"), scores);
	}
	abl_batch_finish(&b);
}

static const struct folder {
	const char *name, *type, *labels;
	struct abl_head_request heads[2];
	size_t head_count;
	bool cased;
} folders[] = {
	{"model", NULL, NULL, {{0}}, 0, false},
	{"classify", "classify", "no|maybe|yes", {{"classify", 3}}, 1, false},
	{"regress", "regress", NULL, {{"regress", 0}}, 1, true},
	{"tag", "tag", "O|B-X|I-X|B-Y", {{"tag", 4}}, 1, true},
	{"span", "span", NULL, {{"span", 0}}, 1, false},
	{"choice", "choice", NULL, {{"choice", 0}}, 1, false},
	{"nsp", "nsp", NULL, {{"nsp", 0}}, 1, false},
	{"mlm", "mlm", NULL, {{"mlm", 0}, {"nsp", 0}}, 2, false},
	{"lm", "lm", NULL, {{"lm", 0}}, 1, false},
	{"decoder", "tag", "LABEL_0|LABEL_1", {{"tag", 2}}, 1, false},
};
#define FOLDERS ((int)(sizeof folders / sizeof *folders))

static void check_folder(const struct folder *f, const char *path)
{
	const json_t *cases = json_object_get(json_object_get(expected, "cases"), f->name);
	struct abl_model *m;
	struct abl_saved s;

	ck_assert_msg(!abl_saved_open(&s, path, &err), "%s", err.text);
	ck_assert_msg(f->type ? s.type && !strcmp(s.type, f->type) : !s.type, "type %s", s.type);
	ck_assert_msg(f->labels ? s.labels && !strcmp(s.labels, f->labels) : !s.labels, "labels %s",
		      s.labels);
	ck_assert_int_eq(s.config.cased, f->cased);
	ck_assert_int_eq(s.config.max_length, 20);
	m = model_of(&s, f->heads, f->head_count);
	ck_assert_uint_gt(json_array_size(cases), 0);
	for (size_t i = 0; i < json_array_size(cases); i++)
		check_case(f->name, &s, m, json_array_get(cases, i));
	abl_model_destroy(m);
	abl_saved_finish(&s);
}

/* As it is; as a checkpoint of ours; and exported again: the same answers, and the same bytes when
 * what was exported is imported once more. */
START_TEST(test_saved__says_what_transformers_says)
{
	const struct folder *f = &folders[_i];
	char *from = join(given, f->name), *ours = join(root, "ours"),
	     *theirs = join(root, "theirs"), *again = join(root, "again");
	char *to[] = {ours, theirs, again}, hash[3][ABL_HASH_TEXT];
	struct abl_str said = {0};

	check_folder(f, from);
	ck_assert_msg(!abl_hf_import(from, ours, NULL, &said, &err), "%s", err.text);
	ck_assert_msg(!abl_hf_export(ours, theirs, &said, &err), "%s", err.text);
	ck_assert_msg(!abl_hf_import(theirs, again, NULL, &said, &err), "%s", err.text);
	for (int i = 0; i < 3; i++) {
		char *weights = join(to[i], "model.safetensors");

		check_folder(f, to[i]);
		ck_assert_int_eq(abl_hash_file(weights, hash[i], &err), 0);
		ck_assert_str_eq(hash[i], hash[0]);
		free(weights);
	}
	for (int i = 0; i < 3; i++) {
		ck_assert_int_eq(abl_remove_tree(to[i], &err), 0);
		free(to[i]);
	}
	abl_str_finish(&said);
	free(from);
}
END_TEST

/* Vocabularies that transformers opens: lines of the given one, from 0, in another form. None of
 * the tokens that change is in the texts, so that the same answers come out. */
static const struct {
	const char *what;
	size_t changed;   /* line */
	const char *line; /* NULL: the file ends before it */
	const char *ending, *says;
	size_t tokens;
} odd_vocabs[] = {
	{"a shorter one", 70, NULL, "", "table has 72 rows, the vocabulary 70 tokens: the last 2",
	 70},
	{"a blank line at the end", 72, NULL, "\n", "1 blank line at the end: left out", 72},
	{"a blank line in the middle", 14, "", "", "1 blank line in the middle (line 15)", 72},
	{"a doubled line", 7, "boat", "", "1 token is there twice ('boat', lines", 72},
	{"a last line without an end", 71, "[unused14]", NULL, "", 72},
};

/* A copy of the folder `model` whose vocabulary is the row's. */
static char *odd_folder(int row)
{
	char *from = join(given, "model"), *to = join(root, "odd"), *path = join(from, "vocab.txt");
	static const char *const files[] = {"config.json", "model.safetensors",
					    "tokenizer_config.json"};
	struct abl_str text = {0}, out = {0};
	size_t line = 0;

	ck_assert_int_eq(abl_mkdir_all(to, &err) | abl_file_read(path, &text, 1 << 20, &err), 0);
	for (const char *p = text.text; *p; p += strcspn(p, "\n") + 1, line++) {
		const bool changed = line == odd_vocabs[row].changed;

		if (changed && !odd_vocabs[row].line)
			break;
		abl_str_printf(&out, "%s%.*s", line ? "\n" : "",
			       changed ? (int)strlen(odd_vocabs[row].line) : (int)strcspn(p, "\n"),
			       changed ? odd_vocabs[row].line : p);
	}
	if (odd_vocabs[row].ending)
		abl_str_printf(&out, "\n%s", odd_vocabs[row].ending);
	free(path);
	path = join(to, "vocab.txt");
	ck_assert_int_eq(abl_file_write(path, out.text, out.length, &err), 0);
	free(path);
	for (size_t i = 0; i < sizeof files / sizeof *files; i++) {
		char *source = join(from, files[i]), *copy = join(to, files[i]);

		ck_assert_int_eq(symlink(source, copy), 0);
		free(source), free(copy);
	}
	abl_str_finish(&text), abl_str_finish(&out);
	free(from);
	return to;
}

START_TEST(test_saved__odd_vocabularies)
{
	char *from = odd_folder(_i), *ours = join(root, "ours"), *theirs = join(root, "theirs");
	struct abl_str said = {0};
	struct abl_saved s;

	check_folder(&folders[0], from);
	ck_assert_msg(!abl_hf_import(from, ours, NULL, &said, &err), "%s", err.text);
	ck_assert_msg(strstr(said.text, odd_vocabs[_i].says) != NULL, "%s", said.text);
	ck_assert_msg(!abl_hf_export(ours, theirs, &said, &err), "%s", err.text);
	check_folder(&folders[0], theirs);
	ck_assert_int_eq(abl_saved_open(&s, theirs, &err), 0);
	ck_assert_uint_eq(abl_vocab_size(s.vocab), odd_vocabs[_i].tokens);
	ck_assert_str_eq(s.notes, ""); /* nothing is left to be mended */
	abl_saved_finish(&s);
	ck_assert_int_eq(abl_remove_tree(from, &err) | abl_remove_tree(ours, &err) |
				 abl_remove_tree(theirs, &err),
			 0);
	abl_str_finish(&said);
	free(from), free(ours), free(theirs);
}
END_TEST

/* What the format cannot say is refused with its reason; what it can say by a table is exported. */
START_TEST(test_export__variants)
{
	static const struct {
		const char *key, *value, *why;
		const char *head; /* NULL: "span" */
	} rows[] = {
		{"segments", "none", NULL},
		{"positions", "none", NULL},
		{"positions", "sinusoidal", NULL},
		{"activation", "none", NULL},
		{"pooler", "mean", NULL},                  /* this head does not read it */
		{"special_tokens_from", "finetune", NULL}, /* nor does pre-training matter */
		{"special_tokens", "gpt", "adds [CLS] and [SEP]"},
		{"embedding_norm", "none", "normalises the embeddings"},
		{"attention", "causal", NULL},
		{"attention", "causal", "the next token, tags and spans", "regress"},
		{"norm", "none", "uses layer normalisation"},
		{"norm_position", "pre", "after each sub-layer"},
		{"residual", "none", "residual connections"},
	};
	char *vocab = join(given, "model/vocab.txt"), *from = join(root, "variant"),
	     *to = join(root, "exported");

	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		const struct abl_value v = {.type = ABL_CHOICE, .choice = rows[i].value};
		const char *head = rows[i].head ? rows[i].head : "span";
		struct abl_model_request r = {.compute = compute,
					      .vocab_size = 72,
					      .heads = {{head, 0}},
					      .head_count = 1,
					      .max_tokens = 32,
					      .max_sequences = 4,
					      .seed = 3};
		struct abl_str said = {0};
		struct abl_model *m;
		struct abl_config c;
		double decided;
		int rc;

		abl_config_init(&c);
		c.hidden = 8, c.heads = 2, c.ffn_size = 12, c.max_length = 20;
		ck_assert_int_eq(abl_config_set(&c, abl_config_key(rows[i].key), &v, &err), 0);
		ck_assert_int_eq(abl_config_resolve(&c, NULL, &err), 0);
		r.config = &c;
		ck_assert_int_eq(abl_model_create(&m, &r, &err), 0);
		ck_assert_int_eq(abl_mkdir_all(from, &err), 0);
		ck_assert_int_eq(abl_checkpoint_save(m, from, vocab,
						     &(struct abl_checkpoint_task){.type = head,
										   .decided = .25},
						     &err),
				 0);
		ck_assert_int_eq(abl_checkpoint_decided(from, &decided, &err), 0);
		ck_assert(decided >= .25 && decided <= .25);
		rc = abl_hf_export(from, to, &said, &err);
		ck_assert_msg(rc == (rows[i].why ? ABL_EINPUT : 0), "%s: %s", rows[i].value,
			      err.text);
		ck_assert_msg(!rows[i].why || strstr(err.text, rows[i].why), "%s", err.text);
		ck_assert_int_eq(abl_file_exists(to), !rows[i].why);
		err = (struct abl_err){0};
		ck_assert_int_eq(abl_remove_tree(to, &err) | abl_remove_tree(from, &err), 0);
		abl_str_finish(&said);
		abl_model_destroy(m);
	}
	free(vocab), free(from), free(to);
}
END_TEST

static int keep_first(void *data, const struct abl_encoding *e, struct abl_err *unused)
{
	float *out = data;

	memcpy(out, e->vectors, e->width * sizeof *out);
	return 0;
}

START_TEST(test_encode__layers_and_pools)
{
	char *folder = join(given, "model");
	const json_t *c =
		json_array_get(json_object_get(json_object_get(expected, "cases"), "model"), 1);
	const json_t *layers = json_object_get(c, "layers");
	const size_t tokens = json_array_size(json_object_get(c, "ids"));

	for (int layer = 0; layer < 3; layer++)
		for (int pool = ABL_POOL_CLS; pool <= ABL_POOL_TOKENS; pool++) {
			const struct abl_encode_request r = {.compute = compute,
							     .folder = folder,
							     .layer = layer == 2 ? ABL_LAYER_LAST
										 : layer,
							     .pool = (enum abl_pool)pool,
							     .batch = 2};
			const json_t *want = json_array_get(layers, (size_t)layer);
			struct abl_encoder *e;
			float got[8];

			ck_assert_msg(!abl_encoder_open(&e, &r, keep_first, got, &err), "%s",
				      err.text);
			ck_assert_int_eq(abl_encoder_add(e, text_of(c, "a"),
							 strlen(text_of(c, "a")), text_of(c, "b"),
							 strlen(text_of(c, "b")), &err),
					 0);
			ck_assert_int_eq(abl_encoder_flush(e, &err), 0);
			for (size_t i = 0; i < 8; i++) {
				double sum = 0;

				for (size_t t = 0; t < (pool == ABL_POOL_MEAN ? tokens : 1); t++)
					sum += json_number_value(json_array_get(want, 8 * t + i));
				ck_assert_double_eq_tol(
					(double)got[i],
					pool == ABL_POOL_MEAN ? sum / (double)tokens : sum, 1e-4);
			}
			abl_encoder_close(e);
		}
	free(folder);
}
END_TEST

START_TEST(test_encode__refused)
{
	static const struct {
		int64_t layer, length;
		const char *why;
	} bad[] = {{3, 0, "has no layer 3"},
		   {ABL_LAYER_SUM4, 0, "the sum of the last four needs 4"},
		   {0, 21, "has 20 positions"},
		   {0, 2, "need 3"}};
	char *folder = join(given, "model");

	for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
		const struct abl_encode_request r = {.compute = compute,
						     .folder = folder,
						     .layer = bad[i].layer,
						     .max_length = bad[i].length,
						     .batch = 1};
		struct abl_encoder *e;

		ck_assert_int_eq(abl_encoder_open(&e, &r, keep_first, NULL, &err), ABL_EINPUT);
		ck_assert_msg(strstr(err.text, bad[i].why) != NULL, "%s", err.text);
		err = (struct abl_err){0};
	}
	free(folder);
}
END_TEST

int main(void)
{
	const char *source = getenv("ABLATE_SOURCE");
	Suite *s = suite_create("saved");
	TCase *t = tcase_create("saved");
	SRunner *r;
	char *path;
	int failed;

	given = join(source ? source : ".", "tests/reference/hf");
	path = join(given, "expected.json");
	expected = json_load_file(path, 0, NULL);
	if (!expected || !mkdtemp(root)) {
		fprintf(stderr, "cannot read '%s', or make '%s'\n", path, root);
		return 1;
	}
	free(path);
	compute = compute_of("fp32", 1);
	tcase_set_timeout(t, 120);
	tcase_add_loop_test(t, test_saved__says_what_transformers_says, 0, FOLDERS);
	tcase_add_loop_test(t, test_saved__odd_vocabularies, 0,
			    (int)(sizeof odd_vocabs / sizeof *odd_vocabs));
	tcase_add_test(t, test_export__variants);
	tcase_add_test(t, test_encode__layers_and_pools);
	tcase_add_test(t, test_encode__refused);
	suite_add_tcase(s, t);
	r = srunner_create(s);
	srunner_run_all(r, CK_ENV);
	failed = srunner_ntests_failed(r);
	srunner_free(r);
	abl_compute_destroy(compute);
	json_decref(expected);
	free(given);
	(void)!abl_remove_tree(root, &err);
	return failed != 0;
}
