/* SPDX-License-Identifier: Apache-2.0 */
/* order_environment.h - all that a program is started with: what its order says, what it finds out
 * about us, and the script of `setup` around it. */
#ifndef ABL_ORDER_ENVIRONMENT_H
#define ABL_ORDER_ENVIRONMENT_H

#include "argv.h"
#include "order.h"

struct abl_order_paths {
	const char *trial, *events, *options; /* $ABLATE_TRIAL, $ABLATE_EVENTS, $ABLATE_OPTIONS */
	const char *stage; /* $ABLATE_STAGE: by which what is left of it is found */
};

/* `given`: of abl_words_fill(). `out` gets our own environment with that of the order over it, and
 * the words; with `setup` those of sh, which ends with the line's code where a line fails. Ends
 * with abl_argv_finish(). */
int abl_order_start_words(struct abl_argv *out, const struct abl_order *o,
			  const struct abl_argv *given, const struct abl_order_paths *paths,
			  struct abl_err *err) ABL_MUST_USE;
/* A TCP port of this machine that nobody has now; 0: the system gives none. */
int abl_order_free_port(void);

#endif
