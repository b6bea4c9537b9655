/* SPDX-License-Identifier: Apache-2.0 */
/* bench_source.h - made-up sequences for the training loop: random tokens, of one length or of
 * given ones, masked by the rule of pre-training. */
#ifndef ABL_BENCH_SOURCE_H
#define ABL_BENCH_SOURCE_H

#include "loop.h"
#include "masking.h"

/* What the sequences of a batch have to be multiplied with. */
struct abl_bench_work {
	double tokens, squares; /* sums of the lengths and of their squares */
	double targets;         /* masked tokens */
	double read_tokens;     /* over the rows that are read: the lengths of their sequences */
	double sequences;
};

struct abl_bench_source {
	const struct abl_config *config;
	bool pretrain; /* pairs with masks and NSP labels; else single texts of two classes */
	const int64_t *lengths; /* [count] with special tokens, or NULL: all of max_length */
	size_t count;
	size_t items;                /* of the epoch */
	struct abl_bench_work *work; /* [items / batch] of each step, filled as items are put */
	size_t batch;
	size_t taken; /* items put so far */
	struct abl_mask_rule rule;
	int32_t *ordinary, *pieces;
	struct abl_mask *chosen;
};

enum { ABL_BENCH_PAIR = 5, ABL_BENCH_SINGLE = 3 }; /* the shortest sequences */

/* config, pretrain, lengths, count, items and batch are set; reserves the rest. */
void abl_bench_source_init(struct abl_bench_source *s);
void abl_bench_source_finish(struct abl_bench_source *s);
/* The hooks of a struct abl_source. */
size_t abl_bench_source_begin(void *data, uint64_t epoch);
void abl_bench_source_put(void *data, size_t item, struct abl_batch *b);

/* Reads a file of one length a line. *out is the caller's. ABL_EINPUT names the line. */
int abl_bench_lengths(const char *path, int64_t least, int64_t most, int64_t **out, size_t *count,
		      struct abl_err *err) ABL_MUST_USE;

#endif
