/* SPDX-License-Identifier: Apache-2.0 */
#include "status_watch.h"

#include "args.h"
#include "machine.h"
#include "status_json.h"
#include "status_page.h"
#include "writer.h"

#include <errno.h>
#include <math.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <termios.h>
#include <unistd.h>

#define EVERY 1.0 /* seconds between two drawings */
#define PLAIN 5.0 /* the same where there is no terminal */
#define SHARE 10  /* reading takes a tenth of the time at most: a large store is read less often */

static volatile sig_atomic_t ended, suspended, resized;

struct watch {
	const struct abl_args *args;
	const char *name;
	json_t *status; /* the last one that could be read, or NULL */
	struct abl_str remark;
	double took;           /* seconds to read it */
	struct termios before; /* of the keyboard */
	bool keyboard;         /* keys are read */
};

static void take_signal(int signal)
{
	if (signal == SIGWINCH)
		resized = 1;
	else if (signal == SIGTSTP)
		suspended = 1;
	else
		ended = signal;
}

static void take_signals(void)
{
	static const int all[] = {SIGINT, SIGTERM, SIGHUP, SIGWINCH, SIGTSTP};
	const struct sigaction action = {.sa_handler = take_signal};

	for (size_t i = 0; i < sizeof all / sizeof *all; i++)
		sigaction(all[i], &action, NULL);
	signal(SIGPIPE, SIG_IGN);
}

/* Past our own standard output, which shows control characters instead of sending them. */
static int send(const char *text, size_t length)
{
	return abl_fd_write(STDOUT_FILENO, text, length);
}

static void enter(struct watch *w)
{
	static const char words[] = "\033[?1049h\033[?25l\033[H\033[2J";
	struct termios raw;

	w->keyboard = isatty(STDIN_FILENO) && !tcgetattr(STDIN_FILENO, &w->before);
	if (w->keyboard) {
		raw = w->before;
		raw.c_lflag &= ~(tcflag_t)(ICANON | ECHO);
		tcsetattr(STDIN_FILENO, TCSANOW, &raw);
	}
	(void)send(words, sizeof words - 1);
}

static void leave(const struct watch *w)
{
	static const char words[] = "\033[?25h\033[?1049l";

	(void)send(words, sizeof words - 1);
	if (w->keyboard)
		tcsetattr(STDIN_FILENO, TCSANOW, &w->before);
}

static bool writes_utf8(void)
{
	static const char *const names[] = {"LC_ALL", "LC_CTYPE", "LANG"};

	for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
		const char *value = getenv(names[i]);

		if (value && *value)
			return strstr(value, "UTF-8") || strstr(value, "utf8") ||
			       strstr(value, "utf-8") || strstr(value, "UTF8");
	}
	return false;
}

static struct abl_page_size size_of(bool terminal)
{
	const char *colour = getenv("NO_COLOR");
	struct abl_page_size size = {.columns = 80, .wide_letters = writes_utf8()};
	struct winsize window;

	if (!terminal)
		return size;
	size.rows = 24;
	size.colour = !(colour && *colour);
	if (!ioctl(STDOUT_FILENO, TIOCGWINSZ, &window) && window.ws_col && window.ws_row) {
		size.columns = window.ws_col;
		size.rows = window.ws_row;
	}
	return size;
}

/* A store that is not there yet, or that somebody holds, is waited for. */
static void look(struct watch *w)
{
	const double began = abl_clock_now();
	struct abl_err err = {0};
	json_t *fresh = abl_status_json(w->args, w->name, &err);

	w->took = abl_clock_now() - began;
	abl_str_clear(&w->remark);
	if (fresh) {
		json_decref(w->status);
		w->status = fresh;
	} else {
		abl_str_puts(&w->remark, err.text);
	}
}

static int draw(struct watch *w, bool terminal)
{
	const struct abl_page_size size = size_of(terminal);
	struct abl_str page = {0}, out = {0};
	int failed;

	abl_status_page(w->status, w->remark.length ? w->remark.text : NULL,
			terminal ? "q or Ctrl-C leaves" : NULL, &size, &page);
	if (terminal) { /* no line end after the last row: it would scroll */
		size_t line = 0;

		abl_str_puts(&out, "\033[H");
		for (const char *p = page.text; *p && line < size.rows; line++) {
			const size_t n = strcspn(p, "\n");

			abl_str_printf(&out, "%s%.*s\033[K", line ? "\r\n" : "", (int)n, p);
			p += n + (p[n] == '\n');
		}
		abl_str_puts(&out, "\033[J");
	} else {
		abl_str_puts(&out, page.text);
		abl_str_puts(&out, "\n");
	}
	failed = send(out.text, out.length);
	abl_str_finish(&page), abl_str_finish(&out);
	return failed;
}

/* A key that leaves? Waits until it is time to look again, or something has happened. */
static bool is_left(struct watch *w, double seconds)
{
	const double until = abl_clock_now() + seconds;
	struct pollfd in = {.fd = w->keyboard ? STDIN_FILENO : -1, .events = POLLIN};
	char key;

	while (!ended && !suspended && !resized && abl_clock_now() < until) {
		if (poll(&in, 1, (int)(1000 * (until - abl_clock_now())) + 1) <= 0)
			continue;
		if (read(STDIN_FILENO, &key, 1) != 1)
			w->keyboard = false, in.fd = -1; /* it is closed */
		else if (key == 'q' || key == 'Q' || key == 3 || key == 4)
			return true;
	}
	return false;
}

/* Ctrl-Z: the shell gets its screen back, and we ours when it goes on. */
static void suspend(struct watch *w)
{
	leave(w);
	raise(SIGSTOP);
	suspended = 0;
	enter(w);
}

int abl_status_watch(const struct abl_args *args, const char *name, struct abl_err *err)
{
	const char *term = getenv("TERM");
	const bool terminal = isatty(STDOUT_FILENO) && term && *term && strcmp(term, "dumb") != 0;
	struct watch w = {.args = args, .name = name};
	bool left = false;
	int failed = 0;

	(void)err;
	take_signals();
	if (terminal)
		enter(&w);
	while (!left && !ended && !failed) {
		resized = 0;
		look(&w);
		failed = draw(&w, terminal);
		left = is_left(&w, fmax(terminal ? EVERY : PLAIN, SHARE * w.took));
		if (suspended && terminal)
			suspend(&w);
		suspended = 0;
	}
	if (terminal)
		leave(&w);
	json_decref(w.status);
	abl_str_finish(&w.remark);
	return 0;
}
