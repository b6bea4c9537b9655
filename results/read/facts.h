/* SPDX-License-Identifier: Apache-2.0 */
/* facts.h - what figures and report need to know of a study: tasks and variants. */
#ifndef ABL_FACTS_H
#define ABL_FACTS_H

#include "errors.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct abl_store;

struct abl_fact_task {
	char *name;
	char *metric; /* the main one, or the one asked for */
	char *split;  /* "dev"; may be NULL */
	char *label;  /* "selected on dev"; may be NULL */
	bool lower_is_better;
};

struct abl_fact_variant {
	int64_t id;
	char *label;
	bool placebo;
};

struct abl_facts {
	int64_t study;
	bool main_metric;           /* none was asked for */
	struct abl_fact_task *task; /* in the order of the study */
	size_t tasks, task_capacity;
	struct abl_fact_variant *variant; /* the baseline first, then in the order of listings; the
					     index is the variant's colour in every figure */
	size_t variants, variant_capacity;
};

/* `metric` NULL: each task's main metric; else that one for all tasks that have it. Errors: no such
 * study; a metric that no task has (those there are, are listed). */
int abl_facts_load(struct abl_facts *f, struct abl_store *store, const char *study,
		   const char *metric, struct abl_err *err) ABL_MUST_USE;
void abl_facts_finish(struct abl_facts *f); /* null-safe */
/* The index of the variant with this id, or -1. */
int abl_facts_variant(const struct abl_facts *f, int64_t id);

#endif
