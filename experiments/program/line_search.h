/* SPDX-License-Identifier: Apache-2.0 */
/* line_search.h - a number in a line of text: behind its name ("accuracy=0.91", "accuracy: 0.91",
 * "'accuracy': '0.91'"), or by a template ("epoch {step} acc {accuracy}"). */
#ifndef ABL_LINE_SEARCH_H
#define ABL_LINE_SEARCH_H

#include "errors.h"
#include "printed_number.h"

#include <stdint.h>

struct abl_line_search;

struct abl_line_found {
	struct abl_printed value;
	bool has_step;
	int64_t step;
};

/* `what`: a name or a template for the metric `name`; `step`: a name, or NULL for "step",
 * "global_step", "iteration" or "epoch". ABL_EINPUT: a template without the metric, with an unknown
 * {word}, or with nothing between two of its words. */
int abl_line_search_create(struct abl_line_search **out, const char *what, const char *name,
			   const char *step, struct abl_err *err) ABL_MUST_USE;
/* The last one in the line; any bytes. */
bool abl_line_search_find(const struct abl_line_search *s, const char *line, size_t length,
			  struct abl_line_found *out);
void abl_line_search_destroy(struct abl_line_search *s); /* null-safe */

/* Tells the names that have a number behind them in a line. */
void abl_line_names(const char *line, size_t length,
		    void (*name)(void *data, const char *name, size_t length), void *data);

/* Names that a step goes by, the most exact first; ends with NULL. */
extern const char *const abl_step_names[];

#endif
