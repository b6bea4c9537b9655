/* SPDX-License-Identifier: Apache-2.0 */
/* flags_hydra.c - `lr=0.001`, quoted by the grammar of Hydra's overrides
 * (https://hydra.cc/docs/advanced/override_grammar/basic/), and within it by that of OmegaConf,
 * which would take "${x}" for a reference. */
#include "flag_style.h"

#include <ctype.h>
#include <string.h>

/* A name that its grammar takes for a text, and no reader of YAML for anything else. */
static bool is_plain(const char *text)
{
	static const char *const others[] = {"true", "false", "null", "nan", "inf", NULL};

	for (size_t i = 0; others[i]; i++)
		if (!strcasecmp(others[i], text))
			return false;
	if (!isalpha((unsigned char)*text) && *text != '_')
		return false;
	for (; *text; text++)
		if ((unsigned char)*text >= 0x80 ||
		    (!isalnum((unsigned char)*text) && !strchr("_-", *text)))
			return false;
	return true;
}

static void add_backslashes(struct abl_str *out, size_t n)
{
	while (n--)
		abl_str_puts(out, "\\");
}

/* OmegaConf: "${" is a reference, "\${" is not, and backslashes before one are doubled. */
static void add_without_references(struct abl_str *out, const char *text)
{
	for (size_t run; *text;) {
		run = strspn(text, "\\");
		add_backslashes(out, run);
		text += run;
		if (!strncmp(text, "${", 2))
			add_backslashes(out, run + 1);
		abl_str_add(out, text, *text != '\0');
		text += *text != '\0';
	}
}

/* Hydra: a quote gets a backslash, and backslashes before a quote, the closing one too, are
 * doubled; others are themselves. */
static void add_quoted(struct abl_str *out, const char *text)
{
	abl_str_puts(out, "'");
	for (size_t run; *text;) {
		run = strspn(text, "\\");
		add_backslashes(out, run);
		text += run;
		if (!*text || *text == '\'')
			add_backslashes(out, run);
		if (*text == '\'')
			abl_str_puts(out, "\\");
		abl_str_add(out, text, *text != '\0');
		text += *text != '\0';
	}
	abl_str_puts(out, "'");
}

static void add_value(struct abl_str *out, const struct abl_value *v)
{
	struct abl_str text = {0};

	if ((v->type == ABL_CHOICE || v->type == ABL_TEXT) && !is_plain(v->choice)) {
		add_without_references(&text, v->choice);
		add_quoted(out, text.length ? text.text : "");
	} else {
		abl_argv_value(v, &text);
		abl_str_puts(out, text.text);
		/* "1" would make an integer of an option without a type */
		if (v->type == ABL_REAL && !text.text[strcspn(text.text, ".eEnN")])
			abl_str_puts(out, ".0");
	}
	abl_str_finish(&text);
}

static void add(struct abl_argv *out, const struct abl_order_option *o)
{
	const char *key = o->flag ? o->flag : o->name;
	const size_t length = strlen(key);
	struct abl_str word = {0};

	abl_str_printf(&word, "%s%s", key, length && key[length - 1] == '=' ? "" : "=");
	add_value(&word, &o->value);
	abl_argv_add(out, word.text);
	abl_str_finish(&word);
}

const struct abl_flag_style abl_flags_hydra = {.name = "hydra", .words = add};
