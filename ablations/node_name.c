/* SPDX-License-Identifier: Apache-2.0 */
/* node_name.c - names and labels: what may stand in file names, in tables and in a CSV that other
 * programs read. */
#include "node_value.h"
#include "study_name.h"
#include "hash.h"

#include "str.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <utf8proc.h>

#define NAME_CHARACTERS 64
#define NAME_BYTES 200 /* file systems take 255, and endings come behind */
#define LABEL_BYTES 80

const char *abl_nfc(const char *text)
{
	utf8proc_uint8_t *composed = utf8proc_NFC((const utf8proc_uint8_t *)text);
	const char *out = abl_intern(composed ? (const char *)composed : text);

	free(composed);
	return out;
}

/* What programs that read a CSV take for a missing value. */
static bool means_nothing(const char *text)
{
	static const char *const words[] = {"nan",  "-nan", "na",   "n/a", "<na>",
					    "null", "none", "#n/a", "#na", "~"};

	for (size_t i = 0; i < sizeof words / sizeof *words; i++)
		if (!strcasecmp(text, words[i]))
			return true;
	return false;
}

static bool is_truth(const char *text)
{
	return !strcasecmp(text, "true") || !strcasecmp(text, "false");
}

static bool is_name_point(utf8proc_int32_t point)
{
	switch (utf8proc_category(point)) {
	case UTF8PROC_CATEGORY_LU:
	case UTF8PROC_CATEGORY_LL:
	case UTF8PROC_CATEGORY_LT:
	case UTF8PROC_CATEGORY_LM:
	case UTF8PROC_CATEGORY_LO:
	case UTF8PROC_CATEGORY_MN:
	case UTF8PROC_CATEGORY_MC:
	case UTF8PROC_CATEGORY_ND:
		return true;
	default:
		return point < 0x80 && strchr("-_.", (int)point);
	}
}

/* The next code point; 0 at the end. The YAML reader has checked the UTF-8. */
static utf8proc_int32_t next_point(const char **text)
{
	utf8proc_int32_t point = 0;
	utf8proc_ssize_t n;

	if (!**text)
		return 0;
	n = utf8proc_iterate((const utf8proc_uint8_t *)*text, -1, &point);
	*text += n > 0 ? n : 1;
	return n > 0 ? point : 0xfffd;
}

static bool is_name(const char *text)
{
	const bool begins = isalnum((unsigned char)*text) || *text == '_' || (*text & 0x80);
	size_t characters = 0;

	for (const char *p = text; *p; characters++)
		if (!is_name_point(next_point(&p)))
			return false;
	return begins && strlen(text) <= NAME_BYTES && characters <= NAME_CHARACTERS;
}

/* Programs that read a CSV take it for something else than a name. */
static bool is_misread(const char *name)
{
	double number;

	return abl_parse_real(name, &number) || means_nothing(name) || is_truth(name);
}

bool abl_is_name(const char *text)
{
	return is_name(text) && !is_misread(text);
}

char *abl_name_from(const char *text)
{
	const char *composed = abl_nfc(text);
	struct abl_str name = {0};
	size_t characters = 0;

	for (const char *p = composed, *next = p; *p; p = next) {
		const bool good = is_name_point(next_point(&next)) && *p != '.';
		const size_t bytes = good ? (size_t)(next - p) : 1;

		if (characters == NAME_CHARACTERS - 6 || name.length + bytes > NAME_BYTES - 6)
			break;
		if (!good && (!name.length || name.text[name.length - 1] == '-'))
			continue;
		abl_str_add(&name, good ? p : "-", bytes);
		characters++;
	}
	while (name.length && name.text[name.length - 1] == '-')
		name.text[--name.length] = '\0';
	if (!name.length || !is_name(name.text)) {
		abl_str_clear(&name);
		abl_str_puts(&name, "first");
	}
	if (is_misread(name.text))
		abl_str_puts(&name, "-study");
	return name.text;
}

int abl_node_name(const struct abl_node *n, const char *name, const char **out, struct abl_err *err)
{
	if (abl_node_text(n, name, out, err))
		return ABL_EINPUT;
	*out = abl_nfc(*out);
	if (!is_name(*out))
		return abl_node_fail(n,
				     "use letters, digits, '-', '_' and '.', 64 at most: the name "
				     "becomes part of file names",
				     err, "'%s' cannot be '%.40s'", name, *out);
	if (is_misread(*out))
		return abl_node_fail(n,
				     "add a word: programs that read the CSV take this for a "
				     "number, or for a missing value",
				     err, "'%s' cannot be '%.40s'", name, *out);
	return 0;
}

/* Characters that change what others look like: controls, and those that turn the direction of
 * writing around. */
static bool is_control(utf8proc_int32_t c)
{
	return c < ' ' || (c >= 0x7f && c < 0xa0) || c == 0x61c || c == 0x200e || c == 0x200f ||
	       (c >= 0x2028 && c <= 0x202e) || (c >= 0x2066 && c <= 0x2069) || c == 0xfeff;
}

static bool is_blank(utf8proc_int32_t c)
{
	return c == ' ' || utf8proc_category(c) == UTF8PROC_CATEGORY_ZS;
}

#define SHOWN_BYTES 40 /* of a text in a label that is made */

/* Can the text stand in a label as it is? */
static bool is_shown(const char *text)
{
	utf8proc_int32_t c = 0;
	const char *p = text;

	if (!*text || strlen(text) > SHOWN_BYTES || is_blank(next_point(&p)))
		return false;
	for (p = text; *p;)
		if (is_control(c = next_point(&p)))
			return false;
	return !is_blank(c);
}

void abl_label_text(const char *text, struct abl_str *out)
{
	size_t begin = out->length;

	if (is_shown(text)) {
		abl_str_puts(out, text);
		return;
	}
	abl_str_puts(out, "'");
	for (const char *p = text, *next = p; *p; p = next) {
		const bool plain = !is_control(next_point(&next));

		if (out->length + (size_t)(next - p) > begin + SHOWN_BYTES - 10)
			break;
		abl_str_add(out, plain ? p : "?", plain ? (size_t)(next - p) : 1);
	}
	abl_str_puts(out, "'");
	if (*text && strspn(text, " ") < strlen(text)) /* two that begin alike are told apart */
		abl_str_printf(out, " %08x", (unsigned)abl_hash64(text, strlen(text)));
}

int abl_node_label(const struct abl_node *n, const char *what, const char **out,
		   struct abl_err *err)
{
	utf8proc_int32_t c = 0;
	const char *text, *p;

	if (abl_node_text(n, what, &text, err))
		return ABL_EINPUT;
	*out = p = text = abl_nfc(text);
	if (is_blank(next_point(&p)))
		return abl_node_fail(n, "remove it", err, "a %s begins with a blank", what);
	for (p = text; *p;)
		if (is_control(c = next_point(&p)))
			return abl_node_fail(n, NULL, err,
					     "a %s is one line without control characters", what);
	if (strlen(text) > LABEL_BYTES)
		return abl_node_fail(n, NULL, err, "a %s is one line of at most 80 bytes", what);
	if (is_blank(c))
		return abl_node_fail(n, "remove it", err, "a %s ends with a blank", what);
	if (means_nothing(text))
		return abl_node_fail(n, "programs that read the CSV take it for a missing value",
				     err, "a %s cannot be '%.40s'", what, text);
	return 0;
}
