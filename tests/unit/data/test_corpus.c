/* SPDX-License-Identifier: Apache-2.0 */
/* The corpus file: built, opened, refused when damaged; held-out documents; real texts. */
#include "corpus.h"
#include "document_groups.h"
#include "files.h"
#include "hash.h"
#include "pairs.h"
#include "rng.h"
#include "str.h"
#include "vocab.h"
#include "wordpiece.h"
#include "run_case.h"

#include <check.h>
#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static char folder[] = "/tmp/ablate-corpus-XXXXXX";
static struct abl_vocab *vocab;
static struct abl_tokenizer *tokenizer;

/* [PAD] 0 [UNK] 1 [CLS] 2 [SEP] 3 [MASK] 4 . 5, then the words. */
static bool make_tokenizer(void)
{
	const char *pieces[] = {"[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]", ".",
				"the",   "cat",   "sat",   "down",  "##s",    "dog"};
	struct abl_err err = {0};

	vocab = abl_vocab_create();
	for (size_t i = 0; i < sizeof pieces / sizeof *pieces; i++)
		if (abl_vocab_add(vocab, pieces[i], strlen(pieces[i]), &err))
			return false;
	if (abl_vocab_complete(vocab, &err))
		return false;
	tokenizer = abl_tokenizer_create(vocab, false);
	return true;
}

static char *put(const char *name, const void *bytes, size_t length)
{
	struct abl_err err = {0};
	char *path = abl_path_join(folder, name);

	ck_assert_int_eq(abl_file_write(path, bytes, length, &err), 0);
	return path;
}

/* Builds and opens a corpus of one text. */
static void open_text(struct abl_corpus *c, const char *text, enum abl_sentence_rule rule)
{
	struct abl_err err = {0};
	char *in = put("in.txt", text, strlen(text)), *out = abl_path_join(folder, "corpus.bin");
	const char *texts[] = {in, NULL};

	if (abl_corpus_build(out, &(struct abl_corpus_request){texts, NULL, tokenizer, rule}, NULL,
			     &err) ||
	    abl_corpus_open(c, out, &err))
		ck_abort_msg("%s", err.text);
	free(in), free(out);
}

START_TEST(test_corpus__holds_the_pieces)
{
	const int32_t ids[] = {6, 7, 8, 5, 6, 11, 10, 8, 9, 5, 6, 1};
	const uint64_t sentence[] = {0, 4, 10, 12}, document[] = {0, 2, 3};
	struct abl_corpus c;

	/* a document without any piece, and a special piece written out, leave no trace */
	open_text(&c, "The cat sat. The dogs sat down.\n\n[SEP]\n\nThe [SEP] zebra\n",
		  ABL_SENTENCES_SPLIT);
	ck_assert(c.pieces == 12 && c.sentences == 3 && c.documents == 2 && c.vocab_size == 12);
	ck_assert_mem_eq(c.ids, ids, sizeof ids);
	ck_assert_mem_eq(c.sentence, sentence, sizeof sentence);
	ck_assert_mem_eq(c.document, document, sizeof document);
	ck_assert(c.details[0].paragraphs == 1 && c.details[0].words == 7 &&
		  c.details[0].unknown == 0);
	ck_assert_uint_eq(c.details[0].characters, 31);
	ck_assert(c.details[1].words == 3 && c.details[1].unknown == 1);
	ck_assert_uint_eq(c.sentence[c.document[2]] - c.sentence[c.document[1]], 2);
	abl_corpus_close(&c);
	abl_corpus_close(&c);

	open_text(&c, "The cat sat. The dogs sat down.\n", ABL_SENTENCES_LINES);
	ck_assert(c.pieces == 10 && c.sentences == 1 && c.documents == 1);
	abl_corpus_close(&c);
}
END_TEST

START_TEST(test_corpus__held_out_text)
{
	const char text[] = "The cat sat.\n\nThe dog sat.\n\nThe dogs sat down.\n";
	const char dev[] = "The dog sat.\n\nThe cats.\n"; /* the first is a copy */
	const bool want[] = {false, true, false, true, true};
	char *in = put("in.txt", text, strlen(text)), *out = abl_path_join(folder, "corpus.bin");
	char *held = put("dev.txt", dev, strlen(dev)), *blank = put("blank.txt", "[SEP]\n", 6);
	const char *texts[] = {in, NULL};
	struct abl_corpus_request r = {.texts = texts, .tokenizer = tokenizer, .held_out = held};
	struct abl_err err = {0};
	bool chosen[5];
	struct abl_corpus c;

	ck_assert_int_eq(abl_corpus_build(out, &r, NULL, &err), 0);
	ck_assert_int_eq(abl_corpus_open(&c, out, &err), 0);
	ck_assert_uint_eq(c.documents, 5);
	for (uint64_t d = 0; d < 5; d++)
		ck_assert(abl_corpus_held_out(&c, d) == want[d]);
	ck_assert_uint_eq(abl_corpus_choose(&c, false, 1, chosen), 2);
	ck_assert(chosen[0] && chosen[2]);
	abl_corpus_close(&c);
	r.held_out = blank;
	ck_assert_int_eq(abl_corpus_build(out, &r, NULL, &err), ABL_EINPUT);
	ck_assert_ptr_nonnull(strstr(err.text, "gives no token to score"));
	free(in), free(out), free(held), free(blank);
}
END_TEST

START_TEST(test_corpus__held_out_by_group)
{
	const char header[] = "name\tdocuments\n", *texts[2] = {0};
	struct abl_str text = {0}, table = {0};
	char *in, *groups, *out = abl_path_join(folder, "corpus.bin");
	struct abl_err err = {0};
	struct abl_corpus c;
	uint64_t held = 0;

	abl_str_puts(&table, header);
	for (int g = 0; g < 100; g++) { /* 2 and 3 documents; one of each leaves no trace */
		abl_str_printf(&table, "novel %d\t%d\n", g, 2 + g % 2);
		for (int d = 0; d < 2 + g % 2; d++)
			if (d == 1)
				abl_str_puts(&text, "[SEP]\n\n");
			else
				abl_str_printf(&text, "The cat %d %d.\n\n", g, d);
	}
	in = put("in.txt", text.text, text.length);
	groups = put("groups.tsv", table.text, table.length);
	texts[0] = in;
	ck_assert_int_eq(abl_corpus_build(out,
					  &(struct abl_corpus_request){texts, groups, tokenizer,
								       ABL_SENTENCES_SPLIT},
					  NULL, &err),
			 0);
	ck_assert_int_eq(abl_corpus_open(&c, out, &err), 0);
	ck_assert_ptr_nonnull(c.group);
	for (uint64_t d = 1; d < c.documents; d++)
		if (c.group[d] == c.group[d - 1])
			ck_assert(abl_corpus_held_out(&c, d) == abl_corpus_held_out(&c, d - 1));
	for (uint64_t d = 0; d < c.documents; d++)
		held += abl_corpus_held_out(&c, d);
	ck_assert(held > 2 && held < 40);
	abl_corpus_close(&c);

	/* what does not fit */
	free(groups);
	groups = put("groups.tsv", table.text, table.length - strlen("novel 99\t3\n"));
	ck_assert_int_eq(abl_corpus_build(out,
					  &(struct abl_corpus_request){texts, groups, tokenizer,
								       ABL_SENTENCES_SPLIT},
					  NULL, &err),
			 ABL_EINPUT);
	ck_assert_ptr_nonnull(strstr(err.text, "hold 247 documents, the texts have 250"));
	free(groups), free(in), free(out);
	abl_str_finish(&text), abl_str_finish(&table);
}
END_TEST

START_TEST(test_corpus__refuses_groups)
{
	const struct {
		const char *table, *said;
	} wrong[] = {
		{"name\tcount\na\t1\n", "groups.tsv:1: error: no column 'documents'"},
		{"documents\n2\n0\n", "groups.tsv:3: error: 'documents' is '0'"},
		{"name\tdocuments\na\n", "groups.tsv:2: error: 'documents' is ''"},
		{"documents\n4294967295\n1\n", "groups.tsv:3: error: 'documents' is '1'"},
		{"documents\n", "no group of documents"},
	};

	for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) {
		char *path = put("groups.tsv", wrong[i].table, strlen(wrong[i].table));
		struct abl_document_groups g;
		struct abl_err err = {0};

		ck_assert_int_eq(abl_document_groups_read(&g, path, &err), ABL_EINPUT);
		if (!strstr(err.text, wrong[i].said))
			ck_abort_msg("%s", err.text);
		free(path);
	}
}
END_TEST

START_TEST(test_corpus__held_out_by_content)
{
	struct abl_str text = {0};
	struct abl_corpus c;
	uint64_t held = 0;

	for (int d = 0; d < 400; d++) {
		for (int i = 0; i < 3; i++) /* each of 200 documents comes twice */
			abl_str_printf(&text, "The %s %d.\n", d % 3 ? "cat" : "dog", d % 200);
		abl_str_puts(&text, "\n");
	}
	open_text(&c, text.text, ABL_SENTENCES_SPLIT);
	ck_assert_uint_eq(c.documents, 400);
	for (uint64_t d = 0; d < 200; d++) {
		bool twin = c.details[d].hash == c.details[d + 200].hash;

		ck_assert(twin == (d % 3 == (d + 200) % 3 || (d % 3 && (d + 200) % 3)));
		ck_assert(!twin || abl_corpus_held_out(&c, d) == abl_corpus_held_out(&c, d + 200));
	}
	for (uint64_t d = 0; d < 400; d++)
		held += abl_corpus_held_out(&c, d);
	ck_assert(held > 5 && held < 45);
	abl_corpus_close(&c);

	open_text(&c, "The cat.\n\nThe dog.\n", ABL_SENTENCES_SPLIT);
	ck_assert(abl_corpus_held_out(&c, 0) != abl_corpus_held_out(&c, 1));
	abl_corpus_close(&c);
	open_text(&c, "The cat.\n\nThe cat.\n", ABL_SENTENCES_SPLIT);
	ck_assert(!abl_corpus_held_out(&c, 0) && !abl_corpus_held_out(&c, 1));
	abl_corpus_close(&c);
	abl_str_finish(&text);
}
END_TEST

struct watch {
	double last;
	int calls;
	bool stop;
};

static void see(void *data, double share)
{
	struct watch *w = data;

	ck_assert(share >= w->last && share <= 1);
	w->last = share;
	w->calls++;
}

static bool stopping(void *data)
{
	return ((struct watch *)data)->stop;
}

static int files_in(const char *path)
{
	DIR *d = opendir(path);
	int n = 0;

	ck_assert_ptr_nonnull(d);
	for (struct dirent *e; (e = readdir(d));)
		n += e->d_name[0] != '.';
	closedir(d);
	return n;
}

START_TEST(test_corpus__tells_stops_and_refuses)
{
	struct watch w = {0};
	struct abl_text_events events = {.data = &w, .progress = see, .stopping = stopping};
	struct abl_err err = {0};
	char *in = put("in.txt", "The cat.\n", 9), *out = abl_path_join(folder, "new/corpus.bin");
	char *blank = put("blank.txt", "[SEP]\n", 6), *dir = abl_path_join(folder, "new");
	const char *texts[] = {in, NULL}, *blanks[] = {blank, NULL},
		   *missing[] = {in, "/nonexistent.txt", NULL};

	ck_assert_int_eq(abl_corpus_build(out,
					  &(struct abl_corpus_request){texts, NULL, tokenizer,
								       ABL_SENTENCES_SPLIT},
					  &events, &err),
			 ABL_EIO);
	ck_assert(strstr(err.text, "cannot write"));
	err = (struct abl_err){0};
	ck_assert_int_eq(abl_mkdir_all(dir, &err), 0);
	w.stop = true;
	ck_assert_int_eq(abl_corpus_build(out,
					  &(struct abl_corpus_request){texts, NULL, tokenizer,
								       ABL_SENTENCES_SPLIT},
					  &events, &err),
			 ABL_ESTOP);
	err = (struct abl_err){0};
	ck_assert_int_eq(abl_corpus_build(out,
					  &(struct abl_corpus_request){blanks, NULL, tokenizer,
								       ABL_SENTENCES_SPLIT},
					  NULL, &err),
			 ABL_EINPUT);
	ck_assert(strstr(err.text, "the texts give no tokens"));
	err = (struct abl_err){0};
	ck_assert_int_eq(abl_corpus_build(out,
					  &(struct abl_corpus_request){missing, NULL, tokenizer,
								       ABL_SENTENCES_SPLIT},
					  NULL, &err),
			 ABL_EINPUT);
	ck_assert_int_eq(files_in(dir), 0);
	err = (struct abl_err){0};
	w = (struct watch){0};
	ck_assert_int_eq(abl_corpus_build(out,
					  &(struct abl_corpus_request){texts, NULL, tokenizer,
								       ABL_SENTENCES_SPLIT},
					  &events, &err),
			 0);
	ck_assert_int_eq(w.calls, 1);
	ck_assert_int_eq(files_in(dir), 1);
	free(in), free(out), free(blank), free(dir);
}
END_TEST

static void refused(const char *bytes, size_t length)
{
	struct abl_err err = {0};
	struct abl_corpus c;
	char *path = abl_path_join(folder, "bad.bin");
	FILE *f = fopen(path, "wb"); /* not abl_file_write(): a thousand syncs take their time */

	ck_assert(f && fwrite(bytes, 1, length, f) == length && !fclose(f));
	ck_assert_int_eq(abl_corpus_open(&c, path, &err), ABL_EINPUT);
	ck_assert(strstr(err.text, "bad.bin: is ") && !c.map);
	free(path);
}

/* Puts the right hash into a changed file: what is wrong must be seen without it. */
static void sign(struct abl_str *s)
{
	struct abl_hash *h = abl_hash_create();

	abl_hash_add(h, s->text + 88, s->length - 88);
	abl_hash_add(h, s->text, 48);
	abl_hash_text(h, s->text + 48);
	abl_hash_destroy(h);
}

START_TEST(test_corpus__refuses_damaged_files)
{
	struct abl_str good = {0}, bad = {0};
	struct abl_err err = {0};
	struct abl_corpus c;
	char *path = abl_path_join(folder, "corpus.bin");
	const size_t ids = 88, sentences = ids + 12 * 4, documents = sentences + 4 * 8;
	const struct {
		size_t at;
		char value;
	} changes[] = {
		{ids + 3, 1},          /* an id beyond the vocabulary */
		{ids + 3, -1},         /* a negative one */
		{sentences, 1},        /* the first sentence begins late */
		{sentences + 8, 11},   /* sentences go back */
		{sentences + 15, 100}, /* far outside */
		{sentences + 24, 11},  /* the last ends early */
		{documents + 8, 0},    /* an empty document */
		{documents + 8, 3},    /* documents go back */
	};

	open_text(&c, "The cat sat. The dogs sat down.\n\nThe zebra\n", ABL_SENTENCES_SPLIT);
	abl_corpus_close(&c);
	ck_assert_int_eq(abl_file_read(path, &good, 1 << 20, &err), 0);
	for (size_t length = 0; length < good.length; length++)
		refused(good.text, length);
	for (size_t at = 0; at < good.length; at++) {
		abl_str_clear(&bad);
		abl_str_add(&bad, good.text, good.length);
		bad.text[at] ^= 0x40;
		refused(bad.text, bad.length);
	}
	for (size_t i = 0; i < sizeof changes / sizeof *changes; i++) {
		abl_str_clear(&bad);
		abl_str_add(&bad, good.text, good.length);
		bad.text[changes[i].at] = changes[i].value;
		sign(&bad);
		refused(bad.text, bad.length);
	}
	abl_str_clear(&bad);
	abl_str_add(&bad, good.text, good.length);
	sign(&bad);
	ck_assert_mem_eq(bad.text, good.text, good.length); /* sign() does what the writer did */
	ck_assert_int_eq(abl_corpus_open(&c, folder, &err), ABL_EINPUT);
	err = (struct abl_err){0};
	ck_assert_int_eq(abl_corpus_open(&c, "/nonexistent.bin", &err), ABL_EINPUT);
	abl_str_finish(&good), abl_str_finish(&bad);
	free(path);
}
END_TEST

/* Counts of the real texts, and the share of random pairs under both rules. `sentences: lines` with
 * paragraph lines is what makes next-sentence prediction degenerate. */
struct real {
	const char *file;
	uint64_t documents, paragraphs;
	double lines_from, lines_to; /* random-next share with `lines` */
};

static double random_next(const struct abl_corpus *c)
{
	struct abl_pairs_rule rule = {
		.max_pieces = 125, .short_seq_rate = .1, .random_next = true, .fraction = 1};
	struct abl_pairs pairs = {0};
	struct abl_pairs_report report;

	abl_pairs_build(c, &rule, abl_rng_key(1, "pairs"), 0, &pairs);
	abl_pairs_report(&pairs, &report);
	abl_pairs_finish(&pairs);
	return report.random_next;
}

static void check_real(const struct real *real, const char *shared, const struct abl_tokenizer *t)
{
	struct abl_err err = {0};
	struct abl_corpus c;
	char *in = abl_path_join(shared, real->file), *out = abl_path_join(folder, "real.bin");
	const char *texts[] = {in, NULL};

	for (int rule = ABL_SENTENCES_SPLIT; rule <= ABL_SENTENCES_LINES; rule++) {
		uint64_t paragraphs = 0, held = 0;
		double share;

		if (abl_corpus_build(out,
				     &(struct abl_corpus_request){texts, NULL, t,
								  (enum abl_sentence_rule)rule},
				     NULL, &err) ||
		    abl_corpus_open(&c, out, &err))
			ck_abort_msg("%s", err.text);
		for (uint64_t d = 0; d < c.documents; d++) {
			paragraphs += c.details[d].paragraphs;
			held += abl_corpus_held_out(&c, d);
		}
		share = random_next(&c);
		printf("# %s, %s: %llu sentences, %llu pieces, random next %.3f\n", real->file,
		       rule == ABL_SENTENCES_SPLIT ? "split" : "lines",
		       (unsigned long long)c.sentences, (unsigned long long)c.pieces, share);
		ck_assert_uint_eq(c.documents, real->documents);
		ck_assert_uint_eq(paragraphs, real->paragraphs);
		ck_assert(held >= 1 && held * 10 <= c.documents);
		if (rule == ABL_SENTENCES_SPLIT)
			ck_assert(share > .45 && share < .55);
		else
			ck_assert(share > real->lines_from && share < real->lines_to);
		abl_corpus_close(&c);
	}
	free(in), free(out);
}

START_TEST(test_corpus__real_texts)
{
	static const struct real reals[] = {
		{"data/pretrain-speeches/state_union.txt.xz", 65, 5613, .55, .85},
		{"data/wikitext2/valid.txt.gz", 60, 2461, .55, .9},
		{"data/pretrain-eltec/eltec-eng-train.txt.xz", 2978, 192143, .5, .85},
	};
	const char *slow = getenv("ABLATE_SLOW"), *source = getenv("ABLATE_SOURCE");
	char *shared = getenv("ABLATE_SHARED") ? abl_strdup(getenv("ABLATE_SHARED"))
					       : abl_path_join(source ? source : ".", "../shared");
	char *path = abl_path_join(shared, "data/bert-vocab/bert-base-uncased-vocab.txt.gz");
	struct abl_vocab *v = NULL;
	struct abl_tokenizer *t = NULL;
	struct abl_err err = {0};

	if (!abl_file_exists(path)) {
		printf("# SKIP: no real texts at '%s' (set ABLATE_SHARED)\n", shared);
	} else {
		if (abl_vocab_load(&v, path, &err))
			ck_abort_msg("%s", err.text);
		t = abl_tokenizer_create(v, false);
		if (slow)
			check_real(&reals[2], shared, t);
		for (size_t i = 0; i < 2 && !slow; i++)
			check_real(&reals[i], shared, t);
	}
	abl_tokenizer_destroy(t);
	abl_vocab_destroy(v);
	free(path), free(shared);
}
END_TEST

int main(void)
{
	TCase *c = tcase_create("corpus");
	struct abl_err err = {0};
	int failed;

	if (!mkdtemp(folder) || !make_tokenizer())
		return 1;
	tcase_add_test(c, test_corpus__holds_the_pieces);
	tcase_add_test(c, test_corpus__held_out_by_content);
	tcase_add_test(c, test_corpus__held_out_text);
	tcase_add_test(c, test_corpus__held_out_by_group);
	tcase_add_test(c, test_corpus__refuses_groups);
	tcase_add_test(c, test_corpus__tells_stops_and_refuses);
	tcase_add_test(c, test_corpus__refuses_damaged_files);
	tcase_add_test(c, test_corpus__real_texts);
	failed = run_case(c, "corpus");
	abl_tokenizer_destroy(tokenizer);
	abl_vocab_destroy(vocab);
	if (abl_remove_tree(folder, &err))
		return 1;
	return failed;
}
