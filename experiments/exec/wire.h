/* SPDX-License-Identifier: Apache-2.0 */
/* wire.h - what a head and a worker say to each other, as structs. Each message is an object whose
 * "say" names it; wire.c has one row for each message and one for each of its members, and both
 * directions read and write by those rows. A member that is not known is passed over; one that is
 * missing, or not what it should be, is refused with the whole message.
 *
 * Texts of a message that was read are its own until abl_message_finish(); those of one that is to
 * be written are borrowed. Keys are checked to be words, and paths to stay below the store: the
 * other side may be anybody. */
#ifndef ABL_WIRE_H
#define ABL_WIRE_H

#include "executor.h"
#include "json.h"
#include "str.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum abl_side { ABL_SIDE_HEAD, ABL_SIDE_WORKER };

enum abl_say {
	/* the worker's */
	ABL_SAY_HELLO,
	ABL_SAY_STARTED,
	ABL_SAY_REFUSED,
	ABL_SAY_LINE,
	ABL_SAY_ENDED,
	ABL_SAY_BEAT,
	ABL_SAY_LEAVING,
	/* the head's */
	ABL_SAY_WELCOME,
	ABL_SAY_REFUSE,
	ABL_SAY_START,
	ABL_SAY_STOP,
	ABL_SAY_KEEP,
	ABL_SAY_DROP,
	ABL_SAY_BYE,
	ABL_SAYS
};

enum abl_refusal { ABL_REFUSED_DATA, ABL_REFUSED_MEMORY, ABL_REFUSED_START };

struct abl_wire_attempt {
	const char *key; /* of a stage; NULL (in stop alone): every one */
	int64_t attempt;
};

struct abl_wire_attempts {
	const struct abl_wire_attempt *item;
	size_t count;
};

struct abl_wire_texts {
	const char *const *item; /* NULL-terminated where it was read; NULL where there are none */
	size_t count;
};

struct abl_wire_file {
	const char *path, *hash; /* an absolute path as the head has it */
};

struct abl_wire_files {
	const struct abl_wire_file *item;
	size_t count;
};

/* What runs and what lies sealed is what a head that was started anew asks for. */
struct abl_hello {
	const char *version, *keys; /* of the program; hash of the key table */
	const char *name;           /* that it was given, or NULL: who has called us has no other */
	const char *host, *cpu, *engine, *compiler, *kernels;
	int64_t cores, slots, threads; /* slots: stages at a time, each with so many threads */
	double memory;                 /* bytes; INFINITY: not known */
	double seconds_left;           /* until its machine is taken away; INFINITY: never */
	struct abl_wire_texts cards;
	const char *job, *array, *node; /* as the queue names them, or NULL */
	const char *store;              /* id of the store as the worker sees it */
	int64_t was; /* the number that a head has given it before; 0: none has */
	struct abl_wire_attempts running, sealed;
};

struct abl_started {
	struct abl_wire_attempt of;
	int64_t pid; /* at the worker */
};

struct abl_refused {
	struct abl_wire_attempt of;
	int why; /* enum abl_refusal */
	const char *text;
};

struct abl_said_line { /* one protocol line of a stage */
	struct abl_wire_attempt of;
	const char *text;
};

struct abl_said_end {
	struct abl_wire_attempt of;
	struct abl_end end;
};

struct abl_beat {
	double seconds_left, memory_left; /* INFINITY: not known */
};

struct abl_leaving { /* no more stages: what runs is saved and given back */
	const char *why;
};

struct abl_welcome {
	int64_t worker;                    /* its number */
	double beat, lease, grace, linger; /* seconds */
	const char *token;                 /* for its next connection; "" = none is needed */
};

struct abl_refuse { /* the worker is not wanted: it prints the text and ends */
	const char *text;
};

struct abl_start_order { /* start */
	struct abl_wire_attempt of;
	const char *trial, *log; /* both relative to the store */
	const char *roots[2];    /* store and data as the head has them; data: or NULL */
	int64_t threads;
	struct abl_wire_texts cards;
	double memory, seconds;            /* limits; 0 = none */
	struct abl_wire_texts environment; /* NAME=value */
	struct abl_wire_files files;       /* what it reads of the user's, to be checked first */
};

struct abl_wire_stop {
	struct abl_wire_attempt of; /* key NULL: all */
	bool hard;
};

struct abl_message {
	enum abl_say say;
	union {
		struct abl_hello hello;
		struct abl_started started;
		struct abl_refused refused;
		struct abl_said_line line;
		struct abl_said_end ended;
		struct abl_beat beat;
		struct abl_leaving leaving;
		struct abl_welcome welcome;
		struct abl_refuse refuse;
		struct abl_start_order start;
		struct abl_wire_stop stop;
		struct abl_wire_attempt keep, drop;
	};
	/* what a message that was read keeps for its pointers */
	json_t *root;
	void *own[8];
	size_t own_count;
};

/* Appends the message as a frame (frame.h). False: it is too long for one, or a text of it is not
 * UTF-8; nothing was appended. */
bool abl_message_put(struct abl_str *out, const struct abl_message *m);
/* What that side has said; `object` is borrowed. ABL_EINPUT: not a message of that side, with what
 * is wrong. */
int abl_message_read(struct abl_message *out, json_t *object, enum abl_side from,
		     struct abl_err *err) ABL_MUST_USE;
void abl_message_finish(struct abl_message *m); /* null-safe */
const char *abl_message_name(enum abl_say say); /* "hello" */

/* Whether it is a stage's key as we make them: hex digits of a hash's length. */
bool abl_wire_is_key(const char *text);

#endif
