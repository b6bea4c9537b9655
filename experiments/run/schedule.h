/* SPDX-License-Identifier: Apache-2.0 */
/* schedule.h - a run as it will go by what each stage takes (forecast.h): the supervisor's order,
 * its workers, a deadline. What is planned only when tuned values are chosen is counted as the
 * average of what is known, behind all the rest. */
#ifndef ABL_SCHEDULE_H
#define ABL_SCHEDULE_H

#include "run_state.h"

struct abl_schedule_kind { /* of the stages of a class that are to run */
	size_t count;
	double seconds, cpu_seconds, disk; /* of all of them */
	double memory;                     /* the most */
};

struct abl_schedule {
	double seconds, cpu_seconds; /* until the last one has ended; of all of them */
	double memory;               /* bytes, the most at a time */
	double disk;                 /* bytes, of all that is made */
	double card_seconds;         /* seconds x cards */
	struct abl_schedule_kind kinds[ABL_KINDS_MAX];
	size_t stages; /* that are to run */
	size_t late;   /* that would not end in time, or wait for such */
	bool rough;    /* some of it has no past to go by */
	bool unknown;  /* a program's, of which nothing is known before it has run */
	bool *fits;    /* [trials of the plan] done, or will be in time */
};

/* `limit`: seconds from now; INFINITY: none. The run's stages are loaded. */
void abl_schedule_make(struct abl_schedule *out, const struct abl_run *run, double limit);
void abl_schedule_finish(struct abl_schedule *s);

/* Wall seconds of a stage while so many others run, where that is more than there are cores. */
double abl_schedule_seconds(const struct abl_run *run, const struct abl_forecast *f);

#endif
