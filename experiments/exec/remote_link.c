/* SPDX-License-Identifier: Apache-2.0 */
/* remote_link.c - what is said to a worker and heard of it, and the waiting for that. */
#include "remote_worker.h"

#include "machine.h"
#include "str.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <sys/epoll.h>

double abl_remote_now(const struct abl_remote *r)
{
	return r->setup.now ? r->setup.now() : abl_clock_now();
}

void abl_remote_says(const struct abl_remote *r, const char *fmt, ...)
{
	char text[600];
	va_list args;

	if (!r->setup.hooks.says)
		return;
	va_start(args, fmt);
	vsnprintf(text, sizeof text, fmt, args);
	va_end(args);
	r->setup.hooks.says(r->setup.hooks.data, text);
}

#define MOST_UNSENT ((size_t)16 << 20) /* bytes for one that does not read */

_Static_assert(EPOLLIN == POLLIN && EPOLLOUT == POLLOUT, "the same events");

void abl_remote_break(struct abl_remote_worker *w, const char *fmt, ...)
{
	va_list args;

	if (*w->broken)
		return;
	va_start(args, fmt);
	vsnprintf(w->broken, sizeof w->broken, fmt, args);
	va_end(args);
}

static bool is_watched(const struct pollfd *list, size_t count, int fd)
{
	for (size_t i = 0; i < count; i++)
		if (list[i].fd == fd)
			return true;
	return false;
}

/* Has the epoll wait for what the link waits for now. With one descriptor for all of them, the loop
 * looks at those only that have news: a head of 500 workers does not ask 500 descriptors each time
 * that one of them says a line. */
static void watch(struct abl_remote_worker *w)
{
	struct pollfd now[ABL_LINK_DESCRIPTORS];
	const size_t n = *w->broken ? 0 : abl_talk_descriptors(&w->talk, now, ABL_LINK_DESCRIPTORS);

	if (n == w->watched_count && !memcmp(now, w->watched, n * sizeof *now))
		return;
	for (size_t i = 0; i < w->watched_count; i++)
		if (!is_watched(now, n, w->watched[i].fd))
			(void)epoll_ctl(w->all->poll, EPOLL_CTL_DEL, w->watched[i].fd, NULL);
	for (size_t i = 0; i < n; i++) {
		struct epoll_event e = {.events = (unsigned short)now[i].events, .data.ptr = w};
		const int how = is_watched(w->watched, w->watched_count, now[i].fd) ? EPOLL_CTL_MOD
										    : EPOLL_CTL_ADD;

		if (now[i].fd >= 0 && epoll_ctl(w->all->poll, how, now[i].fd, &e))
			abl_remote_break(w, "its link cannot be waited for: %s", strerror(errno));
	}
	memcpy(w->watched, now, n * sizeof *now);
	w->watched_count = n;
}

bool abl_remote_say(struct abl_remote_worker *w, const struct abl_message *m)
{
	if (!abl_talk_say(&w->talk, m))
		return false;
	if (abl_talk_waiting(&w->talk) > MOST_UNSENT)
		abl_remote_break(w, "it has not read what it was told");
	w->unsent = true;
	return true;
}

void abl_remote_tell(struct abl_remote_worker *w, enum abl_say say,
		     const struct abl_wire_attempt *of)
{
	const struct abl_message m = {.say = say, .drop = *of /* keep is the same */};

	(void)abl_remote_say(w, &m);
}

void abl_remote_talk(struct abl_remote_worker *w)
{
	if (!*w->broken && !abl_talk_advance(&w->talk))
		abl_remote_break(w, "%s", w->talk.why.text);
	w->unsent = false;
	watch(w);
}

void abl_remote_hang_up(struct abl_remote_worker *w)
{
	abl_remote_break(w, "it is not wanted any more");
	watch(w);
	abl_talk_finish(&w->talk);
}
