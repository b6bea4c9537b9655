/* SPDX-License-Identifier: Apache-2.0 */
/* design_factorial.c - two levels of each factor, in all combinations or a fraction of them. */
#include "design_points.h"

#include "node_value.h"
#include "str.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

/* A factor with where its levels are written. */
struct factor {
	struct abl_placed level[2];
};

struct factorial {
	struct factor factor[ABL_FACTORS_MAX];
	size_t count;
	const struct abl_values *base; /* of the study */
};

static bool is_base(const struct factorial *f, const struct abl_setting *s)
{
	struct abl_value now;

	abl_values_get(f->base, s->key, &now);
	return abl_value_equal(&now, &s->value);
}

static int add_factor(struct factorial *f, const struct abl_study *s, const struct abl_node *n,
		      struct factor *x, struct abl_err *err)
{
	const struct abl_key *key = x->level[0].setting.key;

	if (abl_design_check_varied(s, &x->level[1], err))
		return ABL_EINPUT;
	if (key->role == ABL_KEY_PLACEBO)
		return abl_node_fail(n, "move it to 'leave-one-out'", err,
				     "a placebo changes nothing, so it is no factor");
	if (abl_value_equal(&x->level[0].setting.value, &x->level[1].setting.value))
		return abl_node_fail(n, NULL, err, "both levels of '%s' are the same", key->name);
	for (size_t i = 0; i < f->count; i++)
		if (f->factor[i].level[0].setting.key == key)
			return abl_node_fail(n, NULL, err, "'%s' is a factor twice", key->name);
	if (f->count == ABL_FACTORS_MAX)
		return abl_node_fail(n, NULL, err, "a factorial has %d factors at most",
				     ABL_FACTORS_MAX);
	if (!is_base(f, &x->level[0].setting) && is_base(f, &x->level[1].setting)) {
		const struct abl_placed swap = x->level[0];

		x->level[0] = x->level[1];
		x->level[1] = swap;
	}
	f->factor[f->count++] = *x;
	return 0;
}

/* What the baseline has is the first level. */
static void set_base(const struct factorial *f, struct factor *x)
{
	x->level[0] = x->level[1];
	abl_values_get(f->base, x->level[0].setting.key, &x->level[0].setting.value);
}

/* key: [two values], or key: the other one. */
static int read_levels(struct factorial *f, const struct abl_study *s, const struct abl_node *key,
		       const struct abl_node *value, struct abl_err *err)
{
	size_t count;
	const struct abl_node *const *items = abl_node_items(&value, &count);
	struct factor x;

	if (!count || count > 2)
		return abl_node_fail(value, "'grid' combines any number of values", err,
				     "'%.60s' has %zu values, and a factor has two", key->text,
				     count);
	for (size_t i = 0; i < count; i++)
		if (abl_placed_read(s, key, items[i], &x.level[i + 2 - count], err))
			return ABL_EINPUT;
	if (count == 1)
		set_base(f, &x);
	return add_factor(f, s, value, &x, err);
}

static int read_item(struct factorial *f, const struct abl_study *s, const struct abl_node *n,
		     struct abl_err *err)
{
	struct factor x;

	if (n->kind == ABL_NODE_MAP) {
		if (n->count != 2)
			return abl_node_fail(n, "write {key: value}", err, "a factor is one key");
		return read_levels(f, s, n->items[0], n->items[1], err);
	}
	if (abl_design_slot(s, n, false, f->base, &x.level[1], err))
		return ABL_EINPUT;
	if (is_base(f, &x.level[1].setting))
		return abl_design_check_differs(
			n, &(struct abl_placed_list){.items = &x.level[1], .count = 1}, f->base,
			err);
	set_base(f, &x);
	return add_factor(f, s, n, &x, err);
}

static int read_factors(struct factorial *f, const struct abl_study *s, const struct abl_node *n,
			struct abl_err *err)
{
	int rc = 0;

	if (n->kind == ABL_NODE_SCALAR)
		return abl_node_expect(n, ABL_NODE_LIST, "factorial", err);
	if (n->kind == ABL_NODE_MAP)
		for (size_t i = 0; !rc && i < n->count; i += 2)
			rc = read_levels(f, s, n->items[i], n->items[i + 1], err);
	else
		for (size_t i = 0; !rc && i < n->count; i++)
			rc = read_item(f, s, n->items[i], err);
	if (!rc && f->count < 2)
		return abl_node_fail(n, NULL, err, "a factorial needs two factors at least");
	return rc;
}

/* The exponent of a power of two that is at least 1, or -1. */
static int log2_of(int64_t n)
{
	return n < 1 || n & (n - 1) ? -1 : __builtin_ctzll((unsigned long long)n);
}

/* `runs: 16` or `fraction: 1/2` as the number of factors that are combined in full; -1: neither. */
static int base_of(const struct abl_node *n, bool fraction, size_t factors)
{
	const char *text = n->kind == ABL_NODE_SCALAR ? n->text : "";
	int64_t number;
	double share;
	int exponent;

	if (fraction && abl_parse_real(text, &share) && share > 1e-6)
		number = 1 / share == trunc(1 / share) ? (int64_t)(1 / share) : 0;
	else if ((fraction && strncmp(text, "1/", 2) != 0) ||
		 !abl_parse_int(text + (fraction ? 2 : 0), &number))
		return -1;
	exponent = log2_of(number);
	if (exponent < 1 || exponent > (int)factors - fraction)
		return -1;
	return fraction ? (int)factors - exponent : exponent;
}

/* Names the smallest number of cells that works. */
static int refuse_fraction(const struct abl_node *n, size_t factors, size_t base,
			   struct abl_err *err)
{
	struct abl_fraction f;
	char help[120];
	size_t enough = base + 1;

	while (!abl_fraction_find(factors, enough, &f))
		enough++;
	if (enough == factors)
		snprintf(help, sizeof help, "run all %zu: leave it out", (size_t)1 << factors);
	else
		snprintf(help, sizeof help, "'runs: %zu' is the smallest that works",
			 (size_t)1 << enough);
	return abl_node_fail(n, help, err, "in %zu of the %zu cells %s", (size_t)1 << base,
			     (size_t)1 << factors, abl_fraction_why_not(factors, base));
}

/* `fraction:` or `runs:` beside `factors:`. */
static int read_part(struct abl_fraction *f, const struct factorial *all, const struct abl_node *n,
		     struct abl_err *err)
{
	const struct abl_node *fraction = n ? abl_node_get(n, "fraction") : NULL,
			      *runs = n ? abl_node_get(n, "runs") : NULL,
			      *part = runs ? runs : fraction;
	int base = (int)all->count;

	if (fraction && runs)
		return abl_node_fail(runs, "keep one of them", err,
				     "'fraction' and 'runs' say the same");
	if (part)
		base = base_of(part, part == fraction, all->count);
	if (base < 0 && part == runs)
		return abl_node_fail(part, NULL, err,
				     "'runs' is a power of two: 16, 32, up to the %llu of all "
				     "cells",
				     1ULL << all->count);
	if (base < 0)
		return abl_node_fail(part, NULL, err, "'fraction' is one of 1/2, 1/4, 1/8, 1/16");
	return abl_fraction_find(all->count, (size_t)base, f)
		       ? 0
		       : refuse_fraction(part, all->count, (size_t)base, err);
}

/* The settings are all written, as what one leaves alone may follow from another. The baseline's
 * cell is there already. */
static void add_cell(struct abl_study *s, const struct factorial *f, uint32_t cell,
		     const struct abl_node *n)
{
	struct abl_point p = {.kind = ABL_VARIANT_FACTORIAL, .node = n, .again = true};
	struct abl_placed_list changed = {0};

	for (size_t k = 0; k < f->count; k++) {
		const struct abl_placed *level = &f->factor[k].level[cell >> k & 1];

		abl_placed_add(&p.settings, level);
		if (!is_base(f, &level->setting))
			abl_placed_add(&changed, level);
	}
	if (changed.count) {
		p.label = abl_design_label(&changed, true);
		p.subject = abl_design_subject(&changed);
		abl_design_add(s, &p);
	} else {
		abl_point_finish(&p);
	}
	free(changed.items);
}

/* What the record and the plan say of it. */
static void keep(struct abl_study *s, const struct factorial *f)
{
	s->factors = abl_calloc(f->count, sizeof *s->factors);
	s->factor_count = f->count;
	for (size_t k = 0; k < f->count; k++) {
		const struct abl_setting *low = &f->factor[k].level[0].setting;

		s->factors[k] = (struct abl_study_factor){
			low->key, {low->value, f->factor[k].level[1].setting.value}};
		s->baseline_is_no_cell |= !is_base(f, low);
	}
}

static int make(struct abl_study *s, struct factorial *f, const struct abl_node *n,
		struct abl_err *err)
{
	const struct abl_node *factors =
		n->kind == ABL_NODE_MAP ? abl_node_get(n, "factors") : NULL;
	size_t cells;
	int rc = factors ? abl_study_check_keys(s, n, "design.factorial.", err) : 0;

	if (!factors && n->kind == ABL_NODE_MAP &&
	    (abl_node_get(n, "fraction") || abl_node_get(n, "runs")))
		return abl_node_fail(n, "write {factors: {...}, fraction: 1/2}", err,
				     "'factors' is missing");
	rc = rc ? rc : read_factors(f, s, factors ? factors : n, err);
	rc = rc ? rc : read_part(&s->fraction, f, factors ? n : NULL, err);
	cells = (size_t)1 << s->fraction.base;
	rc = rc ? rc : abl_design_check_count(s, n, cells, err);
	for (size_t i = 0; !rc && i < cells; i++)
		add_cell(s, f, abl_fraction_cell(&s->fraction, i), n);
	if (!rc)
		keep(s, f);
	return rc;
}

int abl_design_factorial(struct abl_study *s, const struct abl_node *n, struct abl_err *err)
{
	struct abl_values *base;
	struct factorial f = {0};
	int rc = abl_study_baseline(s, &base, err);

	if (rc)
		return rc;
	f.base = base;
	rc = make(s, &f, n, err);
	abl_values_destroy(base);
	return rc;
}
