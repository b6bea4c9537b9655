/* SPDX-License-Identifier: Apache-2.0 */
/* cmd_vocab.c - learns a WordPiece vocabulary from text files. */
#include "command.h"

#include "files.h"
#include "str.h"
#include "vocab_train.h"

#include <stdio.h>
#include <time.h>

static int add_file(struct abl_vocab_trainer *t, const char *path, struct abl_err *err)
{
	struct abl_reader *r;
	const char *line;
	size_t length;
	int more = abl_reader_open(&r, path, err);

	if (more)
		return more;
	while ((more = abl_reader_line(r, &line, &length, err)) > 0) {
		more = abl_reader_line_number(r) == 1 && abl_reader_is_json(r)
			       ? abl_err_set(err, ABL_EINPUT,
					     "this is JSON; plain text is wanted: jq -r .text FILE "
					     ">NEW writes the texts of JSON lines")
			       : abl_vocab_trainer_add(t, line, length, err);
		if (more) {
			abl_err_prefix(err, more, "%s:%zu", path, abl_reader_line_number(r));
			break;
		}
	}
	abl_reader_close(r);
	return more;
}

static double now(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (double)t.tv_sec + 1e-9 * (double)t.tv_nsec;
}

static void print_summary(const struct abl_vocab_summary *s, const char *path, int64_t size,
			  double begin)
{
	char words[32], distinct[32], pieces[32], wanted[32], duration[32];

	fprintf(stderr, "%s: %s tokens from %s words (%s distinct, %zu characters) in %s\n", path,
		abl_format_count((int64_t)s->pieces, pieces),
		abl_format_count((int64_t)s->words, words),
		abl_format_count((int64_t)s->distinct, distinct), s->alphabet,
		abl_format_duration(now() - begin, duration));
	if (s->dropped)
		fprintf(stderr, "left out: %zu rare characters and the words that contaas a name\n",
			s->dropped);
	if ((int64_t)s->pieces < size)
		fprintf(stderr, "fewer than the requested %s: the text is too short to give more\n",
			abl_format_count(size, wanted));
}

static int exec(const struct abl_args *a, struct abl_err *err)
{
	int64_t size = abl_args_int(a, "size", 0);
	const char *path = abl_args_text(a, "out");
	struct abl_vocab_trainer *t = NULL;
	struct abl_vocab_summary summary;
	struct abl_vocab *v = NULL;
	double begin = now();

	if (size <= 0 || size > ABL_VOCAB_MAX)
		return abl_err_set(
			err, ABL_EINPUT,
			"--size N is missing or out of range: give the number of tokens, 1 to %d",
			ABL_VOCAB_MAX);
	if (!path)
		return abl_err_set(err, ABL_EINPUT,
				   "--out FILE is missing: name the file to write");
	t = abl_vocab_trainer_create(abl_args_flag(a, "cased"));
	for (int i = 0; i < a->words; i++)
		if (add_file(t, a->word[i], err))
			goto done;
	if (abl_vocab_trainer_train(t, (size_t)size, &v, &summary, err) ||
	    abl_vocab_save(v, path, err))
		goto done;
	print_summary(&summary, path, size, begin);
done:
	abl_vocab_destroy(v);
	abl_vocab_trainer_destroy(t);
	return ABL_EXIT_OK;
}

static const struct abl_command_option options[] = {
	{.name = "size",
	 .type = ABL_ARG_INT,
	 .value = "N",
	 .help = "number of tokens, special tokens included"},
	{.name = "out",
	 .type = ABL_ARG_TEXT,
	 .value = "FILE",
	 .help = "file to write, usually vocab.txt"},
	{.name = "cased", .type = ABL_ARG_FLAG, .help = "keep case and accents"},
	{0},
};

const struct abl_command abl_cmd_vocab = {
	.name = "vocab",
	.usage = "--size N --out FILE [--cased] FILE...",
	.summary = "learn a WordPiece vocabulary from texts",
	.details = "The files may be plain, .gz or .xz. The same texts give the same vocabulary, "
		   "in any order.",
	.min_words = 1,
	.max_words = ABL_ARGS_MAX,
	.options = options,
	.exec = exec,
};
