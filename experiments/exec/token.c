/* SPDX-License-Identifier: Apache-2.0 */
#include "token.h"

#include <errno.h>
#include <string.h>
#include <sys/random.h>

static const char digits[] = "0123456789abcdef";

int abl_token_make(struct abl_token *out, struct abl_err *err)
{
	if (getrandom(out->bytes, sizeof out->bytes, 0) == (ssize_t)sizeof out->bytes)
		return 0;
	return abl_err_set(err, ABL_EIO,
			   "cannot make a token: the system gives no random numbers: %s",
			   strerror(errno));
}

const char *abl_token_text(const struct abl_token *t, char out[ABL_TOKEN_TEXT])
{
	for (size_t i = 0; i < ABL_TOKEN_BYTES; i++) {
		out[2 * i] = digits[t->bytes[i] >> 4];
		out[2 * i + 1] = digits[t->bytes[i] & 15];
	}
	out[2 * ABL_TOKEN_BYTES] = '\0';
	return out;
}

bool abl_token_read(const char *text, struct abl_token *out)
{
	if (strlen(text) != 2 * ABL_TOKEN_BYTES)
		return false;
	memset(out, 0, sizeof *out);
	for (size_t i = 0; i < 2 * ABL_TOKEN_BYTES; i++) {
		const char *at = strchr(digits, text[i]);

		if (!at)
			return false;
		out->bytes[i / 2] |= (unsigned char)((at - digits) << (i % 2 ? 0 : 4));
	}
	return true;
}
