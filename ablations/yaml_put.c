/* SPDX-License-Identifier: Apache-2.0 */
#include "yaml_put.h"

#include <ctype.h>
#include <string.h>
#include <strings.h>

static bool is_plain(const char *value)
{
	const char *word = value + strspn(value, "-");
	static const char *const others[] = {"null", "true", "false", "yes", "no", "on", "off"};
	double number;

	if (!isalpha((unsigned char)*word) && *word != '/' && *word != '.')
		return false;
	for (const char *c = word; *c; c++)
		if (!isalnum((unsigned char)*c) && !strchr("_-./", *c))
			return false;
	for (size_t i = 0; i < sizeof others / sizeof *others; i++)
		if (!strcasecmp(value, others[i]))
			return false;
	return !abl_parse_real(value, &number);
}

static void put_character(struct abl_str *out, const char *c)
{
	static const char *const escapes[][2] = {
		{"\t", "\\t"}, {"\n", "\\n"}, {"\r", "\\r"}, {"\"", "\\\""}, {"\\", "\\\\"}};

	for (size_t i = 0; i < sizeof escapes / sizeof *escapes; i++)
		if (*c == *escapes[i][0]) {
			abl_str_puts(out, escapes[i][1]);
			return;
		}
	if ((unsigned char)*c < ' ' || *c == '\x7f')
		abl_str_printf(out, "\\x%02x", (unsigned char)*c);
	else
		abl_str_add(out, c, 1);
}

void abl_yaml_put(struct abl_str *out, const char *value)
{
	if (is_plain(value)) {
		abl_str_puts(out, value);
		return;
	}
	abl_str_puts(out, "\"");
	for (const char *c = value; *c; c++)
		put_character(out, c);
	abl_str_puts(out, "\"");
}
