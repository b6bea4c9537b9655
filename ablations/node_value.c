/* SPDX-License-Identifier: Apache-2.0 */
#include "node_value.h"

#include "str.h"

#include <ctype.h>
#include <math.h>
#include <string.h>

static bool among(const char *text, const char *a, const char *b, const char *c)
{
	return !strcmp(text, a) || !strcmp(text, b) || !strcmp(text, c);
}

bool abl_node_is_null(const struct abl_node *n)
{
	return n->kind == ABL_NODE_SCALAR && !n->quoted &&
	       (!*n->text || !strcmp(n->text, "~") || among(n->text, "null", "Null", "NULL"));
}

/* The scalar's value by the core schema; a text is an ABL_CHOICE with the node's memory. */
static struct abl_value scalar(const struct abl_node *n)
{
	struct abl_value v = {.type = ABL_CHOICE, .choice = n->text};

	if (n->quoted)
		return v;
	if (among(n->text, "true", "True", "TRUE") || among(n->text, "false", "False", "FALSE"))
		return (struct abl_value){.type = ABL_BOOL,
					  .i = tolower((unsigned char)n->text[0]) == 't'};
	if (abl_parse_int(n->text, &v.i))
		v.type = ABL_INT;
	else if (abl_parse_real(n->text, &v.r))
		v.type = ABL_REAL;
	return v;
}

static const char *type_phrase(enum abl_type type)
{
	static const char *const phrases[] = {[ABL_INT] = "an integer",
					      [ABL_REAL] = "a real",
					      [ABL_BOOL] = "a truth value",
					      [ABL_CHOICE] = "a name",
					      [ABL_TEXT] = "a text"};

	return phrases[type];
}

/* "a list", "a map", "an integer", "a real", "a truth value", "a text", "nothing". */
static const char *describe(const struct abl_node *n)
{
	enum abl_type type;

	if (n->kind != ABL_NODE_SCALAR)
		return n->kind == ABL_NODE_LIST ? "a list" : "a map";
	if (abl_node_is_null(n))
		return "nothing";
	type = scalar(n).type;
	return type == ABL_CHOICE ? "a text" : type_phrase(type);
}

/* A number where an integer is due: too large to be one, or written as a real. */
static int not_integer(const struct abl_node *n, const struct abl_option *o, const char *name,
		       double number, const char *help, struct abl_err *err)
{
	struct abl_str text = {0};
	int rc;

	abl_option_range(o, &text);
	if (abl_is_huge_int(n->text)) {
		rc = abl_node_fail(n, help, err, "'%s' is out of range: %.40s; it must be %s", name,
				   n->text, text.text);
	} else if (number == trunc(number) && fabs(number) < 1e15) {
		abl_str_clear(&text);
		abl_str_printf(&text, "write it as %.0f", number);
		rc = abl_node_fail(n, text.text, err,
				   "'%s' needs an integer, and %.40s is written as a real", name,
				   n->text);
	} else {
		rc = abl_node_fail(n, help, err, "'%s' needs an integer, not a real", name);
	}
	abl_str_finish(&text);
	return rc;
}

/* A choice may be called "16" or "true". */
static bool is_listed(const struct abl_option *o, const char *text)
{
	for (const char *const *c = o->choices; *c; c++)
		if (!strcmp(*c, text))
			return true;
	return false;
}

int abl_node_option(const struct abl_node *n, const struct abl_option *option, const char *name,
		    const char *help, struct abl_value *out, struct abl_err *err)
{
	union {
		int64_t i;
		double r;
		bool b;
		const char *text;
	} scratch; /* a field of any type */
	struct abl_option o = *option;
	struct abl_err inner = {0};
	struct abl_value v;
	double number;

	if (n->kind != ABL_NODE_SCALAR || abl_node_is_null(n))
		return abl_node_fail(n, help, err, "'%s' needs %s, not %s", name,
				     type_phrase(o.type), describe(n));
	v = scalar(n);
	if (o.type == ABL_TEXT || (o.type == ABL_CHOICE && is_listed(&o, n->text)))
		v = (struct abl_value){.type = o.type, .choice = n->text}; /* 1e-3 is a text here */
	if (v.type == ABL_CHOICE && o.type != ABL_CHOICE) {
		if (n->quoted && abl_parse_real(n->text, &number))
			return abl_node_fail(n, "write it without quotes", err,
					     "'%s' needs %s; \"%.40s\" in quotes is a text", name,
					     type_phrase(o.type), n->text);
		return abl_node_fail(n, help, err, "'%s' needs %s, not '%.40s'", name,
				     type_phrase(o.type), n->text);
	}
	if (v.type == ABL_REAL && o.type == ABL_INT)
		return not_integer(n, &o, name, v.r, help, err);
	o.offset = 0;
	if (abl_option_set(&o, &scratch, name, &v, &inner))
		return abl_node_fail(n, help, err, "%s", inner.text);
	abl_option_get(&o, &scratch, out);
	return 0;
}

int abl_node_value(const struct abl_node *n, const struct abl_key *key, struct abl_value *out,
		   struct abl_err *err)
{
	struct abl_str help = {0};
	int rc;

	abl_str_printf(&help, "'ablate components %s' shows what it takes", key->name);
	rc = abl_node_option(n, key->option, key->name, help.text, out, err);
	abl_str_finish(&help);
	return rc;
}

int abl_node_text(const struct abl_node *n, const char *name, const char **out, struct abl_err *err)
{
	if (n->kind != ABL_NODE_SCALAR || abl_node_is_null(n))
		return abl_node_fail(n, NULL, err, "'%s' needs a text, not %s", name, describe(n));
	if (!*n->text)
		return abl_node_fail(n, NULL, err, "'%s' needs a text, not an empty one", name);
	*out = n->text;
	return 0;
}

int abl_node_expect(const struct abl_node *n, enum abl_node_kind kind, const char *name,
		    struct abl_err *err)
{
	static const char *const kinds[] = {"a single value", "a list", "a map"};

	if (n->kind == kind)
		return 0;
	return abl_node_fail(n, NULL, err, "'%s' needs %s, not %s", name, kinds[kind], describe(n));
}

const struct abl_node *const *abl_node_items(const struct abl_node *const *n, size_t *count)
{
	if ((*n)->kind == ABL_NODE_LIST) {
		*count = (*n)->count;
		return (const struct abl_node *const *)(*n)->items;
	}
	*count = 1;
	return n;
}
