/* SPDX-License-Identifier: Apache-2.0 */
#include "protocol_fd.h"

#include <errno.h>
#include <unistd.h>

bool abl_protocol_fd_send(void *fd, const char *text, size_t length)
{
	for (size_t at = 0; at < length;) {
		ssize_t n = write(*(const int *)fd, text + at, length - at);

		if (n > 0)
			at += (size_t)n;
		else if (errno != EINTR)
			return false;
	}
	return true;
}
