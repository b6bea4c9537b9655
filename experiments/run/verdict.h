/* SPDX-License-Identifier: Apache-2.0 */
/* verdict.h - what becomes of a stage whose attempt has ended: a function of how it ended and of
 * what it had told, and of nothing else. */
#ifndef ABL_VERDICT_H
#define ABL_VERDICT_H

#include "cause.h"
#include "executor.h"
#include "store.h"
#include "str.h"

struct abl_told {
	bool sealed;          /* its sealed file is there, and whole */
	bool scored;          /* it gave a result, or is of a kind that needs none */
	bool paused;          /* its state is on the disk, to go on from */
	const char *error;    /* why it failed, or NULL */
	enum abl_cause cause; /* of the error, as told */
};
struct abl_verdict {
	enum abl_state state;
	enum abl_cause cause; /* of a failure: as it told, else by how it ended */
	bool goes_on;         /* the next attempt starts from what this one saved */
};

/* A sealed file says that the stage is done, however its process ended. Else an exit code has no
 * meaning but 0: whoever was asked to stop pauses by saying so, or is stopped; who pauses unasked
 * has failed.
 * `limit`: the seconds it had. Appends the reason of anything but done, for people. */
struct abl_verdict abl_verdict(const struct abl_end *end, const struct abl_told *told, double limit,
			       struct abl_str *reason);

/* Appends to the reason what it took, and what it could have had: bytes, 0 where not known. */
void abl_verdict_memory(const struct abl_end *end, double expected, double had_free, bool alone,
			struct abl_str *reason);

#endif
