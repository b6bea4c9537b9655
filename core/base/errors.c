/* SPDX-License-Identifier: Apache-2.0 */
#include "errors.h"

#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

int abl_err_set(struct abl_err *err, enum abl_code code, const char *fmt, ...)
{
	va_list ap;

	if (!err || err->code)
		return code;
	err->code = code;
	va_start(ap, fmt);
	vsnprintf(err->text, sizeof err->text, fmt, ap);
	va_end(ap);
	return code;
}

int abl_err_prefix(struct abl_err *err, int rc, const char *fmt, ...)
{
	char text[sizeof err->text];
	va_list ap;
	int n;

	if (!err || !err->code)
		return rc;
	va_start(ap, fmt);
	n = vsnprintf(text, sizeof text, fmt, ap);
	va_end(ap);
	if (n < 0 || (size_t)n + 3 > sizeof text)
		return rc;
	snprintf(text + n, sizeof text - (size_t)n, ": %.*s", (int)(sizeof text - (size_t)n - 3),
		 err->text);
	memcpy(err->text, text, sizeof text);
	return rc;
}

void abl_err_plain(struct abl_err *err)
{
	for (unsigned char *p = err ? (unsigned char *)err->text : NULL; p && *p; p++) {
		const bool wide = *p == 0xc2 && p[1] >= 0x80 && p[1] < 0xa0;

		if (*p < 0x20 || *p == 0x7f || wide)
			*p = '?';
		if (wide)
			*++p = '?';
	}
}
