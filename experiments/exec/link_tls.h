/* SPDX-License-Identifier: Apache-2.0 */
/* link_tls.h - the link of a worker that starts when a queue lets it, and then calls the head: a
 * TCP connection with TLS 1.3, whose key both ends know already, the token of head.json: an
 * external pre-shared key (RFC 8446, 4.2.11) with a fresh Diffie-Hellman exchange. There are no
 * certificates, no older version and no plain text: who does not know the token gets no further
 * than the handshake, at either end.
 *
 * Built without OpenSSL there is no such link, and abl_tls_create() says so. Whoever uses one
 * ignores SIGPIPE, as with the pipes of link_process.c, and reads until EAGAIN: what has been
 * unpacked already, no poll() tells. */
#ifndef ABL_LINK_TLS_H
#define ABL_LINK_TLS_H

#include "errors.h"
#include "wire_link.h"
#include "token.h"
#include "wire.h"

#include <stdbool.h>

/* "OpenSSL 3.0.22 25 Aug 2026", the one that runs; NULL: built without. */
const char *abl_tls_library(void);

struct abl_tls; /* what all connections with one token share */

/* ABL_EFAIL: built without OpenSSL; the text says what to do. */
int abl_tls_create(struct abl_tls **out, const struct abl_token *token,
		   struct abl_err *err) ABL_MUST_USE;
void abl_tls_destroy(struct abl_tls *tls); /* null-safe; connections that are READY go on */

struct abl_tls_connection;

/* On a connected, non-blocking socket, which is the connection's from now on. */
struct abl_tls_connection *abl_tls_begin(struct abl_tls *tls, enum abl_side side, int fd);

enum abl_tls_state { ABL_TLS_SHAKING, ABL_TLS_READY, ABL_TLS_REFUSED };

/* Goes on with the handshake. SHAKING: *events is what to poll for. REFUSED: *why is a fixed text:
 * "it does not know the token". */
enum abl_tls_state abl_tls_shake(struct abl_tls_connection *c, short *events, const char **why);
/* Without a word to the other end; null-safe. For one that is no link yet. */
void abl_tls_drop(struct abl_tls_connection *c);
/* As a link, which owns it from now on: only once it is READY. */
struct abl_link abl_tls_link(struct abl_tls_connection *c);

#endif
