/* SPDX-License-Identifier: Apache-2.0 */
/* compare_cells.h - the cells that a study's designs have made of single changes, and the contrasts
 * that they hold: pairs beside their singles, factorials, whole or in part, and grids. */
#ifndef ABL_COMPARE_CELLS_H
#define ABL_COMPARE_CELLS_H

#include "errors.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct abl_store;

struct abl_design_cell { /* a variant; the baseline is cell 0, without changes */
	char *label;
	char **change; /* [changes] "segments=none", sorted */
	char *key;     /* all of them */
	size_t changes, capacity;
	bool single; /* made of no smaller one: one change, be it of several options */
};

struct abl_factor { /* of a factorial */
	char *option;
	char *plus, *minus; /* changes: "layers=4"; minus NULL: what does not change it */
};

struct abl_cells {
	struct abl_design_cell *cell;
	size_t count, capacity;
	size_t *by_key;            /* [count] cells in the order of their keys */
	struct abl_factor *factor; /* [factors] */
	size_t factors, factor_capacity;
	char **removal; /* [removals] changes that leave something out: "dropout=0" */
	size_t removals, removal_capacity;
	bool asked; /* the designs name what is put together, and look around in no grid */
};

/* A weighted sum over cells: the effect of one change, or the interaction of two. */
struct abl_contrast {
	char *label;      /* "segments x positions" */
	size_t a, b;      /* cells of the single changes; 0: there is none (a fraction, or one
			     change) */
	size_t both;      /* 0: none */
	bool single;      /* the effect of one change over all cells of a factorial */
	bool removals;    /* all that is changed is left out */
	double *weight;   /* [cells] */
	double *alone[2]; /* [cells] of an interaction: the effect of each without the other */
	bool averaged;    /* these are means over contexts, or of cells that are no rows */
	size_t contexts;  /* of other changes, that it is a mean over */
};

int abl_cells_load(struct abl_cells *out, struct abl_store *store, int64_t study,
		   const char *baseline, struct abl_err *err) ABL_MUST_USE;
void abl_cells_finish(struct abl_cells *c);

/* ---- sets of changes ---- */

/* The length of the option's name in a change. */
size_t abl_change_name(const char *change);
bool abl_change_removes(const struct abl_cells *c, const char *change);
bool abl_cell_has(const struct abl_design_cell *c, const char *change);
bool abl_cell_contains(const struct abl_design_cell *c, const struct abl_design_cell *part);
bool abl_cell_sets_seed(const struct abl_design_cell *c);
bool abl_cells_touch(const struct abl_design_cell *a, const struct abl_design_cell *b);
/* The cell whose changes are those of a and b (NULL: none) and context, which have no option in
 * common; SIZE_MAX: there is none. */
size_t abl_cells_find(const struct abl_cells *c, const struct abl_design_cell *a,
		      const struct abl_design_cell *b, const struct abl_design_cell *context);

/* The contrasts, single changes first; the caller's, each ends with abl_contrast_finish(). */
struct abl_contrast *abl_cells_contrasts(const struct abl_cells *c, size_t *count);
void abl_contrast_finish(struct abl_contrast *c);

#endif
