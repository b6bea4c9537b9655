/* SPDX-License-Identifier: Apache-2.0 */
/* cmd_bench_tokenize.c - `ablate bench tokenize`: text to pieces, line by line, on one thread. */
#include "machine.h"
#include "bench_machine.h"
#include "cmd_bench.h"
#include "files.h"
#include "store.h"
#include "str.h"
#include "vocab_train.h"
#include "wordpiece.h"
#include "world.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { PASSES_LEAST = 3, PASSES_MOST = 100 };
#define SECONDS 1. /* passes go on for that long */

struct speed {
	double seconds; /* of a pass over the text, median */
	int passes;
	size_t lines, pieces;
};

static int add_line(struct abl_str *text, const char *line, size_t length)
{
	abl_str_add(text, line, length);
	abl_str_add(text, "\n", 1);
	return 0;
}

static int add_world_line(void *text, const char *line)
{
	return add_line(text, line, strlen(line));
}

/* A file's lines, or those of the built-in world. */
static int read_text(struct abl_str *text, const char *path, struct abl_err *err)
{
	struct abl_reader *r = NULL;
	const char *line;
	size_t length;
	int more;

	if (!path)
		return abl_world_documents(ABL_WORLD_SEED, ABL_WORLD_DOCUMENTS, add_world_line,
					   text);
	more = abl_reader_open(&r, path, err);
	while (!more && (more = abl_reader_line(r, &line, &length, err)) > 0)
		more = add_line(text, line, length);
	abl_reader_close(r);
	if (!more && !text->length)
		return abl_err_set(err, ABL_EINPUT, "%s: is empty; give a text", path);
	return more;
}

static int learn_vocab(struct abl_vocab **out, const struct abl_str *text, int64_t size,
		       struct abl_err *err)
{
	struct abl_vocab_trainer *trainer;
	int rc;

	if (size < 1 || size > ABL_VOCAB_MAX)
		return abl_err_set(err, ABL_EINPUT, "--vocab must be from 1 to %d", ABL_VOCAB_MAX);
	trainer = abl_vocab_trainer_create(false);
	rc = abl_vocab_trainer_add(trainer, text->text, text->length, err);
	if (!rc)
		rc = abl_vocab_trainer_train(trainer, (size_t)size, out, NULL, err);
	abl_vocab_trainer_destroy(trainer);
	return rc;
}

static int by_value(const void *a, const void *b)
{
	double x = *(const double *)a, y = *(const double *)b;

	return (x > y) - (x < y);
}

/* Every line of the text once; the ids are those of the line at hand. */
static int pass(const struct abl_str *text, const struct abl_tokenizer *t, struct abl_ids *ids,
		struct speed *s, struct abl_err *err)
{
	const char *at = text->text, *end = at + text->length, *stop;

	s->lines = s->pieces = 0;
	for (; at < end; at = stop + 1) {
		stop = memchr(at, '\n', (size_t)(end - at));
		ids->count = 0;
		if (abl_tokenizer_encode(t, at, (size_t)(stop - at), ids, err))
			return ABL_EINPUT;
		s->lines++;
		s->pieces += ids->count;
	}
	return 0;
}

static int measure(const struct abl_str *text, const struct abl_tokenizer *t, struct speed *s,
		   struct abl_err *err)
{
	double took[PASSES_MOST], all = 0;
	struct abl_ids ids = {0};
	int rc = 0, n = 0;

	while (!rc && n < PASSES_MOST && (n < PASSES_LEAST || all < SECONDS)) {
		double start = abl_clock_now();

		rc = pass(text, t, &ids, s, err);
		all += took[n++] = abl_clock_now() - start;
	}
	qsort(took, (size_t)n, sizeof *took, by_value);
	s->passes = n;
	s->seconds = took[n / 2];
	abl_ids_finish(&ids);
	return rc;
}

static void report(const struct abl_str *text, const struct abl_vocab *v, const struct speed *s,
		   bool json)
{
	const double megabytes = 1e-6 * (double)text->length;
	const double tokens = (double)s->pieces / s->seconds;
	char lines[32], pieces[32], vocab[32], rate[32];
	struct abl_provenance machine;

	abl_provenance_gather(&machine);
	if (json) {
		printf("{\"text_mb\": %.3f, \"lines\": %zu, \"pieces\": %zu, \"vocab\": %zu, "
		       "\"passes\": %d, \"tok_s\": %.0f, \"mb_s\": %.2f, \"machine\": \"%s\"}\n",
		       megabytes, s->lines, s->pieces, abl_vocab_size(v), s->passes, tokens,
		       megabytes / s->seconds, machine.cpu);
		return;
	}
	printf("%.1f MB in %s lines, %s tokens, vocabulary of %s; %s\n", megabytes,
	       abl_format_count((int64_t)s->lines, lines),
	       abl_format_count((int64_t)s->pieces, pieces),
	       abl_format_count((int64_t)abl_vocab_size(v), vocab), machine.cpu);
	printf("%.1f MB per second, %s tokens per second: median of %d passes\n",
	       megabytes / s->seconds, abl_format_count((int64_t)tokens, rate), s->passes);
}

int abl_bench_part_tokenize(const struct abl_args *args, struct abl_err *err)
{
	const char *vocab = abl_args_text(args, "vocab-file");
	struct abl_tokenizer *t = NULL;
	struct abl_vocab *v = NULL;
	struct abl_str text = {0};
	struct speed speed;
	int rc = read_text(&text, abl_args_text(args, "text"), err);

	if (!rc)
		rc = vocab ? abl_vocab_load(&v, vocab, err)
			   : learn_vocab(&v, &text, abl_args_int(args, "vocab", 8192), err);
	if (!rc) {
		t = abl_tokenizer_create(v, false);
		rc = measure(&text, t, &speed, err);
	}
	if (!rc)
		report(&text, v, &speed, abl_bench_json(args));
	abl_tokenizer_destroy(t);
	abl_vocab_destroy(v);
	abl_str_finish(&text);
	return rc ? ABL_EXIT_USAGE : ABL_EXIT_OK;
}
