/* SPDX-License-Identifier: Apache-2.0 */
/* remote.h - attempts that run with workers: an executor whose attempts are started, relayed and
 * ended by `ablate worker` processes at the other end of links (wire_link.h).
 *
 * A worker is there as long as its link holds and it is heard: anything that it says counts, and it
 * beats when it has nothing to say. Silent for a lease, by our monotonic clock, it is lost, and so
 * are its attempts: they end here as ABL_END_LOST, and what it says of them later is passed over.
 * Time in which we did not listen, since we stood still, is no silence. One that was only stopped
 * finds a word to let go of everything when it wakes, and the end of its link.
 *
 * What start() and stop() are to tell leaves with the next advance(). */
#ifndef ABL_REMOTE_H
#define ABL_REMOTE_H

#include "executor.h"
#include "wire.h"
#include "wire_link.h"

enum abl_remote_how {
	ABL_REMOTE_LEFT,    /* it said so, or had nothing to do any more */
	ABL_REMOTE_LOST,    /* its link ended, it was silent for a lease, or sent what is none */
	ABL_REMOTE_REFUSED, /* another version, another store, other data */
};

struct abl_remote_hooks { /* called from advance() only; they call nothing of the executor */
	void *data;
	/* One that fits has said hello by the link of that name. *number, > 0, is the worker's from
	 * then on. ABL_EBUSY: it is asked again in a while; another error refuses the worker, in
	 * those words. NULL: they are counted. */
	int (*joined)(void *data, const char *name, const struct abl_hello *hello, int64_t *number,
		      struct abl_err *err);
	/* The link of that name has a worker no more; `number` is 0 where it had never joined. Its
	 * attempts have ended before. May be NULL. */
	void (*gone)(void *data, const char *name, int64_t number, enum abl_remote_how how,
		     const char *why);
	/* One that has said hello does not fit, and has not joined; gone() follows. May be NULL. */
	void (*refused)(void *data, const char *name, const struct abl_hello *hello,
			const char *why);
	/* A worker runs an attempt that none of us has started: an earlier head has. True: it is
	 * current, and `sink` got data, line and ended. NULL: none is. */
	bool (*keep)(void *data, int64_t worker, const struct abl_wire_attempt *of,
		     struct abl_attempt_spec *sink);
	/* A worker has sealed an attempt that none of us has started. May be NULL. */
	void (*sealed)(void *data, int64_t worker, const struct abl_wire_attempt *of);
	/* A sentence for whoever looks on. May be NULL. */
	void (*says)(void *data, const char *text);
	/* A line of whatever carries the link of that name: a banner, a warning. May be NULL. */
	void (*strange)(void *data, const char *name, const char *line, size_t length);
};

struct abl_remote_setup {                  /* texts are copied */
	const char *store, *data;          /* roots, absolute; data may be NULL */
	const char *version, *keys;        /* that a worker must have; hello's words. NULL: any */
	const char *store_id;              /* the same; NULL: any */
	const char *token;                 /* for a worker's next connection; NULL: it needs none */
	double beat, lease, grace, linger; /* seconds; 0: as usual */
	int trials_per_card;               /* 0: one */
	struct abl_remote_hooks hooks;
	double (*now)(void); /* a clock for tests; NULL: abl_clock_now() */
};

/* As usual. */
#define ABL_REMOTE_BEAT 15.0
#define ABL_REMOTE_LEASE 60.0
#define ABL_REMOTE_LINGER 600.0

int abl_remote_init(struct abl_executor *out, const struct abl_remote_setup *setup,
		    struct abl_err *err) ABL_MUST_USE;
/* Takes over the link, which a worker is to say hello by some day. `name` is for people. */
void abl_remote_add(struct abl_executor *remote, struct abl_link *link, const char *name);
/* When it is destroyed, workers that can come back by another link are not told to end: another
 * head listens soon. */
void abl_remote_let_go(struct abl_executor *remote);

#endif
