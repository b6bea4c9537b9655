/* SPDX-License-Identifier: Apache-2.0 */
#include "pretraining_table.h"

#include "options.h"
#include "scores.h"
#include "table.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

/* Columns: the metric in the view `pretrainings`, and its heading. */
static const struct {
	const char *metric, *heading;
} columns[] = {
	{"mlm_perplexity", "mlm ppl"},
	{"mlm_bits_per_character", "bits/char"},
	{"mlm_accuracy", "mlm acc"},
	{"lm_perplexity", "lm ppl"},
	{"lm_bits_per_character", "bits/char"},
	{"lm_accuracy", "lm acc"},
	{"nsp_accuracy", "nsp acc"},
	{"nsp_majority", "majority"},
	{"unigram_accuracy", "unigram acc"},
	{"unigram_perplexity", "unigram ppl"},
	{"left_accuracy", "left acc"},
	{"left_perplexity", "left ppl"},
};
#define COLUMNS (sizeof columns / sizeof *columns)

/* The rows, gathered: what comes is variant by variant, metric by metric. */
struct gathered {
	struct abl_table *table; /* NULL: only look which columns some variant has */
	bool has[COLUMNS], any;
	char *variant; /* of the row that is being filled; NULL: none */
	int64_t n;
	double mean[COLUMNS];
};

static void end_row(struct gathered *g)
{
	struct abl_digits digits;
	char text[32];

	if (!g->variant)
		return;
	abl_table_text(g->table, g->variant);
	abl_table_int(g->table, g->n);
	for (size_t i = 0; i < COLUMNS; i++) {
		if (!g->has[i])
			continue;
		digits = abl_digits_for(g->mean[i], NAN);
		if (strstr(columns[i].metric, "perplexity") && g->mean[i] >= 2 && !digits.exponent)
			digits.decimals = 1;
		abl_table_real(g->table, g->mean[i], abl_format_digits(g->mean[i], digits, text));
	}
	free(g->variant);
	g->variant = NULL;
}

static void begin_row(struct gathered *g, const char *variant)
{
	g->variant = abl_strdup(variant);
	g->n = 0;
	for (size_t i = 0; i < COLUMNS; i++)
		g->mean[i] = NAN;
}

static void find_column(void *data, const struct abl_pretraining_summary *row)
{
	struct gathered *g = data;

	for (size_t i = 0; i < COLUMNS; i++)
		if (!strcmp(columns[i].metric, row->metric))
			g->has[i] = g->any = true;
}

static void add_cell(void *data, const struct abl_pretraining_summary *row)
{
	struct gathered *g = data;

	if (g->variant && strcmp(g->variant, row->variant))
		end_row(g);
	if (!g->variant)
		begin_row(g, row->variant);
	g->n = row->n > g->n ? row->n : g->n;
	for (size_t i = 0; i < COLUMNS; i++)
		if (!strcmp(columns[i].metric, row->metric))
			g->mean[i] = row->mean;
}

static int add_rows(struct abl_store *store, int64_t study, struct gathered *g, struct abl_err *err)
{
	int rc;

	g->table = abl_table_create();
	abl_table_column(g->table, "pre-training", false);
	abl_table_column(g->table, "n", true);
	for (size_t i = 0; i < COLUMNS; i++)
		if (g->has[i])
			abl_table_column(g->table, columns[i].heading, true);
	rc = abl_read_pretrainings(store, study, add_cell, g, err);
	end_row(g);
	return rc;
}

int abl_pretraining_table(struct abl_str *out, struct abl_store *store, int64_t study,
			  struct abl_err *err)
{
	struct gathered g = {.any = false};
	int rc = abl_read_pretrainings(store, study, find_column, &g, err), differ;

	if (rc || !g.any)
		return rc;
	rc = add_rows(store, study, &g, err);
	/* what decides the vocabulary */
	differ = rc ? rc : abl_read_varies(store, study, " vocab_size cased ", err);
	if (differ >= 0) {
		abl_str_puts(out,
			     "\n"
			     "on the held-out documents, with the same masks for all variants:\n");
		abl_table_render(g.table, ABL_TABLE_PLAIN, out);
		if (g.has[3])
			abl_str_puts(out, "lm without nsp is trained and scored on single texts, "
					  "all else on pairs\n");
		if (g.has[0] && g.has[3])
			abl_str_puts(out, "not comparable: mlm and lm numbers (mlm sees both "
					  "sides, lm only the left)\n");
		if (differ)
			abl_str_puts(out, "not comparable: perplexities, because the vocabularies "
					  "differ; compare bits/char\n");
	}
	abl_table_destroy(g.table);
	return differ < 0 ? differ : 0;
}
