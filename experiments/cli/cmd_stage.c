/* SPDX-License-Identifier: Apache-2.0 */
/* cmd_stage.c - the child: executes the stage that the trial file asks for and writes JSON lines to
 * descriptor 3. The supervisor starts it; nobody types it. */
#include "cause.h"
#include "command.h"
#include "kind.h"
#include "protocol.h"
#include "protocol_fd.h"
#include "seal.h"
#include "sealed.h"
#include "signals.h"
#include "str.h"
#include "trial_file.h"

#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>

static volatile sig_atomic_t asked;
static const struct abl_protocol_writer *dying; /* the one that last words go to */

static void ask(int signal)
{
	asked = 1;
}

/* Whoever asks us to stop says SIGTERM. The others are for a whole session, or are sent by a queue
 * to every process of a job: the supervisor decides what they mean, and a program that is being run
 * must not lose its parent by one. */
static void ignore_others(void)
{
	static const int others[] = {SIGPIPE, SIGHUP, SIGINT, SIGQUIT, SIGUSR1, SIGUSR2};
	const struct sigaction ignore = {.sa_handler = SIG_IGN};

	/* for SIGPIPE: a write then fails, and the stage stops */
	for (size_t i = 0; i < sizeof others / sizeof *others; i++)
		sigaction(others[i], &ignore, NULL);
}

static bool is_asked(void)
{
	return asked;
}

/* By hand: there is no memory for more. */
static void tell_out_of_memory(const char *text)
{
	char line[160];
	const int n =
		snprintf(line, sizeof line, "{\"error\":\"%s\",\"cause\":\"memory\"}\n", text);

	(void)dying->send(dying->carrier, line, (size_t)n);
}

static int exec_stage(const struct abl_args *args, struct abl_err *err)
{
	const struct sigaction stop = {.sa_handler = ask};
	int fd = ABL_PROTOCOL_FD;
	struct abl_protocol_writer writer = {
		.send = abl_protocol_fd_send, .carrier = &fd, .stop = is_asked};
	const struct abl_events live = abl_protocol_events(&writer);
	struct abl_seal seal;
	const struct abl_events events = abl_seal_events(&seal, &live);
	const char *path = getenv("ABLATE_TRIAL");
	const struct abl_kind *kind;
	struct abl_trial trial;
	int rc;

	if (!path || fcntl(ABL_PROTOCOL_FD, F_GETFD) < 0) {
		abl_err_set(err, ABL_EINPUT,
			    "'stage' is started by 'ablate run', not by hand: it needs "
			    "ABLATE_TRIAL and descriptor %d",
			    ABL_PROTOCOL_FD);
		return ABL_EXIT_USAGE;
	}
	dying = &writer;
	abl_last_words(tell_out_of_memory);
	sigaction(SIGTERM, &stop, NULL);
	ignore_others();
	abl_signals_let_come(); /* held back since the fork, or by whoever started the run */
	if (abl_trial_read(&trial, path, abl_kind_space, err))
		return ABL_EXIT_USAGE;
	kind = abl_kind_find(trial.stage);
	rc = kind ? kind->run(&trial, &events, err)
		  : abl_err_set(err, ABL_EINPUT, "unknown stage '%.60s'", trial.stage);
	rc = rc ? rc : abl_seal_write(&seal, trial.output, trial.key, trial.attempt, err);
	rc = rc ? rc : abl_made_remove_others(trial.output, err);
	if (!rc && kind->tidy)
		kind->tidy(&trial);
	if (rc && rc != ABL_ESTOP)
		abl_protocol_error(&writer, err->text, abl_cause_name(abl_cause_of_code(rc)));
	abl_seal_finish(&seal);
	abl_trial_finish(&trial);
	return ABL_EXIT_OK;
}

const struct abl_command abl_cmd_stage = {
	.name = "stage",
	.usage = "",
	.summary = "execute one stage ($ABLATE_TRIAL); the supervisor's child",
	.hidden = true,
	.exec = exec_stage,
};
