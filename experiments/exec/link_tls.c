/* SPDX-License-Identifier: Apache-2.0 */
#include "link_tls.h"

#include "str.h"

#include <errno.h>
#include <limits.h>
#include <openssl/err.h>
#include <openssl/ssl.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* The hash of the suite is that of the key; 128 bits, as the token has. */
#define SUITE "TLS_AES_128_GCM_SHA256"
static const unsigned char suite_id[] = {0x13, 0x01}; /* RFC 8446, B.4 */
static const char identity[] = "ablate";              /* of the key; no secret */

struct abl_tls {
	SSL_CTX *context;
	struct abl_token token;
};

struct abl_tls_connection {
	SSL *ssl;
	int fd;
	enum abl_side side;
	bool broken; /* no close_notify may be sent any more */
};

static int token_slot(void)
{
	static int slot = -1;

	if (slot < 0)
		slot = SSL_CTX_get_ex_new_index(0, NULL, NULL, NULL, NULL);
	return slot;
}

/* The key as OpenSSL wants it: a session that never was. NULL: not to be had. */
static SSL_SESSION *key_of(SSL *ssl)
{
	const struct abl_token *token = SSL_CTX_get_ex_data(SSL_get_SSL_CTX(ssl), token_slot());
	const SSL_CIPHER *suite = SSL_CIPHER_find(ssl, suite_id);
	SSL_SESSION *key = SSL_SESSION_new();

	if (key && suite && token &&
	    SSL_SESSION_set1_master_key(key, token->bytes, sizeof token->bytes) &&
	    SSL_SESSION_set_cipher(key, suite) &&
	    SSL_SESSION_set_protocol_version(key, TLS1_3_VERSION))
		return key;
	SSL_SESSION_free(key);
	return NULL;
}

/* The worker's: with this key and no other. */
static int use_key(SSL *ssl, const EVP_MD *md, const unsigned char **id, size_t *id_length,
		   SSL_SESSION **out)
{
	(void)md;
	*out = key_of(ssl);
	*id = (const unsigned char *)identity;
	*id_length = sizeof identity - 1;
	return *out != NULL;
}

/* The head's: the key that was named. Without one there is no handshake: we have no certificate. */
static int find_key(SSL *ssl, const unsigned char *id, size_t id_length, SSL_SESSION **out)
{
	const bool ours = id_length == sizeof identity - 1 && !memcmp(id, identity, id_length);

	*out = ours ? key_of(ssl) : NULL;
	return !ours || *out;
}

const char *abl_tls_library(void)
{
	return OpenSSL_version(OPENSSL_VERSION);
}

static bool set_up(SSL_CTX *c, const struct abl_token *token)
{
	SSL_CTX_set_psk_use_session_callback(c, use_key);
	SSL_CTX_set_psk_find_session_callback(c, find_key);
	SSL_CTX_set_session_cache_mode(c, SSL_SESS_CACHE_OFF);
	SSL_CTX_set_options(c, SSL_OP_NO_TICKET);
	SSL_CTX_set_mode(c, SSL_MODE_ENABLE_PARTIAL_WRITE | SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER |
				    SSL_MODE_RELEASE_BUFFERS);
	return SSL_CTX_set_min_proto_version(c, TLS1_3_VERSION) &&
	       SSL_CTX_set_max_proto_version(c, TLS1_3_VERSION) &&
	       SSL_CTX_set_ciphersuites(c, SUITE) && SSL_CTX_set_num_tickets(c, 0) &&
	       SSL_CTX_set_ex_data(c, token_slot(), (void *)(uintptr_t)token);
}

int abl_tls_create(struct abl_tls **out, const struct abl_token *token, struct abl_err *err)
{
	struct abl_tls *tls = abl_calloc(1, sizeof *tls);

	*out = NULL;
	tls->token = *token;
	/* What the machine's openssl.cnf says of other programs is nothing to us. */
	if (OPENSSL_init_ssl(OPENSSL_INIT_NO_LOAD_CONFIG, NULL))
		tls->context = SSL_CTX_new(TLS_method());
	if (!tls->context || !set_up(tls->context, &tls->token)) {
		abl_tls_destroy(tls);
		return abl_err_set(err, ABL_EFAIL, "cannot set up TLS 1.3 with %s: %s",
				   abl_tls_library(),
				   ERR_reason_error_string(ERR_peek_last_error()));
	}
	*out = tls;
	return 0;
}

void abl_tls_destroy(struct abl_tls *tls)
{
	if (!tls)
		return;
	SSL_CTX_free(tls->context);
	OPENSSL_cleanse(&tls->token, sizeof tls->token);
	free(tls);
}

struct abl_tls_connection *abl_tls_begin(struct abl_tls *tls, enum abl_side side, int fd)
{
	struct abl_tls_connection *c = abl_calloc(1, sizeof *c);

	c->fd = fd;
	c->side = side;
	c->ssl = abl_there(SSL_new(tls->context), "a TLS connection");
	if (!SSL_set_fd(c->ssl, fd))
		c->broken = true;
	if (side == ABL_SIDE_HEAD) {
		SSL_set_accept_state(c->ssl);
	} else {
		/* A head that comes with a certificate instead of the key is none. */
		SSL_set_verify(c->ssl, SSL_VERIFY_PEER, NULL);
		SSL_set_connect_state(c->ssl);
	}
	return c;
}

/* What a failed handshake means to people. */
static const char *reason(const struct abl_tls_connection *c, int failure, int system_error)
{
	static const struct {
		int reason;
		const char *text;
	} rows[] = {
		{SSL_R_BINDER_DOES_NOT_VERIFY, "it does not know the token"},
		{SSL_R_TLSV1_ALERT_DECRYPT_ERROR, "it does not know the token"},
		{SSL_R_SSLV3_ALERT_ILLEGAL_PARAMETER, "it does not know the token"},
		{SSL_R_NO_SUITABLE_SIGNATURE_ALGORITHM, "it has no token"},
		{SSL_R_NO_SHARED_CIPHER, "it has no token"},
		{SSL_R_CERTIFICATE_VERIFY_FAILED, "it has no token"},
		{SSL_R_SSLV3_ALERT_HANDSHAKE_FAILURE, "it has no token"},
		{SSL_R_UNSUPPORTED_PROTOCOL, "it does not speak TLS 1.3"},
		{SSL_R_TLSV1_ALERT_PROTOCOL_VERSION, "it does not speak TLS 1.3"},
		{SSL_R_UNEXPECTED_EOF_WHILE_READING, "it has closed the connection"},
	};
	const unsigned long last = ERR_peek_last_error();

	if (failure == SSL_ERROR_SYSCALL)
		return system_error ? strerror(system_error) : "it has closed the connection";
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
		if (ERR_GET_REASON(last) == rows[i].reason)
			return rows[i].text;
	return c->side == ABL_SIDE_HEAD ? "what it sends is no TLS" : "what it answers is no TLS";
}

enum abl_tls_state abl_tls_shake(struct abl_tls_connection *c, short *events, const char **why)
{
	int n, failure, system_error;

	*events = 0;
	ERR_clear_error();
	errno = 0;
	n = c->broken ? -1 : SSL_do_handshake(c->ssl);
	system_error = errno;
	failure = SSL_get_error(c->ssl, n);
	if (n == 1 && SSL_session_reused(c->ssl)) /* by the key, that is */
		return ABL_TLS_READY;
	if (n != 1 && !c->broken &&
	    (failure == SSL_ERROR_WANT_READ || failure == SSL_ERROR_WANT_WRITE)) {
		*events = failure == SSL_ERROR_WANT_READ ? POLLIN : POLLOUT;
		return ABL_TLS_SHAKING;
	}
	*why = n == 1 ? "it has no token" : reason(c, failure, system_error);
	c->broken = true;
	return ABL_TLS_REFUSED;
}

void abl_tls_drop(struct abl_tls_connection *c)
{
	if (!c)
		return;
	SSL_free(c->ssl);
	close(c->fd);
	free(c);
}

/* The table. */

static size_t descriptors(void *state, bool writing, struct pollfd *out, size_t most)
{
	const struct abl_tls_connection *c = state;

	if (most)
		*out = (struct pollfd){
			.fd = c->fd,
			.events = (short)(POLLIN | (writing ? POLLOUT : 0)),
		};
	return 1;
}

/* -1 with errno, or 0 where the other end is gone, for a call that has returned `n` <= 0. (In
 * TLS 1.3 no write waits for something to read, nor a read for room to write.) */
static ssize_t failed(struct abl_tls_connection *c, int n)
{
	const int system_error = errno, failure = SSL_get_error(c->ssl, n);

	switch (failure) {
	case SSL_ERROR_WANT_READ:
	case SSL_ERROR_WANT_WRITE:
		errno = EAGAIN;
		return -1;
	case SSL_ERROR_ZERO_RETURN:
		return 0;
	default:
		c->broken = true;
		if (failure == SSL_ERROR_SYSCALL ||
		    ERR_GET_REASON(ERR_peek_last_error()) == SSL_R_UNEXPECTED_EOF_WHILE_READING) {
			errno = system_error;
			return system_error ? -1 : 0;
		}
		errno = EPROTO;
		return -1;
	}
}

static ssize_t read_some(void *state, void *out, size_t size)
{
	struct abl_tls_connection *c = state;
	int n;

	ERR_clear_error();
	errno = 0;
	n = SSL_read(c->ssl, out, size < INT_MAX ? (int)size : INT_MAX);
	return n > 0 ? n : failed(c, n);
}

static ssize_t write_some(void *state, const void *bytes, size_t size)
{
	struct abl_tls_connection *c = state;
	ssize_t n;

	if (!size)
		return 0;
	ERR_clear_error();
	errno = 0;
	n = SSL_write(c->ssl, bytes, size < INT_MAX ? (int)size : INT_MAX);
	if (n > 0)
		return n;
	n = failed(c, (int)n);
	if (!n) {
		errno = EPIPE;
		n = -1;
	}
	return n;
}

static void close_it(void *state)
{
	struct abl_tls_connection *c = state;

	ERR_clear_error();
	if (!c->broken)
		(void)SSL_shutdown(c->ssl);
	abl_tls_drop(c);
}

static const struct abl_link_ops ops = {
	.name = "tls",
	.returns = true,
	.descriptors = descriptors,
	.read = read_some,
	.write = write_some,
	.close = close_it,
};

struct abl_link abl_tls_link(struct abl_tls_connection *c)
{
	return (struct abl_link){.ops = &ops, .state = c};
}
