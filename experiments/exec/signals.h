/* SPDX-License-Identifier: Apache-2.0 */
/* signals.h - what the program was started with: the signals that are ignored and those that are
 * blocked. Whoever starts us with SIGHUP ignored (nohup) or SIGPIPE blocked means what we start,
 * too; what we did to signals ourselves is no affair of it. */
#ifndef ABL_SIGNALS_H
#define ABL_SIGNALS_H

#include <signal.h>
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

/* The signals that a stage takes or passes over are held back from before the fork on, and the
 * program that the child becomes lets them come once it can take them: so none ends it while it
 * starts. hold() is the parent's, which puts back `before` afterwards; put_back_held() the child's,
 * in place of put_back(). */
void abl_signals_hold(sigset_t *before);
void abl_signals_put_back_held(void);
/* Sent meanwhile, they come now. What we start is not to have them held back. */
void abl_signals_let_come(void);

#endif
