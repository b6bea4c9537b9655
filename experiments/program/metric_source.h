/* SPDX-License-Identifier: Apache-2.0 */
/* metric_source.h - where a metric is read, from what the study says: its `from` and `step`. */
#ifndef ABL_METRIC_SOURCE_H
#define ABL_METRIC_SOURCE_H

#include "errors.h"
#include "metric_reader.h"
#include "order.h"

struct abl_metric_source {
	const struct abl_metric_reader *reader; /* NULL: as the file's name or content says */
	char *pattern;                          /* below {out}; NULL: no file */
	char *key;
	const char *step; /* the study's own; may be NULL */
	bool anywhere;    /* it does not say: events, then what is printed */
};

/* `from` may be NULL; `name` is the metric's. Pattern and key of a file have the order's
 * {placeholders} filled in; NULL: they stay. Ends with finish, also after a failure. ABL_EINPUT:
 * what is wrong with it. */
int abl_metric_source_read(struct abl_metric_source *out, const char *name, const char *from,
			   const char *step, const struct abl_order *order,
			   struct abl_err *err) ABL_MUST_USE;
void abl_metric_source_finish(struct abl_metric_source *s); /* null-safe */

#endif
