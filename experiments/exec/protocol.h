/* SPDX-License-Identifier: Apache-2.0 */
/* protocol.h - the JSON lines that a running trial tells how it goes by, both ways: a child turns a
 * stage's events into lines, the supervisor turns lines into the same events. What carries them is
 * another's affair: a descriptor (protocol_fd.h) on this machine.
 *
 *	{"progress":0.25,"step":120,"steps":480}
 *	{"step":120,"metrics":{"loss":2.31}}		NaN and Infinity as Python writes them
 *	{"result":{"accuracy":0.78}}
 *	{"predictions":"predictions.jsonl"}
 *	{"checkpoint":"last","step":400}
 *	{"paused":400}			asked to stop, and the state after step 400 is on the disk
 *	{"sealed":"5f..."}		all is made; the hash of the folder's seal (made.h)
 *	{"message":"..."}
 *	{"error":"diverged at step 180 (loss nan)","cause":"diverged"}
 *		why it failed, in one line; the cause, a name of cause.h, may be left out
 */
#ifndef ABL_PROTOCOL_H
#define ABL_PROTOCOL_H

#include "stage.h"

#include <stddef.h>

/* Sends lines, each with its newline, by a function that says false when nobody reads any more.
 * `stop` (may be NULL) is what the events' `stopping` hook asks. */
struct abl_protocol_writer {
	bool (*send)(void *carrier, const char *text, size_t length);
	void *carrier;
	bool (*stop)(void);
	/* A line was lost: the reader is gone, or it could not be written. `stopping` says true
	 * from then on: what nobody hears need not be done. */
	bool broken;
};

/* Events that write lines; w must outlive them. */
struct abl_events abl_protocol_events(struct abl_protocol_writer *w);
/* `cause` may be NULL: not known. */
void abl_protocol_error(struct abl_protocol_writer *w, const char *text, const char *cause);

/* Reads one line (without its newline) and calls the hooks it holds values for; `error` may be NULL
 * like any hook. False: not a line of this protocol (unknown or malformed), nothing was called. */
struct abl_protocol_hooks {
	struct abl_events events; /* its `stopping` is not used; its `data` is everyone's */
	void (*error)(void *data, const char *text, const char *cause); /* cause: or NULL */
};
bool abl_protocol_read(const char *line, size_t length, const struct abl_protocol_hooks *hooks);

#endif
