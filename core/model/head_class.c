/* SPDX-License-Identifier: Apache-2.0 */
/* head_class.c - what is said of a whole sequence from its pooled vector: a class (nsp, classify),
 * a number (regress), how well it answers among an item's choices (choice). */
#include "model_internal.h"

#include <string.h>

static void class_declare(struct abl_model *m, struct head *h, const char *weight, const char *bias)
{
	int depth = (int)m->layers_count + 1;

	h->out.weight = abl_params_add(&m->params, weight, (size_t)h->classes, m->H, depth,
				       ABL_START_NORMAL, false);
	h->out.bias = abl_params_add(&m->params, bias, (size_t)h->classes, 0, depth, ABL_START_ZERO,
				     false);
}

static void nsp_declare(struct abl_model *m, struct head *h)
{
	h->classes = 2; /* 0: b follows a; 1: b is random (as BERT counts) */
	class_declare(m, h, "cls.seq_relationship.weight", "cls.seq_relationship.bias");
}

static void classify_declare(struct abl_model *m, struct head *h)
{
	class_declare(m, h, "classifier.weight", "classifier.bias");
}

/* regress, choice: one number */
static void number_declare(struct abl_model *m, struct head *h)
{
	h->classes = 1;
	classify_declare(m, h);
}

/* x [S, H] -> scores, loss, and the gradient in dx [S, H] (set). */
static void class_run(struct abl_model *m, struct head *h, struct abl_pass *pass,
		      struct abl_head_result *result, const real *x, real *dx)
{
	const struct abl_kernels *k = m->compute->kernels;
	size_t C = (size_t)h->classes;
	real *logits = m->s.logits;

	dense_forward(m, &h->out, logits, x, m->S, m->H, C);
	if (pass->scores)
		for (size_t s = 0; s < m->S; s++) {
			real *row = m->s.logits + m->S * C; /* a padded copy */

			memcpy(row, logits + s * C, C * sizeof *row);
			k->softmax(row, C, ABL_SCORE_STRIDE(C), 1);
			memcpy(pass->scores + s * C, row, C * sizeof *row);
		}
	for (size_t s = 0; s < m->S; s++) {
		int32_t label = m->batch->label[s];
		struct abl_row_loss c = {.target = (size_t)label};
		double loss;

		if (label < 0) {
			memset(logits + s * C, 0, C * sizeof *logits);
			continue;
		}
		k->cross_entropy(&c, 1, logits + s * C, NULL, NULL, C, (real)pass->sequence_scale);
		loss = (double)c.loss;
		result->loss += loss;
		pass->loss += pass->sequence_scale * loss;
		result->targets++;
		result->correct += c.best == c.target;
	}
	if (pass->train)
		dense_backward(m, &h->out, dx, logits, x, m->S, m->H, C);
}

static void nsp_run(struct abl_model *m, struct head *h, struct abl_pass *pass,
		    struct abl_head_result *result)
{
	class_run(m, h, pass, result, m->pooled, m->s.head1);
	if (pass->train)
		m->compute->kernels->add(m->d_pooled, m->s.head1, 1, m->S * m->H);
}

static void drop_pooled(struct abl_model *m, real *x)
{
	const struct abl_dropout d = dropout_at(m, m->key_pooled, m->dropout);

	for (size_t s = 0; s < m->S; s++)
		abl_dropout_row(m->compute->kernels, x + s * m->H, m->s.mask, m->H, &d,
				m->batch->example[m->batch->offset[s]], 0);
}

/* What the three run on: the pooled vectors with dropout. */
static real *dropped_pooled(struct abl_model *m)
{
	memcpy(m->s.head2, m->pooled, m->S * m->H * sizeof *m->pooled);
	drop_pooled(m, m->s.head2);
	return m->s.head2;
}

/* The gradient of dropped_pooled(), in s.head1, goes on to the pooled vectors. */
static void dropped_pooled_backward(struct abl_model *m)
{
	drop_pooled(m, m->s.head1);
	m->compute->kernels->add(m->d_pooled, m->s.head1, 1, m->S * m->H);
}

static void classify_run(struct abl_model *m, struct head *h, struct abl_pass *pass,
			 struct abl_head_result *result)
{
	class_run(m, h, pass, result, dropped_pooled(m), m->s.head1);
	if (pass->train)
		dropped_pooled_backward(m);
}

/* Squared error of one number. */
static void regress_run(struct abl_model *m, struct head *h, struct abl_pass *pass,
			struct abl_head_result *result)
{
	const real *x = dropped_pooled(m);
	real *y = m->s.logits;

	dense_forward(m, &h->out, y, x, m->S, m->H, 1);
	if (pass->scores)
		memcpy(pass->scores, y, m->S * sizeof *y);
	for (size_t s = 0; s < m->S; s++) {
		double off = (double)(y[s] - m->batch->value[s]);

		if (m->batch->label[s] < 0) {
			y[s] = 0;
			continue;
		}
		result->loss += off * off;
		pass->loss += pass->sequence_scale * off * off;
		result->targets++;
		y[s] = (real)(2 * pass->sequence_scale * off);
	}
	if (!pass->train)
		return;
	dense_backward(m, &h->out, m->s.head1, y, x, m->S, m->H, 1);
	dropped_pooled_backward(m);
}

/* One number for each choice, a softmax over the choices of an item. */
static void choice_run(struct abl_model *m, struct head *h, struct abl_pass *pass,
		       struct abl_head_result *result)
{
	const struct abl_kernels *k = m->compute->kernels;
	const struct abl_batch *b = m->batch;
	const real *x = dropped_pooled(m);
	real *y = m->s.logits, *item = y + ABL_SCORE_STRIDE(m->S);

	dense_forward(m, &h->out, y, x, m->S, m->H, 1);
	for (size_t s = 0, end; s < m->S; s = end) {
		struct abl_row_loss c = {.target = (size_t)b->label[s]};
		size_t n;
		double loss;

		for (end = s + 1; end < m->S && b->joined[end]; end++)
			;
		n = end - s;
		if (pass->scores) {
			memcpy(item, y + s, n * sizeof *item);
			k->softmax(item, n, ABL_SCORE_STRIDE(n), 1);
			memcpy(pass->scores + s, item, n * sizeof *item);
		}
		if (b->label[s] < 0) {
			memset(y + s, 0, n * sizeof *y);
			continue;
		}
		memcpy(item, y + s, n * sizeof *item);
		k->cross_entropy(&c, 1, item, NULL, NULL, n, (real)pass->sequence_scale);
		loss = (double)c.loss;
		memcpy(y + s, item, n * sizeof *item);
		result->loss += loss;
		pass->loss += pass->sequence_scale * loss;
		result->targets++;
		result->correct += c.best == c.target;
	}
	if (!pass->train)
		return;
	dense_backward(m, &h->out, m->s.head1, y, x, m->S, m->H, 1);
	dropped_pooled_backward(m);
}

const struct head_type head_nsp = {
	.name = "nsp", .reads_pooled = true, .declare = nsp_declare, .run = nsp_run};
const struct head_type head_classify = {
	.name = "classify", .reads_pooled = true, .declare = classify_declare, .run = classify_run};
const struct head_type head_regress = {
	.name = "regress", .reads_pooled = true, .declare = number_declare, .run = regress_run};
const struct head_type head_choice = {
	.name = "choice", .reads_pooled = true, .declare = number_declare, .run = choice_run};
