/* SPDX-License-Identifier: Apache-2.0 */
/* Texts: layouts, documents, paragraphs, and where a paragraph is cut into sentences. */
#include "documents.h"
#include "files.h"
#include "sentences.h"
#include "str.h"
#include "world.h"
#include "run_case.h"

#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static char folder[] = "/tmp/ablate-texts-XXXXXX";

/* The sentences of a paragraph, joined by "|". */
static char *cut(enum abl_sentence_rule rule, const char *text)
{
	struct abl_str out = {0};
	size_t length = strlen(text), n;
	const char *sentence;

	abl_str_puts(&out, "");
	while (abl_sentence_next(rule, &text, &length, &sentence, &n)) {
		if (out.length)
			abl_str_puts(&out, "|");
		abl_str_add(&out, sentence, n);
	}
	return out.text;
}

/* In each row "|" marks where a sentence ends, in place of the blank there. */
static const char *const rows[] = {
	"",
	"No stop at all",
	"Voil\303\240", /* its last byte alone would be a blank of Latin 1 */
	"One here.|Two there!|Three where?|Four.",
	"It rained ... and then it rained again.",
	"It rained...|Then the sun came.",
	"What?!|Yes!!",
	/* quotes and brackets */
	"\"Come in!\" he said.|\"Thank you.\"|She sat down.",
	"\342\200\234Come.\342\200\235|\342\200\234Where to?\342\200\235|(Nobody knew.)|[Nobody.]",
	"He left (at last!) and closed the door.",
	"\342\200\230Go.\342\200\231|\342\200\224 And he went.",
	/* titles and short forms */
	"Mr. Oak met Dr. Elm in St. Ives.|Mrs. Ash did not.",
	"\342\200\234Mr. Oak\342\200\224Mr. Elm, not (Dr. Yew)!\342\200\235",
	"The Rev. Pine and Capt. Yew, e.g. Robert, cf. Anna, came vs. Karl.",
	"See No. 7 on p. 12 or pp. 3 to 5, vol. 2.|No.|No 7 then.",
	"She said no.|They went.",
	"On Dec. 7 it began.|On Jan. 1 it ended.",
	/* initials */
	"J. S. Mill wrote to E. M. Forster.",
	"It went from A to B.|The end came soon.",
	"So did I.|Anna laughed.",
	/* letters with inner stops */
	"The U.S. Navy left at 5 p.m. Monday.",
	"He lived in the U.S.|The house was small.",
	"Oak, Elm, etc.|They grow.|Oak, Elm, etc. Pine grows.",
	/* numbers */
	"It cost 3.50 in 1901.|Now it costs 7.|12 came.",
	"2. Of the soul.|3. Of the body.",
	/* what is not a sentence's beginning */
	"Yahoo! was big. com is a suffix.",
	"a.b.c d",
	"Spaced . . . dots.|And \" quoted . \" ones.",
	/* other scripts: case decides where there is one, nothing where there is none */
	"\303\211t\303\251.|\303\211lan!",
	"\303\211t\303\251. \303\251lan!",
	"\320\224\320\260.|\320\235\320\265\321\202.",
	"\320\224\320\260. \320\275\320\265\321\202.",
	"\327\251\327\234.|\327\251\327\234.",
};

START_TEST(test_sentences__rows)
{
	struct abl_str text = {0};
	char *got;

	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		abl_str_clear(&text);
		abl_str_puts(&text, rows[i]);
		for (size_t k = 0; k < text.length; k++)
			if (text.text[k] == '|')
				text.text[k] = ' ';
		got = cut(ABL_SENTENCES_SPLIT, text.text);
		ck_assert_str_eq(got, rows[i]);
		free(got);
	}
	abl_str_finish(&text);
}
END_TEST

START_TEST(test_sentences__white_space_and_wide_stops)
{
	char *got = cut(ABL_SENTENCES_SPLIT, " \tOne. \302\240 Two.\n");

	ck_assert_str_eq(got, "One.|Two.");
	free(got);
	got = cut(ABL_SENTENCES_SPLIT,
		  "\344\275\240\345\245\275\343\200\202\346\210\221\343\200\202");
	ck_assert_str_eq(got, "\344\275\240\345\245\275\343\200\202|\346\210\221\343\200\202");
	free(got);
	got = cut(ABL_SENTENCES_SPLIT, " \302\240 ");
	ck_assert_str_eq(got, "");
	free(got);
}
END_TEST

START_TEST(test_sentences__lines_stay_whole)
{
	char *got = cut(ABL_SENTENCES_LINES, " One. Two. ");

	ck_assert_str_eq(got, "One. Two.");
	free(got);
	ck_assert_int_eq(abl_sentence_rule_find("split"), ABL_SENTENCES_SPLIT);
	ck_assert_int_eq(abl_sentence_rule_find("lines"), ABL_SENTENCES_LINES);
}
END_TEST

/* Nothing but white space between sentences is lost, whatever the bytes are. */
START_TEST(test_sentences__lose_nothing)
{
	const char alphabet[] = "aB1.!?\"') \t\342\200\246";
	char text[40];
	unsigned state = 7;

	for (int round = 0; round < 20000; round++) {
		size_t length = 0, left, n, kept = 0, solid = 0;
		const char *rest = text, *sentence;

		while (length < 30) {
			unsigned pick = (state = state * 1664525u + 1013904223u) >> 16;

			if (pick % 13 < 11)
				text[length++] = alphabet[pick % 13];
			else
				memcpy(text + length, alphabet + 11, 3), length += 3;
		}
		text[length] = '\0';
		for (size_t i = 0; i < length; i++)
			solid += text[i] != ' ' && text[i] != '\t';
		for (left = length;
		     abl_sentence_next(ABL_SENTENCES_SPLIT, &rest, &left, &sentence, &n);)
			for (size_t i = 0; i < n; i++)
				kept += sentence[i] != ' ' && sentence[i] != '\t';
		ck_assert_uint_eq(kept, solid);
		ck_assert_uint_eq(left, 0);
	}
}
END_TEST

static char *put(const char *name, const char *text)
{
	struct abl_err err = {0};
	char *path = abl_path_join(folder, name);

	ck_assert_int_eq(abl_file_write(path, text, strlen(text), &err), 0);
	return path;
}

/* All paragraphs, "number:text" joined by "|"; NULL and err on failure. */
static char *read_all(const char *a, const char *b, struct abl_err *err)
{
	const char *texts[] = {a, b, NULL};
	struct abl_documents *d;
	struct abl_paragraph p;
	struct abl_str out = {0};
	int rc;

	abl_str_puts(&out, "");
	ck_assert_int_eq(abl_documents_open(&d, texts, err), 0);
	while ((rc = abl_documents_next(d, &p, err)) > 0) {
		ck_assert_uint_eq(p.length, strlen(p.text));
		ck_assert(abl_documents_share(d) >= 0 && abl_documents_share(d) <= 1);
		abl_str_printf(&out, "%s%d:%s", out.length ? "|" : "", (int)p.document, p.text);
	}
	ck_assert(rc || abl_documents_share(d) == 1);
	abl_documents_close(d);
	if (rc)
		abl_str_finish(&out);
	return out.text;
}

START_TEST(test_documents__plain_layout)
{
	struct abl_err err = {0};
	char *one = put("one.txt", "\n\n First line \r\nsecond\n\t\n\n= not a title =\nthird"),
	     *got;
	char *two = put("two.txt", "another file\n\n");

	got = read_all(one, two, &err);
	ck_assert_str_eq(got, "0:First line|0:second|1:= not a title =|1:third|2:another file");
	free(got), free(one), free(two);
}
END_TEST

/* White space of any kind is what BERT's own script strips; what no tokenizer sees is no text. */
START_TEST(test_documents__lines_that_look_blank)
{
	struct abl_err err = {0};
	char *path = put("blank.txt", "a\n\302\240\nb\n\343\200\200\342\200\203\t\nc\n\302\205\nd\n"
				      "\342\200\213\ne\n\034\nf\302\240\n"),
	     *got = read_all(path, NULL, &err);

	ck_assert_str_eq(got, "0:a|1:b|2:c|3:d|3:e|4:f\302\240");
	free(got), free(path);
}
END_TEST

START_TEST(test_documents__wikitext_layout)
{
	struct abl_err err = {0};
	char *path = put("wiki.txt",
			 " \n = Lobster = \n \n It is blue . \n \n = = Habits = = \n \n"
			 " It hides . \n = x = \n It = eats = . \n \n = = = Young = = = \n"
			 " \n = Oyster = \n \n It is grey . \n"),
	     *got;

	got = read_all(path, NULL, &err);
	ck_assert_str_eq(got,
			 "0:Lobster|0:It is blue .|0:Habits|0:It hides .|0:= x =|0:It = eats = .|"
			 "0:Young|1:Oyster|1:It is grey .");
	free(got), free(path);
}
END_TEST

START_TEST(test_documents__layouts_may_be_mixed)
{
	struct abl_err err = {0};
	char *wiki = put("a.txt", "= One =\n\nText .\n\nMore .\n"), *got;
	char *plain = put("b.txt", "Text.\n\nMore.\n");

	got = read_all(wiki, plain, &err);
	ck_assert_str_eq(got, "0:One|0:Text .|0:More .|1:Text.|2:More.");
	free(got);
	got = read_all(plain, wiki, &err);
	ck_assert_str_eq(got, "0:Text.|1:More.|2:One|2:Text .|2:More .");
	free(got), free(wiki), free(plain);
}
END_TEST

START_TEST(test_documents__packed)
{
	struct abl_err err = {0};
	char *path = put("p.txt", "One.\n\nTwo.\n"), *got;
	struct abl_str command = {0};

	abl_str_printf(&command, "gzip -k %s && xz -k %s", path, path);
	ck_assert_int_eq(system(command.text), 0);
	abl_str_clear(&command);
	abl_str_printf(&command, "%s.gz", path);
	got = read_all(command.text, path, &err);
	ck_assert_str_eq(got, "0:One.|1:Two.|2:One.|3:Two.");
	free(got);
	abl_str_clear(&command);
	abl_str_printf(&command, "%s.xz", path);
	got = read_all(command.text, NULL, &err);
	ck_assert_str_eq(got, "0:One.|1:Two.");
	free(got), free(path);
	abl_str_finish(&command);
}
END_TEST

START_TEST(test_documents__of_the_world)
{
	struct abl_err err = {0};
	char *got = read_all("world", NULL, &err), mark[32];

	ck_assert_ptr_nonnull(got);
	ck_assert(strlen(got) > 100000);
	ck_assert(!strncmp(got, "0:", 2));
	snprintf(mark, sizeof mark, "|%d:", ABL_WORLD_DOCUMENTS - 1);
	ck_assert(strstr(got, mark));
	snprintf(mark, sizeof mark, "|%d:", ABL_WORLD_DOCUMENTS);
	ck_assert(!strstr(got, mark));
	free(got);
}
END_TEST

static void refused(const char *text, const char *message)
{
	struct abl_err err = {0};
	char *good = put("good.txt", "Fine.\n"), *bad = put("bad.txt", text);

	ck_assert_ptr_null(read_all(good, bad, &err));
	ck_assert_int_eq(err.code, ABL_EINPUT);
	if (!strstr(err.text, message))
		ck_abort_msg("%s", err.text);
	free(good), free(bad);
}

START_TEST(test_documents__bad_input)
{
	struct abl_err err = {0};
	struct abl_documents *d;
	const char *none[] = {NULL};

	refused("", "bad.txt: contains no text");
	refused("\n \n\t\n", "bad.txt: contains no text");
	refused("\302\240\n\342\200\213\n", "bad.txt: contains no text");
	refused("{\"text\": \"a\"}\n", "bad.txt: this is JSON; plain text is wanted");
	refused("fine\nb\xff"
		"d\n",
		"bad.txt:2:2: invalid UTF-8");
	ck_assert_ptr_null(read_all("/nonexistent/x.txt", NULL, &err));
	ck_assert(err.code == ABL_EINPUT && strstr(err.text, "cannot open"));
	err = (struct abl_err){0};
	ck_assert_ptr_null(read_all(folder, NULL, &err));
	ck_assert(err.code == ABL_EINPUT && strstr(err.text, "is a folder"));
	err = (struct abl_err){0};
	ck_assert_int_eq(abl_documents_open(&d, none, &err), ABL_EINPUT);
	abl_documents_close(NULL);
}
END_TEST

int main(void)
{
	TCase *c = tcase_create("texts");
	struct abl_err err = {0};
	int failed;

	if (!mkdtemp(folder))
		return 1;
	tcase_add_test(c, test_sentences__rows);
	tcase_add_test(c, test_sentences__white_space_and_wide_stops);
	tcase_add_test(c, test_sentences__lines_stay_whole);
	tcase_add_test(c, test_sentences__lose_nothing);
	tcase_add_test(c, test_documents__plain_layout);
	tcase_add_test(c, test_documents__lines_that_look_blank);
	tcase_add_test(c, test_documents__wikitext_layout);
	tcase_add_test(c, test_documents__layouts_may_be_mixed);
	tcase_add_test(c, test_documents__packed);
	tcase_add_test(c, test_documents__of_the_world);
	tcase_add_test(c, test_documents__bad_input);
	failed = run_case(c, "texts");
	if (abl_remove_tree(folder, &err))
		return 1;
	return failed;
}
