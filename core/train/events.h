/* SPDX-License-Identifier: Apache-2.0 */
/* events.h - what running work tells its caller, and asks it. */
#ifndef ABL_EVENTS_H
#define ABL_EVENTS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* What running work reports. Any hook may be NULL. */
struct abl_events {
	void *data;
	void (*progress)(void *data, double share, int64_t step,
			 int64_t steps); /* share in [0, 1] */
	void (*metric)(void *data, int64_t step, const char *name, double value); /* series */
	void (*result)(void *data, const char *name, double value); /* final metrics */
	void (*predictions)(void *data, const char *file);          /* relative to output */
	void (*message)(void *data, const char *text);
	/* all files are made and will last: the hash of the folder's seal (made.h) */
	void (*sealed)(void *data, const char *hash);
	/* in a scoring pass: so many items of `all` are done */
	void (*scored)(void *data, size_t items, size_t all);
	bool (*stopping)(
		void *data); /* asked between steps: true = save the state, return ABL_ESTOP */
	/* asked to stop, and the state after so many steps is on the disk: ABL_ESTOP follows */
	void (*paused)(void *data, int64_t step);
};

#endif
