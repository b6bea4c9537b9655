/* SPDX-License-Identifier: Apache-2.0 */
#include "order.h"

#include "hash.h"
#include "placeholder.h"
#include "secret_name.h"

#include <stdlib.h>
#include <string.h>

struct lines {
	char **line;
	size_t count, capacity;
	struct abl_str now; /* the one that is being written */
};

static void end_line(struct lines *l)
{
	abl_grow(&l->line, &l->capacity, l->count + 1, sizeof *l->line);
	l->line[l->count++] = abl_strdup(l->now.text);
	abl_str_clear(&l->now);
}

/* As JSON has it, but for bytes that are no UTF-8: they stay. */
static void add_quoted(struct abl_str *out, const char *text)
{
	abl_str_puts(out, "\"");
	for (; *text; text++)
		if ((unsigned char)*text < ' ')
			abl_str_printf(out, "\\u%04x", (unsigned)*text);
		else if (*text == '"' || *text == '\\')
			abl_str_printf(out, "\\%c", *text);
		else
			abl_str_add(out, text, 1);
	abl_str_puts(out, "\"");
}

static void add_text(struct lines *l, const char *name, const char *text)
{
	if (!text)
		return;
	abl_str_printf(&l->now, "%s=", name);
	add_quoted(&l->now, text);
	end_line(l);
}

static void add_words(struct lines *l, const char *name, const char *const *words)
{
	abl_str_printf(&l->now, "%s=[", name);
	for (size_t i = 0; words[i]; i++) {
		abl_str_puts(&l->now, i ? "," : "");
		add_quoted(&l->now, words[i]);
	}
	abl_str_puts(&l->now, "]");
	end_line(l);
}

/* Only the words that this value becomes: those of the other one reach nothing. */
static void add_option(struct lines *l, const struct abl_order_option *o)
{
	const bool truth = o->value.type == ABL_BOOL;
	const char *const *words = !truth ? NULL : o->value.i ? o->on : o->off;
	struct abl_str name = {0};

	abl_str_printf(&l->now, "option.%s=%s:", o->name, abl_type_name(o->value.type));
	abl_value_text(&o->value, &l->now);
	end_line(l);
	if (words) {
		abl_str_printf(&name, "option.%s.words", o->name);
		add_words(l, name.text, words);
	} else if (o->flag) {
		abl_str_printf(&name, "option.%s.flag", o->name);
		add_text(l, name.text, o->flag);
	}
	abl_str_finish(&name);
}

static void add_metric(struct lines *l, const struct abl_order_metric *m)
{
	abl_str_printf(&l->now, "metric.%s=%s%s%s%s", m->name, m->lower_is_better ? "min" : "max",
		       m->main ? ",main" : "", m->series ? ",series" : "", m->best ? ",best" : "");
	if (m->from) {
		abl_str_puts(&l->now, ",from:");
		add_quoted(&l->now, m->from);
	}
	if (m->step) {
		abl_str_puts(&l->now, ",step:");
		add_quoted(&l->now, m->step);
	}
	end_line(l);
}

static int by_bytes(const void *a, const void *b)
{
	return strcmp(*(char *const *)a, *(char *const *)b);
}

static void add_named(struct lines *l, const struct abl_order *o)
{
	const struct {
		const char *name, *text;
	} names[] = {
		{"study", o->study}, {"variant", o->variant}, {"task", o->task}, {"step", o->step}};

	for (size_t i = 0; i < sizeof names / sizeof *names; i++)
		if (abl_placeholder_used(o, names[i].name))
			add_text(l, names[i].name, names[i].text ? names[i].text : "");
	if (*o->task_flags && abl_placeholder_used(o, "flags"))
		add_words(l, "task_flags", o->task_flags);
}

static void add_numbers(struct lines *l, const struct abl_order *o)
{
	if (o->seed) {
		abl_str_printf(&l->now, "seed=%lld", (long long)o->seed);
		end_line(l);
		add_text(l, "seed_flag", o->seed_flag);
		add_text(l, "seed_variable", o->seed_variable);
	}
	if (o->gpus > 1) {
		abl_str_printf(&l->now, "gpus=%lld", (long long)o->gpus);
		end_line(l);
	}
}

/* The store keeps this text: of a secret it gets the hash. */
static void add_setting(struct lines *l, const char *name, const struct abl_order_setting *s)
{
	char hash[ABL_HASH_TEXT];

	if (!abl_is_secret_name(s->name)) {
		add_text(l, name, s->value);
		return;
	}
	abl_hash_bytes(s->value, strlen(s->value), hash);
	add_text(l, name, hash);
}

void abl_order_canonical(const struct abl_order *o, struct abl_str *out)
{
	struct lines l = {0};
	struct abl_str name = {0};

	add_words(&l, "command", o->command);
	if (*o->setup)
		add_words(&l, "setup", o->setup);
	if (*o->wrap)
		add_words(&l, "wrap", o->wrap);
	add_text(&l, "flags", o->flags);
	for (size_t i = 0; i < o->environment_count; i++) {
		abl_str_clear(&name);
		abl_str_printf(&name, "environment.%s", o->environment[i].name);
		add_setting(&l, name.text, &o->environment[i]);
	}
	for (size_t i = 0; i < o->option_count; i++)
		add_option(&l, &o->options[i]);
	for (size_t i = 0; i < o->metric_count; i++)
		add_metric(&l, &o->metrics[i]);
	add_text(&l, "predictions", o->predictions);
	add_text(&l, "predictions_id", o->predictions_id);
	add_text(&l, "predictions_correct", o->predictions_correct);
	add_named(&l, o);
	add_numbers(&l, o);
	qsort(l.line, l.count, sizeof *l.line, by_bytes);
	for (size_t i = 0; i < l.count; i++) {
		abl_str_printf(out, "%s\n", l.line[i]);
		free(l.line[i]);
	}
	free(l.line);
	abl_str_finish(&l.now);
	abl_str_finish(&name);
}
