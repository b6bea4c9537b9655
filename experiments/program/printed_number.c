/* SPDX-License-Identifier: Apache-2.0 */
#include "printed_number.h"

#include "str.h"

#include <ctype.h>
#include <math.h>
#include <string.h>
#include <strings.h>

enum { LONGEST = 400, LONGEST_CALL = 40, UNIT = 4, GROUP = 3 };

static bool is(char c, const char *one_of)
{
	return c && strchr(one_of, c);
}

static bool digit_at(const char *text, size_t length, size_t at)
{
	return at < length && text[at] >= '0' && text[at] <= '9';
}

static bool word_at(const char *text, size_t length, size_t at)
{
	unsigned char c = at < length ? (unsigned char)text[at] : ' ';

	return isalnum(c) || c == '_' || c >= 0x80;
}

/* Words that are numbers; the longer one of two with the same beginning comes first. */
static size_t scan_word(double *out, const char *text, size_t length)
{
	static const struct {
		const char *word;
		double value;
	} words[] = {{"infinity", INFINITY}, {"inf", INFINITY}, {"nan", NAN}};

	for (size_t i = 0; i < sizeof words / sizeof *words; i++) {
		size_t n = strlen(words[i].word);

		if (length >= n && !strncasecmp(text, words[i].word, n) &&
		    !word_at(text, length, n)) {
			*out = words[i].value;
			return n;
		}
	}
	return 0;
}

/* Digits at `at`; `,` between groups of three belongs to them. */
static size_t scan_digits(const char *text, size_t length, size_t at, struct abl_str *number)
{
	const size_t first = at;
	size_t from = at;

	while (digit_at(text, length, at)) {
		size_t group = 0;

		abl_str_add(number, text + at++, 1);
		while (group <= GROUP && digit_at(text, length, at + 1 + group))
			group++;
		if (at < length && text[at] == ',' && group == GROUP && at - from <= GROUP &&
		    text[first] != '0')
			from = ++at;
	}
	return at;
}

static size_t scan_exponent(const char *text, size_t length, size_t at, struct abl_str *number)
{
	size_t first = at + 1;

	if (at >= length || (text[at] != 'e' && text[at] != 'E'))
		return at;
	first += first < length && (text[first] == '+' || text[first] == '-');
	if (!digit_at(text, length, first))
		return at;
	abl_str_add(number, text + at, first - at);
	for (at = first; digit_at(text, length, at); at++)
		abl_str_add(number, text + at, 1);
	return at;
}

/* How many digits say something; none where the number looks like a whole one. */
static int significant(const char *number, double value)
{
	int digits = 0;
	bool begun = false;

	if (fabs(value) < 1e15 && value * 8 == floor(value * 8)) /* .5 and .75 are just that */
		return 0;
	for (; *number && *number != 'e' && *number != 'E'; number++) {
		begun = begun || (*number >= '1' && *number <= '9');
		digits += begun && *number != '.';
	}
	return digits;
}

size_t abl_printed_scan(struct abl_printed *out, const char *text, size_t length)
{
	bool minus = length && *text == '-';
	size_t sign = length && (*text == '-' || *text == '+'), at, whole;
	struct abl_str number = {0};
	double value = 0;

	length = length < LONGEST ? length : LONGEST;
	at = scan_word(&value, text + sign, length - sign);
	if (at) {
		*out = (struct abl_printed){.value = minus ? -value : value};
		return sign + at;
	}
	abl_str_puts(&number, "");
	at = whole = scan_digits(text, length, sign, &number);
	if (at < length && text[at] == '.' && (whole > sign || digit_at(text, length, at + 1))) {
		if (digit_at(text, length, at + 1))
			abl_str_puts(&number, whole > sign ? "." : "0.");
		for (at++; digit_at(text, length, at); at++)
			abl_str_add(&number, text + at, 1);
	}
	if (at > sign)
		at = scan_exponent(text, length, at, &number);
	if (at == sign || !abl_parse_real(number.text, &value))
		at = 0;
	else
		*out = (struct abl_printed){minus ? -value : value,
					    significant(number.text, value)};
	abl_str_finish(&number);
	return at;
}

/* Does a number end here? Bytes of a unit behind it; -1: it goes on as something else. */
static long ends(const char *text, size_t length)
{
	size_t at = 0;

	while (at <= UNIT && at < length &&
	       (isalpha((unsigned char)text[at]) || is(text[at], "%/")))
		at++;
	if (at > UNIT || word_at(text, length, at))
		return -1;
	if (at + 1 < length && is(text[at], ".,:-") && digit_at(text, length, at + 1))
		return -1;
	return (long)at;
}

/* "tensor(", "np.float64(" before a number. */
static size_t call_at(const char *text, size_t length)
{
	size_t at = 0;

	if (!length || !(isalpha((unsigned char)*text) || *text == '_'))
		return 0;
	while (at < LONGEST_CALL && (word_at(text, length, at) || (at < length && text[at] == '.')))
		at++;
	return at < length && text[at] == '(' ? at + 1 : 0;
}

size_t abl_printed_value(struct abl_printed *out, const char *text, size_t length)
{
	char quote = length && (*text == '"' || *text == '\'') ? *text : 0;
	size_t at = quote != 0, n;
	long unit;

	if (!quote)
		at += call_at(text, length);
	n = abl_printed_scan(out, text + at, length - at);
	if (!n)
		return 0;
	at += n;
	if (quote)
		return at < length && text[at] == quote ? at + 1 : 0;
	unit = ends(text + at, length - at);
	return unit < 0 ? 0 : at + (size_t)unit;
}

bool abl_printed_whole(struct abl_printed *out, const char *text, size_t length)
{
	static const char blank[] = " \t\r\n\"'";

	while (length && is(*text, blank))
		text++, length--;
	while (length && is(text[length - 1], blank))
		length--;
	if ((length == 4 && !strncasecmp(text, "true", 4)) ||
	    (length == 5 && !strncasecmp(text, "false", 5))) {
		*out = (struct abl_printed){.value = length == 4};
		return true;
	}
	return length && abl_printed_scan(out, text, length) == length;
}

bool abl_printed_step(const struct abl_printed *p, int64_t *out)
{
	if (!(fabs(p->value) < 9e15))
		return false;
	*out = llround(p->value);
	return true;
}
