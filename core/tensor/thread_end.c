/* SPDX-License-Identifier: Apache-2.0 */
#include "thread_end.h"

#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>

static pthread_key_t key;

static void drop_all(void *first)
{
	for (struct abl_thread_end *e = first; e; e = e->next)
		e->drop();
}

static void make_key(void)
{
	if (pthread_key_create(&key, drop_all)) {
		fprintf(stderr, "ablate: no thread-specific data is left\n");
		abort();
	}
}

void abl_thread_end(struct abl_thread_end *e)
{
	static pthread_once_t once = PTHREAD_ONCE_INIT;

	if (e->waits)
		return;
	pthread_once(&once, make_key);
	e->next = pthread_getspecific(key);
	e->waits = !pthread_setspecific(key, e);
}
