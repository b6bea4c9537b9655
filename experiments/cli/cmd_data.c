/* SPDX-License-Identifier: Apache-2.0 */
/* cmd_data.c - what a data set holds: the documents, sentences and pairs of texts for pre-training,
 * or the rows and labels of a task. */
#include "args_task.h"
#include "command.h"

#include "cmd_data_export.h"
#include "cmd_data_task.h"
#include "files.h"
#include "neighbours.h"
#include "pairs.h"
#include "rng.h"
#include "scratch_corpus.h"
#include "str.h"
#include "table.h"
#include "vocab.h"
#include "wordpiece.h"

#include <math.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#define RANDOM_LOW .45 /* outside, next-sentence prediction is another objective than BERT's */
#define RANDOM_HIGH .55
#define VOCAB_SIZE "8192"
#define SPECIALS 3 /* [CLS] a [SEP] b [SEP] */

static volatile sig_atomic_t interrupted;

static void on_interrupt(int signal_number)
{
	(void)signal_number;
	interrupted = 1;
}

static bool stopping(void *data)
{
	(void)data;
	return interrupted;
}

static void progress(void *what, double share)
{
	fprintf(stderr, "\r%s: %3.0f %%\033[K", (const char *)what, 100 * share);
}

static void progress_end(void)
{
	if (isatty(STDERR_FILENO))
		fputs("\r\033[K", stderr);
}

static struct abl_text_events events_of(const char *what)
{
	return (struct abl_text_events){.data = (void *)what,
					.progress = isatty(STDERR_FILENO) ? progress : NULL,
					.stopping = stopping};
}

/* --vocab: a file, or a size to learn from the texts. */
static int get_vocab(struct abl_vocab **out, const struct abl_args *a, const char *const *texts,
		     struct abl_err *err)
{
	const char *vocab = abl_args_text(a, "vocab");
	struct abl_text_events events = events_of("learning a vocabulary");
	int64_t size;
	int rc;

	if (!abl_parse_int(vocab ? vocab : VOCAB_SIZE, &size))
		return abl_vocab_load(out, vocab, err);
	if (size < 1 || size > ABL_VOCAB_MAX)
		return abl_err_set(err, ABL_EINPUT,
				   "--vocab cannot be %s; give a file or a size up to %d", vocab,
				   ABL_VOCAB_MAX);
	rc = abl_corpus_learn_vocab(out, texts, (size_t)size, abl_args_flag(a, "cased"), &events,
				    err);
	progress_end();
	return rc;
}

static enum abl_sentence_rule rule_of(const struct abl_args *a)
{
	const char *rule = abl_args_text(a, "sentences");

	return abl_sentence_rule_find(rule ? rule : "split");
}

static int get_corpus(struct abl_corpus *c, const struct abl_args *a, const char *const *texts,
		      const struct abl_vocab *vocab, struct abl_err *err)
{
	struct abl_tokenizer *tokenizer = abl_tokenizer_create(vocab, abl_args_flag(a, "cased"));
	struct abl_text_events events = events_of("tokenizing");
	int rc = abl_scratch_corpus(
		c,
		&(struct abl_corpus_request){.texts = texts,
					     .groups = abl_args_text(a, "groups"),
					     .tokenizer = tokenizer,
					     .rule = rule_of(a)},
		&events, err);

	progress_end();
	abl_tokenizer_destroy(tokenizer);
	return rc;
}

struct totals {
	uint64_t held_out, paragraphs, words, characters, unknown;
};

static struct totals totals_of(const struct abl_corpus *c)
{
	struct totals t = {0};

	for (uint64_t d = 0; d < c->documents; d++) {
		t.held_out += abl_corpus_held_out(c, d);
		t.paragraphs += c->details[d].paragraphs;
		t.words += c->details[d].words;
		t.characters += c->details[d].characters;
		t.unknown += c->details[d].unknown;
	}
	return t;
}

static void row(struct abl_table *t, const char *what, uint64_t value, const char *note)
{
	char shown[32];

	abl_table_text(t, what);
	abl_table_real(t, (double)value, abl_format_count((int64_t)value, shown));
	abl_table_text(t, note);
}

static void share_row(struct abl_table *t, const char *what, double value, const char *note)
{
	char shown[32];

	abl_table_text(t, what);
	abl_table_real(t, value, abl_format_score(value, shown));
	abl_table_text(t, note);
}

static void score_row(struct abl_table *t, const char *what, double value, const char *note)
{
	char shown[32];

	abl_table_text(t, what);
	snprintf(shown, sizeof shown, "%.1f", value);
	abl_table_real(t, value, shown);
	abl_table_text(t, note);
}

static void fill(struct abl_table *t, const struct abl_corpus *c, const struct abl_pairs_report *p,
		 const struct abl_args *a)
{
	struct totals n = totals_of(c);
	struct abl_str note = {0};
	char count[32];

	abl_table_column(t, "texts", false);
	abl_table_column(t, "value", true);
	abl_table_column(t, "note", false);
	row(t, "documents", c->documents, "");
	abl_str_printf(&note, "%.1f %% of the documents, not used for training",
		       100 * (double)n.held_out / (double)c->documents);
	row(t, "held out", n.held_out, note.text);
	row(t, "paragraphs", n.paragraphs, "");
	abl_str_clear(&note);
	abl_str_printf(&note, "rule: %s; %.1f words each",
		       rule_of(a) == ABL_SENTENCES_SPLIT ? "split" : "lines",
		       (double)n.words / (double)c->sentences);
	row(t, "sentences", c->sentences, note.text);
	row(t, "words", n.words, "");
	row(t, "characters", n.characters, "");
	abl_str_clear(&note);
	abl_str_printf(&note, "%.2f per word; vocabulary of %s",
		       (double)c->pieces / (double)n.words, abl_format_count(c->vocab_size, count));
	row(t, "tokens", c->pieces, note.text);
	share_row(t, "unknown", (double)n.unknown / (double)c->pieces, "share of the tokens");
	abl_str_clear(&note);
	abl_str_printf(&note, "in one epoch; mean lengths %.0f and %.0f tokens", p->mean_a,
		       p->mean_b);
	row(t, "pairs", p->pairs, note.text);
	share_row(t, "truncated", p->truncated, "share of the pairs that were truncated");
	share_row(t, "random next", p->random_next, "share of the pairs");
	abl_str_finish(&note);
}

/* What a model has to beat on the held-out documents. */
static void fill_baselines(struct abl_table *t, const struct abl_corpus *c)
{
	struct abl_neighbours n;
	struct abl_str note = {0};
	char count[32];

	abl_neighbours_measure(c, 1, &n);
	if (!n.tokens) {
		fprintf(stderr, "ablate: warning: no baselines: a single document, so nothing is "
				"held out\n");
		return;
	}
	abl_str_printf(&note, "the most frequent token, on %s held-out tokens",
		       abl_format_count((int64_t)n.tokens, count));
	share_row(t, "unigram accuracy", n.unigram.accuracy, note.text);
	score_row(t, "unigram perplexity", exp(n.unigram.loss), "by how often each token occurs");
	share_row(t, "left-neighbour accuracy", n.left.accuracy,
		  "the most frequent token after the one on its left");
	score_row(t, "left-neighbour perplexity", exp(n.left.loss),
		  "by how often each token follows the one on its left");
	abl_str_finish(&note);
}

static void warn(const struct abl_corpus *c, const struct abl_pairs_report *p,
		 const struct abl_args *a)
{
	if (p->random_next >= RANDOM_LOW && p->random_next <= RANDOM_HIGH)
		return;
	fprintf(stderr,
		"ablate: warning: %.0f %% of the next sentences are random, not about 50 %%: "
		"next-sentence prediction degenerates, because guessing 'random' is mostly right\n",
		100 * p->random_next);
	if (rule_of(a) == ABL_SENTENCES_LINES)
		fprintf(stderr, "the lines seem to be paragraphs: use 'sentences: split'\n");
	else if (c->documents < 2)
		fprintf(stderr, "there is only one document: put empty lines between documents\n");
	else
		fprintf(stderr,
			"there are %.1f pairs per document, and the last one is often random: use "
			"longer documents, shorter sentences or a smaller --max-length\n",
			(double)p->pairs / (double)c->documents);
}

static int describe_texts(const struct abl_args *a, struct abl_err *err)
{
	const char *texts[ABL_ARGS_MAX + 1] = {NULL};
	int64_t max_length = abl_args_int(a, "max-length", 128);
	struct abl_pairs_rule rule = {.short_seq_rate = .1, .random_next = true, .fraction = 1};
	struct abl_vocab *vocab = NULL;
	struct abl_corpus corpus = {0};
	struct abl_pairs pairs = {0};
	struct abl_pairs_report report;
	struct abl_table *table = abl_table_create();
	struct abl_str out = {0};

	if (max_length < SPECIALS + 2 || max_length > 100000) {
		abl_err_set(err, ABL_EINPUT,
			    "--max-length cannot be %lld; it must be from 5 to 100000",
			    (long long)max_length);
		goto done;
	}
	for (int i = 0; i < a->words; i++)
		texts[i] = a->word[i];
	signal(SIGINT, on_interrupt);
	if (get_vocab(&vocab, a, texts, err) || get_corpus(&corpus, a, texts, vocab, err))
		goto done;
	rule.max_pieces = (uint32_t)max_length - SPECIALS;
	abl_pairs_build(&corpus, &rule, abl_rng_key((uint64_t)abl_args_int(a, "seed", 1), "pairs"),
			0, &pairs);
	abl_pairs_report(&pairs, &report);
	fill(table, &corpus, &report, a);
	if (abl_args_flag(a, "baselines"))
		fill_baselines(table, &corpus);
	abl_table_render(table, abl_table_format(abl_args_text(a, "format")), &out);
	fputs(out.text, stdout);
	warn(&corpus, &report, a);
done:
	abl_str_finish(&out);
	abl_table_destroy(table);
	abl_pairs_finish(&pairs);
	abl_corpus_close(&corpus);
	abl_vocab_destroy(vocab);
	return ABL_EXIT_OK;
}

static int exec(const struct abl_args *a, struct abl_err *err)
{
	const char *task = abl_args_text(a, "task"), *split = abl_args_text(a, "split");

	if (abl_args_text(a, "export"))
		return abl_data_export(a, err);
	if (!a->words && !abl_data_is_task(a)) {
		abl_err_set(err, ABL_EINPUT,
			    "nothing to describe; give text files, 'world', STUDY.yaml, or --task "
			    "NAME");
		return ABL_EXIT_USAGE;
	}
	if ((split || abl_args_text(a, "examples")) && (!task || a->words)) {
		abl_err_set(err, ABL_EINPUT, "--split and --examples need --task and no file");
		return ABL_EXIT_USAGE;
	}
	if (split)
		return abl_data_write(a, task, split, err);
	if (!abl_data_is_task(a))
		return describe_texts(a, err);
	return abl_data_task(a, err) ? ABL_EXIT_FAILED : ABL_EXIT_OK;
}

static const struct abl_command_option options[] = {
	{.name = "vocab",
	 .type = ABL_ARG_TEXT,
	 .value = "FILE|N",
	 .help = "a vocabulary, or the size of one to learn (default " VOCAB_SIZE ")"},
	{.name = "cased", .type = ABL_ARG_FLAG, .help = "keep case and accents"},
	{.name = "sentences",
	 .type = ABL_ARG_TEXT,
	 .value = "split|lines",
	 .choices = "split|lines",
	 .help = "split paragraphs into sentences (default), or take each line as one"},
	{.name = "max-length",
	 .type = ABL_ARG_INT,
	 .value = "N",
	 .help = "tokens per pair, special tokens included (default 128)"},
	{.name = "seed",
	 .type = ABL_ARG_INT,
	 .value = "N",
	 .help = "seed of the pairs (default 1)"},
	{.name = "groups",
	 .type = ABL_ARG_TEXT,
	 .value = "FILE",
	 .help = "which documents belong together and are held out together, as in a study"},
	{.name = "baselines",
	 .type = ABL_ARG_FLAG,
	 .help = "also how well counting predicts held-out tokens: alone, and by the left "
		 "neighbour"},
	ABL_OPTIONS_TASK,
	{.name = "text",
	 .type = ABL_ARG_TEXT,
	 .value = "COLUMN",
	 .help = "with --type: the first text's column, a name or a number from 0"},
	{.name = "text-b",
	 .type = ABL_ARG_TEXT,
	 .value = "COLUMN",
	 .help = "with --type: the second text's"},
	{.name = "label",
	 .type = ABL_ARG_TEXT,
	 .value = "COLUMN",
	 .help = "with --type: the label's"},
	{.name = "split",
	 .type = ABL_ARG_TEXT,
	 .value = "train|dev|test",
	 .choices = "train|dev|test",
	 .help = "write this split of a built-in world task as a file"},
	{.name = "examples",
	 .type = ABL_ARG_INT,
	 .value = "N",
	 .help = "examples in that split (default: as many as studies use)"},
	{.name = "export",
	 .type = ABL_ARG_TEXT,
	 .value = "world",
	 .choices = "world",
	 .help = "write the built-in tasks, all or those of --task NAME..., as files into DIR"},
	ABL_OPTION_DATA,
	ABL_OPTION_FORMAT,
	{0},
};

const struct abl_command abl_cmd_data = {
	.name = "data",
	.usage = "FILE... | STUDY.yaml | --task NAME [FILE...] | --type TYPE ... FILE...\n"
		 "       ablate data --export world DIR [--task NAME...]",
	.summary = "describe texts for pre-training, or the rows and classes of tasks",
	.details =
		"Texts are plain, .gz or .xz: one paragraph per line and an empty line after a\n"
		"document, or the WikiText layout; 'world' is the built-in text. Pairs are "
		"counted for one epoch.\n"
		"Of a task: rows, classes, groups, and lengths in words and marks. STUDY.yaml "
		"describes all tasks\n"
		"of a study; --task NAME a well-known one, with its files in the data folder "
		"('ablate tasks' lists\n"
		"them), or the files given. A file that belongs to no study yet:\n"
		"  ablate data --type classify --text text --label label FILE.csv\n"
		"  ablate data --type tag --layout format=conll,label=3 FILE\n"
		"--export world writes train, dev and test of the built-in tasks as files that "
		"other programs\n"
		"read: TAB-separated with a header, or CoNLL, bAbI and SQuAD where the field has "
		"those.",
	.min_words = 0,
	.max_words = ABL_ARGS_MAX,
	.options = options,
	.exec = exec,
};
