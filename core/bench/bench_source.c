/* SPDX-License-Identifier: Apache-2.0 */
#include "bench_source.h"

#include "files.h"
#include "hooks.h"
#include "rng.h"
#include "str.h"

#include <stdlib.h>

enum { PIECE_FIRST = 2, PIECE_BETWEEN = 3, PIECE_MASK = 4, PIECE_ORDINARY = 8 };

void abl_bench_source_init(struct abl_bench_source *s)
{
	const struct abl_mlm_options *mlm = (const void *)s->config->slot[ABL_SLOT_MLM].options;
	size_t n = (size_t)s->config->vocab_size - PIECE_ORDINARY;

	s->work = abl_calloc(s->items / s->batch, sizeof *s->work);
	s->ordinary = abl_calloc(n, sizeof *s->ordinary);
	s->pieces = abl_calloc((size_t)s->config->max_length, sizeof *s->pieces);
	s->chosen = abl_calloc((size_t)s->config->max_length, sizeof *s->chosen);
	for (size_t i = 0; i < n; i++)
		s->ordinary[i] = (int32_t)(PIECE_ORDINARY + i);
	s->rule = (struct abl_mask_rule){.rate = mlm->rate,
					 .mask_share = mlm->mask_share,
					 .random_share = mlm->random_share,
					 .mask_id = PIECE_MASK,
					 .ordinary = s->ordinary,
					 .ordinary_count = n};
}

void abl_bench_source_finish(struct abl_bench_source *s)
{
	free(s->work), free(s->ordinary), free(s->pieces), free(s->chosen);
}

size_t abl_bench_source_begin(void *data, uint64_t epoch)
{
	const struct abl_bench_source *s = data;

	(void)epoch;
	return s->items;
}

static size_t length_of(const struct abl_bench_source *s, size_t item)
{
	int64_t most = s->config->max_length, n = s->count ? s->lengths[item % s->count] : most;

	return (size_t)(n < most ? n : most);
}

/* The loop puts items in the order of its steps, so that the next one tells its step. */
static void note(struct abl_bench_source *s, size_t length, size_t targets)
{
	struct abl_bench_work *w = &s->work[s->taken++ / s->batch];
	double n = (double)length;

	w->tokens += n;
	w->squares += n * n;
	w->targets += (double)targets;
	w->read_tokens += n * (double)(targets + 1);
	w->sequences++;
}

void abl_bench_source_put(void *data, size_t item, struct abl_batch *b)
{
	struct abl_bench_source *s = data;
	const struct abl_layout layout = {.first = PIECE_FIRST,
					  .between = PIECE_BETWEEN,
					  .last = PIECE_BETWEEN,
					  .read_first = true,
					  .max_length = (size_t)s->config->max_length};
	size_t length = length_of(s, item), targets = 0;
	size_t n = length - abl_layout_specials(&layout, s->pretrain);
	size_t half = s->pretrain ? n / 2 : n;
	const struct abl_sequence texts = {.a = s->pieces,
					   .a_length = half,
					   .b = s->pieces + half,
					   .b_length = n - half,
					   .pair = s->pretrain,
					   .example = item,
					   .label = (int32_t)(item % 2)};
	struct abl_sequence_place at;

	for (size_t i = 0; i < n; i++)
		s->pieces[i] = s->ordinary[abl_rng_below(1, item, i, s->rule.ordinary_count)];
	if (s->pretrain)
		targets = abl_mask_choose(&s->rule, item, s->pieces, n, s->chosen);
	for (size_t i = 0; i < targets; i++) {
		int32_t piece = s->pieces[s->chosen[i].position];

		s->pieces[s->chosen[i].position] = s->chosen[i].shown;
		s->chosen[i].shown = piece; /* now the target */
	}
	at = abl_batch_add(b, &layout, &texts);
	for (size_t i = 0; i < targets; i++) {
		size_t x = s->chosen[i].position;

		abl_batch_add_target(b, x < half ? at.a + x : at.b + x - half, s->chosen[i].shown);
	}
	note(s, length, targets);
}

int abl_bench_lengths(const char *path, int64_t least, int64_t most, int64_t **out, size_t *count,
		      struct abl_err *err)
{
	struct abl_reader *r = NULL;
	struct abl_str text = {0};
	size_t capacity = 0, length;
	const char *line;
	int rc = abl_reader_open(&r, path, err);

	*out = NULL;
	*count = 0;
	while (!rc && (rc = abl_reader_line(r, &line, &length, err)) == 1) {
		abl_grow(out, &capacity, *count + 1, sizeof **out);
		abl_str_clear(&text);
		abl_str_add(&text, line, length);
		if (!abl_parse_int(text.text, &(*out)[*count]) || (*out)[*count] < least ||
		    (*out)[*count] > most)
			rc = abl_err_set(err, ABL_EINPUT,
					 "%s:%zu: '%.40s' is not a length from %lld to %lld", path,
					 abl_reader_line_number(r), text.text, (long long)least,
					 (long long)most);
		else
			rc = 0;
		++*count;
	}
	if (!rc && !*count)
		rc = abl_err_set(err, ABL_EINPUT, "%s: is empty; give one sequence length per line",
				 path);
	abl_reader_close(r);
	abl_str_finish(&text);
	if (rc) {
		free(*out);
		*out = NULL;
	}
	return rc;
}
