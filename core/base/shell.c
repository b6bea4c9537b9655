/* SPDX-License-Identifier: Apache-2.0 */
#include "shell.h"

#include <string.h>

/* What no shell takes for anything else; letters of other scripts are bytes above these. */
static bool is_plain(const char *word)
{
	static const char plain[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
				    "0123456789_./-+=:,@%";

	if (!*word)
		return false;
	for (; *word; word++)
		if (!((unsigned char)*word & 0x80) && !strchr(plain, *word))
			return false;
	return true;
}

void abl_shell_word(struct abl_str *out, const char *word)
{
	if (is_plain(word)) {
		abl_str_puts(out, word);
		return;
	}
	abl_str_puts(out, "'");
	for (; *word; word++)
		abl_str_add(out, *word == '\'' ? "'\\''" : word, *word == '\'' ? 4 : 1);
	abl_str_puts(out, "'");
}

void abl_shell_add(struct abl_str *out, const char *word)
{
	if (out->length)
		abl_str_puts(out, " ");
	abl_shell_word(out, word);
}

const char *abl_shell_quoted(const char *word)
{
	struct abl_str text = {0};
	const char *quoted;

	abl_shell_word(&text, word);
	quoted = abl_intern(text.text);
	abl_str_finish(&text);
	return quoted;
}

/* Does a quoted part begin at p? At the start of a word, and behind the \' of a quoted one. */
static bool opens(const char *text, const char *p)
{
	return p == text || (p - text > 1 && p[-1] == '\'' && p[-2] == '\\');
}

size_t abl_shell_span(const char *text)
{
	const char *p = text;

	while (*p && *p != ' ' && *p != '\n') {
		const char *end = *p == '"' || *p == '\'' ? strchr(p + 1, *p) : NULL;

		if (*p == '\'' && !(opens(text, p) && end))
			break;
		if (end)
			p = end + 1;
		else
			p += *p == '\\' && p[1] ? 2 : 1;
	}
	return (size_t)(p - text);
}
