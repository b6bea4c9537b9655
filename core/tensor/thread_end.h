/* SPDX-License-Identifier: Apache-2.0 */
/* thread_end.h - what a back end keeps for each thread, given back when the thread ends. OpenMP
 * ends threads when fewer are asked for. */
#ifndef ABL_THREAD_END_H
#define ABL_THREAD_END_H

#include <stdbool.h>

/* Lies in thread-local memory; its first user fills in `drop` alone. */
struct abl_thread_end {
	void (*drop)(void); /* is called by the thread itself */
	bool waits;
	struct abl_thread_end *next;
};

/* From now on `drop` is called when this thread ends, not when the program does. Again: nothing. */
void abl_thread_end(struct abl_thread_end *e);

#endif
