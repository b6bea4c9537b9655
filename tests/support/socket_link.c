/* SPDX-License-Identifier: Apache-2.0 */
#include "socket_link.h"

#include "str.h"

#include <poll.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

static size_t descriptors(void *state, bool writing, struct pollfd *out, size_t most)
{
	if (most)
		*out = (struct pollfd){*(int *)state, (short)(POLLIN | (writing ? POLLOUT : 0)), 0};
	return 1;
}

static ssize_t receive(void *state, void *out, size_t size)
{
	return recv(*(int *)state, out, size, MSG_DONTWAIT);
}

static ssize_t transmit(void *state, const void *bytes, size_t size)
{
	return send(*(int *)state, bytes, size, MSG_DONTWAIT | MSG_NOSIGNAL);
}

static void close_it(void *state)
{
	close(*(int *)state);
	free(state);
}

static const struct abl_link_ops ops = {.name = "socket",
					.descriptors = descriptors,
					.read = receive,
					.write = transmit,
					.close = close_it},
				 ops_that_return = {.name = "socket",
						    .returns = true,
						    .descriptors = descriptors,
						    .read = receive,
						    .write = transmit,
						    .close = close_it};

struct abl_link socket_link(int fd, bool returns)
{
	int *state = abl_malloc(sizeof *state);

	*state = fd;
	return (struct abl_link){returns ? &ops_that_return : &ops, state};
}
