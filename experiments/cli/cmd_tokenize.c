/* SPDX-License-Identifier: Apache-2.0 */
/* cmd_tokenize.c - text to WordPiece, line by line. */
#include "command.h"

#include "files.h"
#include "str.h"
#include "wordpiece.h"

#include <stdio.h>
#include <string.h>

static void print_line(const struct abl_vocab *v, const struct abl_ids *ids, bool numbers,
		       struct abl_str *line)
{
	abl_str_clear(line);
	for (size_t i = 0; i < ids->count; i++) {
		if (i)
			abl_str_add(line, " ", 1);
		if (numbers)
			abl_str_printf(line, "%d", ids->items[i]);
		else
			abl_str_puts(line, abl_vocab_piece(v, ids->items[i]));
	}
	abl_str_add(line, "\n", 1);
	fwrite(line->text, 1, line->length, stdout);
}

static int tokenize(const struct abl_tokenizer *t, struct abl_reader *r, bool numbers,
		    struct abl_err *err)
{
	struct abl_str line = {0};
	struct abl_ids ids = {0};
	const char *text;
	size_t length;
	int more;

	while ((more = abl_reader_line(r, &text, &length, err)) > 0) {
		ids.count = 0;
		more = abl_tokenizer_encode(t, text, length, &ids, err);
		if (more) {
			abl_err_prefix(err, more, "%s:%zu", abl_reader_path(r),
				       abl_reader_line_number(r));
			break;
		}
		print_line(abl_tokenizer_vocab(t), &ids, numbers, &line);
		if (ferror(stdout)) {
			more = abl_err_set(err, ABL_EIO, "cannot write to standard output");
			break;
		}
	}
	abl_ids_finish(&ids);
	abl_str_finish(&line);
	return more;
}

static int exec(const struct abl_args *a, struct abl_err *err)
{
	const char *vocab_path = abl_args_text(a, "vocab");
	const char *path = strcmp(a->word[0], "-") ? a->word[0] : "/dev/stdin";
	struct abl_tokenizer *t = NULL;
	struct abl_vocab *v = NULL;
	struct abl_reader *r = NULL;

	if (!vocab_path)
		return abl_err_set(
			err, ABL_EINPUT,
			"no vocabulary: give one with --vocab FILE; 'ablate vocab' learns one");
	if (abl_vocab_load(&v, vocab_path, err) || abl_reader_open(&r, path, err))
		goto done;
	fputs(abl_vocab_notes(v), stderr);
	t = abl_tokenizer_create(v, abl_args_flag(a, "cased"));
	(void)tokenize(t, r, abl_args_flag(a, "ids"), err);
done:
	abl_tokenizer_destroy(t);
	abl_reader_close(r);
	abl_vocab_destroy(v);
	return ABL_EXIT_OK;
}

static const struct abl_command_option options[] = {
	{.name = "vocab",
	 .type = ABL_ARG_TEXT,
	 .value = "FILE",
	 .help = "the vocabulary: vocab.txt, plain, .gz or .xz"},
	{.name = "cased", .type = ABL_ARG_FLAG, .help = "keep case and accents"},
	{.name = "ids", .type = ABL_ARG_FLAG, .help = "print token ids instead of tokens"},
	{0},
};

const struct abl_command abl_cmd_tokenize = {
	.name = "tokenize",
	.usage = "--vocab FILE [--cased] [--ids] FILE",
	.summary = "print the WordPiece tokens of a text, line by line",
	.details = "FILE may be plain, .gz or .xz, or '-' for standard input. The tokens are those "
		   "of BERT's\n"
		   "tokenizer, without the [CLS] and [SEP] that a model adds.",
	.min_words = 1,
	.max_words = 1,
	.options = options,
	.exec = exec,
};
