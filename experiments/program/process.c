/* SPDX-License-Identifier: Apache-2.0 */
#include "process.h"

#include "machine.h"
#include "process_keeper.h"
#include "process_output.h"
#include "process_path.h"
#include "process_tree.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

/* Seconds. */
#define TICK 1.
#define LOOK_AGAIN .1 /* are we asked to stop? */
#define LOOK_SOON .02 /* are those that it left behind gone? */
#define LINGER 1.     /* for what the program has left behind at its end */
#define LONGEST_KILL 10.

struct run {
	const struct abl_process_spec *spec;
	struct abl_process_end *end;
	struct abl_keeper keeper;
	struct abl_output output;
	bool ended; /* the program; others of its tree may run on */
	int failed; /* errno of its start */
	bool no_folder;
	double asked, ended_at, ticked;
};

/* What it prints. */

enum { BLOCKS = 64 }; /* read at a time: a flood must not keep us from all else */

static void drain(struct run *r)
{
	static char block[1 << 16];

	for (int i = 0; i < BLOCKS && r->keeper.output >= 0; i++) {
		const ssize_t n = read(r->keeper.output, block, sizeof block);

		if (n > 0) {
			abl_output_feed(&r->output, block, (size_t)n);
		} else if (!n || (errno != EINTR && errno != EAGAIN)) {
			close(r->keeper.output);
			r->keeper.output = -1;
		} else if (errno == EAGAIN) {
			return;
		}
	}
}

/* What the keeper says. */

static void set_ended(struct run *r, int status)
{
	r->ended = true;
	r->ended_at = abl_clock_now();
	r->end->exit_code = WIFEXITED(status) ? WEXITSTATUS(status) : -1;
	r->end->signal = WIFSIGNALED(status) ? WTERMSIG(status) : 0;
}

static void hear(struct run *r)
{
	struct abl_keeper_report report;
	ssize_t n;

	while ((n = read(r->keeper.news, &report, sizeof report)) == (ssize_t)sizeof report) {
		if (report.news == ABL_KEEPER_ENDED && !r->ended) {
			set_ended(r, report.value);
		} else if (report.news != ABL_KEEPER_ENDED) {
			r->failed = report.value;
			r->no_folder = report.news == ABL_KEEPER_NO_FOLDER;
		}
	}
	if (n || r->ended)
		return;
	set_ended(r, SIGKILL); /* the keeper was killed, and the program with it */
	r->ended_at -= LINGER; /* what is left has lost its program and gets no time */
	close(r->keeper.life);
	r->keeper.life = -1;
}

/* Stopping. */

static void ask_to_stop(struct run *r)
{
	const struct abl_process_spec *s = r->spec;

	if (r->asked > 0 || !s->stopping || !s->stopping(s->data))
		return;
	r->asked = abl_clock_now();
	r->end->asked = !r->ended;
	abl_tree_signal(getpid(), r->keeper.pid, s->stop_signal);
	abl_tree_signal(getpid(), r->keeper.pid, SIGCONT); /* it may be stopped */
}

/* Is the time of what is still there over? */
static bool is_over(const struct run *r)
{
	const double now = abl_clock_now();

	if (r->asked > 0)
		return now >= r->asked + r->spec->stop_grace;
	return r->ended && now >= r->ended_at + LINGER;
}

/* True: nothing of it is left. */
static bool is_done(struct run *r)
{
	struct abl_pids left = {0};
	bool done;

	if (!r->ended && !is_over(r))
		return false;
	abl_tree_list(getpid(), r->keeper.pid, &left);
	done = !left.count;
	abl_pids_finish(&left);
	if (!done && is_over(r)) {
		const bool program = !r->ended;
		const size_t killed = abl_tree_kill(getpid(), r->keeper.pid, LONGEST_KILL);

		r->end->killed = program;
		r->end->left_behind = killed - (program && killed);
		return true;
	}
	return done;
}

/* Nobody can be deaf to SIGSTOP, which a program may send to its parent. */
static void wake_keeper(const struct run *r)
{
	kill(r->keeper.pid, SIGCONT);
}

static void look(struct run *r)
{
	const struct abl_process_spec *s = r->spec;

	drain(r);
	hear(r);
	ask_to_stop(r);
	if (abl_clock_now() < r->ticked + TICK)
		return;
	r->ticked = abl_clock_now();
	wake_keeper(r);
	if (s->tick)
		s->tick(s->data);
}

/* The keeper ends when nothing is left; a program that we have just killed is told of before. */
static void dismiss(struct run *r)
{
	struct pollfd news = {.fd = r->keeper.news, .events = POLLIN};
	int status;

	wake_keeper(r);
	while (!r->ended && poll(&news, 1, (int)(1000 * LONGEST_KILL)) > 0)
		hear(r);
	if (!r->ended)
		set_ended(r, SIGKILL); /* nothing ends it: it waits for a device */
	if (r->keeper.life >= 0)
		close(r->keeper.life);
	while (waitpid(r->keeper.pid, &status, 0) < 0 && errno == EINTR)
		;
	while (waitpid(-1, &status, WNOHANG) > 0) /* what came to us when the keeper was killed */
		;
	drain(r);
	if (r->keeper.output >= 0)
		close(r->keeper.output);
	close(r->keeper.news);
}

static int run(struct run *r, const char *path, struct abl_err *err)
{
	const int rc = abl_keeper_start(&r->keeper, r->spec, path, err);

	if (rc)
		return rc;
	r->ticked = abl_clock_now();
	while (!is_done(r)) {
		struct pollfd fds[] = {{.fd = r->keeper.output, .events = POLLIN},
				       {.fd = r->keeper.news, .events = POLLIN}};

		/* poll() passes over the output's descriptor once it is closed, and the news have
		 * an end only with the keeper */
		(void)!poll(fds, r->ended ? 1 : 2,
			    (int)(1000 * (r->ended ? LOOK_SOON : LOOK_AGAIN)));
		look(r);
	}
	dismiss(r);
	abl_output_end(&r->output);
	abl_output_tail(&r->output, r->end->tail, sizeof r->end->tail);
	if (r->failed)
		return abl_process_path_failed(r->spec, path, r->no_folder, r->failed, err);
	return 0;
}

int abl_process_run(const struct abl_process_spec *spec, struct abl_process_end *end,
		    struct abl_err *err)
{
	struct run r = {.spec = spec,
			.end = end,
			.output = {.log = spec->log, .data = spec->data, .line = spec->line}};
	struct sigaction before;
	const struct sigaction wait = {.sa_handler = SIG_DFL};
	char *path = NULL;
	int rc;

	*end = (struct abl_process_end){.exit_code = -1};
	rc = abl_process_path(spec, &path, err);
	if (rc)
		return rc;
	sigaction(SIGCHLD, &wait, &before); /* whoever ignores it hears of no end */
	prctl(PR_SET_CHILD_SUBREAPER, 1);
	rc = run(&r, path, err);
	sigaction(SIGCHLD, &before, NULL);
	abl_output_finish(&r.output);
	free(path);
	return rc;
}
