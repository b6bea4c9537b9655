/* SPDX-License-Identifier: Apache-2.0 */
/* bench_train.h - times whole training steps on made-up pieces: the work of bench/ and `ablate
 * bench`. */
#ifndef ABL_BENCH_TRAIN_H
#define ABL_BENCH_TRAIN_H

#include "config.h"
#include "err.h"

struct abl_bench_request {
	const struct abl_config *config; /* resolved; its vocab_size counts */
	bool pretrain;       /* MLM + NSP, else a classification into two classes */
	int64_t batch, length; /* sequences in a step, pieces in each */
	int64_t steps;       /* timed, after three that are not */
	int threads;
};
struct abl_bench_result {
	double tokens_per_second; /* median over the steps */
	double step_seconds;      /* median */
	double flops_per_token;   /* least exact work: masked rows only, last layer only where it is
				     read */
	double loss;              /* of the last step */
	int64_t parameters;
	int64_t resident_bytes; /* of this process, largest so far */
};
int abl_bench_train(const struct abl_bench_request *r, struct abl_bench_result *out,
		    struct abl_err *err) ABL_MUST_USE;

#endif
