/* SPDX-License-Identifier: Apache-2.0 */
/* load_runs.h - rows of a table of results as runs: which, how each ended, and each once. */
#ifndef ABL_LOAD_RUNS_H
#define ABL_LOAD_RUNS_H

#include "load_columns.h"
#include "load_names.h"
#include "store.h"

struct abl_load_run {
	size_t variant, task; /* numbers of their names */
	int64_t seed;
	size_t row;
	enum abl_state state;
	enum abl_cause cause;
	const char *reason; /* of one that is not done; may be NULL */
};
struct abl_load_runs {
	const struct abl_load_table *table;
	const struct abl_load_columns *columns;
	struct abl_load_names variant, task;
	size_t *metric;           /* [tasks] the column of the main one */
	struct abl_load_run *run; /* [count] by variant, task and seed */
	size_t count, repeated;   /* rows that say the same once more */
};

/* Keeps the table and its columns. Two rows of one variant, task and seed that differ are
 * ABL_EINPUT with their places. Ends with abl_load_runs_finish(), after a failure too. */
int abl_load_runs_make(struct abl_load_runs *out, const struct abl_load_table *t,
		       const struct abl_load_columns *columns, struct abl_err *err) ABL_MUST_USE;
void abl_load_runs_finish(struct abl_load_runs *r);

/* Is the column stored as a number of the runs? As an option of the variants? */
bool abl_load_is_metric(const struct abl_load_runs *r, size_t column);
bool abl_load_is_option(const struct abl_load_runs *r, size_t column);
/* "'no dropout' on sst2, seed 3"; appends. */
void abl_load_run_name(const struct abl_load_runs *r, const struct abl_load_run *run,
		       struct abl_str *out);

#endif
