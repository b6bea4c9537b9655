/* SPDX-License-Identifier: Apache-2.0 */
/* dial.h - how a worker calls its head: reads head.json, tries each address, and shows the token.
 * What fails is tried again, with growing pauses, and from the file on: another head may have taken
 * the store, at another port and with another token. The address that led to it before comes first,
 * and every other time alone: where the network is cut, each of the others would take its time.
 * Nothing here waits. */
#ifndef ABL_DIAL_H
#define ABL_DIAL_H

#include "errors.h"
#include "wire_link.h"

#include <stdbool.h>
#include <stddef.h>

struct pollfd; /* <poll.h> */

#define ABL_DIAL_WAIT 5.0     /* seconds that an address may take to answer */
#define ABL_DIAL_PAUSE .5     /* seconds between the first tries */
#define ABL_DIAL_LONGEST 10.0 /* between the later ones */

struct abl_dial;

/* ABL_EFAIL: built without OpenSSL. `path`: of head.json; `pause`: after the first try that fails,
 * in seconds, about doubled after each further one. It calls at once. */
int abl_dial_create(struct abl_dial **out, const char *path, double pause,
		    struct abl_err *err) ABL_MUST_USE;
void abl_dial_destroy(struct abl_dial *d); /* null-safe */

/* What to poll; at most one. */
size_t abl_dial_descriptors(const struct abl_dial *d, struct pollfd *out, size_t most);
/* When abl_dial_advance() is to be called at the latest, in seconds of abl_clock_now(). */
double abl_dial_deadline(const struct abl_dial *d);
/* Goes on. True: *out is a link to a head that knows the token, the caller's; it calls no more
 * until abl_dial_again(). */
bool abl_dial_advance(struct abl_dial *d, struct abl_link *out);
/* The link has ended: it calls again, soon where the link had held for a while. */
void abl_dial_again(struct abl_dial *d);
/* What was in the way of the last try; "" = nothing yet. */
const char *abl_dial_trouble(const struct abl_dial *d);

#endif
