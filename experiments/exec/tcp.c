/* SPDX-License-Identifier: Apache-2.0 */
#include "tcp.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdbool.h>
#include <stddef.h>
#include <sys/socket.h>
#include <unistd.h>

enum { QUEUE = 512, KIND = SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC };

union address {
	struct sockaddr any;
	struct sockaddr_in four;
	struct sockaddr_in6 six;
	struct sockaddr_storage storage;
};

static int closed(int fd)
{
	const int why = errno;

	close(fd);
	errno = why;
	return -1;
}

void abl_tcp_tune(int fd, int silence)
{
	const unsigned milliseconds = 1000 * (unsigned)silence;
	const int on = 1, idle = silence / 2, each = silence / 4;

	/* Without any of them it works, too. */
	(void)setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
	(void)setsockopt(fd, SOL_SOCKET, SO_KEEPALIVE, &on, sizeof on);
	(void)setsockopt(fd, IPPROTO_TCP, TCP_KEEPIDLE, &idle, sizeof idle);
	(void)setsockopt(fd, IPPROTO_TCP, TCP_KEEPINTVL, &each, sizeof each);
	(void)setsockopt(fd, IPPROTO_TCP, TCP_USER_TIMEOUT, &milliseconds, sizeof milliseconds);
}

int abl_tcp_connect(const char *address, int port)
{
	union address to = {0};
	socklen_t length = sizeof to.four;
	int fd;

	if (inet_pton(AF_INET, address, &to.four.sin_addr) == 1) {
		to.four.sin_family = AF_INET;
		to.four.sin_port = htons((uint16_t)port);
	} else if (inet_pton(AF_INET6, address, &to.six.sin6_addr) == 1) {
		to.six.sin6_family = AF_INET6;
		to.six.sin6_port = htons((uint16_t)port);
		length = sizeof to.six;
	} else {
		errno = EINVAL;
		return -1;
	}
	fd = socket(to.any.sa_family, KIND, 0);
	if (fd < 0)
		return -1;
	if (connect(fd, &to.any, length) && errno != EINPROGRESS)
		return closed(fd);
	return fd;
}

int abl_tcp_connected(int fd)
{
	int why = 0;
	socklen_t length = sizeof why;

	return getsockopt(fd, SOL_SOCKET, SO_ERROR, &why, &length) ? errno : why;
}

static int listen_of(const union address *at, socklen_t length)
{
	const int on = 1, off = 0, fd = socket(at->any.sa_family, KIND, 0);

	if (fd < 0)
		return -1;
	if ((at->any.sa_family == AF_INET6 &&
	     setsockopt(fd, IPPROTO_IPV6, IPV6_V6ONLY, &off, sizeof off)) ||
	    setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on) ||
	    bind(fd, &at->any, length) || listen(fd, QUEUE))
		return closed(fd);
	return fd;
}

int abl_tcp_listen(int port)
{
	const union address six = {.six = {.sin6_family = AF_INET6,
					   .sin6_port = htons((uint16_t)port)}},
			    four = {.four = {.sin_family = AF_INET,
					     .sin_port = htons((uint16_t)port)}};
	const int fd = listen_of(&six, sizeof six.six);

	/* A port that somebody has is no matter of the kind of address. */
	return fd >= 0 || errno == EADDRINUSE || errno == EACCES
		       ? fd
		       : listen_of(&four, sizeof four.four);
}

int abl_tcp_port(int fd)
{
	union address own = {0};
	socklen_t length = sizeof own;

	if (getsockname(fd, &own.any, &length))
		return -1;
	return ntohs(own.any.sa_family == AF_INET ? own.four.sin_port : own.six.sin6_port);
}
