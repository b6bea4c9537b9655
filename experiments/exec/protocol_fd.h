/* SPDX-License-Identifier: Apache-2.0 */
/* protocol_fd.h - what carries the lines of a child of this machine: a descriptor. */
#ifndef ABL_PROTOCOL_FD_H
#define ABL_PROTOCOL_FD_H

#include <stdbool.h>
#include <stddef.h>

#define ABL_PROTOCOL_FD 3

/* Writes all of it; for struct abl_protocol_writer, whose carrier is then a pointer to the
 * descriptor. False: the reader is gone. */
bool abl_protocol_fd_send(void *fd, const char *text, size_t length);

#endif
