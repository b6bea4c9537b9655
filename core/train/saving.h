/* SPDX-License-Identifier: Apache-2.0 */
/* saving.h - when a training run saves its state, and what it says where it cannot; for loop.c. */
#ifndef ABL_SAVING_H
#define ABL_SAVING_H

#include "events.h"
#include "state.h"

struct abl_saving {
	struct abl_model *model;
	const char *folder;
	const struct abl_events *events;
	double last;     /* when: seconds of a clock that nobody sets */
	double interval; /* seconds from one state to the next */
	bool fixed;      /* given from outside: does not grow with what saving costs */
	bool fails;      /* the last one was not saved, and that was said */
	int64_t step;    /* of the newest state on the disk; 0 = none */
};

/* Seconds until the next state, after one that took so long: two minutes, or as many as make saving
 * cost a hundredth of the time, but an hour at most. */
double abl_saving_interval(double cost);
/* ABLATE_SAVE_SECONDS sets another interval, for tests. */
void abl_saving_begin(struct abl_saving *s, struct abl_model *m, const char *folder,
		      const struct abl_events *e);
bool abl_saving_is_due(const struct abl_saving *s);
/* Saves it, where there is room. One that cannot be saved takes nothing with it: the one before
 * stays, work goes on, the first such failure of a row is told as a warning and it is tried again
 * when the next one is due. `final`: there will be no next one, so that it is tried with hardly
 * room enough, and each failure is told. */
void abl_saving_save(struct abl_saving *s, struct abl_place *place, bool final);

#endif
