/* SPDX-License-Identifier: Apache-2.0 */
#include "lock_beat.h"

#include "lock_claim.h"
#include "str.h"

#include <errno.h>
#include <pthread.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

struct abl_beat {
	struct abl_lock_record record;
	const char *folder;
	pthread_t thread;
	pthread_mutex_t mutex;
	pthread_cond_t wake;
	bool over;
	int fd;
};

/* In place, so that it needs no room on the disk. One that fails is made up for by the next. */
static void write_record(const struct abl_beat *b, const struct abl_lock_record *r)
{
	char text[ABL_LOCK_RECORD + 1];

	abl_lock_record_text(r, text);
	if (pwrite(b->fd, text, ABL_LOCK_RECORD, 0) == ABL_LOCK_RECORD)
		(void)fdatasync(b->fd);
}

/* The file is written without the mutex: a server may take its time, and the others go on. */
static void *renew(void *data)
{
	struct abl_beat *b = data;
	struct abl_lock_record r;
	struct timespec next;

	pthread_mutex_lock(&b->mutex);
	while (!b->over) {
		b->record.beat++;
		r = b->record;
		pthread_mutex_unlock(&b->mutex);
		/* one who woke after it was taken over is not to cover the new holder's */
		if (abl_claim_is_own(b->folder, &r))
			write_record(b, &r);
		clock_gettime(CLOCK_MONOTONIC, &next);
		next.tv_nsec += (long)(1e9 * (ABL_LOCK_BEAT - (double)(time_t)ABL_LOCK_BEAT));
		next.tv_sec += (time_t)ABL_LOCK_BEAT + next.tv_nsec / 1000000000;
		next.tv_nsec %= 1000000000;
		pthread_mutex_lock(&b->mutex);
		while (!b->over && pthread_cond_timedwait(&b->wake, &b->mutex, &next) != ETIMEDOUT)
			;
	}
	pthread_mutex_unlock(&b->mutex);
	return NULL;
}

/* Signals are the main thread's. */
static int start_thread(struct abl_beat *b)
{
	pthread_condattr_t monotonic;
	sigset_t all, before;
	int why;

	pthread_condattr_init(&monotonic);
	pthread_condattr_setclock(&monotonic, CLOCK_MONOTONIC);
	pthread_cond_init(&b->wake, &monotonic);
	pthread_condattr_destroy(&monotonic);
	pthread_mutex_init(&b->mutex, NULL);
	sigfillset(&all);
	pthread_sigmask(SIG_SETMASK, &all, &before);
	why = pthread_create(&b->thread, NULL, renew, b);
	pthread_sigmask(SIG_SETMASK, &before, NULL);
	return why;
}

int abl_beat_begin(struct abl_beat **out, const char *folder, int fd,
		   const struct abl_lock_record *own, struct abl_err *err)
{
	struct abl_beat *b = abl_calloc(1, sizeof *b);
	int why;

	*b = (struct abl_beat){.record = *own, .folder = folder, .fd = fd};
	write_record(b, own);
	why = start_thread(b);
	if (why) {
		free(b);
		return abl_err_set(err, ABL_EIO, "cannot start the lock's beat: %s", strerror(why));
	}
	*out = b;
	return 0;
}

void abl_beat_end(struct abl_beat *b)
{
	if (!b)
		return;
	pthread_mutex_lock(&b->mutex);
	b->over = true;
	pthread_cond_signal(&b->wake);
	pthread_mutex_unlock(&b->mutex);
	pthread_join(b->thread, NULL);
	pthread_cond_destroy(&b->wake);
	pthread_mutex_destroy(&b->mutex);
	free(b);
}

void abl_beat_note_snapshot(struct abl_beat *b)
{
	pthread_mutex_lock(&b->mutex);
	b->record.snapshot = b->record.beat;
	pthread_mutex_unlock(&b->mutex);
}
