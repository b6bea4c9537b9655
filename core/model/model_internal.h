/* SPDX-License-Identifier: Apache-2.0 */
/* model_internal.h - what the files of this folder share. T tokens, R rows read, S sequences of the
 * present micro-batch; H hidden, F feed-forward size, A heads. */
#ifndef ABL_MODEL_INTERNAL_H
#define ABL_MODEL_INTERNAL_H

#include "hooks.h"
#include "kernels.h"
#include "lazy.h"
#include "model.h"

/* A dense layer's or a norm's two tensors, as indices into the parameters. */
struct weights {
	size_t weight, bias;
};

struct norm {
	struct weights at; /* when the norm has parameters */
	real *stats;       /* [rows, 2] */
};

struct layer {
	struct weights q, k, v, attention_out, up,
		down; /* q, k, v joined: one [3 H, H] and one [3 H] */
	struct norm norm1, norm2;
	/* Saved for the backward pass. What a norm or the activation makes of it is made again when
	 * it is wanted, the same bits; so is the layer's input, from the sum2 of the one before.
	 * What a pass does not touch is not in memory. */
	real *x_rows;      /* [R, H] the last layer's: rows of its input that are read on */
	real *normed_rows; /* [R, H] and of what attention sees; = x_rows unless normed before */
	real *qkv;         /* [T, 3 H], or q [R, H] and then kv [T, 2 H] when rows are left out */
	/* [weights_room] per sequence, per head: [rows, ABL_SCORE_STRIDE(n)] before dropout, where
	 * they are kept */
	real *probs;
	real *log_sums; /* [A, T] in place of probs, where attention in bf16 makes them again */
	real *context;  /* [R, H]; made again where probs are, in fp32 */
	real *sum1;     /* [R, H] after the residual, before a norm behind it */
	real *up_out;   /* [R, F] before the activation */
	real *sum2;     /* [R, H] */
	uint16_t *mask1, *mask2;  /* [R, ABL_MASK_WORDS(H)] what dropout kept behind each half */
	uint16_t *mask_attention; /* like probs, one bit for a value */
	uint64_t key_attention, key_out1, key_out2; /* dropout sites */
};

struct head {
	const struct head_type *type;
	int classes;
	struct weights out, transform, norm; /* those it has */
};

struct head_type {
	const char *name;
	bool reads_pooled;  /* the sequence vectors */
	bool reads_targets; /* the rows of the batch's token targets */
	bool reads_words;   /* all word embeddings, which get a gradient everywhere */
	size_t scores;      /* of a target where it has no classes; 0: one */
	void (*declare)(struct abl_model *m, struct head *h);
	/* loss, and when gradients are wanted: parameter gradients, d_pooled or d_hidden (+=) */
	void (*run)(struct abl_model *m, struct head *h, struct abl_pass *pass,
		    struct abl_head_result *result);
};
extern const struct head_type head_mlm, head_lm, head_nsp, head_classify, head_regress, head_choice,
	head_tag, head_span;
const struct head_type *head_type_find(const char *name);

struct abl_model {
	const struct abl_compute *compute;
	struct abl_config config;
	struct abl_model_request request;
	struct abl_params params;
	struct lazy lazy; /* the word embeddings, when only batches give them gradients */
	/* hooks of the chosen components */
	const struct abl_norm_hooks *norm_hooks;
	real norm_eps;
	const struct abl_norm_position_hooks *place;
	const struct abl_activation_hooks *activation;
	const struct abl_attention_hooks *attention;
	const struct abl_pooler_hooks *pooler;
	real keep; /* of the residual */
	double dropout, attention_dropout;
	size_t H, F, A, head_width, layers_count;
	/* embeddings */
	size_t word, position, segment; /* parameter indices, SIZE_MAX where there are none */
	real *fixed_positions;          /* [max_length, H] or NULL */
	bool embedding_norm;
	struct norm norm0, final_norm;
	struct weights pooler_dense;
	bool has_pooler;
	struct layer *layers;
	struct head heads[ABL_HEADS_MAX];
	uint64_t key_embeddings, key_pooled;
	uint64_t *sites; /* [3 layers + 2] dropout keys before the step is mixed in */
	int optimizer_states;
	/* the present micro-batch */
	const struct abl_batch *batch;
	bool train;
	size_t T, R, S;
	int32_t *rows;          /* [R] tokens that are read, ascending */
	int32_t *row_of;        /* [T] index into rows, -1 */
	int32_t *row_offset;    /* [S + 1] first row of each sequence */
	uint64_t *row_example;  /* [R] */
	uint32_t *row_position; /* [R] */
	uint8_t *marked;        /* [T] */
	bool all_rows;
	bool weights_kept; /* of attention, from forward to backward */
	/* activations */
	struct abl_arena arena;
	real *first;             /* [T, H] the first layer's input; NULL: made again */
	real *embedded;          /* [T, H] sum of embeddings */
	uint16_t *embedded_mask; /* [T, ABL_MASK_WORDS(H)] */
	real *hidden;            /* [R, H] result of the encoder */
	real *last;              /* [R, H] result of the last layer, before a final norm */
	real *pooled_in;         /* [S, H] */
	real *pooled;            /* [S, H] */
	real *d_hidden, *d_pooled;
	real *dx;                            /* [T, H] gradient that goes down through the layers */
	struct {                             /* step scratch: lives within one layer */
		real *rows1, *rows2, *rows3; /* [R, H] */
		real *tokens1;               /* [T, H] */
		/* one piece of memory, as each is done with before the next is wanted */
		real *wide;                  /* [R, F] */
		real *dqkv;                  /* [T, 3 H] */
		real *logits;                /* [targets, vocab] */
		real *scores;                /* [threads, scores_each] */
		real *head1, *head2, *head3; /* [targets, H] */
		uint16_t *mask;              /* [ABL_MASK_WORDS(H)] of one row of a head */
	} s;
	size_t scores_each;  /* values of one thread's part of s.scores */
	size_t weights_room; /* values of attention weights that each layer can keep */
	size_t logit_rows;   /* targets whose logits are held at once */
};

/* norms over `rows` rows, of which x and y point at the first; its place among the rows that the
 * norm sees is `first` */
void norm_forward(struct abl_model *m, struct norm *n, real *y, const real *x, size_t first,
		  size_t rows);
void norm_backward(struct abl_model *m, struct norm *n, real *dx, const real *dy, const real *x,
		   size_t first, size_t rows);
/* both of all rows, shared among threads */
void norm_all(struct abl_model *m, struct norm *n, real *y, const real *x, size_t rows);
void norm_all_backward(struct abl_model *m, struct norm *n, real *dx, const real *dy, const real *x,
		       size_t rows);
/* dense layers over `rows` rows: x [rows, in] to y [rows, out]; backward: parameter gradients +=,
 * dx is set. The products leave the bias to the caller. */
void dense_forward(struct abl_model *m, const struct weights *w, real *y, const real *x,
		   size_t rows, size_t in, size_t out);
void dense_backward(struct abl_model *m, const struct weights *w, real *dx, const real *dy,
		    const real *x, size_t rows, size_t in, size_t out);
void dense_product(struct abl_model *m, const struct weights *w, real *y, const real *x,
		   size_t rows, size_t in, size_t out);
void dense_backward_product(struct abl_model *m, const struct weights *w, real *dx, const real *dy,
			    const real *x, size_t rows, size_t in, size_t out);
/* A dense layer and the activation: y = f(z), z = x w + bias. Backward: dy is used up; y, unless it
 * is NULL, is made again and may be z, which is then used up. */
void activated_forward(struct abl_model *m, const struct weights *w, real *y, real *z,
		       const real *x, size_t rows, size_t in, size_t out);
void activated_backward(struct abl_model *m, const struct weights *w, real *dx, real *dy, real *y,
			const real *z, const real *x, size_t rows, size_t in, size_t out);
/* sum [width] += each row of x [rows, width], the columns shared among threads */
void sum_rows(const struct abl_model *m, real *sum, const real *x, size_t rows, size_t width);
size_t block_rows(size_t width); /* rows that stay in the nearest cache from one use to the next */
struct abl_dropout dropout_at(const struct abl_model *m, uint64_t site, double rate);
void gather_rows(real *out, const real *x, const int32_t *rows, size_t n, size_t width);
void scatter_add_rows(const struct abl_model *m, real *x, const real *in, const int32_t *rows,
		      size_t n, size_t width);

void model_key_step(struct abl_model *m, int64_t step);
void embed_forward(struct abl_model *m, real *x);
/* What embed_forward() of this batch made: x [T, H]. */
void embed_again(struct abl_model *m, real *x);
void embed_backward(struct abl_model *m, real *dx);
/* From what it sees, x [T, H] (in the last layer also l->normed_rows), to the product of its output
 * layer, whose bias is left to the caller: f [R, H]. Uses s.rows3. */
void attention_forward(struct abl_model *m, struct layer *l, bool last, real *f, const real *x);
/* From df [R, H] to the parameters' gradients and to s.tokens1 [T, H], that of x. Uses s.rows3. */
void attention_backward(struct abl_model *m, struct layer *l, bool last, const real *df,
			const real *x);
/* Can a pass over the present batch keep the weights of attention until the way back? */
bool attention_fits(const struct abl_model *m);
/* What layer i gets as input; unless it is kept, it is made again in `buffer` [T, H]. */
const real *layer_input(struct abl_model *m, size_t i, real *buffer);
void layer_forward(struct abl_model *m, size_t i);
void layer_backward(struct abl_model *m, size_t i, real *d_out);
void pool_forward(struct abl_model *m);
void pool_backward(struct abl_model *m);

#endif
