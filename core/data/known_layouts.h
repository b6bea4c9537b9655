/* SPDX-License-Identifier: Apache-2.0 */
/* known_layouts.h - the well-known tasks: where their files lie, which columns they have, how they
 * are scored. */
#ifndef ABL_KNOWN_LAYOUTS_H
#define ABL_KNOWN_LAYOUTS_H

#include <stdbool.h>
#include <stddef.h>

/* A well-known task. Names joined by '|' are alternatives, tried in this order; each file also as
 * .gz and .xz. */
struct abl_known_task {
	const char *name;
	const char *also; /* what others call it, beside the same in capitals or with hyphens */
	const char *folders;
	/* without dev a tenth of train is held back; the test file need not be there */
	const char *train, *dev, *test;
	bool dev_optional; /* not every copy has it; else it must be there */
	const char *header, *text, *text_b, *label;
	const char *test_text; /* as in task_spec.h */
	const char *labels, *metric, *positive;
	const char *format; /* NULL: tsv */
	bool broken_rows;   /* the published file has some, which every reader skips */
	const char *type;   /* NULL: classify */
	const char *choices, *group, *no_answer; /* as in task_spec.h */
	const char *no_label, *more_columns;     /* likewise */
	const char *meanings;                    /* what numbered labels mean, in their order */
};

extern const struct abl_known_task abl_known_tasks[]; /* ends with a row without a name */

#endif
