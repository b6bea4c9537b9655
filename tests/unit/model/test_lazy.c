/* SPDX-License-Identifier: Apache-2.0 */
/* test_lazy.c - word embeddings that are updated when they are looked at: the same bits as updating
 * the whole table at each step. */
#include "checkpoint.h"
#include "code_path.h"
#include "hooks.h"
#include "model_internal.h"
#include "optimize.h"
#include "rng.h"
#include "small_model.h"
#include "files.h"
#include "state.h"
#include "run_case.h"
#include "test_compute.h"

#include <check.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum {
	ROWS = 1200, /* some short sums of the norm long, whatever the width */
	STEPS = 150, /* more than any row may wait */
	RESUMED = 70,
};

static struct abl_compute *compute;

static const struct run {
	const char *optimizer;
	const char *head;
	int64_t hidden;
	double clip, layer_decay, weight_decay;
	int64_t freeze;
	bool decay_norm_bias, looked_at, resumed;
} runs[] = {
	{"adamw", "classify", 8, 1, 1, .01, 0, false, false, false},
	{"adamw", "regress", 16, 0, .9, .3, 0, true, true, false},
	{"adamw", "tag", 20, .01, .7, 0, 0, false, true, true},
	{"adamw", "classify", 16, 1, 1, .1, 1, false, false, true},
	{"adam", "tag", 16, .1, 1, .05, 0, true, false, true},
	{"adam", "classify", 20, 0, .8, .01, 0, false, true, false},
	{"sgd", "regress", 8, 1, 1, .01, 0, false, false, true},
	{"sgd", "tag", 20, 0, .9, .2, 0, true, true, false},
};

static void configure(struct abl_config *c, const struct run *run)
{
	struct abl_optimizer_options *o;
	struct abl_err err = {0};

	small_config(c);
	c->hidden = run->hidden;
	c->finetune.optimizer.component = abl_component_find(ABL_SLOT_OPTIMIZER, run->optimizer);
	c->finetune.learning_rate = .01;
	c->finetune.clip = run->clip;
	c->finetune.layer_decay = run->layer_decay;
	c->finetune.freeze = run->freeze;
	ck_assert_msg(!abl_config_resolve(c, NULL, &err), "%s", err.text);
	o = (void *)c->finetune.optimizer.options;
	o->weight_decay = run->weight_decay;
	o->decay_norm_bias = run->decay_norm_bias;
}

static struct abl_model *make(const struct abl_config *c, const char *head, bool dense)
{
	const struct abl_model_request r = {.compute = compute,
					    .config = c,
					    .vocab_size = ROWS,
					    .heads = {{head, PIECES}},
					    .head_count = 1,
					    .train = true,
					    .dense_update = dense,
					    .max_tokens = 64,
					    .max_sequences = 4,
					    .seed = 5,
					    .dropout_seed = 5};
	struct abl_model *m = NULL;
	struct abl_err err = {0};

	ck_assert_msg(!abl_model_create(&m, &r, &err), "%s", err.text);
	return m;
}

/* Other pieces at each step: a few that are everywhere, and any. */
static void draw_pieces(struct abl_batch *b, uint64_t step)
{
	for (size_t t = 0; t < b->tokens; t++) {
		uint64_t any = abl_rng_derive(step, t);

		b->piece[t] = (int32_t)(t % 3 ? any % ROWS : any % 9);
	}
	for (size_t s = 0; s < b->sequences; s++)
		b->value[s] = (real)(s + step % 5);
}

/* One step of one or two micro-batches; a look at other pieces without training now and then.
 * Returns the norm. */
static double train(struct abl_model *m, struct abl_batch *b, const struct abl_recipe *recipe,
		    int64_t step)
{
	struct abl_pass pass = {
		.train = true, .step = step, .token_scale = .05, .sequence_scale = .3};
	double norm;

	for (int64_t part = 0; part <= step % 2; part++) {
		draw_pieces(b, (uint64_t)(2 * step + part));
		abl_model_pass(m, b, &pass);
	}
	if (step % 11 == 3)
		abl_gradient_clear(m);
	abl_optimize(m, recipe, step, STEPS, &norm);
	if (step % 7 == 2) {
		draw_pieces(b, (uint64_t)(1000 + step));
		pass.train = false;
		abl_model_pass(m, b, &pass);
	}
	ck_assert_msg(pass.loss == pass.loss, "loss is nan");
	return norm;
}

static void compare(struct abl_model *lazy, struct abl_model *dense, int64_t step)
{
	const struct abl_params *a = abl_model_params(lazy), *b = abl_model_params(dense);
	const real *const blocks[][2] = {{a->w, b->w}, {a->g, b->g}, {a->m, b->m}, {a->v, b->v}};

	for (size_t i = 0; i < sizeof blocks / sizeof *blocks; i++)
		ck_assert_msg(!blocks[i][0] == !blocks[i][1] &&
				      (!blocks[i][0] || !memcmp(blocks[i][0], blocks[i][1],
								a->values * sizeof *a->w)),
			      "block %zu differs after step %lld", i, (long long)step);
}

/* The model that a saved state of this one makes. */
static struct abl_model *resume(struct abl_model *m, const struct abl_config *c, const char *head)
{
	char folder[] = "/tmp/ablate-lazy-XXXXXX";
	struct abl_place place = {.step = RESUMED};
	struct abl_model *other = make(c, head, false);
	struct abl_str why = {0};
	struct abl_err err = {0};

	ck_assert_ptr_nonnull(mkdtemp(folder));
	ck_assert_msg(!abl_state_save(m, folder, &place, &err), "%s", err.text);
	ck_assert_int_eq(abl_state_load(other, folder, false, &place, &why), RESUMED);
	ck_assert(!why.length);
	abl_place_finish(&place);
	ck_assert(!abl_remove_tree(folder, &err));
	abl_model_destroy(m);
	return other;
}

static int64_t longest_wait(const struct abl_model *m)
{
	int64_t longest = 0;

	for (size_t row = 0; row < ROWS; row++)
		if (m->lazy.steps - m->lazy.done[row] > longest)
			longest = m->lazy.steps - m->lazy.done[row];
	return longest;
}

START_TEST(test_lazy__has_the_bits_of_the_dense_update)
{
	const struct run *run = &runs[_i];
	struct abl_config c;
	struct abl_model *lazy, *dense;
	struct abl_batch b;
	int64_t waited = 0;

	configure(&c, run);
	small_batch(&b, &c, false);
	lazy = make(&c, run->head, false);
	dense = make(&c, run->head, true);
	ck_assert(lazy_is(&lazy->lazy, lazy->word));
	ck_assert(!lazy_is(&dense->lazy, dense->word));
	for (int64_t step = 0; step < STEPS; step++) {
		double norm = train(lazy, &b, &c.finetune, step);

		ck_assert(norm == train(dense, &b, &c.finetune, step));
		ck_assert((norm > 0) == (step % 11 != 3));
		waited = longest_wait(lazy) > waited ? longest_wait(lazy) : waited;
		if (run->looked_at && step % 31 == 5)
			compare(lazy, dense, step);
		if (run->resumed && step == RESUMED)
			lazy = resume(lazy, &c, run->head);
	}
	compare(lazy, dense, STEPS);
	ck_assert_int_eq(longest_wait(lazy), 0);
	ck_assert_int_le(waited, LAZY_STEPS);
	ck_assert(run->freeze ? !waited : waited > 20);
	abl_batch_finish(&b);
	abl_model_destroy(lazy);
	abl_model_destroy(dense);
}
END_TEST

START_TEST(test_lazy__settles_before_another_optimizer_goes_on)
{
	struct abl_config c, other;
	struct abl_model *lazy, *dense;
	struct abl_batch b;

	configure(&c, &runs[0]);
	configure(&other, &runs[4]);
	small_batch(&b, &c, false);
	lazy = make(&c, "classify", false);
	dense = make(&c, "classify", true);
	for (int64_t step = 0; step < 40; step++) {
		const struct abl_recipe *recipe = step < 17 ? &c.finetune : &other.finetune;

		ck_assert(train(lazy, &b, recipe, step) == train(dense, &b, recipe, step));
	}
	compare(lazy, dense, 40);
	abl_batch_finish(&b);
	abl_model_destroy(lazy);
	abl_model_destroy(dense);
}
END_TEST

START_TEST(test_lazy__not_where_a_head_reads_all_words)
{
	struct abl_config c;
	struct abl_model *m;

	configure(&c, &runs[0]);
	m = make(&c, "mlm", false);
	ck_assert(!lazy_is(&m->lazy, m->word));
	abl_model_destroy(m);
}
END_TEST

static int run_suite(void)
{
	TCase *c = tcase_create("lazy");
	int failed;

	compute = compute_of("fp32", 1);
	small_vocab_make();
	tcase_add_loop_test(c, test_lazy__has_the_bits_of_the_dense_update, 0,
			    sizeof runs / sizeof *runs);
	tcase_add_test(c, test_lazy__settles_before_another_optimizer_goes_on);
	tcase_add_test(c, test_lazy__not_where_a_head_reads_all_words);
	failed = run_case(c, "lazy");
	small_vocab_drop();
	abl_compute_destroy(compute);
	return failed;
}

int main(void)
{
	return code_path_missing() ? 0 : run_suite();
}
