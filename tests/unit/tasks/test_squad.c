/* SPDX-License-Identifier: Apache-2.0 */
/* test_squad.c - SQuAD's files and its scores: the reference cases of make_squad_cases.py, what is
 * wrong in a file, parts of train, and the counts of the real files. */
#include "files.h"
#include "python_text.h"
#include "shared_data.h"
#include "squad.h"
#include "squad_score.h"
#include "str.h"
#include "run_case.h"

#include <check.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <utf8proc.h>
#include <zlib.h>

static char folder[] = "/tmp/ablate-squad-XXXXXX";
static char *gold_path, *said_path, *none_path;

static void write_text(const char *path, const char *text)
{
	struct abl_err err = {0};

	ck_assert_msg(!abl_file_write(path, text, strlen(text), &err), "%s", err.text);
}

static void write_json(const char *path, const json_t *o)
{
	char *text = json_dumps(o, 0);

	write_text(path, text);
	free(text);
}

static json_t *load_cases(void)
{
	char *path = abl_path_join(getenv("ABLATE_SOURCE"), "tests/reference/squad_cases.json");
	json_error_t error;
	json_t *o = json_load_file(path, 0, &error);

	ck_assert_msg(o != NULL, "%s", error.text);
	free(path);
	return o;
}

START_TEST(test_score__texts_are_compared_as_in_the_reference)
{
	json_t *cases = load_cases(), *one;
	struct abl_str out = {0};
	size_t i;

	ck_assert_uint_gt(json_array_size(json_object_get(cases, "normal")), 30);
	json_array_foreach(json_object_get(cases, "normal"), i, one)
	{
		const json_t *text = json_array_get(one, 0);

		abl_str_clear(&out);
		abl_squad_normalize(json_string_value(text), json_string_length(text), &out);
		ck_assert_str_eq(out.text, json_string_value(json_array_get(one, 1)));
	}
	abl_str_finish(&out);
	json_decref(cases);
}
END_TEST

static void add_point(struct abl_str *s, int32_t point)
{
	utf8proc_uint8_t bytes[4];

	abl_str_add(s, (const char *)bytes, (size_t)utf8proc_encode_char(point, bytes));
}

/* As probe() of make_squad_cases.py. */
static void probe(int32_t point, struct abl_str *out)
{
	struct abl_str text = {0};

	add_point(&text, point);
	abl_python_lower(text.text, text.length, out);
	abl_python_lower("A\u03A3", 3, out);
	abl_str_clear(&text);
	abl_str_puts(&text, "A");
	add_point(&text, point);
	abl_str_puts(&text, "\u03A3");
	abl_python_lower(text.text, text.length, out);
	abl_str_clear(&text);
	abl_str_puts(&text, "A\u03A3");
	add_point(&text, point);
	abl_python_lower(text.text, text.length, out);
	abl_str_puts(out, abl_python_space(point) ? "s" : "");
	abl_str_puts(out, abl_python_word(point) ? "w" : "");
	abl_str_puts(out, "\n");
	abl_str_finish(&text);
}

START_TEST(test_score__lower_case_words_and_blanks_are_pythons)
{
	json_t *cases = load_cases(), *one;
	struct abl_str out = {0};
	size_t i;

	json_array_foreach(json_object_get(cases, "lower"), i, one)
	{
		int32_t block = (int32_t)json_integer_value(json_array_get(one, 0));

		abl_str_clear(&out);
		for (int32_t p = block; p < block + 0x400; p++) {
			utf8proc_category_t c = utf8proc_category(p);

			if (c != UTF8PROC_CATEGORY_CN && c != UTF8PROC_CATEGORY_CS &&
			    c != UTF8PROC_CATEGORY_CO)
				probe(p, &out);
		}
		ck_assert_msg((json_int_t)crc32(0, (const Bytef *)out.text, (uInt)out.length) ==
				      json_integer_value(json_array_get(one, 1)),
			      "block %x", (unsigned)block);
	}
	abl_str_finish(&out);
	json_decref(cases);
}
END_TEST

static void note(void *data, const char *name, double value)
{
	json_object_set_new(data, name, json_real(value));
}

/* The figures of `mark`, to the last digit. */
static void check_figures(const json_t *one, size_t i)
{
	bool v2 = json_is_true(json_object_get(one, "v2"));
	const json_t *none = json_object_get(one, "no_answer");
	json_t *got = json_object(), *wanted;
	char name[] = "t", type[] = "span", yes[] = "yes";
	struct abl_task_spec spec = {
		.name = name, .type = type, .test = gold_path, .no_answer = v2 ? yes : NULL};
	struct abl_mark_request r = {&spec, said_path, json_is_object(none) ? none_path : NULL};
	struct abl_err err = {0};
	const char *key;

	write_json(gold_path, json_object_get(one, "gold"));
	write_json(said_path, json_object_get(one, "predictions"));
	if (r.no_answer)
		write_json(none_path, none);
	ck_assert_msg(!abl_task_span.mark(&r, note, got, &err), "%s", err.text);
	json_object_foreach(json_object_get(one, "figures"), key, wanted)
	{
		const json_t *value = json_object_get(got, key);

		ck_assert_msg(value != NULL, "case %zu has no %s", i, key);
		ck_assert_msg(json_number_value(value) == json_number_value(wanted),
			      "case %zu: %s is %.17g, not %.17g", i, key, json_number_value(value),
			      json_number_value(wanted));
		json_object_del(got, key);
	}
	json_object_del(got, "missing");
	ck_assert_uint_eq(json_object_size(got), 0);
	json_decref(got);
}

START_TEST(test_score__figures_are_those_of_the_reference)
{
	json_t *cases = load_cases(), *one;
	size_t i;

	ck_assert_uint_eq(json_array_size(json_object_get(cases, "cases")), 6);
	json_array_foreach(json_object_get(cases, "cases"), i, one) check_figures(one, i);
	json_decref(cases);
}
END_TEST

#define QUESTION "\"id\": \"q\", \"question\": \"which?\""
#define FILE_OF(questions)                                                      \
	"{\"data\": [{\"title\": \"t\", \"paragraphs\": [{\"qas\": [" questions \
	"], \"context\": \"one buoy\"}]}]}"
#define ANSWER(text, start)                                                                       \
	FILE_OF("{" QUESTION ", \"answers\": [{\"answer_start\": " start ", \"text\": " text "}]" \
		"}")

/* What mark says to predictions that are no predictions. */
static const struct {
	const char *gold, *said, *none, *message;
} bad_predictions[] = {
	{ANSWER("\"one\"", "0"), "[]", NULL, "the file is a list; it must be an object"},
	{ANSWER("\"one\"", "0"), "{\"q\": 1}", NULL, "question 'q' is a number, not a text"},
	{ANSWER("\"one\"", "0"), "{\"q\": \"x\"", NULL, "not JSON"},
	{ANSWER("\"one\"", "0"), "", NULL, "the file is empty"},
	{ANSWER("\"one\"", "0"), "{}", "{}", "no prediction for question 'q'"},
	{ANSWER("\"one\"", "0"), "{\"q\": \"\"}", "{}", "1 of 1 questions have no probability"},
	{ANSWER("\"one\"", "0"), "{\"q\": \"\"}", "{\"q\": \"\"}", "not a number"},
	{FILE_OF("{" QUESTION "}"), "{\"q\": \"\"}", NULL, "this is not a gold file"},
	{FILE_OF("{" QUESTION ", \"answers\": []}"), "{\"q\": \"\"}", NULL,
	 "question 'q' has no answer, in SQuAD 1.1 each has one"},
};

START_TEST(test_score__bad_predictions_are_refused)
{
	char name[] = "t", type[] = "span", yes[] = "yes";
	struct abl_task_spec spec = {.name = name,
				     .type = type,
				     .test = gold_path,
				     .no_answer = bad_predictions[_i].none ? yes : NULL};
	struct abl_mark_request r = {&spec, said_path, bad_predictions[_i].none ? none_path : NULL};
	struct abl_err err = {0};
	json_t *got = json_object();

	write_text(gold_path, bad_predictions[_i].gold);
	write_text(said_path, bad_predictions[_i].said);
	if (r.no_answer)
		write_text(none_path, bad_predictions[_i].none);
	ck_assert_int_eq(abl_task_span.mark(&r, note, got, &err), ABL_EINPUT);
	ck_assert_msg(strstr(err.text, bad_predictions[_i].message) != NULL, "%s", err.text);
	ck_assert_uint_eq(json_object_size(got), 0);
	json_decref(got);
}
END_TEST

/* ---- the reader ---- */

static const struct {
	const char *text, *message;
} bad[] = {
	{"", "the file is empty"},
	{"{", "gold.json:2:0: not JSON"},
	{"[]", "'data' is missing; it must be a list of articles"},
	{"{\"data\": {}}", "'data' is an object; it must be a list of articles"},
	{"{\"data\": []}", "contains no question"},
	{"{\"data\": [1]}", "gold.json: data[0]: 'paragraphs' is missing; it must be a list"},
	{"{\"data\": [{\"paragraphs\": [{\"qas\": []}]}]}",
	 "data[0].paragraphs[0]: 'context' is missing; it must be a text"},
	{"{\"data\": [{\"paragraphs\": [{\"context\": \"\", \"context\": \"\"}]}]}", "not JSON"},
	{FILE_OF("{}"), "data[0].paragraphs[0].qas[0]: 'question' is missing"},
	{FILE_OF("{\"id\": 7}"), "(question '7'): 'question' is missing"},
	{FILE_OF("{\"id\": \"q\"}"), "(question 'q'): 'question' is missing"},
	{FILE_OF("{" QUESTION "}"), "(question 'q'): 'answers' is missing; it must be a list"},
	{FILE_OF("{" QUESTION ", \"answers\": [7]}"), "'text' is missing"},
	{FILE_OF("{" QUESTION ", \"answers\": []}"), "`no_answer: yes`"},
	{FILE_OF("{" QUESTION ", \"answers\": [], \"is_impossible\": 1}"),
	 "'is_impossible' is a number; it must be true or false"},
	{ANSWER("\"one\"", "\"0\""),
	 "'answer_start' is a text; it must be a number of code points"},
	{ANSWER("\"one\"", "-1"),
	 "the answer 'one' of question 'q' is not in its passage where 'answer_start' says"},
	{ANSWER("\"one\"", "null"),
	 "'answer_start' is null; it must be a number of code points, 0 or more (or set `broken: "
	 "skip`)"},
	{"\xff\xfe{\n", "gold.json: this looks like UTF-16 text"},
	{ANSWER("\"one\"", "1"), "answer 'one' of question 'q' is not in its passage"},
	{ANSWER("\"one\"", "9223372036854775807"), "not in its passage where 'answer_start' says"},
	{ANSWER("\"\\u0000\"", "0"), "not JSON"},
	{ANSWER("\"\\ud800\"", "0"), "not JSON"},
};

static int load(struct abl_squad *s, const char *text, const char *split, bool v2, int64_t limit,
		bool skip, struct abl_err *err)
{
	char name[] = "t", type[] = "span", yes[] = "yes", broken[] = "skip";
	struct abl_task_spec spec = {.name = name,
				     .type = type,
				     .train = gold_path,
				     .dev = gold_path,
				     .no_answer = v2 ? yes : NULL,
				     .limit = limit,
				     .broken = skip ? broken : NULL};

	write_text(gold_path, text);
	return abl_squad_load(&spec, split, s, err);
}

START_TEST(test_reader__bad_files_are_refused)
{
	struct abl_squad s;
	struct abl_err err = {0};

	ck_assert_int_eq(load(&s, bad[_i].text, "train", false, 0, false, &err), ABL_EINPUT);
	ck_assert_msg(strstr(err.text, bad[_i].message) != NULL, "%s", err.text);
}
END_TEST

START_TEST(test_reader__answers_are_at_their_bytes)
{
	static const char text[] = /* a byte order mark before it is no part of it */
		"\xef\xbb\xbf" FILE_OF(
			"{" QUESTION ", \"answers\": [{\"text\": \" buoy\", \"answer_start\": 3}, "
			"{\"text\": \"two\", \"answer_start\": 0}]}, {\"answers\": [], "
			"\"question\": \"\", \"id\": \"r\", \"is_impossible\": true}");
	struct abl_squad s;
	struct abl_err err = {0};

	ck_assert_msg(!load(&s, text, "train", true, 0, false, &err), "%s", err.text);
	ck_assert_uint_eq(s.count, 2);
	ck_assert(s.questions[0].answer_count == 2 && !s.questions[0].impossible);
	ck_assert(s.questions[0].answers[0].begin == 3 && s.questions[0].answers[0].end == 8);
	ck_assert(s.questions[0].answers[0].there && !s.questions[0].answers[1].there);
	ck_assert(s.questions[1].impossible && s.questions[1].labelled);
	abl_squad_finish(&s);
	ck_assert_int_eq(load(&s, text, "train", true, 1, false, &err), 0);
	ck_assert_uint_eq(s.count, 1);
	abl_squad_finish(&s);
}
END_TEST

START_TEST(test_reader__misplaced_answers_can_be_left_out)
{
	static const char text[] =
		FILE_OF("{" QUESTION ", \"answers\": [{\"text\": \"two\", \"answer_start\": 0}]},"
			"{\"id\": \"r\", \"question\": \"\", \"answers\": [{\"text\": \"one\", "
			"\"answer_start\": 0}]}");
	struct abl_squad s;
	struct abl_err err = {0};

	ck_assert_msg(!load(&s, text, "train", false, 0, true, &err), "%s", err.text);
	ck_assert(s.count == 1 && s.left_out.count[ABL_LEFT_MISPLACED] == 1 &&
		  !strcmp(s.questions[0].id, "r"));
	abl_squad_finish(&s);
	ck_assert_msg(!load(&s, text, "dev", false, 0, false, &err), "%s", err.text);
	ck_assert_uint_eq(s.count, 2); /* gold is scored by its text */
	abl_squad_finish(&s);
	ck_assert_int_eq(
		load(&s,
		     FILE_OF("{" QUESTION ", \"answers\": []}, {" QUESTION ", \"answers\": []}"),
		     "dev", false, 0, false, &err),
		ABL_EINPUT);
	ck_assert_msg(strstr(err.text, "two questions have the id 'q'") != NULL, "%s", err.text);
}
END_TEST

/* As tools for annotation write them: ids that are numbers or lack, -1 for "nowhere", an empty
 * answer for none. */
START_TEST(test_reader__annotation_tools)
{
	static const char text[] = FILE_OF(
		"{\"id\": 7, \"question\": \"\", \"answers\": [{\"text\": \"one\", "
		"\"answer_start\": 0}]}, "
		"{\"question\": \"\", \"answers\": [{\"text\": \"one\", \"answer_start\": 0.0}]}, "
		"{\"id\": \"a\", \"question\": \"\", \"answers\": [{\"text\": \"one\", "
		"\"answer_start\": -1}]}, "
		"{\"id\": \"n\", \"question\": \"\", \"is_impossible\": true, \"answers\": "
		"[{\"text\": null}]}, "
		"{\"id\": \"b\", \"question\": \"\", \"answers\": [{\"text\": \"one\"}]}, "
		"{\"id\": \"c\", \"question\": \"\", \"is_impossible\": true, "
		"\"answers\": [{\"text\": \"\", \"answer_start\": -1}]}");
	struct abl_squad s;
	struct abl_err err = {0};

	ck_assert_msg(!load(&s, text, "train", true, 0, true, &err), "%s", err.text);
	ck_assert_uint_eq(s.count, 4);
	ck_assert_str_eq(s.questions[0].id, "7");
	ck_assert_str_eq(s.questions[1].id, "data[0].paragraphs[0].qas[1]");
	ck_assert_uint_eq(s.left_out.count[ABL_LEFT_MISPLACED], 2);
	ck_assert(s.questions[2].impossible && !s.questions[2].answer_count);
	abl_squad_finish(&s);
	ck_assert_msg(!load(&s, text, "train", false, 0, true, &err), "%s", err.text);
	ck_assert(s.count == 2 && s.left_out.count[ABL_LEFT_NO_ANSWER] == 2); /* of SQuAD 1.1 */
	abl_squad_finish(&s);
	/* predictions are by id, and scored by the answer's text */
	ck_assert_int_eq(load(&s, text, "dev", true, 0, true, &err), ABL_EINPUT);
	ck_assert_msg(strstr(err.text, "qas[1]: 'id' is missing; it must be a text"), "%s",
		      err.text);
	err = (struct abl_err){0};
	ck_assert_msg(!load(&s, ANSWER("\"one\"", "-1"), "dev", false, 0, false, &err), "%s",
		      err.text);
	ck_assert(s.count == 1 && s.questions[0].answer_count == 1);
	abl_squad_finish(&s);
}
END_TEST

/* articles of 5 paragraphs of 2 questions each */
static void make_articles(size_t articles, struct abl_str *out)
{
	abl_str_clear(out);
	abl_str_puts(out, "{\"data\": [");
	for (size_t i = 0; i < articles * 5; i++) {
		abl_str_printf(out, "%s", i % 5 ? ", " : i ? "]}, " : "");
		if (i % 5 == 0)
			abl_str_printf(out, "{\"title\": \"t%zu\", \"paragraphs\": [", i / 5);
		abl_str_printf(out, "{\"context\": \"p%zu\", \"qas\": [", i);
		for (size_t k = 0; k < 2; k++)
			abl_str_printf(out,
				       "%s{\"id\": \"%zu-%zu\", \"question\": \"\", \"answers\": "
				       "[{\"text\": \"p\", \"answer_start\": 0}]}",
				       k ? ", " : "", i, k);
		abl_str_puts(out, "]}");
	}
	abl_str_puts(out, "]}]}");
}

/* "17-1" -> 17 */
static int number_of(const char *id)
{
	return (int)strtol(id, NULL, 10);
}

START_TEST(test_reader__groups_are_never_divided)
{
	const size_t articles = _i ? 30 : 15;
	struct abl_str text = {0};
	struct abl_squad part[2];
	struct abl_err err = {0};

	make_articles(articles, &text);
	ck_assert_msg(!load(&part[0], text.text, "train-rest", false, 0, false, &err), "%s",
		      err.text);
	ck_assert_msg(!load(&part[1], text.text, "held-back", false, 0, false, &err), "%s",
		      err.text);
	ck_assert_uint_eq(part[0].count + part[1].count, articles * 10);
	ck_assert_uint_gt(part[0].count, part[1].count);
	for (size_t i = 0; i < part[0].count; i++)
		for (size_t k = 0; k < part[1].count; k++) {
			int a = number_of(part[0].questions[i].id),
			    b = number_of(part[1].questions[k].id);

			ck_assert(part[0].questions[i].group != part[1].questions[k].group);
			ck_assert(_i ? a / 5 != b / 5 : a != b);
		}
	abl_squad_finish(&part[0]), abl_squad_finish(&part[1]);
	abl_str_finish(&text);
}
END_TEST

/* ---- the real files ---- */

static const struct {
	const char *task;
	size_t train, train_articles, impossible, dev, dev_paragraphs, dev_answers;
} real_files[] = {
	{"squad", 11877, 44, 0, 7532, 1509, 24407},
	{"squad2", 4719, 10, 348, 6078, 646, 10052},
	{"squadshifts", 11877, 44, 0, 7938, 1581, 22794},
};

START_TEST(test_real__counts_and_places)
{
	size_t impossible = 0, answers = 0;
	struct abl_squad train, dev;
	struct abl_task_spec s;
	struct abl_err err = {0};

	ck_assert_msg(!abl_task_spec_known(&s, real_files[_i].task, shared_data(), &err), "%s",
		      err.text);
	ck_assert_msg(!abl_task_spec_check(&s, &err), "%s", err.text);
	ck_assert_msg(!abl_squad_load(&s, "train", &train, &err), "%s", err.text);
	ck_assert_msg(!abl_squad_load(&s, "dev", &dev, &err), "%s", err.text);
	for (size_t i = 0; i < train.count; i++)
		impossible += train.questions[i].impossible;
	for (size_t i = 0; i < dev.count; i++)
		for (size_t k = 0; k < dev.questions[i].answer_count; k++, answers++)
			ck_assert(dev.questions[i].answers[k].there);
	ck_assert_uint_eq(train.count, real_files[_i].train);
	ck_assert_uint_eq(train.articles, real_files[_i].train_articles);
	ck_assert_uint_eq(impossible, real_files[_i].impossible);
	ck_assert_uint_eq(dev.count, real_files[_i].dev);
	ck_assert_uint_eq(dev.paragraphs, real_files[_i].dev_paragraphs);
	ck_assert_uint_eq(answers, real_files[_i].dev_answers);
	abl_squad_finish(&train), abl_squad_finish(&dev);
	abl_task_spec_finish(&s);
}
END_TEST

#define COUNT(list) ((int)(sizeof(list) / sizeof *(list)))

int main(void)
{
	TCase *c = tcase_create("squad");
	struct abl_err err = {0};
	int failed;

	if (!mkdtemp(folder))
		return 1;
	gold_path = abl_path_join(folder, "gold.json");
	said_path = abl_path_join(folder, "said.json");
	none_path = abl_path_join(folder, "none.json");
	tcase_set_timeout(c, 60);
	tcase_add_test(c, test_score__texts_are_compared_as_in_the_reference);
	tcase_add_test(c, test_score__lower_case_words_and_blanks_are_pythons);
	tcase_add_test(c, test_score__figures_are_those_of_the_reference);
	tcase_add_loop_test(c, test_score__bad_predictions_are_refused, 0, COUNT(bad_predictions));
	tcase_add_loop_test(c, test_reader__bad_files_are_refused, 0, COUNT(bad));
	tcase_add_test(c, test_reader__answers_are_at_their_bytes);
	tcase_add_test(c, test_reader__misplaced_answers_can_be_left_out);
	tcase_add_test(c, test_reader__annotation_tools);
	tcase_add_loop_test(c, test_reader__groups_are_never_divided, 0, 2);
	if (shared_data())
		tcase_add_loop_test(c, test_real__counts_and_places, 0, COUNT(real_files));
	else
		printf("# SKIP: counts of the real SQuAD files: no shared data; set ABLATE_SHARED "
		       "to its folder\n");
	failed = run_case(c, "squad");
	free(gold_path), free(said_path), free(none_path);
	if (abl_remove_tree(folder, &err))
		return 1;
	return failed;
}
