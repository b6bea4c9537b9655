/* SPDX-License-Identifier: Apache-2.0 */
/* link_tls_none.c - in place of link_tls.c where the program is built without OpenSSL. No
 * connection is ever begun: none gets past abl_tls_create(). */
#include "link_tls.h"

#include <assert.h>
#include <stddef.h>

const char *abl_tls_library(void)
{
	return NULL;
}

int abl_tls_create(struct abl_tls **out, const struct abl_token *token, struct abl_err *err)
{
	(void)token;
	*out = NULL;
	return abl_err_set(
		err, ABL_EFAIL,
		"this 'ablate' is built without OpenSSL, so workers cannot connect to it, nor "
		"it to a head; install libssl-dev and build it again, or use ssh, srun or "
		"another launcher that carries standard input and output");
}

void abl_tls_destroy(struct abl_tls *tls)
{
	(void)tls;
}

struct abl_tls_connection *abl_tls_begin(struct abl_tls *tls, enum abl_side side, int fd)
{
	(void)tls;
	(void)side;
	(void)fd;
	assert(0);
	return NULL;
}

enum abl_tls_state abl_tls_shake(struct abl_tls_connection *c, short *events, const char **why)
{
	(void)c;
	*events = 0;
	*why = "built without OpenSSL";
	return ABL_TLS_REFUSED;
}

void abl_tls_drop(struct abl_tls_connection *c)
{
	(void)c;
}

struct abl_link abl_tls_link(struct abl_tls_connection *c)
{
	(void)c;
	assert(0);
	return (struct abl_link){0};
}
