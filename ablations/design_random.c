/* SPDX-License-Identifier: Apache-2.0 */
/* design_random.c - drawn points. A value depends on the seed, the point's number and the key's
 * name alone: more points or keys leave those that were there as they are. */
#include "design_points.h"

#include "node_value.h"
#include "rng.h"
#include "str.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const struct abl_option count_row = {
	.name = "count", .type = ABL_INT, .min = 1, .max = 100000};
static const struct abl_option seed_row = {
	.name = "seed", .type = ABL_INT, .min = 0, .max = (double)((int64_t)1 << 53)};
static const struct abl_option log_row = {.name = "log", .type = ABL_BOOL};

/* What a key is drawn from. */
struct range {
	struct abl_placed_list choices; /* or */
	struct abl_placed from, to;     /* both are possible */
	bool log;
};

struct random_design {
	struct range *ranges;
	size_t count, points;
	uint64_t seed;
};

static double number_of(const struct abl_value *v)
{
	return v->type == ABL_INT ? (double)v->i : v->r;
}

static int check_range(const struct range *r, const struct abl_node *key, const struct abl_node *n,
		       struct abl_err *err)
{
	const struct abl_value *from = &r->from.setting.value, *to = &r->to.setting.value;

	if (from->type != ABL_INT && from->type != ABL_REAL)
		return abl_node_fail(n, "give a list of values", err, "'%s' is no number",
				     key->text);
	if (!isfinite(number_of(from)) || !isfinite(number_of(to)))
		return abl_node_fail(n, NULL, err, "a range has two ends");
	if (number_of(from) >= number_of(to))
		return abl_node_fail(r->to.value, NULL, err, "'to' is not above 'from'");
	if (r->log && number_of(from) <= 0)
		return abl_node_fail(r->from.value, NULL, err,
				     "a logarithmic range begins above 0");
	return 0;
}

/* {from: 1e-5, to: 1e-3, log: true} */
static int read_bounds(struct range *r, const struct abl_study *s, const struct abl_node *key,
		       const struct abl_node *n, struct abl_err *err)
{
	static const char *const names[] = {"from", "to", "log"};
	const struct abl_node *from = abl_node_get(n, "from"), *to = abl_node_get(n, "to"),
			      *log = abl_node_get(n, "log");
	struct abl_value v;

	for (size_t i = 0; i < n->count; i += 2) {
		const char *name = n->items[i]->text;

		if (strcmp(name, names[0]) && strcmp(name, names[1]) && strcmp(name, names[2]))
			return abl_node_fail(n->items[i],
					     "a range is {from: 1e-5, to: 1e-3, log: "
					     "true}",
					     err, "unknown key '%.60s'", name);
	}
	if (!from || !to)
		return abl_node_fail(n, "a range is {from: 1e-5, to: 1e-3, log: true}", err,
				     "'%s' is missing", from ? "to" : "from");
	if (abl_placed_read(s, key, from, &r->from, err) ||
	    abl_placed_read(s, key, to, &r->to, err))
		return ABL_EINPUT;
	if (log && abl_node_option(log, &log_row, "log", NULL, &v, err))
		return ABL_EINPUT;
	r->log = log && v.i;
	return check_range(r, key, n, err) ? ABL_EINPUT : abl_design_check_varied(s, &r->from, err);
}

static int read_choices(struct range *r, const struct abl_study *s, const struct abl_node *key,
			const struct abl_node *value, struct abl_err *err)
{
	size_t count;
	const struct abl_node *const *items = abl_node_items(&value, &count);
	struct abl_placed p;

	if (!count)
		return abl_node_fail(value, NULL, err, "'%.60s' needs at least one value",
				     key->text);
	for (size_t i = 0; i < count; i++) {
		if (abl_placed_read(s, key, items[i], &p, err) ||
		    abl_design_check_varied(s, &p, err))
			return ABL_EINPUT;
		abl_placed_add(&r->choices, &p);
	}
	return 0;
}

static const struct abl_key *key_of(const struct range *r)
{
	return r->choices.count ? r->choices.items[0].setting.key : r->from.setting.key;
}

static int read_range(struct random_design *d, const struct abl_study *s,
		      const struct abl_node *key, const struct abl_node *value, struct abl_err *err)
{
	struct range *r = &d->ranges[d->count++];
	int rc = value->kind == ABL_NODE_MAP ? read_bounds(r, s, key, value, err)
					     : read_choices(r, s, key, value, err);

	for (size_t i = 0; !rc && i + 1 < d->count; i++)
		if (key_of(&d->ranges[i]) == key_of(r))
			return abl_node_fail(key, NULL, err, "'%s' is drawn twice", key->text);
	return rc;
}

static int read_number(const struct abl_node *n, const struct abl_option *o, const char *example,
		       int64_t *out, struct abl_err *err)
{
	const struct abl_node *value = abl_node_get(n, o->name);
	struct abl_value v;

	if (!value)
		return abl_node_fail(n, example, err, "'random.%s' is missing", o->name);
	if (abl_node_option(value, o, o->name, NULL, &v, err))
		return ABL_EINPUT;
	*out = v.i;
	return 0;
}

static int read_random(struct random_design *d, const struct abl_study *s, const struct abl_node *n,
		       struct abl_err *err)
{
	int64_t points = 0, seed = 0;
	int rc = abl_node_expect(n, ABL_NODE_MAP, "random", err);

	rc = rc ? rc : read_number(n, &count_row, "how many points: 'count: 24'", &points, err);
	rc = rc ? rc
		: read_number(n, &seed_row,
			      "any number: 'seed: 7'; the same seed draws the same points", &seed,
			      err);
	if (rc)
		return rc;
	d->points = (size_t)points;
	d->seed = (uint64_t)seed;
	d->ranges = abl_calloc(n->count / 2, sizeof *d->ranges);
	for (size_t i = 0; !rc && i < n->count; i += 2)
		if (strcmp(n->items[i]->text, "count") && strcmp(n->items[i]->text, "seed"))
			rc = read_range(d, s, n->items[i], n->items[i + 1], err);
	if (!rc && !d->count)
		return abl_node_fail(n, "{count: 24, seed: 7, dropout: {from: 0, to: 0.3}}", err,
				     "'random' needs keys to draw");
	return rc ? rc : abl_design_check_count(s, n, d->points, err);
}

/* To four digits, unless the range is that narrow: they are short to write, and the same whichever
 * library took the logarithm. */
static double rounded(double x, double from, double to)
{
	char text[32];

	if (to - from < .1 * fmax(fabs(from), fabs(to)))
		return x;
	snprintf(text, sizeof text, "%.3e", x);
	return abl_parse_real(text, &x) ? fmin(fmax(x, from), to) : from;
}

static double between(double u, double from, double to, bool log)
{
	return log ? from * pow(to / from, u) : from + u * (to - from);
}

static struct abl_placed draw(const struct random_design *d, const struct range *r, size_t point)
{
	const struct abl_key *key = key_of(r);
	const uint64_t stream = abl_rng_key(d->seed, key->name);
	const double from = number_of(&r->from.setting.value), to = number_of(&r->to.setting.value);
	struct abl_placed p = r->from;
	double u;

	if (r->choices.count)
		return r->choices.items[abl_rng_below(stream, point, 0, r->choices.count)];
	u = abl_rng_uniform(stream, point, 0);
	if (p.setting.value.type == ABL_INT) /* each from its own half-open piece */
		p.setting.value.i = (int64_t)fmin(floor(between(u, from, to + 1, r->log)), to);
	else
		p.setting.value.r = rounded(between(u, from, to, r->log), from, to);
	return p;
}

static void finish(struct random_design *d)
{
	for (size_t i = 0; i < d->count; i++)
		free(d->ranges[i].choices.items);
	free(d->ranges);
}

int abl_design_random(struct abl_study *s, const struct abl_node *n, struct abl_err *err)
{
	struct random_design d = {0};
	int rc = read_random(&d, s, n, err);

	for (size_t i = 0; !rc && i < d.points; i++) {
		struct abl_point p = {.kind = ABL_VARIANT_RANDOM, .node = n};

		for (size_t k = 0; k < d.count; k++) {
			const struct abl_placed drawn = draw(&d, &d.ranges[k], i);

			abl_placed_add(&p.settings, &drawn);
		}
		p.label = abl_design_label(&p.settings, false);
		p.subject = abl_strdup(p.label);
		abl_design_add(s, &p);
	}
	finish(&d);
	return rc;
}
