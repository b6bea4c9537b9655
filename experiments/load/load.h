/* SPDX-License-Identifier: Apache-2.0 */
/* load.h - numbers that any program made, put into the store as a study without a file. */
#ifndef ABL_LOAD_H
#define ABL_LOAD_H

#include "load_runs.h"

struct abl_load_request {
	const char *study;    /* its name */
	const char *path;     /* of the table; "-" = standard input */
	const char *baseline; /* label; NULL: the study's own, else the one called "baseline" */
	const char *metric;   /* the main one; NULL: the first column of numbers */
	const char *options;  /* columns of numbers that are options, "a,b"; or NULL */
	bool lower_is_better;
	bool replace; /* forget what was loaded before */
};

struct abl_load {
	const struct abl_load_request *request;
	struct abl_load_table table;
	struct abl_load_columns columns;
	struct abl_load_runs runs;
	int64_t study;
	const char *baseline;    /* permanent */
	bool *known;             /* [runs] the store has it with these numbers */
	size_t known_count;      /* of them */
	size_t failed, waiting;  /* runs of the file */
	struct abl_str left_out; /* columns that are no options, "a, b"; empty: none */
	struct abl_str unpaired; /* variants without a seed in common with the baseline */
};

/* Reads the table and checks all that can be checked without a store. Ends with abl_load_finish(),
 * after a failure too. */
int abl_load_read(struct abl_load *l, const struct abl_load_request *request,
		  struct abl_err *err) ABL_MUST_USE;
/* Puts it, in one transaction: runs that the study has not join it; one that it has with other
 * numbers is ABL_EINPUT with its place, unless `replace` says that the file is all there is. */
int abl_load_put(struct abl_load *l, struct abl_store *store, struct abl_err *err) ABL_MUST_USE;
void abl_load_finish(struct abl_load *l);

#endif
