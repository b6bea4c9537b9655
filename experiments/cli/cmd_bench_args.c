/* SPDX-License-Identifier: Apache-2.0 */
/* cmd_bench_args.c - what the parts of `ablate bench` read from the command line alike. */
#include "cmd_bench.h"

#include <string.h>

const struct abl_bench_size abl_bench_sizes[ABL_BENCH_SIZES] = {
	{"tiny", 2, 128, 2},   {"mini", 4, 256, 4},   {"small", 4, 512, 8},
	{"medium", 8, 512, 8}, {"base", 12, 768, 12},
};

bool abl_bench_json(const struct abl_args *args)
{
	const char *format = abl_args_text(args, "format");

	return format && !strcmp(format, "json");
}

int abl_bench_number(const struct abl_args *args, const char *name, int64_t value, int64_t least,
		     int64_t most, int64_t *out, struct abl_err *err)
{
	*out = abl_args_int(args, name, value);
	if (*out < least || *out > most)
		return abl_err_set(err, ABL_EINPUT, "--%s must be from %lld to %lld; got %lld",
				   name, (long long)least, (long long)most, (long long)*out);
	return 0;
}
