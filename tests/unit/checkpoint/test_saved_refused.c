/* SPDX-License-Identifier: Apache-2.0 */
/* test_saved_refused.c - checkpoint folders that are refused, each with its reason and in one line:
 * hostile config.json and tokenizer.json, files that are missing or of another kind. Damage to
 * weights files is test_train.c's. */
#include "encode.h"
#include "files.h"
#include "hf_folder.h"
#include "predict.h"
#include "saved.h"
#include "test_compute.h"

#include <check.h>
#include <jansson.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static char root[] = "/tmp/ablate-saved-XXXXXX";
static char *given; /* tests/reference/hf */
static struct abl_err err;

static char *join(const char *base, const char *name)
{
	return abl_path_join(base, name);
}

/* A copy of a given folder in which one file is other text (NULL: is not there; PIPE: is a pipe).
 */
static const char PIPE[] = "a pipe";

static char *damaged(const char *name, const char *file, const char *text, const char *new_name)
{
	static const char *const files[] = {
		"config.json",      "model.safetensors",     "vocab.txt",
		"tokenizer.json",   "tokenizer_config.json", "special_tokens_map.json",
		"added_tokens.json"};
	char *from = join(given, name), *to = join(root, "damaged");

	ck_assert_int_eq(abl_remove_tree(to, &err), 0);
	ck_assert_int_eq(abl_mkdir_all(to, &err), 0);
	for (size_t i = 0; i < sizeof files / sizeof *files; i++) {
		bool other = file && !strcmp(file, files[i]);
		char *source = join(from, files[i]),
		     *copy = join(to, other && new_name ? new_name : files[i]);
		struct abl_str bytes = {0};

		if (other && text == PIPE)
			ck_assert_int_eq(mkfifo(copy, 0600), 0);
		else if (other && text)
			ck_assert_int_eq(abl_file_write(copy, text, strlen(text), &err), 0);
		else if (abl_file_exists(source) && (!other || new_name)) {
			ck_assert_int_eq(abl_file_read(source, &bytes, 1 << 20, &err), 0);
			ck_assert_int_eq(abl_file_write(copy, bytes.text, bytes.length, &err), 0);
		}
		abl_str_finish(&bytes);
		free(source), free(copy);
	}
	free(from);
	return to;
}

static void refuse(char *folder, const char *why)
{
	struct abl_str said = {0};
	struct abl_saved s;
	char *to = join(root, "refused");
	int rc;

	err = (struct abl_err){0};
	rc = abl_saved_open(&s, folder, &err);
	if (!rc) {
		abl_saved_finish(&s);
		rc = abl_hf_import(folder, to, NULL, &said, &err);
	}
	ck_assert_int_eq(rc, ABL_EINPUT);
	ck_assert_msg(strstr(err.text, why) != NULL, "'%s' does not say '%s'", err.text, why);
	ck_assert_msg(!strchr(err.text, '\n'), "more than one line: %s", err.text);
	ck_assert(!abl_file_exists(to));
	err = (struct abl_err){0};
	abl_str_finish(&said);
	free(to), free(folder);
}

/* config.json of the folder `model` with one value replaced. */
static const struct {
	const char *name, *value, *why;
} bad_configs[] = {
	{"model_type", "\"roberta\"", "'model_type' is \"roberta\", not \"bert\""},
	{"model_type", NULL, "'model_type' is missing"},
	{"hidden_size", NULL, "'hidden_size' is missing"},
	{"hidden_size", "\"8\"", "'hidden_size' is not a number"},
	{"hidden_size", "-8", "out of range"},
	{"hidden_size", "9223372036854775807", "out of range"},
	{"hidden_size", "8.5", "needs an integer"},
	{"hidden_size", "12", "in the configuration"},
	{"num_attention_heads", "3", "not divisible by heads"},
	{"num_attention_heads", "0", "not a positive integer"},
	{"num_hidden_layers", "1000000", "out of range"},
	{"num_hidden_layers", "3", "has no tensor 'bert.encoder.layer.2"},
	{"intermediate_size", "{}", "not a number"},
	{"max_position_embeddings", "0", "not a positive integer"},
	{"max_position_embeddings", "4", "out of range"},
	{"max_position_embeddings", "40", "but [40, 8] in the configuration"},
	{"layer_norm_eps", "0", "out of range"},
	{"hidden_act", "\"silu\"", "activation 'silu' is not supported; choose from"},
	{"hidden_act", "\"a\\nb\\u001b[31m\\u009b\"", "activation 'a?b?[31m?"},
	{"hidden_act", "7", "'hidden_act' names no activation"},
	{"position_embedding_type", "\"relative_key\"", "relative positions are not supported"},
	{"type_vocab_size", "1", "'type_vocab_size' is 1, not 2"},
	{"is_decoder", "\"yes\"", "'is_decoder' is not true or false"},
	{"pruned_heads", "{\"0\": [1]}", "pruned heads are not supported"},
	{"architectures", "[\"BertGenerationDecoder\"]", "a model that is not supported"},
	{"architectures", "[\"BertLMHeadModel\"]", "'is_decoder' is not true"},
	{"architectures", "[\"BertForTokenClassification\"]", "tensors are missing"},
	{"vocab_size", "71", "the vocabulary has 72 tokens, the model's table 71 rows"},
	{"vocab_size", "1e9", "'vocab_size' is not a positive integer"},
	{"ablate", "3", "not a map of options"},
	{"ablate", "{\"hiden\": 3}", "unknown option 'hiden'"},
	{"ablate", "{\"hidden\": [3]}", "unknown option 'hidden'"},
	{"ablate", "{\"segments\": \"some\"}", "'segments' has no 'some'"},
};

START_TEST(test_saved__bad_configs)
{
	char *path = join(given, "model/config.json"), *text;
	json_t *o = json_load_file(path, 0, NULL);

	if (bad_configs[_i].value)
		json_object_set_new(o, bad_configs[_i].name,
				    json_loads(bad_configs[_i].value, JSON_DECODE_ANY, NULL));
	else
		json_object_del(o, bad_configs[_i].name);
	text = json_dumps(o, 0);
	refuse(damaged("model", "config.json", text, NULL), bad_configs[_i].why);
	json_decref(o);
	free(text), free(path);
}
END_TEST

/* A decoder whose head reads [CLS], or what a model saw on both sides. */
START_TEST(test_saved__decoders)
{
	static const char *const classes[] = {"BertForSequenceClassification",
					      "BertForMultipleChoice", "BertForPreTraining",
					      "BertForMaskedLM", "BertForNextSentencePrediction"};
	char *path = join(given, "model/config.json");

	for (size_t i = 0; i < sizeof classes / sizeof *classes; i++) {
		json_t *o = json_load_file(path, 0, NULL);
		struct abl_str why = {0};
		char *text;

		json_object_set_new(o, "architectures", json_pack("[s]", classes[i]));
		json_object_set_new(o, "is_decoder", json_true());
		text = json_dumps(o, 0);
		abl_str_printf(&why, "'is_decoder' is true: %s as a decoder", classes[i]);
		refuse(damaged("model", "config.json", text, NULL), why.text);
		abl_str_finish(&why);
		json_decref(o);
		free(text);
	}
	free(path);
}
END_TEST

START_TEST(test_saved__bad_labels)
{
	static const char head[] =
		"{\"model_type\": \"bert\", \"hidden_size\": 8, \"num_hidden_layers\": 2, "
		"\"num_attention_heads\": 2, \"intermediate_size\": 12, \"vocab_size\": 72, "
		"\"max_position_embeddings\": 20, \"hidden_act\": \"gelu\", "
		"\"architectures\": [\"BertForSequenceClassification\"], ";
	static const char *const bad[][2] = {
		{"\"id2label\": {\"0\": \"a\", \"2\": \"b\"}}", "has no text for label 1"},
		{"\"id2label\": {\"0\": \"a\", \"1\": 2}}", "has no text for label 1"},
		{"\"id2label\": {\"0\": \"a|b\", \"1\": \"c\"}}",
		 "contains a '|' or a control character"},
		{"\"id2label\": {\"0\": \"a\\tb\", \"1\": \"c\"}}", "rename it"},
		{"\"id2label\": {\"0\": \"a\", \"1\": \"a\"}}", "label 1 repeats the name 'a'"},
		{"\"id2label\": {\"0\": \"a\", \"1\": \"\"}}", "has no text for label 1"},
		{"\"id2label\": {}}", "has no labels"},
		{"\"num_labels\": 99999999}", "labels; at most"},
		{"\"problem_type\": \"multi_label_classification\"}", "is not supported"},
		{"\"problem_type\": \"regression\"}", "regression with 2 outputs"},
		{"\"num_labels\": 5}", "but [5, 8] in the configuration"},
	};

	for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
		struct abl_str text = {0};

		abl_str_printf(&text, "%s%s", head, bad[i][0]);
		refuse(damaged("classify", "config.json", text.text, NULL), bad[i][1]);
		abl_str_finish(&text);
	}
}
END_TEST

/* Texts that are no configuration or no tokenizer at all. */
START_TEST(test_saved__damaged_texts)
{
	static const char *const bad[] = {"",
					  "{",
					  "[]",
					  "null",
					  "{\"a\": 1, \"a\": 2}",
					  "\xff",
					  "{\"a\":\"\xc3\x28\"}",
					  "NaN",
					  "{\"vocab_size\": 1e999}"};
	struct abl_str deep = {0};

	for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
		refuse(damaged("classify", "config.json", bad[i], NULL), "config.json");
		refuse(damaged("classify", "tokenizer.json", bad[i], NULL), "tokenizer.json");
	}
	for (int i = 0; i < 100000; i++)
		abl_str_puts(&deep, "[");
	refuse(damaged("classify", "config.json", deep.text, NULL), "not JSON");
	abl_str_finish(&deep);
}
END_TEST

START_TEST(test_saved__bad_tokenizers)
{
	static const char *const bad[][2] = {
		{"{\"model\": {\"type\": \"BPE\", \"vocab\": {}}}",
		 "'type' is 'BPE', only 'WordPiece'"},
		{"{\"model\": {\"vocab\": []}}", "has no map 'vocab'"},
		{"{\"model\": {\"vocab\": {}}}", "the vocabulary is empty"},
		{"{\"model\": {\"vocab\": {\"a\": 1, \"b\": 4}}}", "each once"},
		{"{\"model\": {\"vocab\": {\"a\": 0, \"b\": 0}}}", "each once"},
		{"{\"model\": {\"vocab\": {\"a\": -1}}}", "each once"},
		{"{\"model\": {\"vocab\": {\"a\": 0.5}}}", "each once"},
		{"{\"model\": {\"vocab\": {\"\": 0}}}", "no token '[PAD]'"},
		{"{\"model\": {\"vocab\": {}, \"unk_token\": \"<unk>\"}}", "only '[UNK]'"},
		{"{\"model\": {\"vocab\": {}, \"continuing_subword_prefix\": \"@\"}}", "only '##'"},
		{"{\"model\": {\"vocab\": {}, \"max_input_chars_per_word\": 50}}", "is not 100"},
	};
	/* beside a vocab.txt */
	static const char *const other[][3] = {
		{"tokenizer_config.json", "{", "not JSON"},
		{"tokenizer_config.json", "[]", "not a JSON object"},
		{"tokenizer_config.json", "{\"do_lower_case\": \"yes\"}", "neither true nor false"},
		{"tokenizer_config.json", "{\"do_lower_case\": true, \"strip_accents\": false}",
		 "keeps accents"},
		{"tokenizer_config.json",
		 "{\"do_lower_case\": true, \"tokenize_chinese_chars\": false}",
		 "Chinese characters"},
		{"tokenizer_config.json", "{\"do_basic_tokenize\": false}", "do_basic_tokenize"},
		{"tokenizer_config.json", "{\"tokenizer_class\": \"BertJapaneseTokenizer\"}",
		 "'tokenizer_class' is 'BertJapaneseTokenizer', only 'BertTokenizer'"},
		{"tokenizer_config.json", "{\"cls_token\": {\"content\": \"<s>\"}}",
		 "'cls_token' is '<s>', only '[CLS]'"},
		{"tokenizer_config.json", "{\"never_split\": [\"boat\"]}",
		 "the added token 'boat'"},
		{"tokenizer_config.json",
		 "{\"added_tokens_decoder\": {\"4\": {\"content\": \"[MASK]\"}, \"7\": "
		 "{\"content\": "
		 "\"boat\"}}}",
		 "the added token 'boat'"},
		{"special_tokens_map.json", "{\"additional_special_tokens\": [\"boat\"]}",
		 "the added token 'boat'"},
		{"added_tokens.json", "{\"[MASK]\": 4, \"boat\": 7}", "the added token 'boat'"},
		{"tokenizer.json", "{}", "has no 'normalizer'"},
		{"tokenizer.json", "{\"normalizer\": {\"type\": \"NFKC\"}}",
		 "'type' is 'NFKC', only 'BertNormalizer'"},
		{"tokenizer.json",
		 "{\"normalizer\": {\"type\": \"BertNormalizer\"}, \"pre_tokenizer\": null}",
		 "has no 'pre_tokenizer'"},
		{"tokenizer.json",
		 "{\"normalizer\": {\"type\": \"BertNormalizer\", \"clean_text\": false}, "
		 "\"pre_tokenizer\": {\"type\": \"BertPreTokenizer\"}}",
		 "clean_text"},
	};

	for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
		refuse(damaged("classify", "tokenizer.json", bad[i][0], NULL), bad[i][1]);
	for (size_t i = 0; i < sizeof other / sizeof *other; i++)
		refuse(damaged("model", other[i][0], other[i][1], NULL), other[i][2]);
	refuse(damaged("model", "vocab.txt", "[PAD]\n[PAD]\xff\n", NULL), "vocab.txt:2");
}
END_TEST

START_TEST(test_saved__missing_files)
{
	static const char *const weights[][2] = {
		{"pytorch_model.bin", "pickle"},
		{"model.safetensors.index.json", "several files"},
		{"tf_model.h5", "TensorFlow"},
		{"weights.bin", "it has no model.safetensors"},
	};

	for (size_t i = 0; i < sizeof weights / sizeof *weights; i++)
		refuse(damaged("model", "model.safetensors", NULL, weights[i][0]), weights[i][1]);
	refuse(damaged("model", "config.json", NULL, "c.json"), "it has no config.json");
	refuse(damaged("model", "vocab.txt", NULL, "v.txt"), "no vocabulary");
	refuse(damaged("model", "model.safetensors", "", NULL), "shorter than its header");
	refuse(join(root, "nowhere"), "there is no folder");
	refuse(join(given, "expected.json"), "is a file; a checkpoint is a folder");
}
END_TEST

/* Opening one would wait for ever. */
START_TEST(test_saved__pipes)
{
	static const char *const names[] = {"config.json", "model.safetensors", "vocab.txt",
					    "tokenizer_config.json"};

	for (size_t i = 0; i < sizeof names / sizeof *names; i++)
		refuse(damaged("model", names[i], PIPE, NULL), "not a regular file");
}
END_TEST

/* Every use reads the weights: none computes with a value that is not finite. */
START_TEST(test_saved__values_that_are_not_finite)
{
	const float bad = NAN;
	char *folder = damaged("span", NULL, NULL, NULL), *path = join(folder, "model.safetensors");
	struct abl_compute *compute = compute_of("fp32", 1);
	struct abl_encode_request r = {
		.compute = compute, .folder = folder, .layer = ABL_LAYER_LAST, .batch = 1};
	struct abl_str bytes = {0}, out = {0};
	struct abl_predictor *p;
	struct abl_encoder *e;

	ck_assert_int_eq(abl_file_read(path, &bytes, 1 << 20, &err), 0);
	memcpy(bytes.text + bytes.length - sizeof bad, &bad, sizeof bad);
	ck_assert_int_eq(abl_file_write(path, bytes.text, bytes.length, &err), 0);
	ck_assert_int_eq(abl_encoder_open(&e, &r, NULL, NULL, &err), 0);
	abl_encoder_close(e); /* the last tensor is the head's, which it does not read */
	ck_assert_int_eq(abl_predictor_open(&p, compute, folder, NULL, &err), 0);
	ck_assert_int_eq(abl_predict_texts(p, NULL, (const char *const[]){"who ?", "the boat"}, 2,
					   &out, &err),
			 ABL_EINPUT);
	ck_assert_msg(strstr(err.text, "model.safetensors: value ") != NULL, "%s", err.text);
	abl_predictor_close(p);
	abl_compute_destroy(compute);
	abl_str_finish(&bytes), abl_str_finish(&out);
	free(path);
	refuse(folder, "is not finite");
}
END_TEST

int main(void)
{
	const char *source = getenv("ABLATE_SOURCE");
	Suite *s = suite_create("saved_refused");
	TCase *t = tcase_create("saved");
	SRunner *r;
	int failed;

	given = join(source ? source : ".", "tests/reference/hf");
	if (!mkdtemp(root)) {
		fprintf(stderr, "cannot create '%s'\n", root);
		return 1;
	}
	tcase_set_timeout(t, 120);
	tcase_add_loop_test(t, test_saved__bad_configs, 0,
			    (int)(sizeof bad_configs / sizeof *bad_configs));
	tcase_add_test(t, test_saved__decoders);
	tcase_add_test(t, test_saved__bad_labels);
	tcase_add_test(t, test_saved__damaged_texts);
	tcase_add_test(t, test_saved__bad_tokenizers);
	tcase_add_test(t, test_saved__missing_files);
	tcase_add_test(t, test_saved__pipes);
	tcase_add_test(t, test_saved__values_that_are_not_finite);
	suite_add_tcase(s, t);
	r = srunner_create(s);
	srunner_run_all(r, CK_ENV);
	failed = srunner_ntests_failed(r);
	srunner_free(r);
	free(given);
	(void)!abl_remove_tree(root, &err);
	return failed != 0;
}
