/* SPDX-License-Identifier: Apache-2.0 */
/* request.h - what another process asks of a running study: a file <store>/requests/<study>.stop,
 * since only the run itself writes the database. */
#ifndef ABL_REQUEST_H
#define ABL_REQUEST_H

#include "errors.h"

#include <stdbool.h>

struct abl_request {
	char by[96]; /* "alice@host"; "somebody" where the file does not say */
	bool now;    /* running trials are killed, not asked to save */
};

/* Puts the request of this process's user, in place of an earlier one. */
int abl_request_put(const char *folder, const char *study, bool now,
		    struct abl_err *err) ABL_MUST_USE;
/* Whether one is there that nobody has taken. */
bool abl_request_is_there(const char *folder, const char *study);
/* Removes it: what was asked of an earlier run is not meant for this one. */
void abl_request_forget(const char *folder, const char *study);

/* What a run knows of them; zero at its beginning. */
struct abl_requests {
	struct abl_request last;
	bool asked;
	double looked; /* by abl_clock_now() */
};
/* Looks once a second; true: a request has come with this call. */
bool abl_requests_poll(struct abl_requests *r, const char *folder, const char *study);

#endif
