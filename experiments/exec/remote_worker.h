/* SPDX-License-Identifier: Apache-2.0 */
/* remote_worker.h - a worker as its head knows it, and the attempts that it runs; for remote*.c. */
#ifndef ABL_REMOTE_WORKER_H
#define ABL_REMOTE_WORKER_H

#include "remote.h"
#include "talk.h"

#include <poll.h>

enum abl_remote_state {
	ABL_REMOTE_CALLED, /* its link is there; no hello has come, or nobody had time for it */
	ABL_REMOTE_JOINED,
	ABL_REMOTE_LEAVING, /* gets no more: what it runs ends soon */
	ABL_REMOTE_AWAY,    /* its link has ended, and it may come back by another */
	ABL_REMOTE_ENDING,  /* has nothing of ours any more, and is given time to end */
	ABL_REMOTE_GONE,    /* is taken out at the end of advance() */
};

struct abl_remote_attempt {
	int64_t number;               /* for whoever has started it */
	struct abl_wire_attempt of;   /* its key is our own */
	struct abl_attempt_spec spec; /* its sink; the texts are gone */
	char **cards;                 /* that it has; NULL-terminated, or NULL */
	double started, killed; /* seconds of our clock; killed: when that was asked for, or 0 */
	double awaited; /* since when its end is to be said by a worker that came back, or 0, */
	bool sealed;    /* and it has sealed what it made */
	bool asked;
	size_t strange; /* lines that its sink did not understand */
};

struct abl_remote_worker {
	struct abl_remote *all;
	char *name; /* of its link, or what a caller calls itself */
	enum abl_remote_state state;
	struct abl_talk talk;
	bool unsent; /* something was said to it in the meantime */
	struct pollfd watched[ABL_LINK_DESCRIPTORS];
	size_t watched_count;
	char broken[200]; /* why its link is of no use any more; "" = it is */
	char last[120];   /* line of its launcher */
	int64_t number;   /* 0: it has not joined */
	struct abl_message hello;
	struct abl_remote_attempt **attempt; /* [running] */
	size_t running, capacity;
	const char **cards;         /* the free ones, for offers */
	double added, heard, until; /* by our clock; until: ENDING, or waits for the end's words */
	double told, seconds_left, memory_left; /* what its last beat said */
	double given;                           /* when it was given its last attempt */
	double rests, pause; /* nothing is offered until then; the pause after the next refusal */
	struct abl_wire_attempt *dropped; /* [dropped_count] that it was told to let go of */
	size_t dropped_count, dropped_capacity;
	int failures; /* in a row, to start an attempt */
	bool silent_told;
	char leaves[200];        /* why it gets no more; "" */
	enum abl_remote_how how; /* and what it is then */
};

struct abl_remote {
	struct abl_remote_setup setup;
	struct abl_remote_worker **worker; /* [count] */
	size_t count, capacity;
	struct abl_remote_rank {
		double load;
		struct abl_remote_worker *worker;
	} * rank; /* [rank_capacity] scratch of offers() */
	size_t rank_capacity;
	size_t running;            /* attempts */
	int64_t attempts, workers; /* numbers that were given */
	bool told_caller;          /* of one that called us and was none */
	bool lets_go;              /* callers may find the next head when we end */
	int poll;                  /* an epoll: all links' descriptors as one */
	double listened;           /* when we did last */
};

double abl_remote_now(const struct abl_remote *r);
void abl_remote_says(const struct abl_remote *r, const char *fmt, ...) ABL_PRINTF(2, 3);
/* "n1 (host cas01)" */
const char *abl_remote_title(const struct abl_remote_worker *w, char out[120]);

/* Its link. */

/* Will be sent by the next advance(). False: it is too long. */
bool abl_remote_say(struct abl_remote_worker *w, const struct abl_message *m);
/* Keep, or drop. */
void abl_remote_tell(struct abl_remote_worker *w, enum abl_say say,
		     const struct abl_wire_attempt *of);
/* Hears what has come and sends what goes, for advance(). */
void abl_remote_talk(struct abl_remote_worker *w);
/* Its link is of no use any more; the first words count. */
void abl_remote_break(struct abl_remote_worker *w, const char *fmt, ...) ABL_PRINTF(2, 3);
void abl_remote_hang_up(struct abl_remote_worker *w);

/* What it says (remote_hear.c, remote_join.c). False: no more is to be heard. */
bool abl_remote_hear(void *worker, const struct abl_message *m);
/* Takes it in whose hello is there, unless it does not fit. */
void abl_remote_join(struct abl_remote_worker *w);

/* Its attempts. */

struct abl_remote_attempt *abl_remote_attempt_of(const struct abl_remote_worker *w,
						 const struct abl_wire_attempt *of);
/* That of another worker, which *at gets. */
struct abl_remote_attempt *abl_remote_attempt_elsewhere(const struct abl_remote_worker *w,
							const struct abl_wire_attempt *of,
							struct abl_remote_worker **at);
/* A new one, with the sink of that spec. */
struct abl_remote_attempt *abl_remote_attempt_add(struct abl_remote_worker *w,
						  const struct abl_wire_attempt *of,
						  const struct abl_attempt_spec *spec);
/* Tells its sink, and forgets it. The end gets the worker's name where something is to be said. */
void abl_remote_attempt_end(struct abl_remote_worker *w, struct abl_remote_attempt *a,
			    struct abl_end *end);
/* Of a worker that has come back by another link, which says its end next. */
void abl_remote_attempt_move(struct abl_remote_worker *from, struct abl_remote_worker *to,
			     struct abl_remote_attempt *a);

/* What it runs is none of ours; and that has ended. */
void abl_remote_drop(struct abl_remote_worker *w, const struct abl_wire_attempt *of);
void abl_remote_dropped(struct abl_remote_worker *w, const struct abl_wire_attempt *of);

/* Its end. */

/* Gets no more attempts. When the last has ended, it is told to end, too: with a refusal where it
 * is one. */
void abl_remote_bar(struct abl_remote_worker *w, enum abl_remote_how how, const char *why);
/* Everything that it runs is lost; it is told to let go of it, and given time to end. */
void abl_remote_part(struct abl_remote_worker *w, enum abl_remote_how how, const char *why);
/* Takes it out without a word: another has its place. */
void abl_remote_forget(struct abl_remote_worker *w);
/* What is due: a lease that is over, a link that has ended. */
void abl_remote_look_at(struct abl_remote_worker *w);
/* When that will be; INFINITY. */
double abl_remote_due(const struct abl_remote_worker *w);
void abl_remote_worker_destroy(struct abl_remote_worker *w);

#endif
