/* SPDX-License-Identifier: Apache-2.0 */
#include "run_signals.h"

#include "command.h"
#include "signals.h"

#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdio_ext.h>
#include <unistd.h>

/* Outside the pool, where the event loop takes signals, there are moments without anything to lose
 * and the drawing of figures, which ends with the figure. */
static volatile sig_atomic_t drawing, asked;

static void take_signal(int signal)
{
	static const char words[] = "ablate: stopped; nothing is lost\n";

	if (!drawing || asked) {
		(void)!write(STDERR_FILENO, words, sizeof words - 1);
		_exit(ABL_EXIT_STOPPED);
	}
	asked = 1;
}

void abl_run_take_signals(void)
{
	static const int stops[] = {SIGINT, SIGTERM, SIGHUP, SIGUSR1};
	const struct sigaction action = {.sa_handler = take_signal, .sa_flags = SA_RESTART};

	drawing = asked = 0;
	for (size_t i = 0; i < sizeof stops / sizeof *stops; i++)
		if (!abl_signals_ignored(stops[i]))
			sigaction(stops[i], &action, NULL);
	signal(SIGPIPE, SIG_IGN); /* who reads what we print may go; the work does not end by it */
}

void abl_run_drawing(bool on)
{
	drawing = on;
}

bool abl_run_asked(void)
{
	return asked;
}

void abl_run_forgive_reader(void)
{
	struct pollfd out = {.fd = STDOUT_FILENO};

	(void)fflush(stdout);
	if (poll(&out, 1, 0) != 1 || !(out.revents & POLLERR))
		return;
	__fpurge(stdout);
	clearerr(stdout);
}
