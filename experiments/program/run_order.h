/* SPDX-License-Identifier: Apache-2.0 */
/* run_order.h - executes an order in the child process: starts the program, reads its numbers,
 * passes stop signals on, and leaves in the attempt's folder what is to stay. */
#ifndef ABL_RUN_ORDER_H
#define ABL_RUN_ORDER_H

#include "events.h"
#include "order.h"

/* A result of every order whose program says that its numbers are of weights chosen on dev (the
 * best checkpoint of a Trainer): 1. */
#define ABL_RESULT_SELECTED "selected_on_dev"

/* Beside {out}, they stay with it from one attempt to the next that goes on: what the program has
 * written to $ABLATE_EVENTS, and the lines with numbers that it has printed. */
#define ABL_ORDER_EVENTS "events.jsonl"
#define ABL_ORDER_PRINTED "printed.txt"

/* One attempt at it. `output`: the attempt's folder, which exists and becomes the artefact: what
 * stays of {out} is there, too, when the program is done. `resume`: an earlier
 * attempt was stopped or killed; where `resume_if` matches something in {out} the program gets the
 * words of `resume`, otherwise {out} is emptied first. `trial`: path of the trial file, which the
 * program finds in $ABLATE_TRIAL.
 *
 * ABL_EINPUT: it cannot be started, or its main metric is not to be found; ABL_EFAIL: it ended with
 * an error (the last line it printed is named); ABL_ENOMEM: out of memory, its cards' too;
 * ABL_EDIVERGED: the main metric is no number; ABL_ESTOP: asked to stop; the event `paused` came
 * before where there is something to go on from. */
int abl_order_run(const struct abl_order *o, const char *output, const char *trial, bool resume,
		  const struct abl_events *events, struct abl_err *err) ABL_MUST_USE;
/* Removes {out} and what lies beside it, once nothing can be lost by it: whoever is killed before
 * finds all of it, or needs none. */
void abl_order_tidy(const struct abl_order *o);

#endif
