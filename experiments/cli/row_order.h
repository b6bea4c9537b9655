/* SPDX-License-Identifier: Apache-2.0 */
/* row_order.h - which rows of a table are shown, and in which order: --task, --sort, --top. */
#ifndef ABL_ROW_ORDER_H
#define ABL_ROW_ORDER_H

#include "command.h"
#include "store.h"
#include "table.h"

#include <stdbool.h>

struct abl_row_order {
	const char *column; /* NULL: as they come */
	bool reverse;
	int64_t top;      /* 0: all */
	const char *task; /* NULL: all */
};

#define ABL_OPTION_SORT                                                                  \
	{                                                                                \
		.name = "sort", .type = ABL_ARG_TEXT, .value = "COLUMN",                 \
		.help = "order by a column: the best, the largest or A first; -COLUMN: " \
			"the other way"                                                  \
	}
#define ABL_OPTION_TOP                                                                            \
	{                                                                                         \
		.name = "top", .type = ABL_ARG_INT, .value = "N", .help = "only the first N rows" \
	}

/* From the options above and --task. Where lower is better for all tasks of the study, the best of
 * the main metric is the smallest. An unknown task: ABL_EINPUT with the nearest. The names are
 * interned. */
int abl_row_order_given(struct abl_row_order *out, const struct abl_args *args,
			struct abl_store *store, int64_t study, struct abl_err *err) ABL_MUST_USE;
/* Leaves the rows of the task, orders them, and leaves the first. */
int abl_row_order_apply(const struct abl_row_order *order, struct abl_table *t,
			struct abl_err *err) ABL_MUST_USE;

#endif
