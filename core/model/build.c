/* SPDX-License-Identifier: Apache-2.0 */
/* build.c - a model made from its configuration: parameters declared, activations sized, weights
 * drawn. */
#include "model_internal.h"

#include "attention_kernel.h"
#include "gemm.h"
#include "rng.h"
#include "str.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

static size_t matrix(struct abl_model *m, const char *name, size_t rows, size_t cols, int depth)
{
	return abl_params_add(&m->params, name, rows, cols, depth, ABL_START_NORMAL, false);
}

static struct weights named(struct abl_model *m, const char *prefix, size_t out, size_t in,
			    int depth, enum abl_param_start start)
{
	struct abl_str name = {0};
	struct weights w;

	abl_str_printf(&name, "%s.weight", prefix);
	w.weight = abl_params_add(&m->params, name.text, out, in, depth, start, false);
	abl_str_clear(&name);
	abl_str_printf(&name, "%s.bias", prefix);
	w.bias = abl_params_add(&m->params, name.text, out, 0, depth, ABL_START_ZERO, false);
	abl_str_finish(&name);
	return w;
}

static void declare_norm(struct abl_model *m, struct norm *n, const char *prefix, int depth)
{
	if (m->norm_hooks->affine)
		n->at = named(m, prefix, m->H, 0, depth, ABL_START_ONE);
}

static void declare_embeddings(struct abl_model *m)
{
	const struct abl_segments_hooks *segments =
		ABL_HOOKS(&m->config, ABL_SLOT_SEGMENTS, segments);
	const struct abl_positions_hooks *positions =
		ABL_HOOKS(&m->config, ABL_SLOT_POSITIONS, positions);

	m->word =
		matrix(m, "bert.embeddings.word_embeddings.weight", m->request.vocab_size, m->H, 0);
	m->position = positions->learned ? matrix(m, "bert.embeddings.position_embeddings.weight",
						  (size_t)m->config.max_length, m->H, 0)
					 : SIZE_MAX;
	m->segment = segments->rows ? matrix(m, "bert.embeddings.token_type_embeddings.weight",
					     (size_t)segments->rows, m->H, 0)
				    : SIZE_MAX;
	m->embedding_norm = ABL_HOOKS(&m->config, ABL_SLOT_EMBEDDING_NORM, switch)->on;
	if (m->embedding_norm)
		declare_norm(m, &m->norm0, "bert.embeddings.LayerNorm", 0);
}

/* q, k and v weights lie end to end, and so do their biases: one product makes all three. */
static void declare_attention(struct abl_model *m, struct layer *l, size_t i, int depth)
{
	static const char *const parts[] = {"query", "key", "value"};
	struct weights *w[] = {&l->q, &l->k, &l->v};
	struct abl_str name = {0};

	for (int bias = 0; bias < 2; bias++)
		for (int k = 0; k < 3; k++) {
			size_t at;

			abl_str_clear(&name);
			abl_str_printf(&name, "bert.encoder.layer.%zu.attention.self.%s.%s", i,
				       parts[k], bias ? "bias" : "weight");
			at = abl_params_add(&m->params, name.text, m->H, bias ? 0 : m->H, depth,
					    bias ? ABL_START_ZERO : ABL_START_NORMAL, k > 0);
			*(bias ? &w[k]->bias : &w[k]->weight) = at;
		}
	abl_str_finish(&name);
}

static struct weights in_layer(struct abl_model *m, size_t i, const char *part, size_t out,
			       size_t in)
{
	struct abl_str name = {0};
	struct weights w;

	abl_str_printf(&name, "bert.encoder.layer.%zu.%s", i, part);
	w = named(m, name.text, out, in, (int)i + 1, in ? ABL_START_NORMAL : ABL_START_ONE);
	abl_str_finish(&name);
	return w;
}

static void declare_layer(struct abl_model *m, size_t i)
{
	struct layer *l = &m->layers[i];

	declare_attention(m, l, i, (int)i + 1);
	l->attention_out = in_layer(m, i, "attention.output.dense", m->H, m->H);
	if (m->norm_hooks->affine)
		l->norm1.at = in_layer(m, i, "attention.output.LayerNorm", m->H, 0);
	l->up = in_layer(m, i, "intermediate.dense", m->F, m->H);
	l->down = in_layer(m, i, "output.dense", m->H, m->F);
	if (m->norm_hooks->affine)
		l->norm2.at = in_layer(m, i, "output.LayerNorm", m->H, 0);
}

static uint64_t site_key(const struct abl_model *m, const char *what, size_t i)
{
	struct abl_str site = {0};
	uint64_t key;

	abl_str_printf(&site, "dropout/%s/%zu", what, i);
	key = abl_rng_key(m->request.dropout_seed, site.text);
	abl_str_finish(&site);
	return key;
}

/* The sites' keys of this step; a mask depends on (seed, site, step, example, position, column). */
void model_key_step(struct abl_model *m, int64_t step)
{
	for (size_t i = 0; i < m->layers_count; i++) {
		struct layer *l = &m->layers[i];

		l->key_attention = abl_rng_derive(m->sites[3 * i], (uint64_t)step);
		l->key_out1 = abl_rng_derive(m->sites[3 * i + 1], (uint64_t)step);
		l->key_out2 = abl_rng_derive(m->sites[3 * i + 2], (uint64_t)step);
	}
	m->key_embeddings = abl_rng_derive(m->sites[3 * m->layers_count], (uint64_t)step);
	m->key_pooled = abl_rng_derive(m->sites[3 * m->layers_count + 1], (uint64_t)step);
}

static void make_sites(struct abl_model *m)
{
	m->sites = abl_calloc(3 * m->layers_count + 2, sizeof *m->sites);
	for (size_t i = 0; i < m->layers_count; i++) {
		m->sites[3 * i] = site_key(m, "attention", i);
		m->sites[3 * i + 1] = site_key(m, "attention.output", i);
		m->sites[3 * i + 2] = site_key(m, "output", i);
	}
	m->sites[3 * m->layers_count] = site_key(m, "embeddings", 0);
	m->sites[3 * m->layers_count + 1] = site_key(m, "pooled", 0);
}

static size_t larger(size_t a, size_t b)
{
	return a > b ? a : b;
}

/* Of `all` values of attention weights that a layer's largest batch has. */
static size_t weights_room(const struct abl_model *m, size_t all)
{
	const size_t most = ABL_KEPT_WEIGHTS / sizeof(real) / m->layers_count;

	switch (m->request.attention_weights) {
	case ABL_WEIGHTS_KEPT:
		return all;
	case ABL_WEIGHTS_AGAIN:
		return 0;
	default:
		return all < most ? all : most;
	}
}

/* Lays out what is kept from forward to backward. Called twice: to count, then to take. */
static void lay_out_layers(struct abl_model *m, size_t T)
{
	struct abl_arena *a = &m->arena;
	size_t stride = ABL_SCORE_STRIDE((size_t)m->config.max_length), H = m->H;

	m->weights_room = weights_room(m, T * m->A * stride);
	for (size_t i = 0; i < m->layers_count; i++) {
		struct layer *l = &m->layers[i];

		l->x_rows = i + 1 == m->layers_count ? ABL_TAKE(a, real, T * H) : NULL;
		l->normed_rows = !l->x_rows         ? NULL
				 : m->place->before ? ABL_TAKE(a, real, T * H)
						    : l->x_rows;
		l->qkv = ABL_TAKE(a, real, T * H * 3);
		l->probs = ABL_TAKE(a, real, m->weights_room);
		l->log_sums = ABL_TAKE(a, real, T * m->A);
		l->context = ABL_TAKE(a, real, T * H);
		l->sum1 = ABL_TAKE(a, real, T * H);
		l->up_out = ABL_TAKE(a, real, T * m->F);
		l->sum2 = ABL_TAKE(a, real, T * H);
		l->mask1 = ABL_TAKE(a, uint16_t, T * ABL_MASK_WORDS(H));
		l->mask2 = ABL_TAKE(a, uint16_t, T * ABL_MASK_WORDS(H));
		l->mask_attention = ABL_TAKE(a, uint16_t, ABL_MASK_WORDS(T * m->A * stride));
		l->norm1.stats = ABL_TAKE(a, real, T * 2);
		l->norm2.stats = ABL_TAKE(a, real, T * 2);
	}
}

static void lay_out(struct abl_model *m)
{
	struct abl_arena *a = &m->arena;
	size_t T = m->request.max_tokens, S = m->request.max_sequences, H = m->H;
	size_t most = (size_t)m->config.max_length, classes = 2, logits;

	for (size_t i = 0; i < m->request.head_count; i++)
		classes = larger(classes, (size_t)m->heads[i].classes);
	lay_out_layers(m, T);
	m->norm0.stats = ABL_TAKE(a, real, T * 2);
	m->final_norm.stats = ABL_TAKE(a, real, T * 2);
	m->first = m->place->before ? ABL_TAKE(a, real, T * H) : NULL;
	m->embedded = ABL_TAKE(a, real, T * H);
	m->embedded_mask = ABL_TAKE(a, uint16_t, T * ABL_MASK_WORDS(H));
	m->last = m->place->after ? ABL_TAKE(a, real, T * H) : m->layers[m->layers_count - 1].sum2;
	m->hidden = m->place->final ? ABL_TAKE(a, real, T * H) : m->last;
	m->d_hidden = ABL_TAKE(a, real, T * H);
	m->dx = ABL_TAKE(a, real, T * H);
	m->pooled_in = ABL_TAKE(a, real, S * H);
	m->pooled = ABL_TAKE(a, real, S * H);
	m->d_pooled = ABL_TAKE(a, real, S * H);
	m->rows = ABL_TAKE(a, int32_t, T);
	m->row_of = ABL_TAKE(a, int32_t, T);
	m->row_offset = ABL_TAKE(a, int32_t, S + 1);
	m->row_example = ABL_TAKE(a, uint64_t, T);
	m->row_position = ABL_TAKE(a, uint32_t, T);
	m->marked = ABL_TAKE(a, uint8_t, T);
	m->s.rows1 = ABL_TAKE(a, real, T * H);
	m->s.rows2 = ABL_TAKE(a, real, T * H);
	m->s.rows3 = ABL_TAKE(a, real, T * larger(H, 2));
	m->s.tokens1 = ABL_TAKE(a, real, T * H);
	m->scores_each = larger(3 * most * ABL_SCORE_STRIDE(most),
				abl_attention_scratch(most, m->head_width) / sizeof(real));
	m->scores_each = (m->scores_each + 15) / 16 * 16; /* each thread's part is aligned */
	m->s.scores = ABL_TAKE(a, real, (size_t)m->compute->team.threads * m->scores_each);
	m->logit_rows = T < ABL_LOGIT_ROWS ? T : ABL_LOGIT_ROWS;
	logits = larger(m->logit_rows * larger(m->request.vocab_size, classes) +
				ABL_SCORE_STRIDE(classes),
			larger((S + 1) * ABL_SCORE_STRIDE(classes) + S * classes,
			       2 * larger(T, ABL_SCORE_STRIDE(S))));
	m->s.wide = ABL_TAKE(a, real, larger(T * larger(m->F, 3 * H), logits));
	m->s.dqkv = m->s.logits = m->s.wide;
	m->s.head1 = ABL_TAKE(a, real, larger(m->logit_rows, S) * H);
	m->s.head2 = ABL_TAKE(a, real, larger(m->logit_rows, S) * H);
	m->s.mask = ABL_TAKE(a, uint16_t, ABL_MASK_WORDS(H));
	m->s.head3 = ABL_TAKE(a, real, larger(larger(m->logit_rows, S) * H, T));
}

/* Fixed rows are scaled to the deviation that a learned table starts with: sin and cos have 1 /
 * sqrt 2. */
void abl_fixed_position(const struct abl_config *c, int64_t position, real *row)
{
	ABL_HOOKS(c, ABL_SLOT_POSITIONS, positions)->fixed_row(position, c->hidden, row);
	for (int64_t i = 0; i < c->hidden; i++)
		row[i] *= (real)(c->init_range * M_SQRT2);
}

static void fix_positions(struct abl_model *m)
{
	const struct abl_positions_hooks *h = ABL_HOOKS(&m->config, ABL_SLOT_POSITIONS, positions);
	size_t n = (size_t)m->config.max_length * m->H;

	if (!h->fixed_row)
		return;
	m->fixed_positions = abl_calloc(n, sizeof *m->fixed_positions);
	for (int64_t p = 0; p < m->config.max_length; p++)
		abl_fixed_position(&m->config, p, m->fixed_positions + (size_t)p * m->H);
}

static void read_hooks(struct abl_model *m)
{
	const struct abl_config *c = &m->config;
	const struct abl_recipe *r = m->request.pretraining ? &c->pretrain : &c->finetune;

	m->norm_hooks = ABL_HOOKS(c, ABL_SLOT_NORM, norm);
	m->norm_eps = (real)((const struct abl_norm_options *)(const void *)c->slot[ABL_SLOT_NORM]
				     .options)
			      ->eps;
	m->place = ABL_HOOKS(c, ABL_SLOT_NORM_POSITION, norm_position);
	m->activation = ABL_HOOKS(c, ABL_SLOT_ACTIVATION, activation);
	m->attention = ABL_HOOKS(c, ABL_SLOT_ATTENTION, attention);
	m->pooler = ABL_HOOKS(c, ABL_SLOT_POOLER, pooler);
	m->keep = ABL_HOOKS(c, ABL_SLOT_RESIDUAL, residual)->keep;
	m->dropout = r->dropout;
	m->attention_dropout = r->attention_dropout;
	m->optimizer_states =
		((const struct abl_optimizer_hooks *)r->optimizer.component->hooks)->states;
	m->H = (size_t)c->hidden;
	m->F = (size_t)c->ffn_size;
	m->A = (size_t)c->heads;
	m->head_width = m->H / m->A;
	m->layers_count = (size_t)c->layers;
}

static void declare_all(struct abl_model *m)
{
	bool pooled = false;

	declare_embeddings(m);
	for (size_t i = 0; i < m->layers_count; i++)
		declare_layer(m, i);
	if (m->place->final)
		declare_norm(m, &m->final_norm, "bert.encoder.LayerNorm", (int)m->layers_count);
	for (size_t i = 0; i < m->request.head_count; i++)
		pooled |= m->heads[i].type->reads_pooled;
	if (pooled && m->pooler->dense)
		m->pooler_dense = named(m, "bert.pooler.dense", m->H, m->H,
					(int)m->layers_count + 1, ABL_START_NORMAL);
	for (size_t i = 0; i < m->request.head_count; i++)
		m->heads[i].type->declare(m, &m->heads[i]);
}

static bool words_are_lazy(const struct abl_model *m)
{
	bool lazy = m->request.train && !m->request.dense_update;

	for (size_t i = 0; i < m->request.head_count; i++)
		lazy &= !m->heads[i].type->reads_words;
	return lazy;
}

int abl_model_create(struct abl_model **out, const struct abl_model_request *r, struct abl_err *err)
{
	struct abl_model *m = abl_calloc(1, sizeof *m);
	size_t needed;
	int rc;

	m->compute = r->compute;
	m->config = *r->config;
	m->request = *r;
	m->request.config = &m->config;
	read_hooks(m);
	m->layers = abl_calloc(m->layers_count, sizeof *m->layers);
	for (size_t i = 0; i < r->head_count; i++) {
		m->heads[i].type = head_type_find(r->heads[i].name);
		m->heads[i].classes = r->heads[i].classes;
	}
	declare_all(m);
	make_sites(m);
	lay_out(m); /* counts */
	needed = m->arena.used;
	rc = abl_params_reserve(&m->params, r->train, m->optimizer_states, err);
	if (!rc)
		rc = abl_arena_init(&m->arena, needed, err);
	if (rc) {
		abl_model_destroy(m);
		return rc;
	}
	lay_out(m); /* takes */
	if (words_are_lazy(m))
		lazy_init(&m->lazy, m->compute->kernels, &m->params, m->word);
	fix_positions(m);
	for (size_t i = 0; i < m->params.count && !r->undrawn; i++)
		abl_model_draw(m, i);
	*out = m;
	return 0;
}

void abl_model_draw(struct abl_model *m, size_t i)
{
	abl_params_start(&m->params, i, m->request.seed, m->config.init_range);
}

bool abl_model_is_drawn(const struct abl_model *m)
{
	return !m->request.undrawn;
}

void abl_model_destroy(struct abl_model *m)
{
	if (!m)
		return;
	abl_gemm_weights_gone(m->compute);
	abl_arena_finish(&m->arena);
	abl_params_finish(&m->params);
	lazy_finish(&m->lazy);
	free(m->layers);
	free(m->sites);
	free(m->fixed_positions);
	free(m);
}

struct abl_params *abl_model_params(struct abl_model *m)
{
	abl_team_enter();
	abl_gemm_weights_changed(m->compute);
	lazy_settle_all(&m->lazy);
	return &m->params;
}

const struct abl_config *abl_model_config(const struct abl_model *m)
{
	return &m->config;
}

const struct abl_compute *abl_model_compute(const struct abl_model *m)
{
	return m->compute;
}

size_t abl_model_parameters(const struct abl_model *m, bool with_embeddings)
{
	size_t n = 0;

	for (size_t i = 0; i < m->params.count; i++)
		if (with_embeddings || m->params.items[i].depth)
			n += m->params.items[i].count;
	return n;
}
