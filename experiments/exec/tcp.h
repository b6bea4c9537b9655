/* SPDX-License-Identifier: Apache-2.0 */
/* tcp.h - TCP sockets that never wait, to numeric addresses: no name is looked up. */
#ifndef ABL_TCP_H
#define ABL_TCP_H

/* Seconds without an answer after which an end takes its connection for broken. A worker is the
 * earlier one, and calls again: the system tries again ever more seldom, so a connection that was
 * cut for half a minute would be silent for nearly a whole one, which is as long as a lease. */
enum { ABL_TCP_SILENCE_WORKER = 20, ABL_TCP_SILENCE_HEAD = 60 };

/* Small writes leave at once, and a silent end is noticed. */
void abl_tcp_tune(int fd, int silence);
/* A socket that is connecting, or -1 with errno; writable once it has ended. */
int abl_tcp_connect(const char *address, int port);
/* How it ended: 0 or an errno. */
int abl_tcp_connected(int fd);
/* On all interfaces, of IPv6 and IPv4 where there are both; 0: a port that the system chooses. -1
 * with errno. */
int abl_tcp_listen(int port);
int abl_tcp_port(int fd); /* its own; -1 with errno */

#endif
