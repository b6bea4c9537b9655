/* SPDX-License-Identifier: Apache-2.0 */
/* marginal_table.c - which key mattered, in columns and words. */
#include "marginal.h"

#include "interval_text.h"

#include <math.h>
#include <stdio.h>

static void share_cell(struct abl_table *t, double share)
{
	char text[32] = "";

	if (!isnan(share))
		snprintf(text, sizeof text, "%.*f %%", share < .0995 ? 1 : 0, 100 * share);
	abl_table_real(t, share, text);
}

struct abl_table *abl_marginal_table(const struct abl_marginal *m)
{
	struct abl_table *t = abl_table_create();

	abl_table_column(t, "key", false);
	abl_table_column(t, "level", false);
	abl_table_column(t, m->metric, true);
	abl_table_column(t, "to the best level", false);
	abl_table_column(t, "explains", true);
	for (size_t i = 0; i < m->keys; i++) {
		const struct abl_marginal_key *key = &m->key[i];

		for (size_t l = 0; l < key->levels && !key->reason; l++) {
			abl_table_text(t, key->name);
			abl_table_text(t, key->level[l].value);
			abl_interval_plus_minus(t, &key->level[l].mean, 1);
			if (key->level[l].best)
				abl_table_text(t, "best");
			else
				abl_interval_signed(t, &key->level[l].difference);
			share_cell(t, key->share);
		}
	}
	return t;
}

static bool by_draws(const struct abl_marginal *m)
{
	for (size_t i = 0; i < m->keys; i++)
		if (m->key[i].by_draws)
			return true;
	return false;
}

void abl_marginal_heading(const struct abl_marginal *m, struct abl_str *out)
{
	struct abl_str text = {0};

	abl_str_printf(&text,
		       "%s: %s on %s, %zu variants, %zu %s%s: the mean of each level over %s",
		       m->task, m->metric, m->split ? m->split : "dev", m->variants, m->units,
		       m->by_pretraining ? "pre-training" : "seed", abl_plural((int64_t)m->units),
		       by_draws(m) ? "its draws" : "the combinations of the other keys");
	abl_str_wrap(out, 0, 2, text.text);
	abl_str_finish(&text);
}

static void add_line(struct abl_str *out, struct abl_str *text)
{
	abl_str_wrap(out, 0, 2, text->text);
	abl_str_clear(text);
}

static bool has_means(const struct abl_marginal *m)
{
	for (size_t i = 0; i < m->keys; i++)
		if (!m->key[i].reason)
			return true;
	return false;
}

static void add_shares(const struct abl_marginal *m, struct abl_str *out, struct abl_str *text)
{
	double rest = 1;
	char number[32];

	if (by_draws(m)) {
		abl_str_puts(out, "± half a 95 % interval over draws; Welch's t between levels\n");
		return;
	}
	for (size_t i = 0; i < m->keys; i++)
		rest -= isnan(m->key[i].share) ? 0 : m->key[i].share;
	abl_str_printf(text,
		       "± half a 95 %% interval over %s; explains: of the spread of all values "
		       "about their %s's mean (type II sums of squares)",
		       m->by_pretraining ? "pre-trainings" : "seeds",
		       m->by_pretraining ? "pre-training" : "seed");
	if (rest > .0005 && rest < 1) {
		snprintf(number, sizeof number, "%.0f", 100 * rest);
		abl_str_printf(text, "; %s %% is interactions and noise", number);
	}
	add_line(out, text);
}

static void add_left_out(const struct abl_marginal *m, struct abl_str *out, struct abl_str *text)
{
	for (size_t i = 0; i < m->keys; i++) {
		const struct abl_marginal_key *k = &m->key[i];

		if (k->reason)
			abl_str_printf(text, "%s: no means: %s", k->name, k->reason);
		else if (k->holes || k->missing)
			abl_str_printf(text, "%s: over %zu combination%s of the others", k->name,
				       k->combinations, abl_plural((int64_t)k->combinations));
		if (!k->reason && k->holes)
			abl_str_printf(text, "; %zu that not every level has left out", k->holes);
		if (!k->reason && k->missing)
			abl_str_printf(text, "; %zu time%s one without a value in a %s left out",
				       k->missing, abl_plural((int64_t)k->missing),
				       m->by_pretraining ? "pre-training" : "seed");
		if (text->length)
			add_line(out, text);
	}
	if (m->lacking.length) {
		abl_str_printf(text, "values that are missing: %s", m->lacking.text);
		add_line(out, text);
	}
}

/* "learning_rate=1e-3, layers=4  .780 ±.012" */
static void add_best(const struct abl_marginal *m, struct abl_str *out)
{
	struct abl_table *t = abl_table_create();
	struct abl_str text = {0};
	char number[32];

	abl_str_printf(&text, "best %zu of %zu", m->bests, m->variants);
	abl_table_column(t, text.text, false);
	abl_table_column(t, m->metric, true);
	abl_table_column(t, "n", true);
	for (size_t i = 0; i < m->bests; i++) {
		abl_table_text(t, m->best[i].label);
		abl_interval_plus_minus(t, &m->best[i].mean, 1);
		abl_table_int(t, (int64_t)m->best[i].n);
	}
	abl_str_puts(out, "\n");
	abl_table_render(t, ABL_TABLE_PLAIN, out);
	abl_table_destroy(t);
	abl_str_clear(&text);
	abl_str_printf(&text, "best of %zu equal configurations gains %.2f sd by noise",
		       m->variants, m->luck);
	if (!isnan(m->error)) {
		const struct abl_digits d = abl_digits_for(m->error, 4 * m->error);

		abl_str_printf(&text, ": %s here",
			       abl_format_digits(m->luck * m->error, d, number));
		abl_str_printf(&text, " (sd of a variant's mean %s)",
			       abl_format_digits(m->error, d, number));
	}
	abl_str_wrap(out, 0, 2, text.text);
	abl_str_finish(&text);
}

void abl_marginal_notes(const struct abl_marginal *m, struct abl_str *out)
{
	struct abl_str text = {0};

	if (has_means(m))
		add_shares(m, out, &text);
	add_left_out(m, out, &text);
	if (m->bests && m->variants > 1)
		add_best(m, out);
	abl_str_puts(out, "exploratory: intervals are not corrected, and there is no verdict\n");
	abl_str_finish(&text);
}

/* ---- for machines ---- */

struct abl_table *abl_marginal_wide_table(void)
{
	static const char *const texts[] = {"study", "task", "metric", "key", "level"};
	struct abl_table *t = abl_table_create();

	for (size_t i = 0; i < sizeof texts / sizeof *texts; i++)
		abl_table_column(t, texts[i], false);
	abl_table_column(t, "n", true);
	abl_table_column(t, "combinations", true);
	abl_interval_columns(t, "mean", true);
	abl_interval_columns(t, "difference", false);
	abl_table_column(t, "best", true);
	abl_table_column(t, "range", true);
	abl_table_column(t, "explains", true);
	abl_table_column(t, "left_out", true);
	abl_table_column(t, "reason", false);
	return t;
}

void abl_marginal_add_rows(const struct abl_marginal *m, struct abl_table *wide)
{
	for (size_t i = 0; i < m->keys; i++) {
		const struct abl_marginal_key *key = &m->key[i];

		for (size_t l = 0; l < key->levels; l++) {
			abl_table_text(wide, m->study);
			abl_table_text(wide, m->task);
			abl_table_text(wide, m->metric);
			abl_table_text(wide, key->name);
			abl_table_text(wide, key->level[l].value);
			abl_table_int(wide, (int64_t)key->level[l].n);
			abl_table_int(wide, (int64_t)key->combinations);
			abl_interval_cells(wide, &key->level[l].mean);
			abl_interval_cells(wide, &key->level[l].difference);
			abl_table_int(wide, key->level[l].best);
			abl_number_cell(wide, key->range);
			abl_number_cell(wide, key->share);
			abl_table_int(wide, (int64_t)(key->holes + key->missing));
			abl_table_text(wide, key->reason);
		}
	}
}
