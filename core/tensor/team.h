/* SPDX-License-Identifier: Apache-2.0 */
/* team.h - the threads of one training. Work is cut into many more pieces than there are threads
 * and handed out as they come for more, so a core that is slower, or busy with something else, gets
 * fewer of them and nobody waits for it for longer than one piece takes. */
#ifndef ABL_TEAM_H
#define ABL_TEAM_H

#include <stdbool.h>
#include <stddef.h>

struct abl_team_meter {
	double together; /* seconds from the start of shared work to its last thread's end */
	double waited;   /* seconds of threads, summed, between their own end and the last one's */
};

struct abl_team {
	int threads;                  /* at least 1 */
	struct abl_team_meter *meter; /* each piece of shared work adds to it; NULL: none does */
};

/* From now on the calling thread takes denormal numbers as 0, as a team's threads do: whoever
 * computes calls it first. */
void abl_team_enter(void);
/* Would abl_team_run() share work out here? Not with one thread, and not within shared work. */
bool abl_team_is_free(const struct abl_team *t);

/* Does items [from, to), which begin at a multiple of the block. */
typedef void abl_team_work(void *data, size_t from, size_t to);
/* Has items [0, n) done by all threads, in runs of whole blocks: long ones first, single ones at
 * the end. What an item's result is must not depend on its run. With one thread, within shared
 * work, or with no more than a block, the caller does all in one call. */
void abl_team_run(const struct abl_team *t, size_t n, size_t block, abl_team_work *work,
		  void *data);
/* Has each thread call work(data) once; returns when all have. They divide the work themselves. */
void abl_team_all(const struct abl_team *t, void (*work)(void *data), void *data);

#endif
