/* SPDX-License-Identifier: Apache-2.0 */
#include "pretraining_table.h"

#include "options.h"
#include "scores.h"
#include "table.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

/* Columns: the metric in the view `pretrainings`, and its heading. What counting alone reaches goes
 * below the table where it is the same for all, as for one text and one vocabulary it is. */
static const struct {
	const char *metric, *heading;
	bool counted;
} columns[] = {
	{"mlm_perplexity", "mlm ppl"},
	{"mlm_bits_per_character", "bits/char"},
	{"mlm_accuracy", "mlm acc"},
	{"lm_perplexity", "lm ppl"},
	{"lm_bits_per_character", "bits/char"},
	{"lm_accuracy", "lm acc"},
	{"nsp_accuracy", "nsp acc"},
	{"nsp_majority", "majority", true},
	{"unigram_accuracy", "unigram acc", true},
	{"unigram_perplexity", "unigram ppl", true},
	{"left_accuracy", "left acc", true},
	{"left_perplexity", "left ppl", true},
};
#define COLUMNS (sizeof columns / sizeof *columns)

/* The rows, gathered: what comes is variant by variant, metric by metric. */
struct gathered {
	struct abl_table *table; /* NULL: only look which columns some variant has */
	bool has[COLUMNS], any;
	double least[COLUMNS], most[COLUMNS]; /* of the columns that are there */
	char *variant;                        /* of the row that is being filled; NULL: none */
	int64_t n;
	double mean[COLUMNS];
};

#define SAME 1e-9 /* means over other numbers of seeds differ in their last bits */
#define NUMBER_ROOM 32

static bool goes_below(const struct gathered *g, size_t i)
{
	return columns[i].counted && g->most[i] - g->least[i] <= SAME * fabs(g->most[i]);
}

static const char *number_text(size_t column, double value, char text[NUMBER_ROOM])
{
	struct abl_digits digits = abl_digits_for(value, NAN);

	if (strstr(columns[column].metric, "perplexity") && value >= 2 && !digits.exponent)
		digits.decimals = 1;
	return abl_format_digits(value, digits, text);
}

static void end_row(struct gathered *g)
{
	char text[NUMBER_ROOM];

	if (!g->variant)
		return;
	abl_table_text(g->table, g->variant);
	abl_table_int(g->table, g->n);
	for (size_t i = 0; i < COLUMNS; i++) {
		if (g->has[i] && !goes_below(g, i))
			abl_table_real(g->table, g->mean[i], number_text(i, g->mean[i], text));
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

	for (size_t i = 0; i < COLUMNS; i++) {
		if (strcmp(columns[i].metric, row->metric) != 0)
			continue;
		g->least[i] = g->has[i] ? fmin(g->least[i], row->mean) : row->mean;
		g->most[i] = g->has[i] ? fmax(g->most[i], row->mean) : row->mean;
		g->has[i] = g->any = true;
	}
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
		if (g->has[i] && !goes_below(g, i))
			abl_table_column(g->table, columns[i].heading, true);
	rc = abl_read_pretrainings(store, study, add_cell, g, err);
	end_row(g);
	return rc;
}

static void add_counted(const struct gathered *g, struct abl_str *out)
{
	char text[NUMBER_ROOM];
	size_t n = 0;

	for (size_t i = 0; i < COLUMNS; i++)
		if (g->has[i] && goes_below(g, i))
			abl_str_printf(out, "%s%s %s",
				       n++ ? ", " : "counting alone: ", columns[i].heading,
				       number_text(i, g->most[i], text));
	abl_str_puts(out, n ? "\n" : "");
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
		add_counted(&g, out);
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
