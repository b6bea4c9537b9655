/* SPDX-License-Identifier: Apache-2.0 */
/* head_token.c - what is said of single tokens: a tag (tag), or that an answer begins or ends there
 * (span). */
#include "model_internal.h"

#include <assert.h>
#include <string.h>

static void out_declare(struct abl_model *m, struct head *h, const char *weight, const char *bias)
{
	int depth = (int)m->layers_count + 1;

	h->out.weight = abl_params_add(&m->params, weight, (size_t)h->classes, m->H, depth,
				       ABL_START_NORMAL, false);
	h->out.bias = abl_params_add(&m->params, bias, (size_t)h->classes, 0, depth, ABL_START_ZERO,
				     false);
}

/* The encodings of targets [from, from + n) into x [n, H]. */
static void gather_targets(struct abl_model *m, real *x, size_t from, size_t n)
{
	const struct abl_batch *b = m->batch;

	for (size_t r = 0; r < n; r++)
		memcpy(x + r * m->H, m->hidden + (size_t)m->row_of[b->target_row[from + r]] * m->H,
		       m->H * sizeof *x);
}

static void scatter_targets(struct abl_model *m, const real *dx, size_t from, size_t n)
{
	const struct abl_batch *b = m->batch;

	for (size_t r = 0; r < n; r++)
		m->compute->kernels->add(m->d_hidden +
						 (size_t)m->row_of[b->target_row[from + r]] * m->H,
					 dx + r * m->H, 1, m->H);
}

/* -- tag: BertForTokenClassification -- */

static void tag_declare(struct abl_model *m, struct head *h)
{
	out_declare(m, h, "classifier.weight", "classifier.bias");
}

static void drop_targets(struct abl_model *m, real *x, size_t from, size_t n)
{
	const struct abl_dropout d = dropout_at(m, m->key_pooled, m->dropout);
	const struct abl_batch *b = m->batch;

	for (size_t r = 0; r < n; r++) {
		size_t token = (size_t)b->target_row[from + r];

		abl_dropout_row(m->compute->kernels, x + r * m->H, m->s.mask, m->H, &d,
				b->example[token], b->position[token]);
	}
}

/* Logits of one target -> their gradient; the loss is added. */
static void tag_target(const struct abl_model *m, struct abl_pass *pass,
		       struct abl_head_result *result, real *logits, size_t classes, int32_t tag)
{
	struct abl_row_loss c = {.target = (size_t)tag};
	double loss;

	if (tag < 0) {
		memset(logits, 0, classes * sizeof *logits);
		return;
	}
	m->compute->kernels->cross_entropy(&c, 1, logits, NULL, NULL, classes,
					   (real)pass->token_scale);
	loss = (double)c.loss;
	result->loss += loss;
	pass->loss += pass->token_scale * loss;
	result->targets++;
	result->correct += c.best == c.target;
}

static void tag_run(struct abl_model *m, struct head *h, struct abl_pass *pass,
		    struct abl_head_result *result)
{
	const struct abl_kernels *k = m->compute->kernels;
	const struct abl_batch *b = m->batch;
	size_t C = (size_t)h->classes;
	real *x = m->s.head1, *dx = m->s.head2, *logits = m->s.logits;
	real *row = logits + m->logit_rows * C; /* a padded copy */

	for (size_t from = 0; from < b->targets; from += m->logit_rows) {
		size_t n = b->targets - from < m->logit_rows ? b->targets - from : m->logit_rows;

		gather_targets(m, x, from, n);
		drop_targets(m, x, from, n);
		dense_forward(m, &h->out, logits, x, n, m->H, C);
		for (size_t r = 0; r < n; r++) {
			if (pass->scores) {
				memcpy(row, logits + r * C, C * sizeof *row);
				k->softmax(row, C, ABL_SCORE_STRIDE(C), 1);
				memcpy(pass->scores + (from + r) * C, row, C * sizeof *row);
			}
			tag_target(m, pass, result, logits + r * C, C, b->target_piece[from + r]);
		}
		if (!pass->train)
			continue;
		dense_backward(m, &h->out, dx, logits, x, n, m->H, C);
		drop_targets(m, dx, from, n);
		scatter_targets(m, dx, from, n);
	}
}

/* -- span: BertForQuestionAnswering, but a softmax over the batch's targets alone -- */

static void span_declare(struct abl_model *m, struct head *h)
{
	h->classes = 2;
	out_declare(m, h, "qa_outputs.weight", "qa_outputs.bias");
}

/* One of the two ends of sequence s, whose targets are [from, to): logits [targets, 2] column
 * `column` -> its gradient. gold: the token, counted from the sequence's first. */
static double span_end(struct abl_model *m, struct abl_pass *pass, size_t s, size_t from, size_t to,
		       size_t column, int32_t gold, bool *right)
{
	const struct abl_batch *b = m->batch;
	real *y = m->s.logits, *line = m->s.head3;
	size_t n = to - from;
	struct abl_row_loss c = {.target = n};

	for (size_t k = from; k < to; k++) {
		line[k - from] = y[2 * k + column];
		if (b->target_row[k] - b->offset[s] == gold)
			c.target = k - from;
	}
	assert(c.target < n); /* the task points at one of its targets */
	m->compute->kernels->cross_entropy(&c, 1, line, NULL, NULL, n,
					   (real)(pass->sequence_scale / 2));
	for (size_t k = from; k < to; k++)
		y[2 * k + column] = line[k - from];
	*right = c.best == c.target;
	return (double)c.loss / 2;
}

static void span_sequence(struct abl_model *m, struct abl_pass *pass,
			  struct abl_head_result *result, size_t s, size_t from, size_t to)
{
	const struct abl_batch *b = m->batch;
	bool first, last;
	double loss;

	if (b->label[s] < 0) {
		memset(m->s.logits + 2 * from, 0, 2 * (to - from) * sizeof *m->s.logits);
		return;
	}
	loss = span_end(m, pass, s, from, to, 0, b->label[s], &first) +
	       span_end(m, pass, s, from, to, 1, b->answer_end[s], &last);
	result->loss += loss;
	pass->loss += pass->sequence_scale * loss;
	result->targets++;
	result->correct += first && last;
}

static void span_run(struct abl_model *m, struct head *h, struct abl_pass *pass,
		     struct abl_head_result *result)
{
	const struct abl_batch *b = m->batch;
	real *x = m->s.head1, *dx = m->s.head2, *y = m->s.logits;
	size_t most = m->logit_rows;

	for (size_t from = 0; from < b->targets; from += most) {
		size_t n = b->targets - from < most ? b->targets - from : most;

		gather_targets(m, x, from, n);
		dense_forward(m, &h->out, y + 2 * from, x, n, m->H, 2);
	}
	if (pass->scores)
		memcpy(pass->scores, y, 2 * b->targets * sizeof *y);
	for (size_t s = 0, from = 0, to; s < m->S; s++, from = to) {
		for (to = from; to < b->targets && b->target_row[to] < b->offset[s + 1]; to++)
			;
		span_sequence(m, pass, result, s, from, to);
	}
	for (size_t from = 0; pass->train && from < b->targets; from += most) {
		size_t n = b->targets - from < most ? b->targets - from : most;

		gather_targets(m, x, from, n);
		dense_backward(m, &h->out, dx, y + 2 * from, x, n, m->H, 2);
		scatter_targets(m, dx, from, n);
	}
}

const struct head_type head_tag = {
	.name = "tag", .reads_targets = true, .declare = tag_declare, .run = tag_run};
const struct head_type head_span = {.name = "span",
				    .reads_targets = true,
				    .scores = 2,
				    .declare = span_declare,
				    .run = span_run};
