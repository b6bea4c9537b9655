/* SPDX-License-Identifier: Apache-2.0 */
/* cmd_bench_train.c - `ablate bench train`: tokens a second of whole training steps. */
#include "cmd_bench.h"
#include "bench_source.h"
#include "bench_train.h"
#include "compute.h"
#include "store.h"
#include "str.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const char *size_name(const struct abl_args *args)
{
	const char *size = abl_args_text(args, "size");

	return size ? size : abl_bench_sizes[0].name;
}

static bool is_pretraining(const struct abl_args *args)
{
	const char *task = abl_args_text(args, "task");

	return !task || !strcmp(task, "pretrain");
}

static int configure(const struct abl_args *args, struct abl_config *c, struct abl_err *err)
{
	const char *precision = abl_args_text(args, "precision");
	const struct abl_value value = {.type = ABL_CHOICE,
					.choice = precision ? precision : "fp32"};
	const struct abl_bench_size *size = abl_bench_sizes;
	int rc;

	while (strcmp(size->name, size_name(args)))
		size++;
	abl_config_init(c);
	c->layers = size->layers;
	c->hidden = size->hidden;
	c->heads = size->heads;
	rc = abl_bench_number(args, "vocab", 8192, 64, 1000000, &c->vocab_size, err);
	rc = rc ? rc : abl_bench_number(args, "seq", 128, 8, 512, &c->max_length, err);
	if (rc)
		return rc;
	rc = abl_config_set(c, abl_config_key("precision"), &value, err);
	if (rc)
		return abl_err_prefix(err, rc, "--precision");
	return abl_config_resolve(c, NULL, err);
}

static int read_request(const struct abl_args *args, struct abl_bench_request *r,
			struct abl_err *err)
{
	const char *lengths = abl_args_text(args, "lengths");
	int64_t threads;
	int rc = abl_bench_number(args, "batch", 32, 1, 4096, &r->batch, err);

	rc = rc ? rc : abl_bench_number(args, "steps", 8, 1, 1000000, &r->steps, err);
	rc = rc ? rc : abl_bench_number(args, "threads", 1, 1, 1024, &threads, err);
	if (rc)
		return rc;
	r->threads = (int)threads;
	r->pretrain = is_pretraining(args);
	return lengths ? abl_bench_lengths(lengths, r->pretrain ? ABL_BENCH_PAIR : ABL_BENCH_SINGLE,
					   100000, (int64_t **)&r->lengths, &r->length_count, err)
		       : 0;
}

/* What was asked, what came out, and where: names are those of the JSON object. */
struct field {
	const char *name, *text; /* a text, or a number: */
	double value;
	int decimals;
	const char *unit;
};

static void print(const struct field *fields, size_t count, bool json)
{
	for (size_t i = 0; i < count; i++) {
		const struct field *f = &fields[i];

		printf(json ? "%s\"%s\": " : "%s%-16s",
		       i && json ? ", "
		       : json    ? "{"
				 : "",
		       f->name);
		if (f->text)
			printf(json ? "\"%s\"" : "%s", f->text);
		else
			printf("%.*f", f->decimals, f->value);
		if (!json)
			printf("%s%s\n", f->unit ? " " : "", f->unit ? f->unit : "");
	}
	if (json)
		puts("}");
}

static void report(const struct abl_args *args, const struct abl_bench_request *r,
		   const struct abl_bench_result *out)
{
	const double flops = out->tokens_per_second * out->flops_per_token;
	struct abl_provenance machine;
	char sets[64];
	const struct field fields[] = {
		{"task", is_pretraining(args) ? "pretrain" : "classify"},
		{"size", size_name(args)},
		{"precision", r->config->precision},
		{"vocab", .value = (double)r->config->vocab_size},
		{"batch", .value = (double)r->batch},
		{"seq", .value = (double)r->config->max_length},
		{"lengths", r->length_count ? "file" : "all equal"},
		{"threads", .value = r->threads},
		{"steps", .value = (double)r->steps},
		{"tok_s", .value = out->tokens_per_second,
		 .unit = "real tokens per second, median"},
		{"step_ms", .value = 1e3 * out->step_seconds, .decimals = 2,
		 .unit = "median, batch preparation included"},
		{"gemm_share", .value = out->gemm_share, .decimals = 3,
		 .unit = "share of a step's time spent in matrix products"},
		{"serial_share", .value = out->serial_share, .decimals = 3,
		 .unit = "share of a step's time in which one thread worked"},
		{"wait_share", .value = out->wait_share, .decimals = 3,
		 .unit = "share in which a thread waited for the last one, mean"},
		{"flops_per_token", .value = out->flops_per_token,
		 .unit = "operations an exact step needs at least"},
		{"gflops", .value = 1e-9 * flops, .decimals = 1},
		{"peak_gflops", .value = 1e-9 * out->best_product, .decimals = 1,
		 .unit = "fastest fp32 product, before the steps"},
		{"backend_gflops", .value = 1e-9 * out->backend_product, .decimals = 1,
		 .unit = "the same, for the kind of product that the steps use"},
		{"peak_beside_gflops", .value = 1e-9 * out->product_beside, .decimals = 1,
		 .unit = "fastest fp32 product, between the steps, median"},
		{"efficiency", .value = out->efficiency, .decimals = 3,
		 .unit = "a step's gflops against the product timed right after it, median"},
		{"backend_efficiency", .value = out->backend_efficiency, .decimals = 3,
		 .unit = "the same, for the kind of product that the steps use"},
		{"rss_mb", .value = (double)(out->resident_bytes >> 20), .unit = "peak, in MiB"},
		{"parameters", .value = (double)out->parameters},
		{"loss", .value = out->loss, .decimals = 4},
		{"machine", machine.cpu},
		{"kernels", abl_kernels_choose()->name},
		{"gemm", abl_compute_backend(r->config->precision)},
		{"blis", sets},
	};

	abl_provenance_gather(&machine);
	abl_compute_kernel_sets(r->config->precision, sets, sizeof sets);
	print(fields, sizeof fields / sizeof *fields, abl_bench_json(args));
}

int abl_bench_part_train(const struct abl_args *args, struct abl_err *err)
{
	struct abl_config config;
	struct abl_bench_request r = {.config = &config};
	struct abl_bench_result out;
	int rc;

	if (configure(args, &config, err) || read_request(args, &r, err))
		return ABL_EXIT_USAGE;
	rc = abl_bench_train(&r, &out, err);
	if (!rc)
		report(args, &r, &out);
	free((void *)(uintptr_t)r.lengths);
	return rc ? ABL_EXIT_FAILED : ABL_EXIT_OK;
}
