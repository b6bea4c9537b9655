/* SPDX-License-Identifier: Apache-2.0 */
/* cost.h - what each variant costs, beside how good it is.
 *
 * Means over units (run_values.h) with t intervals; a cost of a unit is the mean over its done
 * trials. Costs are of training, pre-training and fine-tuning, whoever shares them (read/costs.h).
 */
#ifndef ABL_COST_H
#define ABL_COST_H

#include "errors.h"
#include "stats.h"
#include "str.h"
#include "table.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct abl_store;

enum abl_cost {
	ABL_COST_CPU_SECONDS,
	ABL_COST_SECONDS,
	ABL_COST_PEAK_MEMORY, /* bytes */
	ABL_COST_PARAMETERS,
	ABL_COST_FLOPS,
	ABL_COSTS,
};
const char *abl_cost_name(enum abl_cost cost); /* "cpu_seconds", as in csv and json */

struct abl_cost_row { /* a variant */
	char *label;
	size_t n;                          /* units with a value */
	struct abl_t_test quality;         /* of the main metric; estimate, low, high */
	struct abl_t_test cost[ABL_COSTS]; /* estimate NaN: not known */
	/* No other variant is at least as good and costs no more, and is better in one of them. By
	 * the means. False where one of the two is not known. */
	bool pareto[ABL_COSTS];
};

struct abl_cost_table { /* of a task */
	char *study, *task, *metric, *split;
	bool lower_is_better, by_pretraining;
	/* What a row is weighed by: the first of CPU seconds, seconds, FLOPs and parameters that is
	 * known of every variant with a value. */
	enum abl_cost main;
	struct abl_cost_row *row; /* in the order of listings */
	size_t count;
};

int abl_costs(struct abl_cost_table **out, struct abl_store *store, int64_t study, const char *task,
	      struct abl_err *err) ABL_MUST_USE;
void abl_cost_table_destroy(struct abl_cost_table *c); /* null-safe */

/* cost_table.c: for people, a row per variant; the caller's. The text above it and below; they end
 * with a line end. */
struct abl_table *abl_cost_people_table(const struct abl_cost_table *c);
void abl_cost_heading(const struct abl_cost_table *c, struct abl_str *out);
void abl_cost_notes(const struct abl_cost_table *c, struct abl_str *out);
/* For machines; rows of several tasks may go into one. */
struct abl_table *abl_cost_wide_table(void);
void abl_cost_add_rows(const struct abl_cost_table *c, struct abl_table *wide);

#endif
