/* SPDX-License-Identifier: Apache-2.0 */
/* run_signals.h - what `run` and `test` do with signals, with a reader that goes and with a store
 * that another program holds: none of them loses work. */
#ifndef ABL_RUN_SIGNALS_H
#define ABL_RUN_SIGNALS_H

#include <stdbool.h>

/* To be called before a store is opened. Outside the pool, whose event loop takes signals for
 * itself, one ends the program with code 3 at once; while it draws, with the figure. */
void abl_run_take_signals(void);
void abl_run_drawing(bool on);
bool abl_run_asked(void); /* to stop, while it drew */
/* To be called last: a reader that has gone is no failure, the store has everything. */
void abl_run_forgive_reader(void);

#endif
