/* SPDX-License-Identifier: Apache-2.0 */
/* vocab_file.c - vocab.txt in and out. */
#include "vocab.h"

#include "files.h"
#include "str.h"

#include <string.h>

/* What the lines of a file are like. */
struct lines {
	struct abl_vocab *v;
	const struct abl_reader *reader;
	size_t waiting;             /* empty lines, of which it is not known if they are the last */
	size_t blank, first_blank;  /* those in the middle */
	size_t twice, first, again; /* pieces that came before; the lines of the first of them */
	struct abl_str piece;       /* that one */
};

static int take_line(struct lines *l, const char *line, size_t length, struct abl_err *err)
{
	int32_t before;
	int rc = 0;

	if (!length) {
		l->waiting++;
		return 0;
	}
	if (abl_reader_line_number(l->reader) == 1 && abl_reader_is_json(l->reader))
		return abl_err_set(err, ABL_EINPUT,
				   "this is JSON; a vocab.txt is wanted, one token a line: is it a "
				   "tokenizer.json?");
	if (l->waiting && !l->blank)
		l->first_blank = abl_reader_line_number(l->reader) - l->waiting;
	for (; !rc && l->waiting; l->waiting--, l->blank++)
		rc = abl_vocab_add_blank(l->v, err);
	rc = rc ? rc : abl_vocab_add_last(l->v, line, length, &before, err);
	if (rc || before < 0)
		return rc;
	if (!l->twice++) {
		abl_str_add(&l->piece, line, length);
		l->first = (size_t)before + 1;
		l->again = abl_reader_line_number(l->reader);
	}
	return 0;
}

static void note(const struct lines *l)
{
	const char *path = abl_reader_path(l->reader);
	struct abl_str *notes = abl_vocab_notes_mut(l->v);

	if (l->blank)
		abl_str_printf(notes,
			       "%s: %zu blank line%s in the middle (line %zu%s): kept as a number "
			       "that no text has\n",
			       path, l->blank, abl_plural(l->blank), l->first_blank,
			       l->blank == 1 ? "" : ", ...");
	if (l->twice)
		abl_str_printf(notes,
			       "%s: %zu token%s twice ('%s', lines %zu and %zu%s): the last line "
			       "counts, as in transformers\n",
			       path, l->twice, l->twice == 1 ? " is there" : "s are there",
			       l->piece.text, l->first, l->again, l->twice == 1 ? "" : ", ...");
	if (l->waiting)
		abl_str_printf(notes, "%s: %zu blank line%s at the end: left out\n", path,
			       l->waiting, abl_plural(l->waiting));
}

static int read_pieces(struct abl_vocab *v, struct abl_reader *r, struct abl_err *err)
{
	struct lines l = {.v = v, .reader = r};
	const char *line;
	size_t length;
	int more, rc = 0;

	while (!rc && (more = abl_reader_line(r, &line, &length, err)) > 0) {
		while (length && (line[length - 1] == '\r' || line[length - 1] == ' ' ||
				  line[length - 1] == '\t'))
			length--;
		rc = take_line(&l, line, length, err);
		if (rc)
			abl_err_prefix(err, rc, "%s:%zu", abl_reader_path(r),
				       abl_reader_line_number(r));
	}
	rc = rc ? rc : more;
	if (!rc)
		note(&l);
	abl_str_finish(&l.piece);
	return rc;
}

int abl_vocab_load(struct abl_vocab **out, const char *path, struct abl_err *err)
{
	struct abl_vocab *v = NULL;
	struct abl_reader *r;
	int rc = abl_reader_open(&r, path, err);

	if (rc)
		return rc;
	v = abl_vocab_create();
	rc = read_pieces(v, r, err);
	if (rc)
		goto fail;
	rc = abl_vocab_complete(v, err);
	if (rc) {
		abl_err_prefix(err, rc, "%s", path);
		goto fail;
	}
	abl_reader_close(r);
	*out = v;
	return 0;
fail:
	abl_reader_close(r);
	abl_vocab_destroy(v);
	return rc;
}

int abl_vocab_save(const struct abl_vocab *v, const char *path, struct abl_err *err)
{
	struct abl_str text = {0};
	int rc;

	for (size_t i = 0; i < abl_vocab_size(v); i++) {
		abl_str_puts(&text, abl_vocab_piece(v, (int32_t)i));
		abl_str_add(&text, "\n", 1);
	}
	rc = abl_file_write(path, text.text, text.length, err);
	abl_str_finish(&text);
	return rc;
}
