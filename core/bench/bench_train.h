/* SPDX-License-Identifier: Apache-2.0 */
/* bench_train.h - times whole training steps: those of the training loop that `ablate run` is made
 * of, on made-up tokens (bench_source.h). */
#ifndef ABL_BENCH_TRAIN_H
#define ABL_BENCH_TRAIN_H

#include "config.h"
#include "errors.h"

struct abl_bench_request {
	const struct abl_config *config; /* resolved; its vocab_size and max_length count */
	bool pretrain;                   /* MLM + NSP, else a classification into two classes */
	int64_t batch;                   /* sequences in a step */
	const int64_t
		*lengths;    /* of sequences, with special tokens; taken in turn, then shuffled */
	size_t length_count; /* 0: all have max_length tokens */
	int64_t steps;       /* timed, after three that are not */
	int threads;
};
/* A step is all that the loop does between two: the batch is put together and masked, cut into
 * micro-batches, passed forward and backward, clipped, and the weights are updated. */
struct abl_bench_result {
	double tokens_per_second; /* median over the steps */
	double step_seconds;      /* median */
	double gemm_share; /* of a step's time spent in matrix products: of three more steps */
	/* Of those steps too: time in which one thread worked and the others had nothing to do; and
	 * what the threads, on average, waited for the last one with its share of common work. 1
	 * and 0 with one thread. */
	double serial_share, wait_share;
	double flops_per_token; /* least exact work: masked rows only, the last layer only where
				   it is read; of these very sequences and masks */
	double best_product; /* of fp32 multiply-adds, FLOP/s of the best shape, before the steps */
	double backend_product; /* the same, of the back end and precision that the steps use */
	double product_beside;  /* of that shape again behind each step: median */
	/* Least exact FLOP/s of a step over those of that shape right behind it: median. Load
	 * from other virtual machines slows both sides equally. */
	double efficiency;
	double backend_efficiency; /* the same, over the best product of the steps' precision */
	double loss;               /* of the last step */
	int64_t parameters;
	int64_t resident_bytes; /* largest so far */
};
/* Writes below a scratch folder of its own in $TMPDIR, removed at the end. */
int abl_bench_train(const struct abl_bench_request *r, struct abl_bench_result *out,
		    struct abl_err *err) ABL_MUST_USE;

#endif
