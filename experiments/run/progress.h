/* SPDX-License-Identifier: Apache-2.0 */
/* progress.h - what a running study shows: on a terminal one bar, the running trials and the
 * failures, redrawn in place; elsewhere a line for each stage that ends and a sign of life now and
 * then. */
#ifndef ABL_PROGRESS_H
#define ABL_PROGRESS_H

#include "estimate.h"
#include "supervisor.h"

#include <stdio.h>

struct abl_progress {
	FILE *out; /* the terminal, or where lines go; NULL: quiet */
	bool terminal, colour;
	int columns;
	size_t drawn; /* lines of the last drawing */
	double drawn_at, told_at;
	struct abl_left left;
	bool stopping; /* told already (plain lines) */
	/* Appends a command of the program as it can be typed here: "logs 31"; NULL: as it is. */
	void (*command)(struct abl_str *out, const char *words);
};

/* Looks at `out`: terminal or not, its width, NO_COLOR. */
void abl_progress_init(struct abl_progress *p, FILE *out);
/* Events that show s; p must outlive them. */
struct abl_supervisor_events abl_progress_events(struct abl_progress *p);
/* Takes the bar away before other output. */
void abl_progress_clear(struct abl_progress *p);

/* "rte, no positions, seed 2": the trial that a stage belongs to, or the first one it serves.
 * Appends. */
void abl_progress_name(const struct abl_plan *plan, size_t stage, struct abl_str *out);
/* The command that shows its log: "logs 31", by the number of that trial, or the beginning of the
 * key where no trial has it. Appends. */
void abl_progress_logs(const struct abl_run *run, size_t stage, struct abl_str *out);

#endif
