/* SPDX-License-Identifier: Apache-2.0 */
/* token.h - the 128 random bits that a head and its workers know, and nobody else. */
#ifndef ABL_TOKEN_H
#define ABL_TOKEN_H

#include "errors.h"

#include <stdbool.h>

enum { ABL_TOKEN_BYTES = 16, ABL_TOKEN_TEXT = 2 * ABL_TOKEN_BYTES + 1 };

struct abl_token {
	unsigned char bytes[ABL_TOKEN_BYTES];
};

/* From the system's random numbers. */
int abl_token_make(struct abl_token *out, struct abl_err *err) ABL_MUST_USE;
/* 32 hex digits. */
const char *abl_token_text(const struct abl_token *t, char out[ABL_TOKEN_TEXT]);
/* False: it is not one. */
bool abl_token_read(const char *text, struct abl_token *out);

#endif
