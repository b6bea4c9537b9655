/* SPDX-License-Identifier: Apache-2.0 */
/* pool.h - runs child processes, N at a time, in the shape of git's run_processes_parallel():
 * callbacks say what comes next, hear each line a child writes to descriptor 3, and hear how it
 * ended.
 *
 * A child is our own binary or any other program. It gets its own process group (a Ctrl-C at the
 * terminal reaches us only), dies with us (PDEATHSIG), reads nothing, writes stdout and stderr to
 * its log file, and sees a clean OpenMP and BLIS environment. Children are made by fork and exec;
 * between the two nothing but system calls happens, and every other descriptor of ours closes on
 * exec. */
#ifndef ABL_POOL_H
#define ABL_POOL_H

#include "errors.h"

#include <stdbool.h>
#include <stddef.h>

struct abl_pool_job {            /* copied where needed: may be freed after `next` returns */
	const char *const *argv; /* argv[0] is the path to execute; NULL-terminated */
	const char *trial;       /* $ABLATE_TRIAL */
	const char *log;         /* stdout, stderr and unknown lines are appended here */
	int threads;             /* $OMP_NUM_THREADS */
	double limit;            /* seconds; 0 = none */
	void *data;              /* given back to the callbacks */
};

struct abl_pool_end {
	bool spawned;   /* false: the process could not be started, see text */
	int exit_code;  /* -1 when a signal ended it */
	int signal;     /* 0 when it exited */
	bool stopped;   /* we had asked it to stop */
	bool timed_out; /* because its time was up */
	double seconds; /* wall clock */
	double cpu_seconds;
	long max_rss_kib;
	size_t strange_lines; /* lines for which `line` said false; they are in the log */
	char text[160];       /* how it ended, for people: "killed by signal 9 (Killed)" */
};

struct abl_pool_hooks {
	void *data;
	/* Fills job and returns true, or false when nothing can start now. Asked again after each
	 * end. */
	bool (*next)(void *data, struct abl_pool_job *job);
	void (*started)(void *data, void *job_data, int pid); /* may be NULL */
	/* One line from descriptor 3, without its newline. False: it is not understood. */
	bool (*line)(void *data, void *job_data, const char *line, size_t length);
	void (*finished)(void *data, void *job_data, const struct abl_pool_end *end);
	/* Several times a second: redraw, save. `stops` counts the times we were asked to stop;
	 * false stops the pool as a signal would. May be NULL. */
	bool (*tick)(void *data, int stops);
};

/* Runs until nothing is running and `next` has nothing. SIGINT, SIGTERM and SIGHUP stop it: no new
 * jobs, SIGTERM to all children; the second kills them. ABL_ESTOP when it was stopped. Takes over
 * these signals and SIGCHLD while it runs, and puts back what was before. */
int abl_pool_run(const struct abl_pool_hooks *hooks, int workers, struct abl_err *err) ABL_MUST_USE;

/* Cores we may use: affinity mask and cgroup limit, at least 1. */
int abl_pool_cores(void);
/* Memory we may use in bytes: the machine's or the cgroup's limit, what is less. */
double abl_pool_memory(void);

#endif
