/* SPDX-License-Identifier: Apache-2.0 */
/* cmd_bench.c - how fast this machine trains, in tokens a second; peers are run by bench/. */
#include "bench_train.h"
#include "command.h"
#include "gemm.h"
#include "kernels.h"
#include "str.h"

#include <stdio.h>
#include <string.h>

static const struct {
	const char *name;
	int64_t layers, hidden, heads;
} sizes[] = {
	{"tiny", 2, 128, 2},   {"mini", 4, 256, 4},   {"small", 4, 512, 8},
	{"medium", 8, 512, 8}, {"base", 12, 768, 12},
};

static int configure(const struct abl_args *args, struct abl_config *c, struct abl_err *err)
{
	const char *size = abl_args_text(args, "size");
	size_t i = 0;

	while (size && strcmp(sizes[i].name, size))
		i++;
	abl_config_init(c);
	c->layers = sizes[i].layers;
	c->hidden = sizes[i].hidden;
	c->heads = sizes[i].heads;
	c->vocab_size = abl_args_int(args, "vocab", 8192);
	c->max_length = abl_args_int(args, "seq", 128);
	if (c->vocab_size < 64 || c->max_length < 8 || c->max_length > 512)
		return abl_err_set(err, ABL_EINPUT,
				   "--vocab begins at 64, --seq goes from 8 to 512");
	return abl_config_resolve(c, NULL, NULL, err);
}

static int exec(const struct abl_args *args, struct abl_err *err)
{
	const char *task = abl_args_text(args, "task"), *format = abl_args_text(args, "format");
	struct abl_bench_result out;
	struct abl_config c;
	struct abl_bench_request r = {.config = &c,
				      .pretrain = !task || strcmp(task, "classify"),
				      .batch = abl_args_int(args, "batch", 32),
				      .steps = abl_args_int(args, "steps", 8),
				      .threads = (int)abl_args_int(args, "threads", 1)};

	if (configure(args, &c, err))
		return ABL_EXIT_USAGE;
	r.length = c.max_length;
	if (strcmp(args->word[0], "train"))
		return abl_err_set(err, ABL_EINPUT, "'bench' has no part '%s'; it is: train",
				   args->word[0]);
	if (r.batch < 1 || r.steps < 1 || r.threads < 1)
		return abl_err_set(err, ABL_EINPUT, "--batch, --steps and --threads begin at 1");
	if (abl_bench_train(&r, &out, err))
		return ABL_EXIT_FAILED;
	printf(format && !strcmp(format, "json")
		       ? "{\"tok_s\": %.0f, \"step_ms\": %.2f, \"flops_per_token\": %.0f, "
			 "\"gflops\": %.1f, "
			 "\"parameters\": %lld, \"rss_mb\": %lld, \"loss\": %.4f, \"kernels\": "
			 "\"%s\", \"blis\": \"%s\"}\n"
		       : "%.0f tokens/s, %.2f ms a step, %.0f FLOP a token at least, %.1f GFLOPS\n"
			 "%lld parameters, %lld MiB resident, loss %.4f, kernels %s, BLIS %s\n",
	       out.tokens_per_second, 1e3 * out.step_seconds, out.flops_per_token,
	       1e-9 * out.tokens_per_second * out.flops_per_token, (long long)out.parameters,
	       (long long)out.resident_bytes >> 20, out.loss, abl_kernels()->name,
	       abl_gemm_kernel_set());
	return ABL_EXIT_OK;
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
	 .help = "tiny 2/128, mini 4/256, small 4/512, medium 8/512, base 12/768"},
	{.name = "vocab",
	 .type = ABL_ARG_INT,
	 .value = "N",
	 .help = "pieces of the vocabulary (default 8192)"},
	{.name = "batch",
	 .type = ABL_ARG_INT,
	 .value = "N",
	 .help = "sequences in a step (default 32)"},
	{.name = "seq",
	 .type = ABL_ARG_INT,
	 .value = "N",
	 .help = "pieces in a sequence (default 128)"},
	{.name = "steps",
	 .type = ABL_ARG_INT,
	 .value = "N",
	 .help = "timed steps, after 3 that are not (default 8)"},
	{.name = "threads",
	 .type = ABL_ARG_INT,
	 .value = "N",
	 .help = "threads of the matrix products (default 1)"},
	{.name = "format",
	 .type = ABL_ARG_TEXT,
	 .value = "FORMAT",
	 .choices = "table|json",
	 .help = "table or json"},
	{.name = NULL},
};

const struct abl_command abl_cmd_bench = {
	.name = "bench",
	.usage = "train [--task T] [--size S] [--vocab V] [--batch B] [--seq T] [--threads N]",
	.summary = "how fast this machine trains",
	.min_words = 1,
	.max_words = 1,
	.options = options,
	.exec = exec,
};
