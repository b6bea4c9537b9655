/* SPDX-License-Identifier: Apache-2.0 */
/* cmd_bench.c - how fast this machine does the program's work; peers are run by bench/. */
#include "cmd_bench.h"

#include <string.h>

static const struct abl_bench_part parts[] = {
	{"kernels",
	 "kernels and matrix products, compared with their plain versions and the machine's limits",
	 abl_bench_part_kernels},
	{"cluster", "what a run on many workers costs its head", abl_bench_part_cluster},
	{"store", "milliseconds of bookkeeping per trial", abl_bench_part_store},
	{"tokenize", "tokenization, in megabytes and tokens per second", abl_bench_part_tokenize},
	{"train", "training, in tokens per second", abl_bench_part_train},
};

static int exec(const struct abl_args *args, struct abl_err *err)
{
	for (size_t i = 0; i < sizeof parts / sizeof *parts; i++)
		if (!strcmp(parts[i].name, args->word[0]))
			return parts[i].exec(args, err);
	return abl_err_set(err, ABL_EINPUT,
			   "'bench' has no part '%s'; 'ablate bench --help' lists them",
			   args->word[0]);
}

static const struct abl_command_option options[] = {
	{.name = "task",
	 .type = ABL_ARG_TEXT,
	 .value = "TASK",
	 .choices = "pretrain|classify",
	 .help = "pretrain (MLM and NSP) or classify (default pretrain)"},
	{.name = "size",
	 .type = ABL_ARG_TEXT,
	 .value = "SIZE",
	 .choices = "tiny|mini|small|medium|base",
	 .help = "tiny (default) 2/128, mini 4/256, small 4/512, medium 8/512, base 12/768"},
	{.name = "vocab",
	 .type = ABL_ARG_INT,
	 .value = "N",
	 .help = "size of the vocabulary (default 8192)"},
	{.name = "batch",
	 .type = ABL_ARG_INT,
	 .value = "N",
	 .help = "sequences per step (default 32)"},
	{.name = "seq",
	 .type = ABL_ARG_INT,
	 .value = "N",
	 .help = "tokens per sequence (default 128)"},
	{.name = "lengths",
	 .type = ABL_ARG_TEXT,
	 .value = "FILE",
	 .help = "sequence lengths, one per line, cut at --seq (default: all --seq)"},
	{.name = "precision",
	 .type = ABL_ARG_TEXT,
	 .value = "PRECISION",
	 .choices = "fp32|bf16",
	 .help = "fp32 or bf16 (default fp32)"},
	{.name = "steps",
	 .type = ABL_ARG_INT,
	 .value = "N",
	 .help = "timed steps, after 3 warm-up steps (default 8)"},
	{.name = "threads",
	 .type = ABL_ARG_INT,
	 .value = "N",
	 .help = "threads per training (default 1)"},
	{.name = "trials",
	 .type = ABL_ARG_INT,
	 .value = "N",
	 .help = "cluster, store: number of trials (default 10000)"},
	{.name = "workers",
	 .type = ABL_ARG_INT,
	 .value = "N",
	 .help = "cluster: workers that pretend (default 500)"},
	{.name = "seconds",
	 .type = ABL_ARG_REAL,
	 .value = "S",
	 .help = "cluster: that a training takes there (default 0: as many as the head can give)"},
	{.name = "text",
	 .type = ABL_ARG_TEXT,
	 .value = "FILE",
	 .help = "tokenize: text to use, plain, .gz or .xz (default: the built-in world)"},
	{.name = "vocab-file",
	 .type = ABL_ARG_TEXT,
	 .value = "FILE",
	 .help = "tokenize: vocab.txt to use (default: learn one of --vocab tokens from the text)"},
	{.name = "format",
	 .type = ABL_ARG_TEXT,
	 .value = "FORMAT",
	 .choices = "table|json",
	 .help = "table or json"},
	{.name = NULL},
};

const struct abl_command abl_cmd_bench = {
	.name = "bench",
	.usage = "cluster|kernels|store|tokenize|train [options]",
	.summary = "measure how fast this machine trains, tokenizes and keeps records",
	.details =
		"  train     real tokens per second of whole training steps, as in 'ablate run', "
		"on random tokens\n"
		"  store     what a study costs besides training: scheduling, folders, "
		"metrics, results\n"
		"  cluster   the same for a head whose stages run elsewhere: its processor time, "
		"its memory, the longest pass of its loop, and how long a worker waits for its "
		"next stage\n"
		"  kernels   each fused kernel at one size, and the matrix products of a "
		"training step (sizes: small; tiny, mini, small and base), compared with "
		"their plain versions and with what this machine's memory, cache, "
		"instructions or fastest product allow (roof)\n"
		"  tokenize  text to WordPiece tokens in memory, line by line, uncased, on one "
		"thread",
	.min_words = 1,
	.max_words = 1,
	.options = options,
	.exec = exec,
};
