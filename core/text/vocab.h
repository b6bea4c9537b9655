/* SPDX-License-Identifier: Apache-2.0 */
/* vocab.h - a WordPiece vocabulary: pieces and their ids (id = line of vocab.txt, from 0). A piece
 * that continues a word begins with "##" (Devlin et al. 2019; the file layout of Google's BERT
 * release). */
#ifndef ABL_VOCAB_H
#define ABL_VOCAB_H

#include "errors.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Pieces with a meaning of their own: BERT's five, and the three of GPT (Radford et al. 2018). */
enum abl_special {
	ABL_PAD,     /* [PAD] */
	ABL_UNK,     /* [UNK] */
	ABL_CLS,     /* [CLS] */
	ABL_SEP,     /* [SEP] */
	ABL_MASK,    /* [MASK] */
	ABL_START,   /* <start> */
	ABL_DELIM,   /* <delim> */
	ABL_EXTRACT, /* <extract> */
	ABL_SPECIALS,
};
const char *abl_special_text(enum abl_special which); /* "[PAD]" ... */

#define ABL_PIECE_MAX 512      /* bytes of a piece, "##" included */
#define ABL_VOCAB_MAX 10000000 /* pieces; a file with more is refused */

struct abl_vocab;

/* An empty vocabulary to add pieces to. Ends with abl_vocab_destroy(). */
struct abl_vocab *abl_vocab_create(void);
void abl_vocab_destroy(struct abl_vocab *v); /* null-safe */
/* Adds a copy of a piece; its id is the size before. ABL_EINPUT: empty, too long, there already. */
int abl_vocab_add(struct abl_vocab *v, const char *piece, size_t length,
		  struct abl_err *err) ABL_MUST_USE;
/* One more id that no text has: its piece is "[blankN]", N the id, which no word can be. */
int abl_vocab_add_blank(struct abl_vocab *v, struct abl_err *err) ABL_MUST_USE;
/* Adds a piece that may be there already: it has its last id then, as in transformers, and no text
 * the one before. *before: that id, or -1. */
int abl_vocab_add_last(struct abl_vocab *v, const char *piece, size_t length, int32_t *before,
		       struct abl_err *err) ABL_MUST_USE;
/* Finds the special pieces once all pieces are in. ABL_EINPUT when one of BERT's five is missing.
 * The three of GPT, where missing, become [unused0], [unused1], [unused2] (BERT's own files have
 * those). */
int abl_vocab_complete(struct abl_vocab *v, struct abl_err *err) ABL_MUST_USE;

/* Reads vocab.txt, plain, .gz or .xz: one piece a line, white space at the end of a line is not
 * part of it. Every line is an id, as for transformers: an empty one is a blank (one at the end is
 * left out), and a piece that comes twice has its last id; abl_vocab_notes() says so. The
 * vocabulary is complete. Errors name file and line: a too long line, a missing special piece,
 * invalid UTF-8, a NUL byte, JSON. */
int abl_vocab_load(struct abl_vocab **out, const char *path, struct abl_err *err) ABL_MUST_USE;
int abl_vocab_save(const struct abl_vocab *v, const char *path, struct abl_err *err) ABL_MUST_USE;

/* What was mended when it was read, a line each; "": nothing. */
const char *abl_vocab_notes(const struct abl_vocab *v);
struct abl_str;
struct abl_str *abl_vocab_notes_mut(struct abl_vocab *v); /* for whoever reads one */

size_t abl_vocab_size(const struct abl_vocab *v);
/* The id of exactly this piece, -1 if there is none. */
int32_t abl_vocab_id(const struct abl_vocab *v, const char *piece, size_t length);
/* The piece's text, the vocabulary's own memory. 0 <= id < size. */
const char *abl_vocab_piece(const struct abl_vocab *v, int32_t id);
/* Code points of text that the piece stands for ("##" not counted): for bits per character. 0 for
 * special pieces, but 1 for [UNK], which stands for a text of unknown length. */
size_t abl_vocab_points(const struct abl_vocab *v, int32_t id);
/* -1 where the vocabulary has no such piece: possible for GPT's three only. */
int32_t abl_vocab_special(const struct abl_vocab *v, enum abl_special which);
bool abl_vocab_is_special(const struct abl_vocab *v, int32_t id); /* one of the eight, [UNK] too */

/* The longest piece that `text` begins with; with `continuing`, the longest piece "##..." whose
 * rest `text` begins with. *taken = bytes of text it covers, never 0. -1 if there is none. */
int32_t abl_vocab_match(const struct abl_vocab *v, const char *text, size_t length, bool continuing,
			size_t *taken);

#endif
