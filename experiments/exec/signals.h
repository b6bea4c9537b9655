/* SPDX-License-Identifier: Apache-2.0 */
/* signals.h - what the program was started with: the signals that are ignored and those that are
 * blocked. Whoever starts us with SIGHUP ignored (nohup) or SIGPIPE blocked means what we start,
 * too; what we did to signals ourselves is no affair of it. */
#ifndef ABL_SIGNALS_H
#define ABL_SIGNALS_H

#include <stdbool.h>

/* To be called first in main(). */
void abl_signals_note(void);
/* Whether we were started with it ignored. Whoever takes a signal leaves such a one alone: `nohup`
 * means it. */
bool abl_signals_ignored(int signal);
/* What we start from now on ignores it, unless it says otherwise itself: a queue sends signals to
 * every process of a job, and programs that know nothing of it would end by them. */
void abl_signals_pass_over(int signal);
/* In a child, between fork and exec: system calls only. Without a note everything is at its
 * default. */
void abl_signals_put_back(void);

#endif
