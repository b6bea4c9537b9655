/* SPDX-License-Identifier: Apache-2.0 */
/* unicode.h - what one code point is to BERT's clean-up. On libutf8proc; where its tables (Unicode
 * 15) differ from those inside Hugging Face's tokenizers 0.23 (categories of Unicode 8,
 * decomposition of Unicode 9, lower case of Unicode 17), the answer is theirs, so that the pieces
 * of a text agree. */
#ifndef ABL_UNICODE_H
#define ABL_UNICODE_H

#include <stddef.h>
#include <stdint.h>

enum abl_point {
	ABL_POINT_TEXT,
	ABL_POINT_SPACE,       /* Zs, Zl, Zp, tab, line feed, carriage return */
	ABL_POINT_PUNCTUATION, /* P*, and every ASCII mark, "$" and "~" too */
	ABL_POINT_IDEOGRAPH,   /* the CJK blocks of BERT's tokenizer; not kana, not Hangul */
	ABL_POINT_MARK,        /* Mn: an accent that uncased models drop */
	ABL_POINT_DROP,        /* Cc, Cf, Co and U+FFFD; an unassigned code point is text */
};
enum abl_point abl_point_class(int32_t point);

#define ABL_DECOMPOSED_MAX 8
/* Canonical decomposition of one code point (itself if it has none). Returns how many came out. */
size_t abl_point_decompose(int32_t point, int32_t out[ABL_DECOMPOSED_MAX]);
/* Canonical combining class: code points above 0 in a row are sorted by it, stably (NFD). */
int abl_point_order(int32_t point);
int32_t abl_point_lower(int32_t point); /* simple lower case, whatever stands around it */

#endif
