/* SPDX-License-Identifier: Apache-2.0 */
/* Readers of tagged sentences: CoNLL columns and CoNLL-U; the counts of the real files. */
#include "conll.h"
#include "files.h"
#include "shared_data.h"
#include "str.h"
#include "run_case.h"

#include <check.h>
#include <stdlib.h>
#include <string.h>

static char folder[] = "/tmp/ablate-conll-XXXXXX";

static char *put(const char *name, const char *text)
{
	char *path = abl_path_join(folder, name);
	struct abl_err err = {0};

	ck_assert_msg(!abl_file_write(path, text, strlen(text), &err), "%s", err.text);
	return path;
}

/* Sentences as text: "word/tag word/tag | ...", a word without a tag alone. */
static void show(const struct abl_tagged *t, struct abl_str *out)
{
	for (size_t s = 0; s < t->sentence_count; s++) {
		const struct abl_tagged_sentence *x = &t->sentences[s];

		abl_str_puts(out, s ? " | " : "");
		for (size_t w = x->first; w < x->first + x->count; w++)
			abl_str_printf(out, "%s%s%s%s", w > x->first ? " " : "", t->words[w].text,
				       t->words[w].tag ? "/" : "",
				       t->words[w].tag ? t->words[w].tag : "");
	}
}

#define U(id, word, upos, xpos) id "\t" word "\t_\t" upos "\t" xpos "\t_\t_\t_\t_\t_\n"

static char conll[] = "conll", conllu[] = "conllu";
static const struct {
	char *format;
	const char *split, *text, *label; /* columns */
	const char *file, *rows, *error;
} files[] = {
	{conll, "train", NULL, NULL, "Ann\tB-per\nran\tO\n\nHome\tO\n", "Ann/B-per ran/O | Home/O",
	 NULL},
	{conll, "train", NULL, NULL, "Ann NNP I-NP B-per\nran VBD I-VP O\n", "Ann/B-per ran/O",
	 NULL},
	{conll, "train", NULL, "1", "Ann NNP B-per\nran VBD O\n", "Ann/NNP ran/VBD", NULL},
	{conll, "train", "1", "0", "N Ann\nV  ran \n", "Ann/N ran/V", NULL},
	/* lone TABs divide sentences, empty and blank words are words */
	{conll, "train", NULL, NULL, "a\tO\n\t\n\tO\n \tB-x\n", "a/O | /O  /B-x", NULL},
	{conll, "train", NULL, NULL, "New York\tB-loc\n\n\n\nis\tO", "New York/B-loc | is/O", NULL},
	{conll, "train", NULL, NULL, "-DOCSTART- -X- O\n\na O\n-DOCSTART-\nb O\n", "a/O | b/O",
	 NULL},
	{conll, "train", NULL, NULL,
	 "\xEF\xBB\xBF"
	 "a\tO\r\n\r\nb\tB\r\n",
	 "a/O | b/B", NULL},
	{conll, "train", NULL, NULL, "a\tO\n#\tO\n# b\tO\n", "a/O #/O # b/O", NULL},
	{conll, "test", NULL, NULL, "a\nb\n\nc\n", "a b | c", NULL},
	/* comments: other columns than the words, or divided by something else */
	{conll, "train", NULL, "1",
	 "#\thttp://x.org/#y\t[2009]\n1\tB-x\tO\tO\n2\tO\tO\tO\n\n#\n#tag\tO\tO\tO\n",
	 "1/B-x 2/O | #tag/O", NULL},
	{conll, "train", NULL, NULL,
	 "#begin document (a); part 000\na x O\n\n#end document\n# id\t4f2\n# x B\n#b x O\n",
	 "a/O | #/B #b/O", NULL},
	{conll, "train", NULL, NULL, "#a O\n#b B\n", "#a/O #b/B", NULL},
	/* what says that it is one, in as many columns */
	{conll, "train", NULL, NULL, "#begin document (a)\n# newdoc\n# O\n\n#end document\n", "#/O",
	 NULL},
	{conll, "train", NULL, NULL,
	 "# id 4f2\td=en\na _ _ O\n\n# id 4f3 x\nb _ _ B\n\n# text = b\nc _ _ O\n",
	 "a/O | b/B | c/O", NULL},
	{conll, "test", NULL, NULL, "# text = a b\na\n#b\n", "a #b", NULL},
	/* what looks blank is; empty columns behind the words' do no harm; predicates differ */
	{conll, "train", NULL, NULL, "a O\n\302\240\nb O\n\343\200\200 \n", "a/O | b/O", NULL},
	{conll, "train", NULL, NULL, "a\tO\nb\tB\t\t\n", "a/O b/B", NULL},
	{conll, "train", "3", "4",
	 "d 0 0 a N - - - - * *\nd 0 1 b V - - - - * *\n\nd 0 0 c N - - - - *\n", "a/N b/V | c/N",
	 NULL},
	{conll, "test", NULL, NULL, "a\tO\nb\t\n", "a/O b", NULL},
	{conll, "test", NULL, NULL, "a N O\nb\n", "a/O b", NULL},
	{conll, "test", NULL, NULL, "New York B-loc\nb O\n", NULL,
	 ":2: a row with 2 columns, but the words before it have 3"},
	{conll, "test", NULL, NULL, "a\tO\nNew York B-loc\n", NULL,
	 ":2: a row with 1 column, but the words before it have 2 (separated by TABs"},
	{conllu, "train", NULL, NULL,
	 "# newdoc id = one\n# text = don't\n" U("1-2", "don't", "_", "_") U("1", "do", "AUX", "V")
		 U("2", "n't", "PART", "R")
			 U("2.1", "gone", "VERB", "V") "\n" U("1", "_", "X", "Y"),
	 "do/AUX n't/PART | _/X", NULL},
	{conllu, "train", NULL, "xpos", U("0.1", "no", "X", "X") U("1", "do", "AUX", "V"), "do/V",
	 NULL},
	{conllu, "train", "lemma", "1", U("1", "do", "AUX", "V"), "_/do", NULL},
	{conllu, "test", NULL, NULL, U("1", "do", "_", "_"), "do", NULL},
	/* refused */
	{conll, "train", NULL, NULL, "", NULL, ": the file is empty"},
	{conll, "train", NULL, NULL, "\n\t\n-DOCSTART- O\n", NULL, ": no words"},
	{conll, "train", NULL, NULL, "a\tO\nb O\n", NULL, ":2: a row with 1 column, 2 are needed"},
	{conll, "train", NULL, NULL, "a O\nb\n", NULL, ":2: a row with 1 column, 2 are needed"},
	{conll, "train", NULL, NULL, "a O\nNew York B-loc\n", NULL,
	 ":2: a row with 3 columns, but the words before it have 2 (separated by blanks in this "
	 "file)"},
	{conll, "train", NULL, NULL, "a O\n\nNew York B-loc\n", NULL, ":3: a row with 3 columns"},
	{conll, "train", "0", "1", "a\tO\tx\nb\tO\n", NULL,
	 ":2: a row with 2 columns, but the words before it have 3 (separated by TABs in this "
	 "file)"},
	{conll, "train", NULL, NULL, "a O\n# b O\n", NULL, ":2: a row with 3 columns"},
	{conll, "train", NULL, "3", "a b c d\nb c O\n", NULL, ":2: a row with 3 columns, 4 are"},
	{conll, "test", "1", NULL, "a O\nb\n", NULL, ":2: a row with 1 column, 2 are needed"},
	{conll, "train", NULL, NULL, "a\tO\nb\t\n", NULL, ":2: the word 'b' has no tag"},
	{conll, "train", NULL, NULL, "a\tO\nb\xff\tO\n", NULL, ":2:2: invalid UTF-8"},
	{conll, "train", NULL, "tag", "a\tO\n", NULL, "no column 'tag' (the tag); it is a number"},
	{conll, "train", NULL, "0", "a\tO\n", NULL,
	 "column '0' cannot be both the word and the tag"},
	{conllu, "train", NULL, NULL, "a\tO\n", NULL, ":1: not a row of CoNLL-U"},
	{conllu, "train", NULL, NULL, U("1", "a", "X", "Y") "x\n", NULL,
	 ":2: not a row of CoNLL-U"},
	{conllu, "train", NULL, NULL, U("x", "a", "X", "Y"), NULL, ":1: not a row of CoNLL-U"},
	{conllu, "train", NULL, NULL, U("1", "a", "_", "Y"), NULL, ":1: the word 'a' has no tag"},
	{conllu, "train", NULL, "upso", "", NULL, "did you mean 'upos'?"},
	{conllu, "train", NULL, "10", "", NULL, "it is a number from 0 to 9 or a name"},
};

START_TEST(test_conll__rows_and_bad_input)
{
	char *path = put("t", files[_i].file), name[] = "tags";
	struct abl_task_spec s = {.name = name,
				  .train = path,
				  .test = path,
				  .format = files[_i].format,
				  .text = (char *)(uintptr_t)files[_i].text,
				  .label = (char *)(uintptr_t)files[_i].label};
	struct abl_str rows = {0};
	struct abl_err err = {0};
	struct abl_tagged t;
	int rc = abl_conll_load(&s, files[_i].split, &t, &err);

	if (files[_i].error) {
		ck_assert_int_eq(rc, ABL_EINPUT);
		ck_assert_msg(strstr(err.text, files[_i].error), "%s", err.text);
	} else {
		ck_assert_msg(!rc, "%s", err.text);
		show(&t, &rows);
		ck_assert_str_eq(rows.text, files[_i].rows);
		ck_assert_int_eq(t.labelled, strcmp(files[_i].split, "test") != 0);
		abl_tagged_finish(&t);
	}
	abl_str_finish(&rows);
	free(path);
}
END_TEST

/* `broken: skip`: the sentence goes, the others stay. */
START_TEST(test_conll__broken_sentences_can_be_left_out)
{
	char *path = put("ragged", "a O\nNew York B-loc\nb\n\nc O\n\nd\n"), skip[] = "skip";
	struct abl_task_spec s = {.name = conll, .train = path, .format = conll, .broken = skip};
	struct abl_err err = {0};
	struct abl_tagged t;

	ck_assert_msg(!abl_conll_load(&s, "train", &t, &err), "%s", err.text);
	ck_assert(t.sentence_count == 1 && t.word_count == 1 && t.words[0].line == 5 && t.labelled);
	ck_assert(t.left_out.count[ABL_LEFT_LONG] == 1 && t.left_out.line[ABL_LEFT_LONG] == 2);
	ck_assert(t.left_out.count[ABL_LEFT_SHORT] == 1 && t.left_out.line[ABL_LEFT_SHORT] == 7);
	abl_tagged_finish(&t);
	free(path);
}
END_TEST

/* Marked documents are never divided, nor are sentences of the same words; limit cuts train. */
START_TEST(test_conll__groups_and_limit)
{
	char *path =
		put("groups",
		    "# newdoc id = a\n" U("1", "x", "X", "_") "\n" U(
			    "1", "y", "X",
			    "_") "\n# newdoc\n" U("1", "x", "Y",
						  "_") "\n# newdoc id = a\n" U("1", "z", "X", "_"));
	char *plain = put("plain", "x\tO\n\ny\tO\n\nx\tB-a\n");
	struct abl_task_spec s = {.name = conll, .train = path, .dev = path, .format = conllu};
	struct abl_err err = {0};
	struct abl_tagged t;
	const struct abl_tagged_sentence *x;

	ck_assert_msg(!abl_conll_load(&s, "train", &t, &err), "%s", err.text);
	x = t.sentences;
	ck_assert(x[0].group == x[1].group && x[0].group == x[3].group);
	ck_assert(x[2].group != x[0].group && x[0].id != x[2].id);
	ck_assert_uint_eq(t.words[2].line, 7);
	abl_tagged_finish(&t);
	s.format = conll;
	s.train = plain;
	ck_assert_msg(!abl_conll_load(&s, "train", &t, &err), "%s", err.text);
	x = t.sentences;
	ck_assert(x[0].group == x[2].group && x[0].group != x[1].group && x[0].id != x[2].id);
	abl_tagged_finish(&t);
	s.limit = 2;
	ck_assert_msg(!abl_conll_load(&s, "train", &t, &err), "%s", err.text);
	ck_assert_uint_eq(t.sentence_count, 2);
	abl_tagged_finish(&t);
	s.dev = plain;
	ck_assert_msg(!abl_conll_load(&s, "dev", &t, &err), "%s", err.text);
	ck_assert_uint_eq(t.sentence_count, 3);
	abl_tagged_finish(&t);
	free(path), free(plain);
}
END_TEST

START_TEST(test_conll__held_back_is_a_tenth)
{
	struct abl_str text = {0};
	struct abl_err err = {0};
	struct abl_tagged rest, held_back;
	struct abl_task_spec s = {.name = conll, .format = conll};

	for (int i = 0; i < 1000; i++)
		abl_str_printf(&text, "w%d\tO\n\n", i);
	s.train = put("thousand", text.text);
	ck_assert(!abl_conll_load(&s, "train", &rest, &err));
	ck_assert(!abl_conll_load(&s, "train", &held_back, &err));
	ck_assert_msg(!abl_tagged_divide(&rest, false, &err), "%s", err.text);
	ck_assert_msg(!abl_tagged_divide(&held_back, true, &err), "%s", err.text);
	ck_assert_uint_eq(rest.sentence_count + held_back.sentence_count, 1000);
	ck_assert(held_back.sentence_count > 70 && held_back.sentence_count < 130);
	/* of one sentence no tenth can be taken */
	rest.sentence_count = 1;
	ck_assert_int_eq(abl_tagged_divide(&rest, true, &err), ABL_EINPUT);
	ck_assert_msg(strstr(err.text, "to hold back a tenth"), "%s", err.text);
	abl_tagged_finish(&rest);
	abl_tagged_finish(&held_back);
	abl_str_finish(&text);
	free(s.train);
}
END_TEST

/* ---- real files ---- */

/* Sentences and words as published; of entities those that B- tags begin. */
static const struct {
	const char *task, *split;
	size_t sentences, words, entities;
} real[] = {
	{"pos", "train", 12544, 204577, 0},  {"pos", "dev", 2001, 25147, 0},
	{"ner", "train", 3394, 62730, 1975}, {"wnut17", "dev", 1009, 15733, 836},
	{"btc", "train", 6338, 99933, 8779}, {"btc", "dev", 1001, 15027, 1730},
};

START_TEST(test_real__counts)
{
	struct abl_task_spec s;
	struct abl_err err = {0};
	struct abl_tagged t;
	size_t words = 0, entities = 0;

	ck_assert_msg(!abl_task_spec_known(&s, real[_i].task, shared_data(), &err), "%s", err.text);
	ck_assert_msg(!abl_task_spec_check(&s, &err), "%s", err.text);
	ck_assert_msg(!abl_conll_load(&s, real[_i].split, &t, &err), "%s", err.text);
	for (size_t i = 0; i < t.sentence_count; i++)
		words += t.sentences[i].count;
	for (size_t w = 0; w < t.word_count; w++)
		entities += !strncmp(t.words[w].tag, "B-", 2);
	ck_assert_uint_eq(t.sentence_count, real[_i].sentences);
	ck_assert_uint_eq(words, real[_i].words);
	ck_assert_uint_eq(entities, real[_i].entities);
	abl_tagged_finish(&t);
	abl_task_spec_finish(&s);
}
END_TEST

#define COUNT(list) ((int)(sizeof(list) / sizeof *(list)))

int main(void)
{
	TCase *c = tcase_create("conll");
	struct abl_err err = {0};
	int failed;

	if (!mkdtemp(folder))
		return 1;
	tcase_set_timeout(c, 60);
	tcase_add_loop_test(c, test_conll__rows_and_bad_input, 0, COUNT(files));
	tcase_add_test(c, test_conll__broken_sentences_can_be_left_out);
	tcase_add_test(c, test_conll__groups_and_limit);
	tcase_add_test(c, test_conll__held_back_is_a_tenth);
	if (shared_data())
		tcase_add_loop_test(c, test_real__counts, 0, COUNT(real));
	else
		printf("# SKIP: counts of real files: no shared data; set ABLATE_SHARED to its "
		       "folder\n");
	failed = run_case(c, "conll");
	return abl_remove_tree(folder, &err) || failed;
}
