/* SPDX-License-Identifier: Apache-2.0 */
/* yaml_brackets.c - words such as log_history[].loss: in a list or map on one line YAML has no such
 * word without quotes, and it can mean nothing else there. While the text is parsed, the brackets
 * are two characters of Unicode's private use, so that places stay what they are. */
#include "str.h"
#include "yaml_parse.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#define OPEN "\xee\x80\x80"  /* U+E000 */
#define CLOSE "\xee\x80\x81" /* U+E001 */
#define WIDTH (sizeof OPEN - 1)

/* "[]", "[0]" or "[-1]" behind a word: its length, or 0. */
static size_t index_length(const char *text, const char *at)
{
	size_t n = 1;

	if (*at != '[' || at == text || !(isalnum((unsigned char)at[-1]) || strchr("_]", at[-1])))
		return 0;
	n += at[n] == '-';
	n += strspn(at + n, "0123456789");
	return at[n] == ']' ? n + 1 : 0;
}

char *abl_yaml_hide_brackets(const char *text)
{
	struct abl_str out = {0};

	if (strstr(text, OPEN) || strstr(text, CLOSE))
		return NULL;
	for (const char *p = text; *p;) {
		const size_t n = index_length(text, p);

		if (n) {
			abl_str_puts(&out, OPEN);
			abl_str_add(&out, p + 1, n - 2);
			abl_str_puts(&out, CLOSE);
		} else {
			abl_str_add(&out, p, 1);
		}
		p += n ? n : 1;
	}
	return out.text ? out.text : abl_strdup("");
}

void abl_yaml_show_brackets(char *text)
{
	char *to = text;

	for (const char *p = text; *p; to++) {
		const bool open = !strncmp(p, OPEN, WIDTH), close = !strncmp(p, CLOSE, WIDTH);

		*to = *p;
		if (open || close)
			*to = open ? '[' : ']';
		p += open || close ? WIDTH : 1;
	}
	*to = '\0';
}
