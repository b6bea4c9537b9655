/* SPDX-License-Identifier: Apache-2.0 */
/* pretended_worker.h - a head's executor, and workers that only pretend, each at the other end of a
 * pair of sockets; with a clock that stands until it is moved. */
#ifndef ABL_PRETENDED_WORKER_H
#define ABL_PRETENDED_WORKER_H

#include "remote.h"
#include "talk.h"

#define KEY_A "0123456789abcdef0123456789abcdef"
#define KEY_B "fedcba9876543210fedcba9876543210"

enum { PRETENDED_HEARD = 32 };

struct pretended_worker {
	struct abl_talk talk;
	int fd;
	/* what the head has said, in its order */
	struct abl_message heard[PRETENDED_HEARD];
	size_t heard_count;
	bool deaf; /* it stands still */
};

struct pretended_attempt { /* the sink of one */
	char last[80];     /* line */
	int lines;
	bool ended;
	struct abl_end end;
	int64_t number;
};

struct pretended_head {
	struct abl_executor remote;
	struct pretended_worker *worker[8];
	size_t count;
	char says[400], strange[80];
	char gone[200]; /* "n1 3 lost: why" of the last one */
	int goings, joins;
	int join_rc; /* what the next one that says hello gets */
	const char *kept,
		*sealed_told; /* key of what an earlier head had begun; of what was told */
	struct pretended_attempt kept_sink;
	bool returns; /* links may come again */
};

extern double pretended_now; /* seconds */

/* With a lease of 60 s; it wants version "1", keys "k" and store "s". */
void pretended_begin(struct pretended_head *h);
void pretended_end(struct pretended_head *h);
/* A worker's link; it has said nothing. */
struct pretended_worker *pretended_add(struct pretended_head *h, const char *name);
/* One of two slots, of 8 GiB, that has said hello. */
struct pretended_worker *pretended_joined(struct pretended_head *h, const char *name);
struct abl_hello pretended_hello(void);
void pretended_say(struct pretended_worker *w, const struct abl_message *m);
void pretended_say_text(struct pretended_worker *w, const char *text);
/* Both sides hear what there is, after so many seconds, in steps that a loop would take. */
void pretended_go(struct pretended_head *h, double seconds);
/* Its process is killed. */
void pretended_kill(struct pretended_worker *w);
/* The last message of that name that it has heard; NULL. */
const struct abl_message *pretended_heard(const struct pretended_worker *w, enum abl_say say);

size_t pretended_offers(struct pretended_head *h, struct abl_offer *out, size_t most);
/* Starts an attempt with that worker, and lets it hear of it. */
int pretended_start(struct pretended_head *h, int64_t worker, const char *key, int64_t attempt,
		    struct pretended_attempt *sink, struct abl_attempt_spec *more);
void pretended_started(struct pretended_worker *w, const char *key, int64_t attempt);
void pretended_line(struct pretended_worker *w, const char *key, int64_t attempt, const char *text);
void pretended_ended(struct pretended_worker *w, const char *key, int64_t attempt, bool asked);

#endif
