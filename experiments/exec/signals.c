/* SPDX-License-Identifier: Apache-2.0 */
#include "signals.h"

#include <signal.h>
#include <stddef.h>

enum { LAST = 64 };

static const int held[] = {SIGTERM, SIGHUP, SIGINT, SIGQUIT, SIGUSR1, SIGUSR2};

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

/* With those of `set` blocked, too. */
static void put_back(const sigset_t *set)
{
	struct sigaction action = {.sa_handler = SIG_DFL};
	sigset_t mask;

	sigemptyset(&mask);
	for (int i = 1; i <= LAST; i++) {
		action.sa_handler = abl_signals_ignored(i) ? SIG_IGN : SIG_DFL;
		sigaction(i, &action, NULL); /* fails for the few that nobody may change */
		if (sigismember(set, i) == 1 ||
		    (found.known && sigismember(&found.blocked, i) == 1))
			sigaddset(&mask, i);
	}
	sigprocmask(SIG_SETMASK, &mask, NULL);
}

void abl_signals_put_back(void)
{
	sigset_t none;

	sigemptyset(&none);
	put_back(&none);
}

static void set_of_held(sigset_t *set)
{
	sigemptyset(set);
	for (size_t i = 0; i < sizeof held / sizeof *held; i++)
		sigaddset(set, held[i]);
}

void abl_signals_hold(sigset_t *before)
{
	sigset_t set;

	set_of_held(&set);
	sigprocmask(SIG_BLOCK, &set, before);
}

void abl_signals_put_back_held(void)
{
	sigset_t set;

	set_of_held(&set);
	put_back(&set);
}

void abl_signals_let_come(void)
{
	sigset_t set;

	set_of_held(&set);
	for (size_t i = 0; i < sizeof held / sizeof *held; i++)
		sigdelset(&found.blocked, held[i]);
	sigprocmask(SIG_UNBLOCK, &set, NULL);
}
