/* SPDX-License-Identifier: Apache-2.0 */
/* test_gradients.c - the double build, with the plain kernels: the analytic derivative along a random
 * direction against a central difference, for every component by itself (tensor by tensor) and for every
 * allowed pair of components (all tensors together). Dropout is on: its masks are fixed by the step. */
#include "batch.h"
#include "files.h"
#include "hooks.h"
#include "model.h"
#include "rng.h"
#include "vocab.h"

#include <check.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define TOLERANCE 1e-5
#define PIECES 30

static struct abl_vocab *vocab;

static void base_config(struct abl_config *c)
{
	abl_config_init(c);
	c->layers = 2;
	c->hidden = 8;
	c->heads = 2;
	c->ffn_size = 12;
	c->max_length = 14;
	c->init_range = .3; /* large enough for every path to matter */
	c->pretrain.dropout = c->finetune.dropout = .2;
	c->pretrain.attention_dropout = c->finetune.attention_dropout = .2;
}

/* Three sequences: a pair, one text, a longer pair; token targets as `lm` or as masks have them. */
static void make_batch(struct abl_batch *b, const struct abl_config *c, bool pretraining, bool left_to_right)
{
	static const int32_t text[] = {9, 12, 8, 20, 15, 11, 28, 10};
	struct abl_layout layout;
	struct abl_err err = {0};

	ck_assert_msg(!abl_layout_init(&layout, c, vocab, pretraining, &err), "%s", err.text);
	ck_assert_int_eq(abl_batch_init(b, 64, 4, &err), 0);
	abl_batch_add(b, &layout, text, 3, text + 3, 2, 101, 0, NULL, NULL);
	abl_batch_add(b, &layout, text + 2, 4, NULL, 0, 102, 1, NULL, NULL);
	abl_batch_add(b, &layout, text, 6, text + 1, 7, 103, 1, NULL, NULL);
	for (size_t t = 0; t < b->tokens; t++) {
		bool last = t + 1 == b->tokens || b->position[t + 1] == 0;

		if (left_to_right ? last : t % 3 != 1)
			continue;
		b->target_row[b->targets] = (int32_t)t;
		b->target_piece[b->targets++] = left_to_right ? b->piece[t + 1] : (int32_t)(t % PIECES);
	}
}

static double loss_of(struct abl_model *m, const struct abl_batch *b)
{
	struct abl_pass pass = {.train = true, .step = 3, .token_scale = .5, .sequence_scale = .25};
	struct abl_params *p = abl_model_params(m);

	memset(p->g, 0, p->values * sizeof *p->g);
	abl_model_pass(m, b, &pass);
	return pass.loss;
}

static void check_direction(struct abl_model *m, const struct abl_batch *b, size_t from, size_t to, const char *what)
{
	struct abl_params *p = abl_model_params(m);
	double *direction = calloc(p->values, sizeof *direction), analytic = 0, numeric, up, down;
	const double step = 1e-5;

	loss_of(m, b);
	for (size_t i = from; i < to; i++) {
		direction[i] = 2 * abl_rng_uniform(77, i, 0) - 1;
		analytic += direction[i] * p->g[i];
	}
	for (size_t i = from; i < to; i++)
		p->w[i] += step * direction[i];
	up = loss_of(m, b);
	for (size_t i = from; i < to; i++)
		p->w[i] -= 2 * step * direction[i];
	down = loss_of(m, b);
	for (size_t i = from; i < to; i++)
		p->w[i] += step * direction[i];
	numeric = (up - down) / (2 * step);
	ck_assert_msg(fabs(analytic - numeric) <= TOLERANCE * (fabs(analytic) + fabs(numeric) + 1e-3),
		      "%s: analytic %.10g, numeric %.10g", what, analytic, numeric);
	free(direction);
}

static void check_config(const struct abl_config *c, bool pretraining, bool each_tensor, const char *what)
{
	struct abl_model_request r = {.config = c, .vocab_size = PIECES, .train = true, .pretraining = pretraining,
				      .max_tokens = 64, .max_sequences = 4, .seed = 5};
	static const enum abl_slot objectives[] = {ABL_SLOT_MLM, ABL_SLOT_LM, ABL_SLOT_NSP};
	struct abl_err err = {0};
	struct abl_model *m;
	struct abl_batch b;

	for (int i = 0; pretraining && i < 3; i++) {
		const struct abl_objective_hooks *h = c->slot[objectives[i]].component->hooks;

		if (h->head)
			r.heads[r.head_count++].name = h->head;
	}
	if (!pretraining)
		r.heads[r.head_count++] = (struct abl_head_request){"classify", 3};
	make_batch(&b, c, pretraining, abl_config_is(c, ABL_SLOT_LM, "on"));
	ck_assert_int_eq(abl_model_create(&m, &r, &err), 0);
	check_direction(m, &b, 0, abl_model_params(m)->values, what);
	for (size_t i = 0; each_tensor && i < abl_model_params(m)->count; i++) {
		const struct abl_param *t = &abl_model_params(m)->items[i];

		check_direction(m, &b, t->offset, t->offset + t->count, t->name);
	}
	abl_model_destroy(m);
	abl_batch_finish(&b);
}

static bool choose(struct abl_config *c, const struct abl_component *x)
{
	const struct abl_key *key = abl_key_find(abl_slot_info(x->slot)->name);
	struct abl_value v = {.type = ABL_CHOICE, .choice = x->name};
	struct abl_err err = {0};

	return !abl_config_set(c, key, &v, &err);
}

START_TEST(test_gradients__each_component)
{
	const struct abl_component *x = abl_component_at((size_t)_i);
	struct abl_config c;
	struct abl_err err = {0};

	base_config(&c);
	ck_assert(choose(&c, x));
	if (!strcmp(abl_slot_info(x->slot)->name, "lm") && abl_config_is(&c, ABL_SLOT_LM, "on"))
		choose(&c, abl_component_find(ABL_SLOT_MLM, "none"));
	ck_assert_msg(!abl_config_resolve(&c, NULL, NULL, &err), "%s", err.text);
	check_config(&c, true, true, x->name);
	check_config(&c, false, true, x->name);
}
END_TEST

START_TEST(test_gradients__each_allowed_pair)
{
	const struct abl_component *x = abl_component_at((size_t)_i);
	char what[200];

	for (size_t k = (size_t)_i + 1; k < abl_component_count(); k++) {
		const struct abl_component *y = abl_component_at(k);
		struct abl_config c;
		struct abl_err err = {0};

		if (y->slot == x->slot)
			continue;
		base_config(&c);
		choose(&c, x), choose(&c, y);
		if (abl_config_resolve(&c, NULL, NULL, &err))
			continue; /* constraints.def forbids it: not a model */
		snprintf(what, sizeof what, "%s: %s, %s: %s", abl_slot_info(x->slot)->name, x->name,
			 abl_slot_info(y->slot)->name, y->name);
		check_config(&c, true, false, what);
		check_config(&c, false, false, what);
	}
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("gradients");
	TCase *c = tcase_create("gradients");
	SRunner *runner = srunner_create(suite);
	char path[] = "/tmp/ablate-vocab-XXXXXX";
	struct abl_err err = {0};
	int failed, fd = mkstemp(path);
	FILE *f = fdopen(fd, "w");

	fputs("[PAD]\n[UNK]\n[CLS]\n[SEP]\n[MASK]\n<start>\n<delim>\n<extract>\n", f);
	for (int i = 8; i < PIECES; i++)
		fprintf(f, "w%d\n", i);
	fclose(f);
	if (abl_vocab_load(&vocab, path, &err)) {
		fprintf(stderr, "%s\n", err.text);
		return 1;
	}
	tcase_set_timeout(c, 300);
	tcase_add_loop_test(c, test_gradients__each_component, 0, (int)abl_component_count());
	tcase_add_loop_test(c, test_gradients__each_allowed_pair, 0, (int)abl_component_count());
	suite_add_tcase(suite, c);
	srunner_run_all(runner, CK_ENV);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	abl_vocab_destroy(vocab);
	unlink(path);
	return failed != 0;
}
