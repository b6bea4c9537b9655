/* SPDX-License-Identifier: Apache-2.0 */
#include "protocol_fd.h"

#include "writer.h"

bool abl_protocol_fd_send(void *fd, const char *text, size_t length)
{
	return !abl_fd_write(*(const int *)fd, text, length);
}
