/* SPDX-License-Identifier: Apache-2.0 */
/* documents.h - pre-training texts, read as documents and their paragraphs.
 *
 * Two layouts are told apart by a file's first line that is not blank:
 * - plain: one paragraph (or sentence) a line, a blank line ends a document (google-research/bert);
 * - WikiText: it is a heading " = Title = " between blank lines (or the file's ends). A document is
 *   an article, from one such line with one "=" a side to the next; other blank lines mean nothing.
 *   Headings of all levels are paragraphs of their own, without their equals signs.
 *
 * Files may be packed (.gz, .xz); each file starts a new document. The name "world" stands for the
 * documents of the built-in world. */
#ifndef ABL_DOCUMENTS_H
#define ABL_DOCUMENTS_H

#include "errors.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct abl_documents; /* a place in a list of texts */

struct abl_paragraph {
	const char *text;  /* zero-terminated, no blanks at its ends, never empty; not owned */
	size_t length;     /* bytes */
	uint64_t document; /* running number of its document, from 0 over all texts */
};

/* Starts at the first of `texts` (NULL-terminated, kept by the caller). *out is the caller's. */
int abl_documents_open(struct abl_documents **out, const char *const *texts,
		       struct abl_err *err) ABL_MUST_USE;
void abl_documents_close(struct abl_documents *d); /* null-safe */
/* The next paragraph, valid until the next call: 1 = one is there, 0 = end. ABL_EINPUT: a text
 * cannot be read or holds nothing but blanks. */
int abl_documents_next(struct abl_documents *d, struct abl_paragraph *out, struct abl_err *err);
double abl_documents_share(const struct abl_documents *d); /* of the input read so far, [0, 1] */

/* What long work on texts tells its caller. Any hook may be NULL. */
struct abl_text_events {
	void *data;
	void (*progress)(void *data, double share); /* of the input, [0, 1] */
	bool (*stopping)(void *data);               /* true ends the work with ABL_ESTOP */
};
/* Calls `take` for every paragraph of `texts`; a non-zero result of it ends the walk and is passed
 * on. `events` may be NULL. */
int abl_documents_each(const char *const *texts, const struct abl_text_events *events,
		       int (*take)(void *data, const struct abl_paragraph *p, struct abl_err *err),
		       void *data, struct abl_err *err) ABL_MUST_USE;

#endif
