/* SPDX-License-Identifier: Apache-2.0 */
#include "signals.h"

#include <signal.h>

enum { LAST = 64 };

static struct {
	sigset_t blocked, ignored;
	int known;
} found;

void abl_signals_note(void)
{
	struct sigaction now;

	sigemptyset(&found.ignored);
	for (int i = 1; i <= LAST; i++)
		if (!sigaction(i, NULL, &now) && now.sa_handler == SIG_IGN)
			sigaddset(&found.ignored, i);
	sigprocmask(SIG_SETMASK, NULL, &found.blocked);
	found.known = 1;
}

bool abl_signals_ignored(int signal)
{
	return found.known && sigismember(&found.ignored, signal) == 1;
}

void abl_signals_pass_over(int signal)
{
	if (!found.known)
		abl_signals_note();
	sigaddset(&found.ignored, signal);
}

void abl_signals_put_back(void)
{
	struct sigaction action = {.sa_handler = SIG_DFL};
	sigset_t none;

	sigemptyset(&none);
	for (int i = 1; i <= LAST; i++) {
		action.sa_handler = abl_signals_ignored(i) ? SIG_IGN : SIG_DFL;
		sigaction(i, &action, NULL); /* fails for the few that nobody may change */
	}
	sigprocmask(SIG_SETMASK, found.known ? &found.blocked : &none, NULL);
}
