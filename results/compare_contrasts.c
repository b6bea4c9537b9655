/* SPDX-License-Identifier: Apache-2.0 */
/* compare_contrasts.c - the main effects and interactions that the cells hold. */
#include "compare_cells.h"

#include "str.h"

#include <stdlib.h>
#include <string.h>

/* A grid of more than this is a question of which option matters, not of which two go together. */
#define SINGLES 16

struct contrasts {
	struct abl_contrast *item;
	size_t count, capacity;
};

/* "segments" for a removal, "layers=4" for another value. */
static void add_name(const struct abl_cells *c, const struct abl_design_cell *cell,
		     struct abl_str *out)
{
	for (size_t i = 0; i < cell->changes; i++) {
		const bool removal = abl_change_removes(c, cell->change[i]);

		abl_str_puts(out, i ? " + " : "");
		abl_str_add(out, cell->change[i],
			    removal ? abl_change_name(cell->change[i]) : strlen(cell->change[i]));
	}
}

static bool is_removal(const struct abl_cells *c, const struct abl_design_cell *cell)
{
	for (size_t i = 0; i < cell->changes; i++)
		if (!abl_change_removes(c, cell->change[i]))
			return false;
	return true;
}

static struct abl_contrast *add(struct contrasts *list, const struct abl_cells *c,
				const char *label)
{
	abl_grow(&list->item, &list->capacity, list->count + 1, sizeof *list->item);
	list->item[list->count] = (struct abl_contrast){
		.label = abl_strdup(label), .weight = abl_calloc(c->count, sizeof(double))};
	return &list->item[list->count++];
}

static void add_alone(struct abl_contrast *k, const struct abl_cells *c)
{
	for (int j = 0; j < 2; j++)
		k->alone[j] = abl_calloc(c->count, sizeof(double));
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

		if (abl_cells_touch(context, x) || abl_cells_touch(context, y) ||
		    abl_cell_sets_seed(context) ||
		    (with_a = abl_cells_find(c, x, NULL, context)) == SIZE_MAX ||
		    (with_b = abl_cells_find(c, NULL, y, context)) == SIZE_MAX ||
		    (both = abl_cells_find(c, x, y, context)) == SIZE_MAX)
			continue;
		if (!k) {
			add_name(c, x, &label);
			abl_str_puts(&label, " x ");
			add_name(c, y, &label);
			k = add(list, c, label.text);
			k->a = a, k->b = b;
			k->both = abl_cells_find(c, x, y, &c->cell[0]);
			k->both = k->both == SIZE_MAX ? 0 : k->both;
			k->removals = is_removal(c, x) && is_removal(c, y);
			add_alone(k, c);
		}
		k->weight[i] += 1;
		k->weight[both] += 1;
		k->weight[with_a] -= 1;
		k->weight[with_b] -= 1;
		k->alone[0][with_a] += 1;
		k->alone[1][with_b] += 1;
		k->alone[0][i] -= 1;
		k->alone[1][i] -= 1;
		k->contexts++;
	}
	for (size_t i = 0; k && i < c->count; i++) {
		k->weight[i] /= (double)k->contexts;
		k->alone[0][i] /= (double)k->contexts;
		k->alone[1][i] /= (double)k->contexts;
	}
	if (k)
		k->averaged = k->contexts > 1;
	abl_str_finish(&label);
}

/* Is the change beside a part of the rest in some pair? Then pairs say more than all at once. */
static bool is_paired(const struct contrasts *list, const struct abl_cells *c, size_t a,
		      const struct abl_design_cell *rest)
{
	for (size_t i = 0; i < list->count; i++) {
		const struct abl_contrast *k = &list->item[i];

		if (k->single || (k->a != a && k->b != a))
			continue;
		if (abl_cell_contains(rest, &c->cell[k->a == a ? k->b : k->a]))
			return true;
	}
	return false;
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

		if (rest->changes < 2 || c->cell[i].single || abl_cells_touch(rest, x) ||
		    abl_cell_sets_seed(rest) ||
		    (both = abl_cells_find(c, x, rest, &c->cell[0])) == SIZE_MAX ||
		    is_paired(list, c, a, rest))
			continue;
		add_name(c, x, &label);
		abl_str_puts(&label, " x ");
		add_name(c, rest, &label);
		k = add(list, c, label.text);
		k->a = a, k->b = i, k->both = both, k->contexts = 1;
		k->removals = is_removal(c, x) && is_removal(c, rest);
		k->weight[0] = k->weight[both] = 1;
		k->weight[a] = k->weight[i] = -1;
		add_alone(k, c);
		k->alone[0][a] = k->alone[1][i] = 1;
		k->alone[0][0] = k->alone[1][0] = -1;
		abl_str_clear(&label);
	}
	abl_str_finish(&label);
}

/* ---- factorials ---- */

static bool changes_option(const struct abl_design_cell *c, const char *option)
{
	const size_t length = strlen(option);

	for (size_t i = 0; i < c->changes; i++)
		if (abl_change_name(c->change[i]) == length &&
		    !strncmp(c->change[i], option, length))
			return true;
	return false;
}

/* +1 or -1, the factor's level in the cell; 0: another one. */
static double sign(const struct abl_cells *c, size_t cell, const struct abl_factor *f)
{
	const struct abl_design_cell *x = &c->cell[cell];

	if (abl_cell_has(x, f->plus))
		return 1;
	if (f->minus ? abl_cell_has(x, f->minus) : !changes_option(x, f->option))
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
		if (c->cell[i].changes == 1 && abl_cell_has(&c->cell[i], f->plus))
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
	if (g)
		add_alone(k, c);
	k->averaged = true;
	for (size_t i = 0; i < c->count; i++) {
		const bool inside = is_inside(c, i);
		const double x = inside ? sign(c, i, f) : 0, y = inside && g ? sign(c, i, g) : 0;

		k->weight[i] = x * (g ? 2 * y : 1) * 2 / (double)n;
		for (int j = 0; g && j < 2; j++)
			k->alone[j][i] = ((j ? y : x) - x * y) * 2 / (double)n;
	}
	k->single = !g;
	k->removals = abl_change_removes(c, f->plus) && (!g || abl_change_removes(c, g->plus));
	k->a = cell_of(c, f);
	k->b = g ? cell_of(c, g) : 0;
	k->both = k->a && k->b ? abl_cells_find(c, &c->cell[k->a], &c->cell[k->b], &c->cell[0]) : 0;
	k->both = k->both == SIZE_MAX ? 0 : k->both;
	k->contexts = n / (g ? 4 : 2);
}

void abl_contrast_finish(struct abl_contrast *c)
{
	free(c->label);
	free(c->weight);
	free(c->alone[0]);
	free(c->alone[1]);
}

struct abl_contrast *abl_cells_contrasts(const struct abl_cells *c, size_t *count)
{
	struct contrasts list = {0};
	const bool columns = is_balanced(c);
	size_t singles = 0;

	for (size_t i = 1; i < c->count && !c->asked; i++)
		singles += c->cell[i].single;
	for (size_t f = 0; columns && f < c->factors; f++)
		add_columns(&list, c, &c->factor[f], NULL);
	for (size_t f = 0; columns && f < c->factors; f++)
		for (size_t g = f + 1; g < c->factors; g++)
			add_columns(&list, c, &c->factor[f], &c->factor[g]);
	for (size_t i = 1; i < c->count && singles <= SINGLES; i++) {
		for (size_t k = i + 1; k < c->count && c->cell[i].single; k++)
			if (c->cell[k].single && !abl_cells_touch(&c->cell[i], &c->cell[k]) &&
			    !(columns && is_inside(c, i) && is_inside(c, k)))
				add_pair(&list, c, i, k);
	}
	for (size_t i = 1; i < c->count && singles <= SINGLES; i++)
		if (c->cell[i].single && !(columns && is_inside(c, i)))
			add_rest(&list, c, i);
	*count = list.count;
	return list.item;
}
