/* SPDX-License-Identifier: Apache-2.0 */
#include "sentences.h"

#include <assert.h>
#include <ctype.h>
#include <string.h>
#include <utf8proc.h>

#define WORD_MAX 16 /* bytes of the longest word in the lists below */

/* Short forms in lower case, without their last stop. A name follows these: */
static const char before_name[] =
	" mr mrs ms messrs mme mlle mdlle dr drs st ste prof rev hon gen col capt lt sgt maj"
	" cmdr adm gov sen rep pres supt mt vs viz cf e.g i.e ";
/* a number follows these: */
static const char before_number[] =
	" no nos p pp vol vols ch chap fig figs sec eq art c ca jan feb mar apr jun jul"
	" aug sep sept oct nov dec ";
/* these may end a sentence, as "U.S." may: */
static const char may_end[] = " jr sr esq etc co inc ltd corp bros ";
/* words that, with a capital, hardly ever go on a sentence after such a one */
static const char openers[] =
	" the a an he she it we they you i his her its our their this that these those there"
	" in on at by for from with as if when while after before but and so yet then now"
	" what who why how where not no ";

enum abl_sentence_rule abl_sentence_rule_find(const char *name)
{
	assert(!strcmp(name, "split") || !strcmp(name, "lines"));
	return *name == 's' ? ABL_SENTENCES_SPLIT : ABL_SENTENCES_LINES;
}

struct scan {
	const char *text;
	size_t length;
};

/* The code point at byte `at`, 0 at the end; *size = its bytes. */
static utf8proc_int32_t point(const struct scan *s, size_t at, size_t *size)
{
	utf8proc_int32_t c = 0;
	utf8proc_ssize_t n;

	*size = 0;
	if (at >= s->length)
		return 0;
	n = utf8proc_iterate((const utf8proc_uint8_t *)s->text + at,
			     (utf8proc_ssize_t)(s->length - at), &c);
	*size = n > 0 ? (size_t)n : 1;
	return n > 0 ? c : 0xFFFD;
}

static bool is_space(utf8proc_int32_t c)
{
	utf8proc_category_t k;

	if (c < 0x80)
		return c == ' ' || (c >= '\t' && c <= '\r');
	k = utf8proc_category(c);
	return k == UTF8PROC_CATEGORY_ZS || k == UTF8PROC_CATEGORY_ZL || k == UTF8PROC_CATEGORY_ZP;
}

static bool is_wide_stop(utf8proc_int32_t c)
{
	return c == 0x3002 || c == 0xFF01 || c == 0xFF1F; /* ideographic . ! ? */
}

static bool is_stop(utf8proc_int32_t c)
{
	return c == '.' || c == '!' || c == '?' || c == 0x2026 /* ellipsis */ || c == 0x203C ||
	       (c >= 0x2047 && c <= 0x2049) || is_wide_stop(c);
}

static bool is_quote_or_bracket(utf8proc_int32_t c)
{
	switch (utf8proc_category(c)) {
	case UTF8PROC_CATEGORY_PS:
	case UTF8PROC_CATEGORY_PE:
	case UTF8PROC_CATEGORY_PI:
	case UTF8PROC_CATEGORY_PF:
		return true;
	default:
		return c == '"' || c == '\'' || c == '`';
	}
}

static bool is_lead_in(utf8proc_int32_t c)
{
	return is_quote_or_bracket(c) || utf8proc_category(c) == UTF8PROC_CATEGORY_PD ||
	       c == 0xBF || c == 0xA1;
}

/* Skips code points of a kind. */
static size_t skip(const struct scan *s, size_t at, bool (*kind)(utf8proc_int32_t))
{
	size_t size;

	for (utf8proc_int32_t c; (c = point(s, at, &size)) && kind(c);)
		at += size;
	return at;
}

/* Is word[0..length-1], whatever its case, in the list? */
static bool among(const char *list, const char *word, size_t length)
{
	char key[WORD_MAX + 3] = " ";

	if (!length || length > WORD_MAX)
		return false;
	for (size_t i = 0; i < length; i++)
		key[i + 1] = (char)tolower((unsigned char)word[i]);
	key[length + 1] = ' ';
	key[length + 2] = '\0';
	return strstr(list, key) != NULL;
}

static bool is_letter(utf8proc_int32_t c)
{
	utf8proc_category_t k = utf8proc_category(c);

	return k >= UTF8PROC_CATEGORY_LU && k <= UTF8PROC_CATEGORY_ME; /* letters and their marks */
}

/* The first byte of the code points of a kind that end at byte `end`. */
static size_t skip_back(const struct scan *s, size_t end, bool (*kind)(utf8proc_int32_t))
{
	size_t at = end, size;

	while (at) {
		do
			at--;
		while (at && ((unsigned char)s->text[at] & 0xC0) == 0x80);
		if (!kind(point(s, at, &size)))
			break;
		end = at;
	}
	return end;
}

static bool is_in_word(utf8proc_int32_t c)
{
	return is_letter(c) || c == '.' || (c < 0x80 && isdigit(c));
}

/* Does a common opening word stand at byte `at`? */
static bool opens(const struct scan *s, size_t at)
{
	size_t n = skip(s, at, is_letter) - at;

	return n && isupper((unsigned char)s->text[at]) && among(openers, s->text + at, n);
}

/* Is the single full stop at byte `stop` part of a short form, given the word at byte `next`? */
static bool is_short_form(const struct scan *s, size_t stop, size_t next)
{
	size_t start = skip_back(s, stop, is_in_word), length = stop - start;
	const char *word = s->text + start;
	bool digits = true, initial, dotted;

	for (size_t i = 0; i < length; i++)
		digits = digits && isdigit((unsigned char)word[i]);
	if (length && digits)
		return start == 0; /* "2. Of the soul": a number that begins the sentence */
	if (among(before_name, word, length))
		return true;
	if (among(before_number, word, length) && isdigit((unsigned char)s->text[next]))
		return true;
	initial = length == 1 && isupper((unsigned char)*word) && *word != 'I';
	dotted = length > 2 && memchr(word, '.', length);
	return (initial || dotted || among(may_end, word, length)) && !opens(s, next);
}

/* Does a sentence end with the stops at byte `at`? *end = the byte after them and what closes. */
static bool ends(const struct scan *s, size_t at, size_t *end)
{
	size_t size, after = skip(s, at, is_stop), next;
	bool wide = is_wide_stop(point(s, at, &size)), lone = s->text[at] == '.' && after == at + 1;
	utf8proc_int32_t c;

	*end = skip(s, after, is_quote_or_bracket);
	c = point(s, *end, &size);
	if (c && !is_space(c))
		return wide;
	next = skip(s, skip(s, skip(s, *end, is_space), is_lead_in), is_space);
	c = point(s, next, &size);
	if (!c || is_stop(c) || utf8proc_category(c) == UTF8PROC_CATEGORY_LL)
		return wide;
	return !(lone && *end == after && is_short_form(s, at, next));
}

bool abl_sentence_next(enum abl_sentence_rule rule, const char **text, size_t *length,
		       const char **sentence, size_t *sentence_length)
{
	struct scan s = {*text, *length};
	size_t start = skip(&s, 0, is_space), at, end, size;

	s.text += start;
	s.length -= start;
	for (at = 0; at < s.length; at += size) {
		utf8proc_int32_t c = point(&s, at, &size);

		if (rule == ABL_SENTENCES_LINES || !is_stop(c))
			continue;
		if (ends(&s, at, &end))
			break;
		size = end - at;
	}
	end = at < s.length ? end : s.length;
	*text = s.text + end;
	*length = s.length - end;
	end = skip_back(&s, end, is_space);
	*sentence = s.text;
	*sentence_length = end;
	return end > 0;
}
