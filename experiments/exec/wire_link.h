/* SPDX-License-Identifier: Apache-2.0 */
/* wire_link.h - what carries frames between a head and a worker: a table of functions.
 * link_process.c is the standard streams of a process that was started for it (srun, ssh, docker
 * exec), or our own ones; a connection is one more file with such a table.
 *
 * Nothing in a link waits. Whoever has one polls the descriptors that it lends, and then reads and
 * writes what goes. */
#ifndef ABL_WIRE_LINK_H
#define ABL_WIRE_LINK_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

struct pollfd; /* <poll.h> */

struct abl_link_ops {
	const char *name; /* "process" */
	/* Whoever is at the other end calls again when it has ended: what it was doing is not given
	 * up at once. */
	bool returns;
	/* The descriptors to wait for, with the events; `writing`: there is something to be
	 * written. Fills at most `most` entries; returns how many there are, at most
	 * ABL_LINK_DESCRIPTORS. */
	size_t (*descriptors)(void *state, bool writing, struct pollfd *out, size_t most);
	/* Bytes; 0: the other end is gone; -1 with errno, EAGAIN: nothing now. */
	ssize_t (*read)(void *state, void *out, size_t size);
	/* Bytes taken; -1 with errno, EAGAIN: not now. */
	ssize_t (*write)(void *state, const void *bytes, size_t size);
	/* How what carried it has ended, in words ("exit code 255"). False: it has not, or nothing
	 * is known. May be NULL. */
	bool (*ended)(void *state, char *text, size_t size);
	/* Lets go of it all, without waiting; what runs for the link is told to end. */
	void (*close)(void *state);
};

enum { ABL_LINK_DESCRIPTORS = 4 };

struct abl_link { /* ops of NULL: none */
	const struct abl_link_ops *ops;
	void *state;
};

void abl_link_close(struct abl_link *link); /* null-safe; it is none then */
/* "exit code 255", or "" */
void abl_link_ended(const struct abl_link *link, char *text, size_t size);

#endif
