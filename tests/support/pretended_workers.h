/* SPDX-License-Identifier: Apache-2.0 */
/* pretended_workers.h - an executor with workers that only pretend: each attempt ends as it is told
 * to, and what it makes lies in the store as a stage would leave it. */
#ifndef ABL_PRETENDED_WORKERS_H
#define ABL_PRETENDED_WORKERS_H

#include "executor.h"
#include "remote.h"

enum abl_pretends {
	ABL_PRETENDS_DONE,    /* seals, and ends */
	ABL_PRETENDS_LOST,    /* is lost, and leaves a file */
	ABL_PRETENDS_SEALED,  /* seals, and is lost */
	ABL_PRETENDS_LATE,    /* is lost, and seals a while after that */
	ABL_PRETENDS_UNSEEN,  /* ends, and what it has sealed is seen a while after that */
	ABL_PRETENDS_NOTHING, /* ends, and has sealed nothing */
	ABL_PRETENDS_BACK,    /* saves a file, and is given back */
	ABL_PRETENDS_ON,      /* goes on, until the next time */
};

struct abl_pretended_attempt {
	char *key, *folder; /* folder: absolute */
	int64_t attempt, worker;
	struct abl_attempt_spec spec; /* its sink */
	double started, late;         /* late: when it seals, after its end */
	bool ended;
};

struct abl_pretended_worker {
	const char *name;
	double memory, seconds; /* 0: as much as anybody wants */
	size_t slots;
	int64_t number; /* 0: not joined */
	size_t running;
};

struct abl_pretended {
	struct abl_pretended_worker *workers; /* [count] */
	size_t count;
	struct abl_remote_hooks hooks; /* of the head */
	enum abl_pretends (*decide)(const struct abl_pretended_attempt *a);
	/* An earlier head's attempts that the workers come with when they join. */
	const struct abl_wire_attempt *running, *sealed;
	size_t running_count, sealed_count;
	struct abl_pretended_attempt *attempts; /* [attempt_count] */
	size_t attempt_count, capacity, kept;
	bool joined;
};

/* `p` outlives it, and ends with abl_pretended_finish(). */
void abl_pretended_init(struct abl_executor *out, struct abl_pretended *p);
void abl_pretended_finish(struct abl_pretended *p);
/* Writes what a stage would leave, and its sealed file. */
void abl_pretended_seal(const char *folder, const char *key, int64_t attempt);

#endif
