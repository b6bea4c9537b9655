/* SPDX-License-Identifier: Apache-2.0 */
/* corpus.h - pre-training text as tokens: the result of the `tokenize` stage.
 *
 * One binary file, mapped read-only: all trials on a machine share its pages. It holds ordinary
 * tokens only; special tokens are put in by whoever makes sequences of it. */
#ifndef ABL_CORPUS_H
#define ABL_CORPUS_H

#include "documents.h"
#include "errors.h"
#include "sentences.h"

#include <stdbool.h>
#include <stddef.h>
#include <stddef.h>
#include <stdint.h>

#define ABL_HELD_OUT_SHARE .05

struct abl_tokenizer;
struct abl_vocab;

struct abl_corpus_document {
	uint64_t hash; /* of its text: decides fraction (and held-out, where there are no groups),
			  wherever the document lies */
	uint64_t paragraphs;
	uint64_t words;      /* by white space */
	uint64_t characters; /* code points of its paragraphs, for bits per character */
	uint64_t unknown;    /* tokens that are [UNK] */
};

struct abl_corpus { /* opened; plain data that points into the mapped file */
	uint64_t pieces, sentences, documents;
	int64_t vocab_size;                        /* every id is below it */
	const int32_t *ids;                        /* [tokens] */
	const uint64_t *sentence;                  /* [sentences + 1] first token of each */
	const uint64_t *document;                  /* [documents + 1] first sentence of each */
	const struct abl_corpus_document *details; /* [documents] */
	const uint64_t *group; /* [documents] hash of what is held out together; NULL: each alone */
	bool told; /* `group` says what is held out: 1 of those documents, 0 of the others */
	uint64_t held_out_limit;
	uint64_t *known; /* sorted hashes of what is held out, in place of the rule (held_out.h);
			    NULL: by the rule */
	size_t known_count;
	void *map;
	size_t map_size;
};

/* The `vocab` stage: learns a vocabulary of `size` tokens from the texts (documents.h,
 * vocab_train.h). *out is the caller's. ABL_EINPUT: a text cannot be read, or `size` cannot be had.
 */
int abl_corpus_learn_vocab(struct abl_vocab **out, const char *const *texts, size_t size,
			   bool cased, const struct abl_text_events *events,
			   struct abl_err *err) ABL_MUST_USE;

/* What a corpus is made of. */
struct abl_corpus_request {
	const char *const *texts; /* documents.h */
	const char *groups;       /* which documents belong together (document_groups.h), or NULL */
	const struct abl_tokenizer *tokenizer;
	enum abl_sentence_rule rule;
	const char *held_out; /* a text that is held out, in place of a share of `texts`; or NULL;
				 not with groups */
};
/* The `tokenize` stage: cuts the texts into sentences and tokens and writes them to path: a
 * temporary file beside it, then a rename. ABL_EINPUT: see documents.h; the groups hold more or
 * fewer documents; or no token came out of all texts. */
int abl_corpus_build(const char *path, const struct abl_corpus_request *r,
		     const struct abl_text_events *events, struct abl_err *err) ABL_MUST_USE;

/* Maps the file and checks all of it: size, content hash, every offset and id. ABL_EINPUT: it is
 * damaged, cut off or of another kind, version or byte order. */
int abl_corpus_open(struct abl_corpus *c, const char *path, struct abl_err *err) ABL_MUST_USE;
void abl_corpus_close(struct abl_corpus *c); /* null-safe, may be called twice */

/* Is the document kept out of training? About 5 % are (of the groups, where there are some), chosen
 * by content: the same for all variants and seeds. Two documents of a group, or without groups two
 * copies of one, never fall on both sides. At least one is when two differ, and never all. */
bool abl_corpus_held_out(const struct abl_corpus *c, uint64_t document);
/* Marks in chosen[documents] the held-out documents, or those of the training part that belong to
 * its share `fraction` (by content; a smaller fraction is a subset of a larger one; never empty
 * unless the part is). Returns how many. */
uint64_t abl_corpus_choose(const struct abl_corpus *c, bool held_out, double fraction,
			   bool *chosen);

#endif
