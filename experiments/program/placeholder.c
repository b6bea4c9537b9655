/* SPDX-License-Identifier: Apache-2.0 */
#include "placeholder.h"

#include "hint.h"

#include <ctype.h>
#include <stdio.h>
#include <string.h>

int abl_piece_next(const char **at, struct abl_piece *out)
{
	const char *p = *at, *close;

	if (!*p)
		return 0;
	if ((p[0] == '{' && p[1] == '{') || (p[0] == '}' && p[1] == '}')) {
		*out = (struct abl_piece){p, 1, false};
		*at = p + 2;
	} else if (*p == '{') {
		close = strchr(p, '}');
		if (!close)
			return -1;
		*out = (struct abl_piece){p + 1, (size_t)(close - p - 1), true};
		*at = close + 1;
	} else {
		const size_t length = 1 + strcspn(p + 1, "{}");

		*out = (struct abl_piece){p, length, false};
		*at = p + length;
	}
	return 1;
}

bool abl_piece_is(const struct abl_piece *p, const char *name)
{
	return p->named && strlen(name) == p->length && !memcmp(p->text, name, p->length);
}

/* The words that have a meaning of their own. */

struct seen {
	const struct abl_order *o;
	const struct abl_words_now *now;
};

void abl_placeholder_cards(const struct abl_order *o, struct abl_str *out)
{
	abl_str_puts(out, "");
	for (const char *const *card = o->cards; *card; card++)
		abl_str_printf(out, "%s%s", card == o->cards ? "" : ",", *card);
}

static bool add_text(struct abl_str *out, const char *text)
{
	if (text)
		abl_str_puts(out, text);
	return text;
}

static bool fill_out(const struct seen *s, struct abl_str *out)
{
	return add_text(out, s->o->out);
}

static bool fill_study(const struct seen *s, struct abl_str *out)
{
	return add_text(out, s->o->study);
}

static bool fill_variant(const struct seen *s, struct abl_str *out)
{
	return add_text(out, s->o->variant);
}

static bool fill_task(const struct seen *s, struct abl_str *out)
{
	return add_text(out, s->o->task);
}

static bool fill_step(const struct seen *s, struct abl_str *out)
{
	return add_text(out, s->o->step);
}

static bool fill_directory(const struct seen *s, struct abl_str *out)
{
	return add_text(out, s->o->home ? s->o->home : s->o->directory);
}

static bool fill_seed(const struct seen *s, struct abl_str *out)
{
	if (s->o->seed)
		abl_str_printf(out, "%lld", (long long)s->o->seed);
	return s->o->seed != 0;
}

static bool fill_options(const struct seen *s, struct abl_str *out)
{
	return add_text(out, s->now->options_file ? s->now->options_file : "{options}");
}

static bool fill_gpus(const struct seen *s, struct abl_str *out)
{
	abl_str_printf(out, "%lld", (long long)s->o->gpus);
	return true;
}

static bool fill_cards(const struct seen *s, struct abl_str *out)
{
	if (*s->o->cards || !s->o->gpus)
		abl_placeholder_cards(s->o, out);
	else
		abl_str_puts(out, "{cards}");
	return true;
}

static bool fill_port(const struct seen *s, struct abl_str *out)
{
	if (s->now->port > 0)
		abl_str_printf(out, "%d", s->now->port);
	else
		abl_str_puts(out, "{port}");
	return true;
}

static const struct {
	const char *name;
	bool (*fill)(const struct seen *s, struct abl_str *out); /* false: it has none here */
} own[] = {
	{"out", fill_out},         {"state", fill_out},       {"study", fill_study},
	{"variant", fill_variant}, {"task", fill_task},       {"step", fill_step},
	{"seed", fill_seed},       {"gpus", fill_gpus},       {"cards", fill_cards},
	{"port", fill_port},       {"options", fill_options}, {"directory", fill_directory},
	{"flags", NULL},
};
enum { OWN = sizeof own / sizeof *own };

static const char *name_at(size_t i, const void *data)
{
	const struct abl_order *o = data;

	if (i < OWN)
		return own[i].name;
	i -= OWN;
	return i < o->option_count ? o->options[i].name : o->folders[i - o->option_count].step;
}

static int unknown(const struct abl_order *o, const struct abl_piece *p, struct abl_err *err)
{
	const size_t count = OWN + o->option_count + o->folder_count;
	char name[64];
	const char *near;

	snprintf(name, sizeof name, "%.*s", p->length < 60 ? (int)p->length : 60, p->text);
	near = abl_hint_nearest(ABL_HINT_VALUE, name, count, name_at, o);
	for (const char *c = name; *c; c++)
		if (!isalnum((unsigned char)*c) && !strchr("_.-", *c))
			return abl_err_set(err, ABL_EINPUT,
					   "'{%s}' is no placeholder; write '{{' and '}}' for "
					   "braces that the program is to get",
					   name);
	return abl_err_set(err, ABL_EINPUT,
			   "'{%s}' stands for nothing here; %s%s%swrite '{{' and '}}' for braces "
			   "that the program is to get",
			   name, near ? "did you mean '{" : "", near ? near : "",
			   near ? "}'? " : "");
}

int abl_placeholder_fill(const struct abl_order *o, const struct abl_words_now *now,
			 const struct abl_piece *p, struct abl_str *out, struct abl_err *err)
{
	const struct seen s = {o, now};

	for (size_t i = 0; i < OWN; i++) {
		if (!abl_piece_is(p, own[i].name))
			continue;
		if (own[i].fill && own[i].fill(&s, out))
			return 0;
		return abl_err_set(err, ABL_EINPUT,
				   own[i].fill ? "'{%s}': this step has none"
					       : "'{%s}' cannot be a part of itself",
				   own[i].name);
	}
	for (size_t i = 0; i < o->option_count; i++)
		if (abl_piece_is(p, o->options[i].name)) {
			abl_argv_value(&o->options[i].value, out);
			return 0;
		}
	for (size_t i = 0; i < o->folder_count; i++)
		if (abl_piece_is(p, o->folders[i].step)) {
			abl_str_puts(out, o->folders[i].path);
			return 0;
		}
	return unknown(o, p, err);
}

/* Who names what. */

static bool names(const char *text, const char *name)
{
	struct abl_piece piece;

	while (text && abl_piece_next(&text, &piece) > 0)
		if (abl_piece_is(&piece, name))
			return true;
	return false;
}

static bool any_names(const char *const *words, const char *name)
{
	for (; *words; words++)
		if (names(*words, name))
			return true;
	return false;
}

bool abl_placeholder_used(const struct abl_order *o, const char *name)
{
	if (any_names(o->command, name) || any_names(o->wrap, name) || names(o->predictions, name))
		return true;
	if (strcmp(name, "flags") && any_names(o->task_flags, name) &&
	    abl_placeholder_used(o, "flags"))
		return true;
	for (size_t i = 0; i < o->environment_count; i++)
		if (names(o->environment[i].value, name))
			return true;
	for (size_t i = 0; i < o->option_count; i++)
		if ((o->options[i].on && any_names(o->options[i].on, name)) ||
		    (o->options[i].off && any_names(o->options[i].off, name)))
			return true;
	/* in a metric {step} is that of a point */
	for (size_t i = 0; i < o->metric_count && strcmp(name, "step"); i++)
		if (names(o->metrics[i].from, name) || names(o->metrics[i].step, name))
			return true;
	return false;
}
