/* SPDX-License-Identifier: Apache-2.0 */
/* loose_json.c - Jansson refuses NaN and Infinity: texts of the same length take their places; and
 * .5, which gets its zero. */
#include "loose_json.h"

#include "str.h"

#include <ctype.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

static const struct {
	const char *word, *text; /* what the text in quotes becomes */
	double value;
} special[] = {
	{"NaN", "\"\x7f\"", NAN},
	{"Infinity", "\"\x7f+inf.\"", INFINITY},
	{"-Infinity", "\"\x7f-inf..\"", -INFINITY},
};

/* The bytes that it takes beside its first; 0: there is none here. */
static size_t replace_at(char *text, size_t length)
{
	for (size_t k = 0; k < sizeof special / sizeof *special; k++) {
		size_t n = strlen(special[k].word);

		if (length >= n && !memcmp(text, special[k].word, n)) {
			memcpy(text, special[k].text, n);
			return n - 1;
		}
	}
	return 0;
}

static void replace_special(char *text, size_t length)
{
	bool in_text = false;

	for (size_t i = 0; i < length; i++) {
		if (text[i] == '"')
			in_text = !in_text;
		else if (in_text && text[i] == '\\')
			i++;
		else if (!in_text && (text[i] == 'N' || text[i] == 'I' || text[i] == '-'))
			i += replace_at(text + i, length - i);
	}
}

/* "bc" and shells write .5 and -.5: with the zero that JSON wants; NULL: there is none of them. The
 * caller's. */
static char *with_zeros(const char *text, size_t length, size_t *out)
{
	char *to = NULL;
	bool in_text = false;
	size_t n = 0;

	for (size_t i = 0; i < length; i++) {
		const char before = i ? text[i - 1] : '[';

		if (text[i] == '"')
			in_text = !in_text;
		if (!in_text && text[i] == '.' && i + 1 < length &&
		    isdigit((unsigned char)text[i + 1]) && strchr(" \t\n\r:,[-", before)) {
			to = to ? to : memcpy(abl_calloc(2, length), text, n);
			to[n++] = '0';
		}
		if (to)
			to[n] = text[i];
		n++;
		if (in_text && text[i] == '\\' && i + 1 < length) {
			i++;
			if (to)
				to[n] = text[i];
			n++;
		}
	}
	*out = n;
	return to;
}

static json_t *load(const char *text, size_t length, json_error_t *error)
{
	static const size_t flags = JSON_DECODE_ANY | JSON_ALLOW_NUL;
	json_t *root = json_loadb(text, length, flags, error);

	if (!root &&
	    json_error_code(error) == json_error_numeric_overflow) /* an integer of Python's */
		root = json_loadb(text, length, flags | JSON_DECODE_INT_AS_REAL, error);
	return root;
}

json_t *abl_loose_json(char *text, size_t length, json_error_t *error)
{
	const size_t mark = length >= 3 && !memcmp(text, "\xef\xbb\xbf", 3) ? 3 : 0;
	json_error_t own = {0}, ignored = {0};
	json_t *root;
	char *whole;
	size_t n;

	error = error ? error : &own;
	replace_special(text + mark, length - mark);
	root = load(text + mark, length - mark, error);
	if (root || !(whole = with_zeros(text + mark, length - mark, &n)))
		return root;
	root = load(whole, n, &ignored);
	free(whole);
	return root;
}

bool abl_loose_json_special(const char *text, double *out)
{
	for (size_t k = 0; k < sizeof special / sizeof *special; k++) {
		size_t n = strlen(special[k].text) - 2;

		if (strlen(text) == n && !memcmp(text, special[k].text + 1, n)) {
			*out = special[k].value;
			return true;
		}
	}
	return false;
}
