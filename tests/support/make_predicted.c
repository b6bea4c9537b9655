/* SPDX-License-Identifier: Apache-2.0 */
/* make_predicted.c - makes a store with the study 'predicted', whose trials have stored
 * predictions: what a comparison of many trials reads. Part 1 costs accuracy, the others nothing.
 * usage: make_predicted DIR ARMS SEEDS EXAMPLES */
#include "predicted_store.h"

#include "rng.h"

#include <stdio.h>

static const char *const classes[] = {"entailment", "neutral", "contradiction"};

static void predict(void *data, int arm, int seed, struct abl_str *file, double *told)
{
	const int examples = *(int *)data;
	const uint64_t trial = abl_rng_key((uint64_t)(arm * 1000 + seed + 1), "trial");
	const uint64_t gold = abl_rng_key(1, "gold");
	uint32_t r[4], g[4];
	int right = 0;

	abl_str_puts(file, "line\tgold\tprediction\tprobability\n");
	for (int i = 0; i < examples; i++) {
		uint32_t is, hard;

		abl_rng_block(gold, (uint64_t)i, 0, g);
		abl_rng_block(trial, (uint64_t)i, 0, r);
		is = g[0] % 3;
		hard = g[1] % 60; /* the same for every trial */
		if (r[0] % 100 < hard + (arm == 1 ? 8 : 0))
			is = (is + 1 + r[1] % 2) % 3;
		right += is == g[0] % 3;
		abl_str_printf(file, "%d\t%s\t%s\t0.%05u\n", i + 2, classes[g[0] % 3], classes[is],
			       r[2] % 100000);
	}
	*told = (double)right / examples;
}

int main(int argc, char **argv)
{
	int64_t arms = 0, seeds = 0, count = 0;
	bool valid = argc == 5 && abl_parse_int(argv[2], &arms) && abl_parse_int(argv[3], &seeds) &&
		     abl_parse_int(argv[4], &count);
	int examples = (int)count;
	struct abl_err err = {0};
	struct abl_store *s = NULL;

	if (!valid || abl_store_open(&s, argv[1], ABL_STORE_WRITE, &err)) {
		fprintf(stderr, "make_predicted: %s\n",
			err.code ? err.text : "usage: make_predicted DIR ARMS SEEDS EXAMPLES");
		return 1;
	}
	predicted_store_fill(s, &(struct predicted_study){.name = "predicted",
							  .task = "inference",
							  .type = "classify",
							  .metric = "accuracy",
							  .arms = (int)arms,
							  .seeds = (int)seeds,
							  .examples = examples,
							  .predict = predict,
							  .data = &examples});
	abl_store_close(s);
	return 0;
}
