/* SPDX-License-Identifier: Apache-2.0 */
/* collector.h - the numbers of a running program, read where its metrics say: files below its
 * folder, what it prints, events. Nothing but the declared metrics becomes a result; files that are
 * not regular, lie outside the folder or are too large are never opened. */
#ifndef ABL_COLLECTOR_H
#define ABL_COLLECTOR_H

#include "events.h"
#include "order.h"

struct abl_collector;

/* Checks what a study says of a metric: its name, `from` (may be NULL) and `step` (may be NULL);
 * for the plan, before anything runs. ABL_EINPUT: what is wrong with it, without a place. */
int abl_metric_source_check(const char *name, const char *from, const char *step,
			    struct abl_err *err) ABL_MUST_USE;

/* `order` and `events` must outlive it. `events_file`: the file that $ABLATE_EVENTS names. Points
 * of series go to events->metric as they come. */
int abl_collector_create(struct abl_collector **out, const struct abl_order *order,
			 const char *events_file, const struct abl_events *events,
			 struct abl_err *err) ABL_MUST_USE;
/* A line of its standard output or error, without its newline; any bytes. True: it had a number of
 * a metric. */
bool abl_collector_line(struct abl_collector *c, const char *line, size_t length);
/* Looks at the files for new points; about once a second while the program runs. */
void abl_collector_poll(struct abl_collector *c);
/* The program has ended well: reads the rest, tells every result by events->result, and puts the
 * warnings into events->message (fewer than six digits; best of several matches). `began`: files
 * older than that (seconds since 1970) are not of this program. ABL_EINPUT: the main metric is
 * missing, with where it was looked for and what was there instead; ABL_EDIVERGED: it is no number.
 */
int abl_collector_finish(struct abl_collector *c, double began, struct abl_err *err) ABL_MUST_USE;
/* The files below {out} that metrics and predictions named and that were found: they stay. Relative
 * to {out}; the collector's. */
size_t abl_collector_used(const struct abl_collector *c, const char *const **paths);
/* After finish: was the model that was scored the best of its checkpoints on the dev split, as
 * transformers' Trainer restores it? events->message has said "selected on dev: ..." then. */
bool abl_collector_selected(const struct abl_collector *c);
void abl_collector_destroy(struct abl_collector *c); /* null-safe */

/* Converts the program's predictions into the store's table `predictions.tsv` in `folder`. 1: made,
 * 0: the order has none. */
int abl_collector_predictions(struct abl_collector *c, const char *folder,
			      struct abl_err *err) ABL_MUST_USE;

#endif
