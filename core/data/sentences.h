/* SPDX-License-Identifier: Apache-2.0 */
/* sentences.h - where a paragraph is cut into sentences. */
#ifndef ABL_SENTENCES_H
#define ABL_SENTENCES_H

#include <stdbool.h>
#include <stddef.h>

enum abl_sentence_rule {
	ABL_SENTENCES_SPLIT, /* paragraphs are cut by the rule below */
	ABL_SENTENCES_LINES, /* the texts have one sentence a line already */
};
/* "split" or "lines" -> the rule; any other word is our own mistake and asserts. */
enum abl_sentence_rule abl_sentence_rule_find(const char *name);

/* Takes the next sentence off the front of *text (*length bytes of valid UTF-8): *sentence points
 * into it, without white space at its ends. False when only white space is left.
 *
 * The rule `split`: a sentence ends after a run of . ! ? (and their ellipsis and CJK forms) with
 * any closing quotes and brackets behind it, where white space follows and then, after any quotes,
 * brackets and dashes, something that is not a lower-case letter. But a single full stop does not
 * end one when it stands right before the white space and after
 * - a title or short form that a name follows (Mr. Dr. St. Prof. e.g. vs. ...),
 * - a short form that a number follows, if a digit does (No. p. vol. fig. Dec. ...),
 * - a number that begins the sentence ("2. Of the soul"),
 * - a capital alone but I ("J. S. Mill"), letters with inner stops ("U.S.", "a.m."), or one of Jr.
 * Sr. Esq. etc. Co. Inc. Ltd. Corp. Bros., unless a common opening word (The, He, In, ...) follows.
 * CJK stops need no white space. */
bool abl_sentence_next(enum abl_sentence_rule rule, const char **text, size_t *length,
		       const char **sentence, size_t *sentence_length);

#endif
