/* SPDX-License-Identifier: Apache-2.0 */
/* executor.h - where attempts run: a table of functions, as git has one for each way of keeping
 * references. local.c runs them as child processes of ours; a cluster or another machine is one
 * more file with such a table, and tests and `ablate bench` bring one that only pretends.
 *
 * Nothing in an executor waits. It lends the descriptors on which news come and the time at which
 * it has something to do, and event_loop.c waits for all executors at once: several can run side by
 * side. What it executes is `ablate stage` and nothing else; what that says comes back line by
 * line, whatever carries the lines. */
#ifndef ABL_EXECUTOR_H
#define ABL_EXECUTOR_H

#include "errors.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct pollfd; /* <poll.h> */

enum abl_end_kind {
	ABL_END_EXITED,      /* with exit_code */
	ABL_END_SIGNALLED,   /* by signal */
	ABL_END_TIMED_OUT,   /* its time was up: asked to stop, it ended with either of them */
	ABL_END_LOST,        /* nobody knows how: its machine is gone, somebody else took it, or
				what it told could not be read */
	ABL_END_NOT_STARTED, /* `text` says why */
};

struct abl_end { /* how an attempt ended */
	enum abl_end_kind kind;
	int exit_code;   /* -1 where there is none */
	int signal;      /* 0 where there is none */
	bool asked;      /* it had been asked to stop, by stop() or because its time was up */
	bool given_back; /* its worker did not want it or could not have it any more: that is no
			    failure, and it goes on elsewhere */
	double seconds;  /* wall clock */
	double cpu_seconds;
	long max_rss_kib;
	bool out_of_memory;   /* the system has killed it, or another, for want of memory */
	size_t strange_lines; /* lines for which `line` said false; they are in the log */
	char text[200];       /* for people: "killed by signal 9 (Killed)" */
};

/* Where one more attempt could start now. A worker is a process that runs attempts for us,
 * elsewhere or here; its texts are valid until the next advance() or start(). */
struct abl_offer {
	int64_t worker;           /* 0: this machine itself, without one */
	const char *name;         /* of the worker, for people; NULL: this machine */
	int threads;              /* that the attempt may compute with; 0: as the run says */
	double memory;            /* bytes there that nobody has claimed; INFINITY: not known */
	double seconds;           /* until its machine is taken away; INFINITY: nobody does */
	const char *const *cards; /* its free ones; NULL-terminated, or NULL: none */
	bool idle;                /* nothing runs there */
};

struct abl_needed_file { /* what an attempt reads that is none of the store's */
	const char *path, *hash;
};

/* What to run. start() copies what it needs later. */
struct abl_attempt_spec {
	const char *path;        /* to execute; NULL: argv[0] */
	const char *const *argv; /* NULL-terminated */
	const char *trial;       /* $ABLATE_TRIAL */
	/* It calls abl_signals_let_come(): until then those of signals.h wait for it. */
	bool takes_signals;
	/* "NAME=value", what its environment has beside ours; NULL-terminated, or NULL: nothing */
	const char *const *environment;
	int64_t worker;  /* of the offer that was taken */
	const char *key; /* of the stage, and the attempt's number: what a worker calls it */
	int64_t attempt;
	const char *const *cards;            /* of the offer, that it has; NULL: none */
	const struct abl_needed_file *files; /* ends with a path NULL; or NULL */
	const char *log; /* stdout, stderr and unknown lines are appended here */
	int cores;       /* it may compute with so many threads: $OMP_NUM_THREADS */
	/* Bytes of its own that it may have; 0 = no limit. A supervisor sets none: what a process
	 * has only reserved counts, too (oneDNN, a sanitizer), and the machine's end is told of. */
	double memory;
	double expected_memory; /* bytes that it will take, as far as anybody knows; 0: nobody does
				 */
	double seconds;         /* from its start until it is asked to stop; 0 = no limit */
	/* The sink of what comes back; `data` is everyone's. Both are called from advance() only,
	 * and call nothing of the executor. */
	void *data;
	/* One line, without its newline. False: it is not understood. */
	bool (*line)(void *data, const char *line, size_t length);
	void (*ended)(void *data, const struct abl_end *end); /* once, the last thing it tells */
};

enum abl_stop {
	ABL_STOP_GENTLY, /* save your state and end; the executor kills what does not in a while */
	ABL_STOP_HARD,
};

enum { ABL_EVERY_ATTEMPT = 0 }; /* in place of an attempt's number */

struct abl_executor_ops {
	const char *name;
	/* Where attempts could start now, one at each, best first. Fills at most `most`; returns
	 * how many there are. */
	size_t (*offers)(void *state, struct abl_offer *out, size_t most);
	/* Attempts that were started and have not ended. */
	size_t (*running)(void *state);
	/* Starts one, where there was an offer. *number, > 0, names it from then on: here the id of
	 * its process, elsewhere of its job. On an error nothing was started, and `ended` will not
	 * be called. */
	int (*start)(void *state, const struct abl_attempt_spec *spec, int64_t *number,
		     struct abl_err *err);
	/* Asks only: how it ended comes from advance(). One that has ended is passed over. */
	void (*stop)(void *state, int64_t number, enum abl_stop how);
	/* Fills at most `most` entries; returns how many there are. */
	size_t (*descriptors)(void *state, struct pollfd *out, size_t most);
	/* When advance() is to be called at the latest, in seconds of abl_clock_now(); INFINITY. */
	double (*deadline)(void *state);
	/* Takes the news there are, and does what is due. May be called at any time. */
	void (*advance)(void *state);
	void (*destroy)(void *state); /* nothing is running any more; may be NULL */
};

struct abl_executor {
	const struct abl_executor_ops *ops;
	void *state;
};

void abl_executor_finish(struct abl_executor *executor); /* null-safe */

#endif
