/* SPDX-License-Identifier: Apache-2.0 */
#include "compare_families.h"

#include "families.h"
#include "power.h"
#include "table.h"

#include <math.h>
#include <stdlib.h>

struct member {
	struct abl_comparison *table;
	struct abl_effect *row;
};

struct family {
	struct member *member;
	size_t count, capacity;
	double *p, *p_equivalent, *adjusted, *adjusted_equivalent;
	size_t tested;
};

/* Is it a cell that its interactions answer for? They are a family of their own. */
static bool is_cell(const struct abl_effect *e)
{
	return e->arm.kind == ABL_VARIANT_PAIR || e->arm.kind == ABL_VARIANT_FACTORIAL;
}

static void leave(struct abl_effect *e)
{
	e->p = e->p_sign_flip = NAN;
	if (e->decision >= ABL_DECISION_UNRESOLVED)
		e->decision = ABL_DECISION_UNJUDGED;
}

static void add(struct family *f, struct abl_comparison *c, struct abl_effect *e)
{
	abl_grow(&f->member, &f->capacity, f->count + 1, sizeof *f->member);
	f->member[f->count++] = (struct member){c, e};
}

static void collect(struct family *f, struct abl_comparison **tables, size_t count, bool placebos)
{
	for (size_t t = 0; t < count; t++)
		for (size_t i = 0; i < tables[t]->count; i++) {
			struct abl_effect *e = &tables[t]->effect[i];

			if (is_cell(e))
				leave(e);
			else if ((e->arm.kind == ABL_VARIANT_PLACEBO) == placebos)
				add(f, tables[t], e);
		}
	f->p = abl_calloc(f->count + 1, sizeof *f->p);
	f->p_equivalent = abl_calloc(f->count + 1, sizeof *f->p);
	f->adjusted = abl_calloc(f->count + 1, sizeof *f->p);
	f->adjusted_equivalent = abl_calloc(f->count + 1, sizeof *f->p);
	for (size_t i = 0; i < f->count; i++) {
		const struct member *m = &f->member[i];

		f->p[i] = m->row->p;
		f->p_equivalent[i] = m->table->margin > 0 && !isnan(m->row->p)
					     ? abl_stats_equivalence(&m->row->t, m->table->margin)
					     : NAN;
		f->tested += !isnan(m->row->p);
	}
}

static void correct(struct family *f, bool by_rate)
{
	if (by_rate) {
		abl_family_bh(f->p, f->count, f->adjusted);
		abl_family_bh(f->p_equivalent, f->count, f->adjusted_equivalent);
	} else {
		abl_family_shaffer(f->p, f->p_equivalent, f->count, f->adjusted,
				   f->adjusted_equivalent);
	}
}

/* Is lower than the baseline worse? */
static bool is_worse(const struct member *m)
{
	return (m->row->t.estimate < 0) != m->table->lower_is_better;
}

static void decide(struct family *f, enum abl_family kind)
{
	/* what is tested, or would be with more seeds */
	const double m = (double)(f->tested ? f->tested : f->count);

	for (size_t i = 0; i < f->count; i++) {
		struct abl_effect *e = f->member[i].row;

		e->family = kind;
		e->family_size = (size_t)m;
		e->p_adjusted = f->adjusted[i];
		e->p_equivalent = f->adjusted_equivalent[i];
		if (e->t.error > 0 && e->t.df > 0)
			e->could_see = abl_could_see(e->t.error, e->t.df, ABL_LEVEL / m);
		if (e->decision != ABL_DECISION_UNRESOLVED)
			continue;
		e->equivalent = e->p_equivalent < ABL_LEVEL;
		if (e->p_adjusted < ABL_LEVEL)
			e->decision =
				is_worse(&f->member[i]) ? ABL_DECISION_HURTS : ABL_DECISION_HELPS;
	}
}

static void finish(struct family *f)
{
	free(f->member);
	free(f->p);
	free(f->p_equivalent);
	free(f->adjusted);
	free(f->adjusted_equivalent);
}

void abl_family_decide(struct abl_comparison **tables, size_t count, enum abl_family kind,
		       bool exploratory)
{
	struct family rows = {0}, placebos = {0};
	const bool primary = kind == ABL_FAMILY_PRIMARY;
	bool by_rate;

	collect(&rows, tables, count, false);
	collect(&placebos, tables, count, true);
	by_rate = exploratory || (!primary && rows.tested > ABL_HOLM_MOST);
	correct(&rows, by_rate);
	decide(&rows, exploratory ? ABL_FAMILY_EXPLORATORY : kind);
	correct(&placebos, false);
	decide(&placebos, ABL_FAMILY_PLACEBO);
	for (size_t i = 0; i < placebos.count && !primary; i++) {
		struct abl_effect *e = placebos.member[i].row;

		e->p_adjusted = e->could_see = NAN; /* its primary row says it */
		if (e->decision >= ABL_DECISION_UNRESOLVED)
			e->decision = ABL_DECISION_UNJUDGED;
	}
	for (size_t t = 0; t < count; t++) {
		tables[t]->family = rows.tested;
		tables[t]->by_rate = by_rate;
	}
	finish(&rows);
	finish(&placebos);
}
