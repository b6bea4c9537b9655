/* SPDX-License-Identifier: Apache-2.0 */
#include "compare_cells.h"

#include "rules.h"
#include "str.h"

#include <stdlib.h>
#include <string.h>

/* ---- what the store says ---- */

static struct abl_design_cell *add_cell(struct abl_cells *c, const char *label)
{
	abl_grow(&c->cell, &c->capacity, c->count + 1, sizeof *c->cell);
	c->cell[c->count] = (struct abl_design_cell){.label = abl_strdup(label)};
	return &c->cell[c->count++];
}

/* Seeds that a design sets are no parts: they are crossed to see where variance comes from. */
static bool is_seed(const char *name)
{
	const size_t length = strlen(name);

	return length >= 5 && !strcmp(name + length - 5, "_seed");
}

static void hear_change(void *data, int64_t variant, const char *label, const char *name,
			const char *canonical)
{
	struct abl_cells *c = data;
	struct abl_design_cell *cell = &c->cell[c->count - 1];
	struct abl_str text = {0};
	size_t at;

	(void)variant;
	if (strcmp(cell->label, label) != 0)
		cell = add_cell(c, label);
	abl_str_printf(&text, "%s=%s", name, canonical ? canonical : "");
	abl_grow(&cell->change, &cell->capacity, cell->changes + 1, sizeof *cell->change);
	for (at = cell->changes++; at && strcmp(cell->change[at - 1], text.text) > 0; at--)
		cell->change[at] = cell->change[at - 1];
	cell->change[at] = text.text;
}

bool abl_cell_has(const struct abl_design_cell *c, const char *change)
{
	for (size_t i = 0; i < c->changes; i++)
		if (!strcmp(c->change[i], change))
			return true;
	return false;
}

static bool is_set(const struct abl_cells *c, const char *change)
{
	for (size_t i = 1; i < c->count; i++)
		if (abl_cell_has(&c->cell[i], change))
			return true;
	return false;
}

/* The rule's value is "LOW|HIGH". A level may have bars of its own: then it is the bar at which
 * most levels are changes of cells. */
static void add_factor(struct abl_cells *c, const char *option, const char *levels)
{
	struct abl_factor f = {.option = abl_strdup(option)};
	int most = -1;

	for (const char *bar = strchr(levels, '|'); bar; bar = strchr(bar + 1, '|')) {
		struct abl_str low = {0}, high = {0};
		int known;

		abl_str_printf(&low, "%s=%.*s", option, (int)(bar - levels), levels);
		abl_str_printf(&high, "%s=%s", option, bar + 1);
		known = is_set(c, low.text) + is_set(c, high.text);
		if (known > most) {
			free(f.minus), free(f.plus);
			f.minus = low.text, f.plus = high.text, most = known;
		} else {
			abl_str_finish(&low), abl_str_finish(&high);
		}
	}
	abl_grow(&c->factor, &c->factor_capacity, c->factors + 1, sizeof *c->factor);
	c->factor[c->factors++] = f;
}

static void add_removal(struct abl_cells *c, const char *option, const char *value)
{
	struct abl_str change = {0};

	abl_str_printf(&change, "%s=%s", option, value);
	abl_grow(&c->removal, &c->removal_capacity, c->removals + 1, sizeof *c->removal);
	c->removal[c->removals++] = change.text;
}

static void hear_rule(void *data, const char *name, const char *subject, const char *value)
{
	struct abl_cells *c = data;

	if (!strcmp(name, "factor") && value && strchr(value, '|'))
		add_factor(c, subject, value);
	else if (!strcmp(name, "removal"))
		add_removal(c, subject, value);
	else if (!strcmp(name, "design"))
		c->asked = true;
}

static void hear_exploring(void *data, const char *name, const char *subject, const char *value)
{
	static const char *const around[] = {"grid", "zip", "random"};
	struct abl_cells *c = data;

	(void)value;
	for (size_t i = 0; i < sizeof around / sizeof *around && !strcmp(name, "design"); i++)
		c->asked &= strcmp(subject, around[i]) != 0;
}

/* The level that is the baseline's is no change: what then has none is at it. */
static void settle_levels(struct abl_cells *c)
{
	for (size_t f = 0; f < c->factors; f++) {
		struct abl_factor *x = &c->factor[f];
		const bool low = is_set(c, x->minus), high = is_set(c, x->plus);

		if (low && high)
			continue;
		if (low) { /* the change is towards the low level */
			char *swap = x->plus;

			x->plus = x->minus;
			x->minus = swap;
		}
		free(x->minus);
		x->minus = NULL;
	}
}

/* The changes of up to three cells, sorted, as one text. */
static char *key_of(const struct abl_design_cell *const *cells, size_t count)
{
	size_t at[3] = {0};
	struct abl_str key = {0};

	abl_str_puts(&key, "");
	for (;;) {
		const char *least = NULL;
		size_t from = 0;

		for (size_t i = 0; i < count; i++)
			if (cells[i] && at[i] < cells[i]->changes &&
			    (!least || strcmp(cells[i]->change[at[i]], least) < 0))
				least = cells[i]->change[at[i]], from = i;
		if (!least)
			return key.text;
		abl_str_printf(&key, "%s\n", least);
		at[from]++;
	}
}

/* Puts the cells in order of their keys, by merging: the order of those with one key stays. */
static void sort(size_t *order, size_t count, const struct abl_cells *c, size_t *room)
{
	const size_t half = count / 2;
	size_t i = 0, k = half, n = 0;

	if (count < 2)
		return;
	sort(order, half, c, room);
	sort(order + half, count - half, c, room);
	while (i < half || k < count) {
		const bool left = k == count || (i < half && strcmp(c->cell[order[i]].key,
								    c->cell[order[k]].key) <= 0);

		room[n++] = left ? order[i++] : order[k++];
	}
	memcpy(order, room, count * sizeof *order);
}

static void index_keys(struct abl_cells *c)
{
	size_t *room = abl_calloc(c->count, sizeof *room);

	c->by_key = abl_calloc(c->count, sizeof *c->by_key);
	for (size_t i = 0; i < c->count; i++) {
		const struct abl_design_cell *one = &c->cell[i];

		c->cell[i].key = key_of(&one, 1);
		c->by_key[i] = i;
	}
	sort(c->by_key, c->count, c, room);
	free(room);
}

/* ---- sets of changes ---- */

size_t abl_change_name(const char *change)
{
	return strcspn(change, "=");
}

bool abl_cell_contains(const struct abl_design_cell *c, const struct abl_design_cell *part)
{
	for (size_t i = 0; i < part->changes; i++)
		if (!abl_cell_has(c, part->change[i]))
			return false;
	return true;
}

/* Of a component; or, as the study file says, of a program's option. */
bool abl_change_removes(const struct abl_cells *c, const char *change)
{
	for (size_t i = 0; i < c->removals; i++)
		if (!strcmp(c->removal[i], change))
			return true;
	return !strcmp(change + abl_change_name(change), "=none");
}

bool abl_cells_touch(const struct abl_design_cell *a, const struct abl_design_cell *b)
{
	for (size_t i = 0; i < a->changes; i++)
		for (size_t k = 0; k < b->changes; k++)
			if (abl_change_name(a->change[i]) == abl_change_name(b->change[k]) &&
			    !strncmp(a->change[i], b->change[k], abl_change_name(a->change[i])))
				return true;
	return false;
}

bool abl_cell_sets_seed(const struct abl_design_cell *c)
{
	char name[256];

	for (size_t i = 0; i < c->changes; i++) {
		const size_t n = abl_change_name(c->change[i]);

		if (n < sizeof name) {
			memcpy(name, c->change[i], n);
			name[n] = '\0';
			if (is_seed(name))
				return true;
		}
	}
	return false;
}

/* The cell whose changes are those of a and b (NULL: none) and context, which have no option in
 * common; SIZE_MAX: there is none. */
size_t abl_cells_find(const struct abl_cells *c, const struct abl_design_cell *a,
		      const struct abl_design_cell *b, const struct abl_design_cell *context)
{
	char *key = key_of((const struct abl_design_cell *[]){a, b, context}, 3);
	size_t low = 0, high = c->count, found = SIZE_MAX;

	while (low < high) { /* the first that is not before the key */
		const size_t middle = (low + high) / 2;

		if (strcmp(c->cell[c->by_key[middle]].key, key) < 0)
			low = middle + 1;
		else
			high = middle;
	}
	if (low < c->count && !strcmp(c->cell[c->by_key[low]].key, key))
		found = c->by_key[low];
	free(key);
	return found;
}

/* Is it made of no smaller one? Then it is one change, be it of several options. */
static bool is_single(const struct abl_cells *c, size_t i)
{
	if (!c->cell[i].changes || abl_cell_sets_seed(&c->cell[i]))
		return false;
	for (size_t k = 1; k < c->count; k++)
		if (k != i && c->cell[k].changes && c->cell[k].changes < c->cell[i].changes &&
		    abl_cell_contains(&c->cell[i], &c->cell[k]))
			return false;
	return true;
}

static void find_singles(struct abl_cells *c)
{
	for (size_t i = 1; i < c->count; i++)
		c->cell[i].single = is_single(c, i);
}

/* ---- all of it ---- */

int abl_cells_load(struct abl_cells *out, struct abl_store *store, int64_t study,
		   const char *baseline, struct abl_err *err)
{
	int rc;

	*out = (struct abl_cells){0};
	add_cell(out, baseline);
	rc = abl_read_changes(store, study, hear_change, out, err);
	rc = rc ? rc : abl_read_rules(store, study, hear_rule, out, err);
	rc = rc ? rc : abl_read_rules(store, study, hear_exploring, out, err);
	settle_levels(out);
	index_keys(out);
	find_singles(out);
	return rc;
}

void abl_cells_finish(struct abl_cells *c)
{
	for (size_t i = 0; i < c->count; i++) {
		for (size_t k = 0; k < c->cell[i].changes; k++)
			free(c->cell[i].change[k]);
		free(c->cell[i].change);
		free(c->cell[i].label);
		free(c->cell[i].key);
	}
	for (size_t i = 0; i < c->factors; i++) {
		free(c->factor[i].option);
		free(c->factor[i].plus);
		free(c->factor[i].minus);
	}
	for (size_t i = 0; i < c->removals; i++)
		free(c->removal[i]);
	free(c->cell);
	free(c->by_key);
	free(c->factor);
	free(c->removal);
	*c = (struct abl_cells){0};
}
