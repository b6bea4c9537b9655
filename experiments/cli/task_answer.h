/* SPDX-License-Identifier: Apache-2.0 */
/* task_answer.h - the answers of `ablate results` that are about a task: which key mattered, what
 * variants cost, where variance comes from, what a search is expected to reach. One row each. */
#ifndef ABL_TASK_ANSWER_H
#define ABL_TASK_ANSWER_H

#include "row_order.h"

struct abl_task_answer;

/* The answer that the command line asks for by its flag, or NULL. ABL_EINPUT: two of them. */
int abl_task_answer_asked(const struct abl_task_answer **out, const struct abl_args *args,
			  struct abl_err *err) ABL_MUST_USE;
/* For people, task by task, with words above and below; for machines all rows in one table. */
int abl_task_answer_print(const struct abl_task_answer *answer, struct abl_store *store,
			  int64_t study, enum abl_table_format format,
			  const struct abl_row_order *order, struct abl_err *err) ABL_MUST_USE;

#define ABL_OPTIONS_TASK_ANSWERS                                                        \
	{.name = "by-option",                                                           \
	 .type = ABL_ARG_FLAG,                                                          \
	 .help = "which key of a grid mattered: the mean of each of its levels"},       \
		{.name = "cost",                                                        \
		 .type = ABL_ARG_FLAG,                                                  \
		 .help = "cpu time, memory, parameters and FLOPs beside the score"},    \
		{.name = "variance",                                                    \
		 .type = ABL_ARG_FLAG,                                                  \
		 .help = "where variance comes from, if kinds of seeds are crossed"},   \
	{                                                                               \
		.name = "expected", .type = ABL_ARG_FLAG,                               \
		.help = "what the best of n random configurations is expected to reach" \
	}

#endif
