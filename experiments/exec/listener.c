/* SPDX-License-Identifier: Apache-2.0 */
#include "listener.h"

#include "files.h"
#include "head_file.h"
#include "link_tls.h"
#include "machine.h"
#include "tcp.h"

#include <arpa/inet.h>
#include <errno.h>
#include <math.h>
#include <netinet/in.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#define CROWDED .25 /* of the time that a handshake may take */
#define PAUSE .2    /* seconds, where the system gives no more descriptors */
enum { AT_ONCE = 64 /* connections taken and looked at, before others have their turn */ };

struct shaking { /* a connection whose handshake is not over */
	struct abl_tls_connection *connection;
	int fd;
	double since; /* by abl_clock_now() */
	char name[ABL_HEAD_ADDRESS + 8];
};

struct listener {
	struct abl_listener_setup setup;
	struct abl_head head;
	struct abl_tls *tls;
	char *path;  /* of head.json */
	int fd, all; /* all: an epoll of those that shake hands, one descriptor for them */
	struct shaking shaking[ABL_LISTENER_SHAKING]; /* [count], the oldest first */
	size_t count;
	double paused; /* until then no more are taken */
	const char *said[8];
	size_t said_count;
};

/* What is said once for each reason. */
static void tell(struct listener *l, const char *name, const char *why)
{
	struct abl_str line = {0};

	for (size_t i = 0; i < l->said_count; i++)
		if (!strcmp(l->said[i], why))
			return;
	if (l->said_count == sizeof l->said / sizeof *l->said)
		return;
	l->said[l->said_count++] = why;
	abl_str_printf(&line,
		       "dropped a connection from %s to port %d: %s (said once; the run goes on)",
		       name, l->head.port, why);
	l->setup.say(l->setup.data, line.text);
	abl_str_finish(&line);
}

/* Connections. */

static void forget(struct listener *l, size_t at)
{
	l->count--;
	memmove(&l->shaking[at], &l->shaking[at + 1], (l->count - at) * sizeof *l->shaking);
}

static void drop(struct listener *l, size_t at, const char *why)
{
	tell(l, l->shaking[at].name, why);
	abl_tls_drop(l->shaking[at].connection); /* closed: it is in no epoll any more */
	forget(l, at);
}

static void go_on(struct listener *l, size_t at)
{
	struct shaking *s = &l->shaking[at];
	struct epoll_event event = {.data.fd = s->fd};
	struct abl_link link;
	const char *why = "";
	short events = 0;

	switch (abl_tls_shake(s->connection, &events, &why)) {
	case ABL_TLS_SHAKING:
		event.events = events == POLLOUT ? EPOLLOUT : EPOLLIN;
		(void)epoll_ctl(l->all, EPOLL_CTL_MOD, s->fd, &event);
		return;
	case ABL_TLS_REFUSED:
		drop(l, at, why);
		return;
	case ABL_TLS_READY:
		(void)epoll_ctl(l->all, EPOLL_CTL_DEL, s->fd, NULL);
		link = abl_tls_link(s->connection);
		l->setup.joined(l->setup.data, &link, s->name);
		forget(l, at);
		return;
	}
}

/* "10.0.0.7:40312", "[fd00::1]:40312" */
static void write_name(const struct sockaddr_storage *from, char *out, size_t size)
{
	const struct sockaddr_in *four = (const void *)from;
	const struct sockaddr_in6 *six = (const void *)from;
	char text[ABL_HEAD_ADDRESS] = "?";

	if (from->ss_family == AF_INET) {
		inet_ntop(AF_INET, &four->sin_addr, text, sizeof text);
		snprintf(out, size, "%s:%d", text, ntohs(four->sin_port));
	} else if (IN6_IS_ADDR_V4MAPPED(&six->sin6_addr)) {
		inet_ntop(AF_INET, six->sin6_addr.s6_addr + 12, text, sizeof text);
		snprintf(out, size, "%s:%d", text, ntohs(six->sin6_port));
	} else {
		inet_ntop(AF_INET6, &six->sin6_addr, text, sizeof text);
		snprintf(out, size, "[%s]:%d", text, ntohs(six->sin6_port));
	}
}

static void add(struct listener *l, int fd, const struct sockaddr_storage *from)
{
	struct shaking *s = &l->shaking[l->count++];
	struct epoll_event event = {.events = EPOLLIN, .data.fd = fd};

	*s = (struct shaking){.fd = fd, .since = abl_clock_now()};
	abl_tcp_tune(fd, ABL_TCP_SILENCE_HEAD);
	write_name(from, s->name, sizeof s->name);
	s->connection = abl_tls_begin(l->tls, ABL_SIDE_HEAD, fd);
	if (epoll_ctl(l->all, EPOLL_CTL_ADD, fd, &event))
		drop(l, l->count - 1, "the system cannot watch it");
}

/* Whether one more can be taken. */
static bool has_place(struct listener *l)
{
	if (l->count < ABL_LISTENER_SHAKING)
		return true;
	if (abl_clock_now() < l->shaking[0].since + CROWDED * l->setup.wait)
		return false;
	drop(l, 0, "too many connections wait, and it has not shown that it knows the token");
	return true;
}

static void take_new(struct listener *l)
{
	for (int i = 0; i < AT_ONCE && abl_clock_now() >= l->paused && has_place(l); i++) {
		struct sockaddr_storage from = {0};
		socklen_t length = sizeof from;
		const int fd = accept4(l->fd, (struct sockaddr *)&from, &length,
				       SOCK_NONBLOCK | SOCK_CLOEXEC);

		if (fd >= 0) {
			add(l, fd, &from);
		} else if (errno == EMFILE || errno == ENFILE || errno == ENOBUFS ||
			   errno == ENOMEM) {
			tell(l, "a worker", "the system has no more descriptors or memory for it");
			l->paused = abl_clock_now() + PAUSE;
		} else if (errno != EINTR && errno != ECONNABORTED) {
			return;
		}
	}
}

static void take_news(struct listener *l)
{
	struct epoll_event events[AT_ONCE];
	const int n = epoll_wait(l->all, events, AT_ONCE, 0);

	for (int i = 0; i < n; i++)
		for (size_t at = 0; at < l->count; at++)
			if (l->shaking[at].fd == events[i].data.fd) {
				go_on(l, at);
				break;
			}
	while (l->count && abl_clock_now() >= l->shaking[0].since + l->setup.wait)
		drop(l, 0, "it has not shown in time that it knows the token");
}

/* The table. */

static size_t offers(void *state, struct abl_offer *out, size_t most)
{
	return 0;
}

static size_t running(void *state)
{
	return 0;
}

static int start(void *state, const struct abl_attempt_spec *spec, int64_t *number,
		 struct abl_err *err)
{
	return abl_err_set(err, ABL_EFAIL, "a listener starts nothing");
}

static void stop(void *state, int64_t number, enum abl_stop how)
{
}

/* While there is no place for more, nobody is woken by those who ask for one. */
static bool is_taking(const struct listener *l)
{
	return l->count < ABL_LISTENER_SHAKING && abl_clock_now() >= l->paused;
}

static size_t descriptors(void *state, struct pollfd *out, size_t most)
{
	const struct listener *l = state;
	const int fds[] = {is_taking(l) ? l->fd : -1, l->all};

	for (size_t i = 0; i < 2 && i < most; i++) /* poll() passes over negative ones */
		out[i] = (struct pollfd){.fd = fds[i], .events = POLLIN};
	return 2;
}

static double deadline(void *state)
{
	const struct listener *l = state;
	double first = INFINITY;

	if (l->count == ABL_LISTENER_SHAKING)
		first = l->shaking[0].since + CROWDED * l->setup.wait;
	else if (l->count)
		first = l->shaking[0].since + l->setup.wait;
	return l->paused > abl_clock_now() ? fmin(first, l->paused) : first;
}

static void advance(void *state)
{
	take_news(state);
	take_new(state);
}

static void destroy(void *state)
{
	struct listener *l = state;

	while (l->count) {
		abl_tls_drop(l->shaking[--l->count].connection);
	}
	if (l->fd >= 0)
		close(l->fd);
	if (l->all >= 0)
		close(l->all);
	if (l->path)
		abl_head_file_remove(l->path, &l->head.token);
	abl_tls_destroy(l->tls);
	free(l->path);
	free(l);
}

static const struct abl_executor_ops ops = {
	.name = "listener",
	.offers = offers,
	.running = running,
	.start = start,
	.stop = stop,
	.descriptors = descriptors,
	.deadline = deadline,
	.advance = advance,
	.destroy = destroy,
};

/* Opening. */

static int find_port(struct listener *l, struct abl_err *err)
{
	const int first = l->setup.port, last = l->setup.last > first ? l->setup.last : first;

	for (int port = first; l->fd < 0 && port <= last; port++)
		l->fd = abl_tcp_listen(port);
	if (l->fd < 0 && first != last)
		return abl_err_set(
			err, ABL_EFAIL,
			"cannot listen at any of the ports %d-%d (%s): free one, or name "
			"others by 'cluster: {ports: A-B}'",
			first, last, strerror(errno));
	if (l->fd < 0)
		return abl_err_set(err, ABL_EFAIL, "cannot listen at port %d: %s", first,
				   strerror(errno));
	l->head.port = abl_tcp_port(l->fd);
	if (l->head.port < 0)
		return abl_err_set(err, ABL_EIO, "cannot ask for our port: %s", strerror(errno));
	return 0;
}

static int open_it(struct listener *l, struct abl_err *err)
{
	int rc = abl_token_make(&l->head.token, err);

	rc = rc ? rc : abl_tls_create(&l->tls, &l->head.token, err);
	rc = rc ? rc : find_port(l, err);
	if (rc)
		return rc;
	l->all = epoll_create1(EPOLL_CLOEXEC);
	if (l->all < 0)
		return abl_err_set(err, ABL_EIO, "cannot watch connections: %s", strerror(errno));
	abl_head_find_addresses(&l->head);
	if (!l->head.addresses)
		return abl_err_set(err, ABL_EFAIL, "no network interface of this machine is up");
	gethostname(l->head.host, sizeof l->head.host - 1);
	l->head.pid = getpid();
	l->path = abl_path_join(l->setup.store, ABL_HEAD_FILE);
	return abl_head_file_write(l->path, &l->head, err);
}

int abl_listener_open(struct abl_executor *out, const struct abl_listener_setup *setup,
		      struct abl_err *err)
{
	struct listener *l = abl_calloc(1, sizeof *l);
	int rc;

	l->setup = *setup;
	if (!(l->setup.wait > 0))
		l->setup.wait = ABL_LISTENER_WAIT;
	l->fd = l->all = -1;
	rc = open_it(l, err);
	if (rc) {
		destroy(l);
		return rc;
	}
	*out = (struct abl_executor){.ops = &ops, .state = l};
	return 0;
}

int abl_listener_port(const struct abl_executor *listener)
{
	return ((const struct listener *)listener->state)->head.port;
}
