/* SPDX-License-Identifier: Apache-2.0 */
/* listener.h - the port at which a head's workers call it, for as long as it runs: it listens on
 * all interfaces, writes head.json (head_file.h), and gives away each connection that has shown
 * that it knows the token as a link. What does not show it within some seconds is dropped; no more
 * than a number of those are kept at a time; each kind of trouble is said once. None of that
 * touches the links that are there.
 *
 * To the loop it is one more executor (executor.h), which never offers anything. */
#ifndef ABL_LISTENER_H
#define ABL_LISTENER_H

#include "errors.h"
#include "executor.h"
#include "wire_link.h"

#define ABL_LISTENER_WAIT 8.0 /* seconds that a handshake may take */
/* Connections at a time whose handshake is not over. When that many wait, those go that have waited
 * for a quarter of the time. */
enum { ABL_LISTENER_SHAKING = 256 };

struct abl_listener_setup {
	const char *store; /* its folder: head.json goes there */
	int port, last;    /* the first free one of these; 0: the system chooses */
	double wait;       /* seconds that a handshake may take; 0: ABL_LISTENER_WAIT */
	void *data;
	/* The caller's from now on; the name is the address, for people. */
	void (*joined)(void *data, struct abl_link *link, const char *name);
	void (*say)(void *data, const char *text); /* a line for people */
};

/* ABL_EFAIL: built without OpenSSL, no port is free, or head.json would be shown to others. */
int abl_listener_open(struct abl_executor *out, const struct abl_listener_setup *setup,
		      struct abl_err *err) ABL_MUST_USE;
/* Where it listens. */
int abl_listener_port(const struct abl_executor *listener);

#endif
