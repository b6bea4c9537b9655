/* SPDX-License-Identifier: Apache-2.0 */
#include "word_list.h"

#include "str.h"

#include <stdlib.h>
#include <string.h>

static const char blanks[] = " \t\r\n";

void abl_word_list_add(struct abl_word_list *w, const char *word)
{
	abl_grow(&w->word, &w->capacity, w->count + 2, sizeof *w->word);
	w->word[w->count++] = abl_strdup(word);
	w->word[w->count] = NULL;
}

/* What stands in quotes at *at, which goes behind them. */
static int take_quoted(const char **at, struct abl_str *out, struct abl_err *err)
{
	const char quote = **at, *p = *at + 1;

	for (; *p && *p != quote; p++) {
		if (quote == '"' && *p == '\\' && p[1] && strchr("\"\\$`", p[1]))
			p++;
		abl_str_add(out, p, 1);
	}
	if (!*p)
		return abl_err_set(err, ABL_EINPUT, "the quote %c is never closed: %.80s", quote,
				   *at);
	*at = p + 1;
	return 0;
}

int abl_word_list_split(struct abl_word_list *w, const char *line, struct abl_err *err)
{
	struct abl_str word = {0};
	const char *p = line;
	int rc = 0;

	for (p += strspn(p, blanks); *p && !rc; p += strspn(p, blanks)) {
		abl_str_clear(&word);
		abl_str_puts(&word, ""); /* a word may be empty: '' */
		while (*p && !strchr(blanks, *p) && !rc) {
			if (*p == '\'' || *p == '"') {
				rc = take_quoted(&p, &word, err);
			} else {
				p += *p == '\\' && p[1];
				abl_str_add(&word, p++, 1);
			}
		}
		if (!rc)
			abl_word_list_add(w, word.text);
	}
	abl_str_finish(&word);
	return rc;
}

void abl_word_list_finish(struct abl_word_list *w)
{
	if (!w)
		return;
	for (size_t i = 0; i < w->count; i++)
		free(w->word[i]);
	free(w->word);
	*w = (struct abl_word_list){0};
}
