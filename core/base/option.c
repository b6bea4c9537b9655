/* SPDX-License-Identifier: Apache-2.0 */
#include "option.h"

#include "hint.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

const char *abl_type_name(enum abl_type type)
{
	static const char *const names[] = {[ABL_INT] = "integer",
					    [ABL_REAL] = "real",
					    [ABL_BOOL] = "truth value",
					    [ABL_CHOICE] = "name",
					    [ABL_TEXT] = "text"};

	return names[type];
}

void abl_option_get(const struct abl_option *o, const void *base, struct abl_value *out)
{
	const char *field = (const char *)base + o->offset;

	*out = (struct abl_value){.type = o->type};
	switch (o->type) {
	case ABL_INT:
		memcpy(&out->i, field, sizeof out->i);
		break;
	case ABL_REAL:
		memcpy(&out->r, field, sizeof out->r);
		break;
	case ABL_BOOL:
		out->i = *(const bool *)field;
		break;
	case ABL_CHOICE:
	case ABL_TEXT:
		memcpy(&out->choice, field, sizeof out->choice);
		break;
	}
}

static const char *choice_at(size_t i, const void *data)
{
	return ((const char *const *)data)[i];
}

static int store_choice(const struct abl_option *o, char *field, const char *name,
			const char *choice, struct abl_err *err)
{
	struct abl_str all = {0};
	size_t n = 0;
	const char *near;

	for (; o->choices[n]; n++)
		if (!strcmp(o->choices[n], choice)) {
			memcpy(field, &o->choices[n], sizeof o->choices[n]);
			return 0;
		}
	abl_option_range(o, &all);
	near = abl_hint_nearest(ABL_HINT_VALUE, choice, n, choice_at, o->choices);
	abl_err_set(err, ABL_EINPUT, "'%s' has no '%s'; %s%s%sit is one of: %s", name, choice,
		    near ? "did you mean '" : "", near ? near : "", near ? "'? " : "", all.text);
	abl_str_finish(&all);
	return ABL_EINPUT;
}

static int out_of_range(const struct abl_option *o, const char *name, const struct abl_value *v,
			struct abl_err *err)
{
	struct abl_str range = {0}, text = {0};

	abl_option_range(o, &range);
	abl_value_text(v, &text);
	abl_err_set(err, ABL_EINPUT, "'%s' is out of range: %s; it must be %s", name, text.text,
		    range.text);
	abl_str_finish(&range);
	abl_str_finish(&text);
	return ABL_EINPUT;
}

int abl_option_set(const struct abl_option *o, void *base, const char *name,
		   const struct abl_value *value, struct abl_err *err)
{
	struct abl_value v = *value;
	char *field = (char *)base + o->offset;
	double number;

	if (o->type == ABL_REAL && v.type == ABL_INT)
		v = (struct abl_value){.type = ABL_REAL, .r = (double)value->i};
	if (o->type == ABL_TEXT && v.type == ABL_CHOICE)
		v.type = ABL_TEXT;
	if (o->type != v.type)
		return abl_err_set(err, ABL_EINPUT, "'%s' needs %s %s, not %s %s", name,
				   o->type == ABL_INT ? "an" : "a", abl_type_name(o->type),
				   v.type == ABL_INT ? "an" : "a", abl_type_name(v.type));
	if (o->type == ABL_CHOICE)
		return store_choice(o, field, name, v.choice, err);
	if (o->type == ABL_TEXT) {
		v.choice = abl_intern(v.choice);
		memcpy(field, &v.choice, sizeof v.choice);
		return 0;
	}
	if (o->type == ABL_BOOL) {
		*(bool *)field = v.i != 0;
		return 0;
	}
	number = o->type == ABL_INT ? (double)v.i : v.r;
	if (!isfinite(number) || number < o->min || number > o->max ||
	    (o->above_min && number == o->min) || (o->below_max && number == o->max))
		return out_of_range(o, name, &v, err);
	if (o->type == ABL_INT)
		memcpy(field, &v.i, sizeof v.i);
	else
		memcpy(field, &v.r, sizeof v.r);
	return 0;
}

void abl_option_default(const struct abl_option *o, bool pretrain, struct abl_value *out)
{
	double def = pretrain && o->has_pretrain_def ? o->pretrain_def : o->def;

	*out = (struct abl_value){.type = o->type, .choice = o->def_choice};
	if (o->type == ABL_REAL)
		out->r = def;
	else if (o->type != ABL_CHOICE && o->type != ABL_TEXT)
		out->i = (int64_t)def;
}

static void add_escaped(const char *text, struct abl_str *out)
{
	abl_str_add(out, "", 0); /* an empty text is one, too */
	for (; *text; text++)
		if (*text == '\n')
			abl_str_puts(out, "\\n");
		else if (*text == '\\')
			abl_str_puts(out, "\\\\");
		else
			abl_str_add(out, text, 1);
}

void abl_value_text(const struct abl_value *v, struct abl_str *out)
{
	char number[32];

	switch (v->type) {
	case ABL_INT:
		abl_str_printf(out, "%lld", (long long)v->i);
		break;
	case ABL_REAL:
		abl_str_puts(out, abl_format_real(v->r, number));
		break;
	case ABL_BOOL:
		abl_str_puts(out, v->i ? "true" : "false");
		break;
	case ABL_CHOICE:
	case ABL_TEXT:
		add_escaped(v->choice, out);
		break;
	}
}

bool abl_value_equal(const struct abl_value *a, const struct abl_value *b)
{
	if (a->type != b->type)
		return false;
	if (a->type == ABL_REAL)
		return a->r == b->r;
	if (a->type == ABL_CHOICE || a->type == ABL_TEXT)
		return !strcmp(a->choice, b->choice);
	return a->i == b->i;
}

/* Bounds of integers are written out: 250000, not 2.5e5. */
static const char *bound(const struct abl_option *o, double x, char out[32])
{
	if (o->type != ABL_INT)
		return abl_format_real(x, out);
	snprintf(out, 32, "%.0f", x);
	return out;
}

void abl_option_range(const struct abl_option *o, struct abl_str *out)
{
	char number[32];

	if (o->type == ABL_BOOL) {
		abl_str_puts(out, "true or false");
	} else if (o->type == ABL_TEXT) {
		abl_str_puts(out, "any text");
	} else if (o->type == ABL_CHOICE) {
		for (size_t i = 0; o->choices[i]; i++)
			abl_str_printf(out, "%s%s", i ? ", " : "", o->choices[i]);
	} else if (isinf(o->min)) { /* an option that a study declares */
		if (isinf(o->max))
			abl_str_printf(out, "any %s", o->type == ABL_INT ? "integer" : "number");
		else
			abl_str_printf(out, "%s %s", o->below_max ? "below" : "up to",
				       bound(o, o->max, number));
	} else {
		abl_str_printf(out, "%s%s", o->above_min ? "above " : "", bound(o, o->min, number));
		if (isinf(o->max))
			abl_str_puts(out, o->above_min ? "" : " up");
		else
			abl_str_printf(out, " to %s%s", o->below_max ? "below " : "",
				       bound(o, o->max, number));
	}
}

static bool same_text(const char *a, const char *b)
{
	return a == b || (a && b && !strcmp(a, b));
}

static bool same_choices(const char *const *a, const char *const *b)
{
	if (!a || !b)
		return a == b;
	while (*a && same_text(*a, *b))
		a++, b++;
	return same_text(*a, *b);
}

bool abl_option_same(const struct abl_option *a, const struct abl_option *b)
{
	return same_text(a->name, b->name) && a->type == b->type && a->offset == b->offset &&
	       a->def == b->def && same_text(a->def_choice, b->def_choice) && a->min == b->min &&
	       a->max == b->max && a->above_min == b->above_min && a->below_max == b->below_max &&
	       same_choices(a->choices, b->choices) && a->stages == b->stages &&
	       a->pretrain_def == b->pretrain_def && a->has_pretrain_def == b->has_pretrain_def;
}

const char *abl_stages_text(unsigned stages, struct abl_str *out)
{
	static const char *const names[] = {"vocab",    "tokenize", "pretrain",
					    "finetune", "evaluate", "tuning"};
	size_t start = out->length;

	for (size_t i = 0; i < sizeof names / sizeof *names; i++)
		if (stages & (1u << i))
			abl_str_printf(out, "%s%s", out->length > start ? ", " : "", names[i]);
	return out->text + start;
}
