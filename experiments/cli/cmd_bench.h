/* SPDX-License-Identifier: Apache-2.0 */
/* cmd_bench.h - the parts of `ablate bench`: one file cmd_bench_<part>.c each and one row of the
 * table in cmd_bench.c. */
#ifndef ABL_CMD_BENCH_H
#define ABL_CMD_BENCH_H

#include "command.h"
#include "config.h"

struct abl_bench_part {
	const char *name, *what;
	int (*exec)(const struct abl_args *args, struct abl_err *err); /* as a command's */
};

int abl_bench_part_cluster(const struct abl_args *args, struct abl_err *err) ABL_MUST_USE;
int abl_bench_part_kernels(const struct abl_args *args, struct abl_err *err) ABL_MUST_USE;
int abl_bench_part_store(const struct abl_args *args, struct abl_err *err) ABL_MUST_USE;
int abl_bench_part_tokenize(const struct abl_args *args, struct abl_err *err) ABL_MUST_USE;
int abl_bench_part_train(const struct abl_args *args, struct abl_err *err) ABL_MUST_USE;

/* The sizes of the field's small BERT models. */
struct abl_bench_size {
	const char *name;
	int64_t layers, hidden, heads;
};
enum { ABL_BENCH_SIZES = 5 };
extern const struct abl_bench_size abl_bench_sizes[ABL_BENCH_SIZES];
/* The value of a number's option, or `value` where it is not given; refused outside [least, most].
 */
int abl_bench_number(const struct abl_args *args, const char *name, int64_t value, int64_t least,
		     int64_t most, int64_t *out, struct abl_err *err) ABL_MUST_USE;
bool abl_bench_json(const struct abl_args *args); /* --format json */

#endif
