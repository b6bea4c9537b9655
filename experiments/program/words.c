/* SPDX-License-Identifier: Apache-2.0 */
#include "words.h"

#include "flag_style.h"
#include "json.h"
#include "placeholder.h"
#include "shell.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Styles. */

static const struct abl_flag_style *const styles[] = {&abl_flags_argparse, &abl_flags_hydra,
						      &abl_flags_json, &abl_flags_env};

const struct abl_flag_style *abl_flag_style(const char *name)
{
	for (size_t i = 0; i < sizeof styles / sizeof *styles; i++)
		if (!strcmp(styles[i]->name, name))
			return styles[i];
	return NULL;
}

/* Filling in. */

struct filler {
	const struct abl_order *o;
	const struct abl_words_now *now;
	bool in_flags; /* {flags} within what it consists of has no end */
	bool told;     /* for trackers only: a step that has no seed says so */
};

static int add_flags(struct filler *f, struct abl_argv *out, struct abl_err *err);

static int fill_flags(struct filler *f, struct abl_str *out, struct abl_err *err)
{
	struct abl_argv words = {0};
	const int rc = add_flags(f, &words, err);

	for (size_t i = 0; i < words.count && !rc; i++) {
		abl_str_puts(out, i ? " " : "");
		abl_shell_word(out, words.word[i]);
	}
	abl_argv_finish(&words);
	return rc;
}

/* A text with its placeholders, appended. */
static int fill_text(struct filler *f, const char *text, struct abl_str *out, struct abl_err *err)
{
	struct abl_piece piece;
	const char *at = text;
	int rc = 0, got;

	abl_str_puts(out, "");
	while ((got = abl_piece_next(&at, &piece)) > 0 && !rc) {
		if (!piece.named)
			abl_str_add(out, piece.text, piece.length);
		else if (abl_piece_is(&piece, "flags") && !f->in_flags)
			rc = fill_flags(f, out, err);
		else if (f->told && !f->o->seed && abl_piece_is(&piece, "seed"))
			abl_str_puts(out, "none");
		else
			rc = abl_placeholder_fill(f->o, f->now, &piece, out, err);
	}
	if (!rc && got < 0)
		rc = abl_err_set(err, ABL_EINPUT,
				 "a brace is open; '{{' is one that the program is to get");
	return rc ? abl_err_prefix(err, rc, "'%.200s'", text) : 0;
}

static int fill_word(struct filler *f, const char *text, struct abl_argv *out, struct abl_err *err)
{
	struct abl_str word = {0};
	int rc;

	if (!strcmp(text, "{flags}") && !f->in_flags)
		return add_flags(f, out, err);
	rc = fill_text(f, text, &word, err);
	if (!rc)
		abl_argv_add(out, word.text);
	abl_str_finish(&word);
	return rc;
}

static int fill_words(struct filler *f, const char *const *words, struct abl_argv *out,
		      struct abl_err *err)
{
	int rc = 0;

	for (; *words && !rc; words++)
		rc = fill_word(f, *words, out, err);
	return rc;
}

/* The words of a truth value, where the study has given some; NULL: by the style. */
static const char *const *truth_words(const struct abl_order_option *o)
{
	return o->value.type != ABL_BOOL ? NULL : o->value.i ? o->on : o->off;
}

static int add_flags(struct filler *f, struct abl_argv *out, struct abl_err *err)
{
	const struct abl_order *o = f->o;
	const struct abl_flag_style *style = abl_flag_style(o->flags);
	const struct abl_order_option seed = {
		.name = "seed", .flag = o->seed_flag, .value = {.type = ABL_INT, .i = o->seed}};
	int rc = style ? 0
		       : abl_err_set(err, ABL_EINPUT,
				     "unknown style of flags '%s'; it is one of: "
				     "argparse, hydra, json, env",
				     o->flags);

	f->in_flags = true;
	for (size_t i = 0; i < o->option_count && !rc && style->words; i++) {
		if (truth_words(&o->options[i]))
			rc = fill_words(f, truth_words(&o->options[i]), out, err);
		else
			style->words(out, &o->options[i]);
	}
	rc = rc ? rc : fill_words(f, o->task_flags, out, err);
	if (!rc && o->seed && o->seed_flag)
		(style->words ? style : &abl_flags_argparse)->words(out, &seed);
	f->in_flags = false;
	return rc;
}

/* The environment. */

static int set_filled(struct filler *f, struct abl_argv *out,
		      const struct abl_order_setting *settings, size_t count, struct abl_err *err)
{
	int rc = 0;

	for (size_t i = 0; i < count && !rc; i++) {
		struct abl_str value = {0};

		rc = fill_text(f, settings[i].value, &value, err);
		rc = rc ? rc : abl_argv_set(out, settings[i].name, value.text, err);
		abl_str_finish(&value);
	}
	return rc;
}

/* In the environment words can only stand behind each other; none of them: no variable. */
static int set_option(struct filler *f, struct abl_argv *out, const char *name,
		      const struct abl_order_option *o, struct abl_err *err)
{
	const char *const *words = truth_words(o);
	struct abl_str value = {0};
	int rc = 0;

	abl_str_puts(&value, "");
	if (words)
		for (size_t i = 0; words[i] && !rc; i++) {
			abl_str_puts(&value, i ? " " : "");
			rc = fill_text(f, words[i], &value, err);
		}
	else
		abl_argv_value(&o->value, &value);
	if (!rc && (!words || *words))
		rc = abl_argv_set(out, name, value.text, err);
	abl_str_finish(&value);
	return rc;
}

static int set_options(struct filler *f, struct abl_argv *out, struct abl_err *err)
{
	static const char own[] = "ABLATE_TRIAL|ABLATE_EVENTS|ABLATE_OPTIONS|ABLATE_SEED|"
				  "ABLATE_OUT|ABLATE_STAGE";
	const struct abl_order *o = f->o;
	const struct abl_flag_style *style = abl_flag_style(o->flags);
	struct abl_str name = {0};
	int rc = 0;

	for (size_t i = 0; style && style->variable && i < o->option_count && !rc; i++) {
		abl_str_clear(&name);
		style->variable(&name, &o->options[i]);
		if (abl_argv_get(out, name.text) || abl_is_one_of(own, name.text) ||
		    (o->seed_variable && !strcmp(o->seed_variable, name.text)))
			rc = abl_err_set(err, ABL_EINPUT,
					 "'%s' would be the environment variable '%s', which has "
					 "another meaning here; give it another 'flag:'",
					 o->options[i].name, name.text);
		rc = rc ? rc : set_option(f, out, name.text, &o->options[i], err);
	}
	abl_str_finish(&name);
	return rc;
}

static int set_numbers(const struct abl_order *o, struct abl_argv *out, struct abl_err *err)
{
	char seed[24];
	struct abl_str cards = {0};
	int rc = 0;

	snprintf(seed, sizeof seed, "%lld", (long long)o->seed);
	if (o->seed && o->seed_variable)
		rc = abl_argv_set(out, o->seed_variable, seed, err);
	if (o->gpus > 0 && *o->cards && !rc) {
		abl_placeholder_cards(o, &cards);
		rc = abl_argv_set(out, "CUDA_VISIBLE_DEVICES", cards.text, err);
	}
	abl_str_finish(&cards);
	return rc;
}

static char *joined(const char *const *lines)
{
	struct abl_str text = {0};

	if (!*lines)
		return NULL;
	for (; *lines; lines++)
		abl_str_printf(&text, "%s%s", text.length ? "\n" : "", *lines);
	return text.text;
}

int abl_words_fill(struct abl_argv *out, const struct abl_order *o, const struct abl_words_now *now,
		   struct abl_err *err)
{
	struct filler f = {.o = o, .now = now};
	int rc;

	*out = (struct abl_argv){0};
	rc = fill_words(&f, o->wrap, out, err);
	rc = rc ? rc : fill_words(&f, o->command, out, err);
	rc = rc || !now->resumes ? rc : fill_words(&f, o->resume_flags, out, err);
	if (!rc && (!*o->command || !*out->word[0]))
		rc = abl_err_set(err, ABL_EINPUT, "the command names no program");
	f.told = true;
	rc = rc ? rc : set_filled(&f, out, o->pass, o->pass_count, err);
	f.told = false;
	rc = rc ? rc : set_filled(&f, out, o->environment, o->environment_count, err);
	rc = rc ? rc : set_options(&f, out, err);
	rc = rc ? rc : set_numbers(o, out, err);
	if (rc)
		abl_argv_finish(out);
	else
		out->setup = joined(o->setup);
	return rc;
}

int abl_words_text(const struct abl_order *o, const char *text, struct abl_str *out,
		   struct abl_err *err)
{
	struct filler f = {.o = o, .now = &(struct abl_words_now){0}};

	return fill_text(&f, text, out, err);
}

json_t *abl_words_options(const struct abl_order *o)
{
	struct abl_json j;

	abl_json_begin(&j);
	for (size_t i = 0; i < o->option_count; i++) {
		const struct abl_value *v = &o->options[i].value;
		const char *name = o->options[i].name;

		if (v->type == ABL_INT)
			abl_json_int(&j, j.root, name, v->i);
		else if (v->type == ABL_REAL)
			abl_json_real(&j, j.root, name, v->r);
		else if (v->type == ABL_BOOL)
			abl_json_bool(&j, j.root, name, v->i != 0);
		else
			abl_json_text(&j, j.root, name, v->choice);
	}
	return abl_json_take(&j);
}

void abl_words_shell(const struct abl_order *o, const struct abl_argv *a, struct abl_str *out)
{
	struct abl_str script = {0};

	abl_str_puts(out, "cd ");
	abl_shell_word(out, o->directory);
	abl_str_puts(out, " &&");
	for (size_t i = 0; i < a->environment_count; i++) {
		const char *equals = strchr(a->environment[i], '=');

		abl_str_puts(out, " ");
		abl_str_add(out, a->environment[i], (size_t)(equals + 1 - a->environment[i]));
		abl_shell_word(out, equals + 1);
	}
	if (a->setup) {
		abl_str_printf(&script, "%s\nexec \"$@\"", a->setup);
		abl_str_puts(out, " sh -c");
		abl_shell_add(out, script.text);
		abl_str_puts(out, " sh");
	}
	for (size_t i = 0; i < a->count; i++)
		abl_shell_add(out, a->word[i]);
	abl_str_finish(&script);
}
