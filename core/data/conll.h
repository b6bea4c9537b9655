/* SPDX-License-Identifier: Apache-2.0 */
/* conll.h - tagged sentences from column files, one word a line.
 *
 * "conll" (Tjong Kim Sang and De Meulder 2003, and those that follow it): columns divided by TABs
 * or by blanks - where the first word's line has a TAB, by TABs alone, since words may be empty or
 * invisible - and the tag in the last one; a blank line, or a lone TAB, ends a sentence; lines that
 * begin with -DOCSTART- are no words, and neither is a line that begins with # before the first
 * word of a sentence, unless it has the columns of the words. "conllu" (universaldependencies.org):
 * ten columns, comments, and rows that are no words: tokens of several words (3-4) and empty nodes
 * (8.1). */
#ifndef ABL_CONLL_H
#define ABL_CONLL_H

#include "errors.h"
#include "left_out.h"
#include "str.h"
#include "task_spec.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct abl_tagged_word {
	const char *text; /* may be empty */
	const char *tag;  /* NULL: none given (test) */
	uint32_t line;    /* of its file, from 1 */
};

struct abl_tagged_sentence {
	size_t first, count; /* its words; never none */
	/* what must not be divided: its document where the file marks them (# newdoc, -DOCSTART-),
	 * else all sentences of the same words */
	uint64_t group;
	uint64_t id; /* hash of line, words and tags */
};

struct abl_tagged {
	const char *path; /* the spec's own memory */
	struct abl_tagged_word *words;
	struct abl_tagged_sentence *sentences;
	size_t word_count, sentence_count;
	size_t word_capacity, sentence_capacity;
	bool labelled;                /* every word has a tag */
	struct abl_left_out left_out; /* sentences, because the spec says `broken: skip` */
	struct abl_str text;          /* what the words point into */
};

/* Reads "train", "dev" or "test"; spec->format says which of the two formats. Columns: spec->text
 * (the word; 0, in CoNLL-U form) and spec->label (the tag; "last", in CoNLL-U upos), a number from
 * 0 or a CoNLL-U name. spec->limit cuts train. Overwrites *out, which ends with
 * abl_tagged_finish() after success. ABL_EINPUT with file and line: an empty file, too few columns,
 * other columns than the words before it have, a word without a tag (train, dev), rows that are no
 * CoNLL-U. */
int abl_conll_load(const struct abl_task_spec *spec, const char *split, struct abl_tagged *out,
		   struct abl_err *err) ABL_MUST_USE;
void abl_tagged_finish(struct abl_tagged *t); /* null-safe */

/* Leaves the sentences that are (not) in the tenth that is held back. ABL_EINPUT: none is left. */
int abl_tagged_divide(struct abl_tagged *t, bool held_back, struct abl_err *err) ABL_MUST_USE;

#endif
