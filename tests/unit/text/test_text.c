/* SPDX-License-Identifier: Apache-2.0 */
#include "clean.h"
#include "files.h"
#include "str.h"
#include "utf8.h"
#include "vocab_train.h"
#include "wordpiece.h"
#include "run_case.h"

#include <check.h>
#include <jansson.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <utf8proc.h>
#include <zlib.h>

static const char *const case_names[] = {"uncased", "cased"};
static char folder[] = "/tmp/ablate-test-text-XXXXXX";
static struct abl_str path_text;

static const char *reference(const char *name)
{
	abl_str_clear(&path_text);
	abl_str_printf(&path_text, "%s/tests/reference/%s", getenv("ABLATE_SOURCE"), name);
	return path_text.text;
}

static const char *in_folder(const char *name)
{
	abl_str_clear(&path_text);
	abl_str_printf(&path_text, "%s/%s", folder, name);
	return path_text.text;
}

static struct abl_vocab *load_reference(bool cased)
{
	struct abl_vocab *v = NULL;
	struct abl_err err = {0};
	char name[64];

	snprintf(name, sizeof name, "tokenizer_vocab_%s.txt", case_names[cased]);
	ck_assert_msg(!abl_vocab_load(&v, reference(name), &err), "%s", err.text);
	return v;
}

static json_t *load_cases(void)
{
	json_error_t error;
	json_t *o = json_load_file(reference("tokenizer_cases.json"), JSON_ALLOW_NUL, &error);

	ck_assert_msg(o != NULL, "%s", error.text);
	return o;
}

/* The vocabulary of these pieces, after BERT's five; NULL and err when it is refused. */
static struct abl_vocab *vocab_of(const char *const *pieces, struct abl_err *err)
{
	struct abl_vocab *v = abl_vocab_create();
	int rc = 0;

	for (int i = ABL_PAD; i <= ABL_MASK; i++)
		rc |= abl_vocab_add(v, abl_special_text(i), strlen(abl_special_text(i)), err);
	for (; *pieces; pieces++)
		rc |= abl_vocab_add(v, *pieces, strlen(*pieces), err);
	if (rc || abl_vocab_complete(v, err)) {
		abl_vocab_destroy(v);
		return NULL;
	}
	return v;
}

/* The ids again, now with their places: those of the reference, in code points. */
static void check_places(const struct abl_tokenizer *t, const json_t *one, bool cased,
			 const struct abl_ids *wanted, struct abl_piece_places *places)
{
	const json_t *reference_places =
		json_object_get(one, cased ? "cased places" : "uncased places");
	const char *text = json_string_value(json_object_get(one, "text"));
	size_t length = json_string_length(json_object_get(one, "text"));
	struct abl_err err = {0};
	struct abl_ids ids = {0};

	if (!reference_places)
		return;
	places->count = 0;
	ck_assert(!abl_tokenizer_encode_places(t, text, length, &ids, places, &err));
	ck_assert(ids.count == wanted->count && places->count == wanted->count);
	ck_assert_uint_eq(json_array_size(reference_places), 2 * ids.count);
	for (size_t k = 0; k < ids.count; k++) {
		const struct abl_piece_place *p = &places->items[k];
		json_int_t begin = json_integer_value(json_array_get(reference_places, 2 * k));
		json_int_t end = json_integer_value(json_array_get(reference_places, 2 * k + 1));

		ck_assert_int_eq(ids.items[k], wanted->items[k]);
		ck_assert_msg(abl_utf8_points(text, p->begin) == (size_t)begin &&
				      abl_utf8_points(text, p->end) == (size_t)end,
			      "'%s' (cased %d), piece %zu: %u-%u", text, cased, k, p->begin,
			      p->end);
		ck_assert_uint_eq(abl_utf8_byte(text, length, (size_t)begin), p->begin);
		ck_assert_uint_eq(abl_utf8_byte(text, length, (size_t)end), p->end);
	}
	abl_ids_finish(&ids);
}

START_TEST(test_wordpiece__gives_the_ids_and_places_of_the_reference)
{
	json_t *cases = load_cases(), *one;
	struct abl_err err = {0};
	struct abl_piece_places places = {0};
	struct abl_ids ids = {0};
	size_t i;

	for (int cased = 0; cased < 2; cased++) {
		struct abl_vocab *v = load_reference(cased);
		struct abl_tokenizer *t = abl_tokenizer_create(v, cased);

		ck_assert_uint_gt(json_array_size(json_object_get(cases, "cases")), 30);
		json_array_foreach(json_object_get(cases, "cases"), i, one)
		{
			const json_t *text = json_object_get(one, "text");
			const json_t *wanted = json_object_get(one, case_names[cased]);

			ids.count = 0;
			ck_assert(!abl_tokenizer_encode(t, json_string_value(text),
							json_string_length(text), &ids, &err));
			ck_assert_msg(ids.count == json_array_size(wanted), "%s case %zu",
				      case_names[cased], i);
			for (size_t k = 0; k < ids.count; k++)
				ck_assert_msg(ids.items[k] ==
						      json_integer_value(json_array_get(wanted, k)),
					      "%s case %zu, piece %zu", case_names[cased], i, k);
			check_places(t, one, cased, &ids, &places);
		}
		abl_tokenizer_destroy(t);
		abl_vocab_destroy(v);
	}
	abl_ids_finish(&ids);
	abl_piece_places_finish(&places);
	json_decref(cases);
}
END_TEST

/* The words of one code point's probe (see make_tokenizer_cases.py), each with a line feed. */
static void probe(int32_t point, bool cased, struct abl_str *out)
{
	struct abl_err err = {0};
	struct abl_clean clean;
	struct abl_word word;
	struct abl_str text = {0};
	char bytes[5] = "";

	utf8proc_encode_char(point, (utf8proc_uint8_t *)bytes);
	abl_str_puts(&text, "a");
	abl_str_add(&text, bytes, point ? strlen(bytes) : 1);
	abl_str_puts(&text, "B \u302E");
	abl_str_add(&text, bytes, point ? strlen(bytes) : 1);
	abl_str_puts(&text, "\U0001D165");
	abl_str_add(&text, bytes, point ? strlen(bytes) : 1);
	abl_clean_start(&clean, text.text, text.length, cased);
	while (abl_clean_next(&clean, &word, &err) > 0) {
		abl_str_add(out, word.text, word.length);
		abl_str_add(out, "\n", 1);
	}
	ck_assert_msg(!err.code, "%s", err.text);
	abl_str_add(out, "\n", 1);
	abl_str_finish(&text);
}

START_TEST(test_clean__every_code_point_is_as_in_the_reference)
{
	json_t *cases = load_cases();
	struct abl_str out = {0};

	for (int cased = 0; cased < 2; cased++) {
		const json_t *sums =
			json_object_get(json_object_get(cases, "points"), case_names[cased]);
		size_t i = 0;

		for (int32_t block = 0; block < 0x110;
		     block += block < 0x33 ? 1 : 16 - block % 16) {
			abl_str_clear(&out);
			for (int32_t p = block << 12; p < (block + 1) << 12; p++)
				if (p < 0xD800 || p >= 0xE000)
					probe(p, cased, &out);
			ck_assert_msg(crc32(0, (const Bytef *)out.text, (uInt)out.length) ==
					      (uLong)json_integer_value(json_array_get(sums, i++)),
				      "%s, U+%X to U+%X (utf8proc has Unicode %s; made for 15)",
				      case_names[cased], block << 12, (block << 12) + 0xFFF,
				      utf8proc_unicode_version());
		}
		ck_assert_uint_eq(json_array_size(sums), i);
	}
	abl_str_finish(&out);
	json_decref(cases);
}
END_TEST

START_TEST(test_clean__words_know_where_they_come_from)
{
	static const char text[] = "  Caf\u00e9, e\u0301t\u0301 \u6e2f\ax";
	static const struct {
		const char *word;
		size_t begin, end;
	} wanted[] = {
		{"cafe", 2, 7}, {",", 7, 8}, {"et", 9, 15}, {"\u6e2f", 16, 19}, {"x", 20, 21}};
	struct abl_err err = {0};
	struct abl_clean clean;
	struct abl_word word;

	abl_clean_start(&clean, text, strlen(text), false);
	for (size_t i = 0; i < sizeof wanted / sizeof *wanted; i++) {
		ck_assert_int_eq(abl_clean_next(&clean, &word, &err), 1);
		ck_assert_uint_eq(word.length, strlen(wanted[i].word));
		ck_assert_mem_eq(word.text, wanted[i].word, word.length);
		ck_assert_uint_eq(word.begin, wanted[i].begin);
		ck_assert_uint_eq(word.end, wanted[i].end);
	}
	ck_assert_int_eq(abl_clean_next(&clean, &word, &err), 0);
}
END_TEST

START_TEST(test_wordpiece__refuses_invalid_utf8_and_takes_nothing)
{
	static const char *const bad[] = {"a \xff",         "a \xc3",     "a \xe2\x80",
					  "a \xed\xa0\x80", "a \xc0\x80", "a \xf4\x90\x80\x80",
					  "[CLS] a \x80 b"};
	struct abl_vocab *v = load_reference(false);
	struct abl_tokenizer *t = abl_tokenizer_create(v, false);
	struct abl_ids ids = {0};

	abl_ids_add(&ids, 7);
	for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
		struct abl_err err = {0};

		ck_assert_int_eq(abl_tokenizer_encode(t, bad[i], strlen(bad[i]), &ids, &err),
				 ABL_EINPUT);
		ck_assert(strstr(err.text, "invalid UTF-8"));
		ck_assert_uint_eq(ids.count, 1);
	}
	abl_ids_finish(&ids);
	abl_tokenizer_destroy(t);
	abl_vocab_destroy(v);
}
END_TEST

START_TEST(test_vocab__special_pieces_of_gpt)
{
	static const char *const own[] = {"<start>", "<delim>", "<extract>", "[unused0]", NULL};
	static const char *const bert[] = {"[unused0]", "[unused1]", "[unused2]", NULL};
	static const char *const neither[] = {"a", "<delim>", NULL};
	struct abl_err err = {0};
	struct abl_vocab *v = vocab_of(own, &err);

	ck_assert_int_eq(abl_vocab_special(v, ABL_START), 5);
	ck_assert_int_eq(abl_vocab_special(v, ABL_EXTRACT), 7);
	ck_assert(abl_vocab_is_special(v, 7) && !abl_vocab_is_special(v, 8));
	abl_vocab_destroy(v);
	v = vocab_of(bert, &err);
	ck_assert_int_eq(abl_vocab_special(v, ABL_DELIM), 6);
	ck_assert(abl_vocab_is_special(v, 6));
	abl_vocab_destroy(v);
	v = vocab_of(neither, &err);
	ck_assert_int_eq(abl_vocab_special(v, ABL_START), -1);
	ck_assert_int_eq(abl_vocab_special(v, ABL_DELIM), 6);
	ck_assert(!abl_vocab_is_special(v, -1) && !abl_vocab_is_special(v, 5));
	abl_vocab_destroy(v);
}
END_TEST

START_TEST(test_vocab__text_never_gives_the_pieces_of_gpt)
{
	static const char *const pieces[] = {"<start>", "<delim>", "<extract>", "start",
					     "<",       ">",       "##>",       NULL};
	static const char text[] = "<start> <delim><extract> x<start>";
	struct abl_err err = {0};
	struct abl_vocab *v = vocab_of(pieces, &err);
	struct abl_tokenizer *t = abl_tokenizer_create(v, true);
	struct abl_ids ids = {0};

	ck_assert(!abl_tokenizer_encode(t, text, strlen(text), &ids, &err));
	ck_assert_uint_eq(ids.count, 13);
	for (size_t i = 0; i < ids.count; i++)
		for (int s = ABL_START; s <= ABL_EXTRACT; s++)
			ck_assert_int_ne(ids.items[i], abl_vocab_special(v, s));
	abl_ids_finish(&ids);
	abl_tokenizer_destroy(t);
	abl_vocab_destroy(v);
}
END_TEST

START_TEST(test_vocab__finds_pieces_and_the_longest_match)
{
	static const char *const pieces[] = {"a", "ab", "##a", "##abc", "##\u00e9t", "##", NULL};
	struct abl_err err = {0};
	struct abl_vocab *v = vocab_of(pieces, &err);
	size_t taken = 99;

	ck_assert_uint_eq(abl_vocab_size(v), 11);
	ck_assert_int_eq(abl_vocab_id(v, "##abc", 5), 8);
	ck_assert_int_eq(abl_vocab_id(v, "abc", 3), -1);
	ck_assert_str_eq(abl_vocab_piece(v, 9), "##\u00e9t");
	ck_assert_uint_eq(abl_vocab_points(v, 9), 2);
	ck_assert_uint_eq(abl_vocab_points(v, 6), 2);
	ck_assert_uint_eq(abl_vocab_points(v, abl_vocab_special(v, ABL_CLS)), 0);
	ck_assert_uint_eq(abl_vocab_points(v, abl_vocab_special(v, ABL_UNK)), 1);
	ck_assert_int_eq(abl_vocab_match(v, "abcd", 4, false, &taken), 6);
	ck_assert_uint_eq(taken, 2);
	ck_assert_int_eq(abl_vocab_match(v, "abcd", 4, true, &taken), 8);
	ck_assert_uint_eq(taken, 3);
	ck_assert_int_eq(abl_vocab_match(v, "abcd", 2, true, &taken), 7);
	ck_assert_int_eq(abl_vocab_match(v, "bcd", 3, true, &taken), -1);
	abl_vocab_destroy(v);
}
END_TEST

START_TEST(test_vocab__refuses_bad_files)
{
	static const struct {
		const char *text, *message;
	} cases[] = {
		{"", "the vocabulary is empty"},
		{"[PAD]\n[UNK]\n[CLS]\n[SEP]\na\n", "no token '[MASK]'"},
		{"\n\n", "the vocabulary is empty"},
		{"{\"version\": 1}\n", "bad.txt:1: this is JSON"},
		{"{\n  \"model\": {\n", "bad.txt:1: this is JSON"},
		{"[PAD]\na\xff\n", "bad.txt:2:2: invalid UTF-8"},
	};
	struct abl_str longest = {0};
	struct abl_vocab *v;

	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		struct abl_err err = {0};

		ck_assert(!abl_file_write(in_folder("bad.txt"), cases[i].text,
					  strlen(cases[i].text), &err));
		ck_assert_int_eq(abl_vocab_load(&v, in_folder("bad.txt"), &err), ABL_EINPUT);
		ck_assert_msg(strstr(err.text, cases[i].message) != NULL, "%s", err.text);
	}
	for (int i = 0; i <= ABL_PIECE_MAX; i++)
		abl_str_add(&longest, "x", 1);
	v = abl_vocab_create();
	ck_assert(abl_vocab_add(v, longest.text, longest.length, NULL) == ABL_EINPUT);
	ck_assert(!abl_vocab_add(v, longest.text, longest.length - 1, NULL));
	abl_vocab_destroy(v);
	abl_str_finish(&longest);
}
END_TEST

/* Learns from the reference text, from the last line to the first if `backwards`. */
static struct abl_vocab_trainer *read_text(bool cased, bool backwards)
{
	struct abl_vocab_trainer *t = abl_vocab_trainer_create(cased);
	struct abl_str text = {0};
	struct abl_err err = {0};
	size_t begin = 0, end;

	ck_assert(!abl_file_read(reference("tokenizer_text.txt"), &text, 1 << 20, &err));
	for (end = text.length; end; end = begin) {
		for (begin = end - 1; begin && text.text[begin - 1] != '\n'; begin--)
			;
		if (!backwards)
			break;
		ck_assert(!abl_vocab_trainer_add(t, text.text + begin, end - begin, &err));
	}
	if (!backwards)
		ck_assert(!abl_vocab_trainer_add(t, text.text, text.length, &err));
	abl_str_finish(&text);
	return t;
}

START_TEST(test_vocab_train__learns_the_vocabulary_of_the_reference)
{
	for (int turn = 0; turn < 4; turn++) {
		struct abl_vocab_trainer *t = read_text(turn & 1, turn & 2);
		struct abl_vocab *wanted = load_reference(turn & 1), *got = NULL;
		struct abl_vocab_summary summary;
		struct abl_err err = {0};

		ck_assert(!abl_vocab_trainer_train(t, 10000, &got, &summary, &err));
		ck_assert_uint_eq(abl_vocab_size(got), abl_vocab_size(wanted));
		ck_assert_uint_eq(summary.pieces, abl_vocab_size(wanted));
		ck_assert_uint_eq(summary.words, 451);
		for (int32_t i = 0; i < (int32_t)abl_vocab_size(wanted); i++)
			ck_assert_str_eq(abl_vocab_piece(got, i), abl_vocab_piece(wanted, i));
		abl_vocab_destroy(got);
		abl_vocab_destroy(wanted);
		abl_vocab_trainer_destroy(t);
	}
}
END_TEST

START_TEST(test_vocab_train__keeps_to_the_size)
{
	struct abl_vocab_trainer *t = read_text(false, false);
	struct abl_vocab *v = NULL;
	struct abl_err err = {0};
	const char *needed;
	size_t least;

	ck_assert_int_eq(abl_vocab_trainer_train(t, 20, &v, NULL, &err), ABL_EINPUT);
	needed = strstr(err.text, "alone are ");
	ck_assert_msg(needed != NULL, "%s", err.text);
	least = strtoul(needed + strlen("alone are "), NULL, 10);
	ck_assert_int_eq(abl_vocab_trainer_train(t, least - 1, &v, NULL, NULL), ABL_EINPUT);
	for (size_t size = least; size < least + 3; size++) {
		ck_assert(!abl_vocab_trainer_train(t, size, &v, NULL, &err));
		ck_assert_uint_eq(abl_vocab_size(v), size);
		abl_vocab_destroy(v);
	}
	abl_vocab_trainer_destroy(t);
	t = abl_vocab_trainer_create(false);
	err = (struct abl_err){0};
	ck_assert(!abl_vocab_trainer_add(t, " \t ", 3, &err));
	ck_assert_int_eq(abl_vocab_trainer_train(t, 100, &v, NULL, &err), ABL_EINPUT);
	ck_assert(strstr(err.text, "no words"));
	abl_vocab_trainer_destroy(t);
}
END_TEST

START_TEST(test_vocab_train__limits_the_alphabet)
{
	struct abl_vocab_trainer *t = abl_vocab_trainer_create(true);
	struct abl_vocab_summary summary;
	struct abl_vocab *v = NULL;
	struct abl_err err = {0};
	char bytes[4];

	for (int32_t i = 0; i < ABL_ALPHABET_MAX + 50; i++)
		for (int k = 0; k < (i < 60 ? 1 : 2); k++) { /* the first 60 are the rare ones */
			size_t n =
				(size_t)utf8proc_encode_char(0x4E00 + i, (utf8proc_uint8_t *)bytes);

			ck_assert(!abl_vocab_trainer_add(t, bytes, n, &err));
		}
	ck_assert(!abl_vocab_trainer_train(t, 2000, &v, &summary, &err));
	ck_assert_uint_eq(summary.alphabet, ABL_ALPHABET_MAX);
	ck_assert_uint_eq(summary.dropped, 50);
	ck_assert_uint_eq(summary.pieces, ABL_ALPHABET_MAX + ABL_SPECIALS);
	ck_assert_int_ge(abl_vocab_id(v, "\u4e00", 3), 0); /* of equals, the lower code points */
	ck_assert_int_eq(abl_vocab_id(v, "\u4e0a", 3), -1);
	abl_vocab_destroy(v);
	abl_vocab_trainer_destroy(t);
}
END_TEST

int main(void)
{
	TCase *c = tcase_create("text");
	struct abl_err err = {0};
	int failed;

	if (!mkdtemp(folder))
		return 1;
	tcase_set_timeout(c, 120);
	tcase_add_test(c, test_wordpiece__gives_the_ids_and_places_of_the_reference);
	tcase_add_test(c, test_clean__every_code_point_is_as_in_the_reference);
	tcase_add_test(c, test_clean__words_know_where_they_come_from);
	tcase_add_test(c, test_wordpiece__refuses_invalid_utf8_and_takes_nothing);
	tcase_add_test(c, test_vocab__special_pieces_of_gpt);
	tcase_add_test(c, test_vocab__text_never_gives_the_pieces_of_gpt);
	tcase_add_test(c, test_vocab__finds_pieces_and_the_longest_match);
	tcase_add_test(c, test_vocab__refuses_bad_files);
	tcase_add_test(c, test_vocab_train__learns_the_vocabulary_of_the_reference);
	tcase_add_test(c, test_vocab_train__keeps_to_the_size);
	tcase_add_test(c, test_vocab_train__limits_the_alphabet);
	failed = run_case(c, "text");
	abl_str_finish(&path_text);
	if (abl_remove_tree(folder, &err))
		return 1;
	return failed;
}
