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

/* The rule's value is "LOW|HIGH". */
static void hear_rule(void *data, const char *name, const char *subject, const char *value)
{
	struct abl_cells *c = data;
	const char *bar = value ? strchr(value, '|') : NULL;
	struct abl_str low = {0}, high = {0};

	if (strcmp(name, "factor") != 0 || !bar)
		return;
	abl_str_printf(&low, "%s=%.*s", subject, (int)(bar - value), value);
	abl_str_printf(&high, "%s=%s", subject, bar + 1);
	abl_grow(&c->factor, &c->factor_capacity, c->factors + 1, sizeof *c->factor);
	c->factor[c->factors++] = (struct abl_factor){
		.option = abl_strdup(subject), .plus = high.text, .minus = low.text};
}

static bool has(const struct abl_design_cell *c, const char *change)
{
	for (size_t i = 0; i < c->changes; i++)
		if (!strcmp(c->change[i], change))
			return true;
	return false;
}

static bool is_set(const struct abl_cells *c, const char *change)
{
	for (size_t i = 1; i < c->count; i++)
		if (has(&c->cell[i], change))
			return true;
	return false;
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

int abl_cells_load(struct abl_cells *out, struct abl_store *store, int64_t study,
		   const char *baseline, struct abl_err *err)
{
	int rc;

	*out = (struct abl_cells){0};
	add_cell(out, baseline);
	rc = abl_read_changes(store, study, hear_change, out, err);
	rc = rc ? rc : abl_read_rules(store, study, hear_rule, out, err);
	settle_levels(out);
	index_keys(out);
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
	free(c->cell);
	free(c->by_key);
	free(c->factor);
	*c = (struct abl_cells){0};
}

void abl_contrast_finish(struct abl_contrast *c)
{
	free(c->label);
	free(c->weight);
}

/* ---- sets of changes ---- */

static size_t name_length(const char *change)
{
	return strcspn(change, "=");
}

static bool contains(const struct abl_design_cell *c, const struct abl_design_cell *part)
{
	for (size_t i = 0; i < part->changes; i++)
		if (!has(c, part->change[i]))
			return false;
	return true;
}

static bool touch(const struct abl_design_cell *a, const struct abl_design_cell *b)
{
	for (size_t i = 0; i < a->changes; i++)
		for (size_t k = 0; k < b->changes; k++)
			if (name_length(a->change[i]) == name_length(b->change[k]) &&
			    !strncmp(a->change[i], b->change[k], name_length(a->change[i])))
				return true;
	return false;
}

static bool sets_seed(const struct abl_design_cell *c)
{
	char name[256];

	for (size_t i = 0; i < c->changes; i++) {
		const size_t n = name_length(c->change[i]);

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
static size_t find(const struct abl_cells *c, const struct abl_design_cell *a,
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
	if (!c->cell[i].changes || sets_seed(&c->cell[i]))
		return false;
	for (size_t k = 1; k < c->count; k++)
		if (k != i && c->cell[k].changes && c->cell[k].changes < c->cell[i].changes &&
		    contains(&c->cell[i], &c->cell[k]))
			return false;
	return true;
}

/* ---- contrasts ---- */

/* A grid of more than this is a question of which option matters, not of which two go together. */
#define SINGLES 16

struct contrasts {
	struct abl_contrast *item;
	size_t count, capacity;
};

/* "segments" for a removal, "layers=4" for another value. */
static void add_name(const struct abl_design_cell *cell, struct abl_str *out)
{
	for (size_t i = 0; i < cell->changes; i++) {
		const char *value = cell->change[i] + name_length(cell->change[i]);
		const bool removal = !strcmp(value, "=none");

		abl_str_puts(out, i ? " + " : "");
		abl_str_add(out, cell->change[i],
			    removal ? name_length(cell->change[i]) : strlen(cell->change[i]));
	}
}

static struct abl_contrast *add(struct contrasts *list, const struct abl_cells *c,
				const char *label)
{
	abl_grow(&list->item, &list->capacity, list->count + 1, sizeof *list->item);
	list->item[list->count] = (struct abl_contrast){
		.label = abl_strdup(label), .weight = abl_calloc(c->count, sizeof(double))};
	return &list->item[list->count++];
}

/* Of two single changes, over all contexts that have the four cells. */
static void add_pair(struct contrasts *list, const struct abl_cells *c, size_t a, size_t b)
{
	const struct abl_design_cell *x = &c->cell[a], *y = &c->cell[b];
	struct abl_contrast *k = NULL;
	struct abl_str label = {0};

	for (size_t i = 0; i < c->count; i++) {
		const struct abl_design_cell *context = &c->cell[i];
		size_t with_a, with_b, both;

		if (touch(context, x) || touch(context, y) || sets_seed(context) ||
		    (with_a = find(c, x, NULL, context)) == SIZE_MAX ||
		    (with_b = find(c, NULL, y, context)) == SIZE_MAX ||
		    (both = find(c, x, y, context)) == SIZE_MAX)
			continue;
		if (!k) {
			add_name(x, &label);
			abl_str_puts(&label, " x ");
			add_name(y, &label);
			k = add(list, c, label.text);
			k->a = a, k->b = b;
			k->both = find(c, x, y, &c->cell[0]);
			k->both = k->both == SIZE_MAX ? 0 : k->both;
		}
		k->weight[i] += 1;
		k->weight[both] += 1;
		k->weight[with_a] -= 1;
		k->weight[with_b] -= 1;
		k->contexts++;
	}
	for (size_t i = 0; k && i < c->count; i++)
		k->weight[i] /= (double)k->contexts;
	abl_str_finish(&label);
}

/* One change with all the others at once: what leaving it out of the full model says less what
 * adding it to the bare one says. */
static void add_rest(struct contrasts *list, const struct abl_cells *c, size_t a)
{
	const struct abl_design_cell *x = &c->cell[a];
	struct abl_str label = {0};
	struct abl_contrast *k;

	for (size_t i = 1; i < c->count; i++) {
		const struct abl_design_cell *rest = &c->cell[i];
		size_t both;

		if (rest->changes < 2 || is_single(c, i) || touch(rest, x) || sets_seed(rest) ||
		    (both = find(c, x, rest, &c->cell[0])) == SIZE_MAX)
			continue;
		add_name(x, &label);
		abl_str_puts(&label, " x ");
		add_name(rest, &label);
		k = add(list, c, label.text);
		k->a = a, k->b = i, k->both = both, k->contexts = 1;
		k->weight[0] = k->weight[both] = 1;
		k->weight[a] = k->weight[i] = -1;
		abl_str_clear(&label);
	}
	abl_str_finish(&label);
}

/* ---- factorials ---- */

static bool changes_option(const struct abl_design_cell *c, const char *option)
{
	const size_t length = strlen(option);

	for (size_t i = 0; i < c->changes; i++)
		if (name_length(c->change[i]) == length && !strncmp(c->change[i], option, length))
			return true;
	return false;
}

/* +1 or -1, the factor's level in the cell; 0: another one. */
static double sign(const struct abl_cells *c, size_t cell, const struct abl_factor *f)
{
	const struct abl_design_cell *x = &c->cell[cell];

	if (has(x, f->plus))
		return 1;
	if (f->minus ? has(x, f->minus) : !changes_option(x, f->option))
		return -1;
	return 0;
}

/* Does it lie in the factorial: is every factor at a level of it, and nothing else changed? */
static bool is_inside(const struct abl_cells *c, size_t i)
{
	size_t changes = 0;

	for (size_t f = 0; f < c->factors; f++) {
		if (sign(c, i, &c->factor[f]) == 0)
			return false;
		changes += changes_option(&c->cell[i], c->factor[f].option);
	}
	return changes == c->cell[i].changes;
}

/* By the columns of the design: each of +-1 in all cells, whose products are orthogonal (that is
 * what the plan made sure of). False: a cell is missing. */
static bool is_balanced(const struct abl_cells *c)
{
	for (size_t f = 0; f < c->factors; f++)
		for (size_t g = 0; g <= f; g++) {
			double sum = 0, product = 0;

			for (size_t i = 0; i < c->count; i++) {
				if (!is_inside(c, i))
					continue;
				sum += sign(c, i, &c->factor[f]);
				product += sign(c, i, &c->factor[f]) * sign(c, i, &c->factor[g]);
			}
			if (sum != 0 || (f != g && product != 0))
				return false;
		}
	return c->factors > 0;
}

/* The cell that has the factor's change alone; 0: none, or the baseline is no cell. */
static size_t cell_of(const struct abl_cells *c, const struct abl_factor *f)
{
	for (size_t i = 1; i < c->count && !f->minus; i++)
		if (c->cell[i].changes == 1 && has(&c->cell[i], f->plus))
			return i;
	return 0;
}

/* The mean effect of one factor (g NULL), or the interaction of two: (4 / N) sum of the product of
 * their columns, which is the mean of (y_ab - y_b) - (y_a - y_1). */
static void add_columns(struct contrasts *list, const struct abl_cells *c,
			const struct abl_factor *f, const struct abl_factor *g)
{
	struct abl_str label = {0};
	struct abl_contrast *k;
	size_t n = 0;

	abl_str_printf(&label, "%s%s%s", f->option, g ? " x " : "", g ? g->option : "");
	k = add(list, c, label.text);
	abl_str_finish(&label);
	for (size_t i = 0; i < c->count; i++)
		n += is_inside(c, i);
	for (size_t i = 0; i < c->count; i++)
		if (is_inside(c, i))
			k->weight[i] = sign(c, i, f) * (g ? 2 * sign(c, i, g) : 1) * 2 / (double)n;
	k->single = !g;
	k->a = cell_of(c, f);
	k->b = g ? cell_of(c, g) : 0;
	k->both = k->a && k->b ? find(c, &c->cell[k->a], &c->cell[k->b], &c->cell[0]) : 0;
	k->both = k->both == SIZE_MAX ? 0 : k->both;
	k->contexts = n / (g ? 4 : 2);
}

struct abl_contrast *abl_cells_contrasts(const struct abl_cells *c, size_t *count)
{
	struct contrasts list = {0};
	const bool columns = is_balanced(c);
	size_t singles = 0;

	for (size_t i = 1; i < c->count; i++)
		singles += is_single(c, i);
	for (size_t f = 0; columns && f < c->factors; f++)
		add_columns(&list, c, &c->factor[f], NULL);
	for (size_t f = 0; columns && f < c->factors; f++)
		for (size_t g = f + 1; g < c->factors; g++)
			add_columns(&list, c, &c->factor[f], &c->factor[g]);
	for (size_t i = 1; i < c->count && singles <= SINGLES; i++) {
		if (!is_single(c, i))
			continue;
		for (size_t k = i + 1; k < c->count; k++)
			if (is_single(c, k) && !touch(&c->cell[i], &c->cell[k]) &&
			    !(columns && is_inside(c, i) && is_inside(c, k)))
				add_pair(&list, c, i, k);
		if (!(columns && is_inside(c, i)))
			add_rest(&list, c, i);
	}
	*count = list.count;
	return list.item;
}
