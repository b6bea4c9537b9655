/* SPDX-License-Identifier: Apache-2.0 */
/* thread_waits.h - how the threads of one process wait for one another. By itself libgomp lets them
 * spin for milliseconds; on a machine that other work shares, a thread then keeps the core from the
 * one that it waits for, and a training takes up to a hundred times as long. Asleep at once they
 * lose a fifth to two fifths of their rate on idle cores. So they spin for microseconds, then
 * sleep; docs/performance.md has the measurements. */
#ifndef ABL_THREAD_WAITS_H
#define ABL_THREAD_WAITS_H

#include <stdbool.h>

enum { ABL_THREAD_WAITS = 2 };

/* NAME=value, for the environment of a process that computes. */
extern const char *const abl_thread_waits[ABL_THREAD_WAITS];

/* Does the entry NAME=value set one of these names? */
bool abl_is_thread_wait(const char *entry);

/* libgomp reads its environment before main() begins, so a process that was started without any
 * word about it begins once more. Returns where it need not, or cannot. */
void abl_thread_waits_begin(char **argv);

#endif
