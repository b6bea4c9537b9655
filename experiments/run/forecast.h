/* SPDX-License-Identifier: Apache-2.0 */
/* forecast.h - what each stage of a plan will take: by what stages like it took in this store,
 * otherwise by the rate at which this machine trains now (machine_rate.h). Costs of the plan
 * (kind.h) say how stages of other sizes compare. */
#ifndef ABL_FORECAST_H
#define ABL_FORECAST_H

#include "plan.h"
#include "store.h"

struct abl_forecast {
	double seconds;     /* wall clock, with the threads it will get */
	double cpu_seconds; /* of the processor */
	double memory;      /* bytes, at most */
	double disk;        /* bytes of what it leaves */
	bool known;         /* false: nothing like it is done here, and nothing was measured */
};

struct abl_forecasts;

/* `store` NULL: there is no past. `threads` that each stage will have. */
int abl_forecasts_load(struct abl_forecasts **out, struct abl_store *store,
		       const struct abl_plan *plan, int threads, struct abl_err *err) ABL_MUST_USE;
/* Measures what no past says (machine_rate.h), and sets `rated` of those stages of the plan. */
void abl_forecasts_rate(const struct abl_forecasts *f, struct abl_plan *plan);
void abl_forecasts_destroy(struct abl_forecasts *f); /* null-safe */
/* A stage of the plan is done and took so much: the next forecasts know it, and after some of them
 * how busy the machine is now. */
void abl_forecasts_learn(struct abl_forecasts *f, const struct abl_plan *plan, size_t stage,
			 double seconds, double cpu_seconds, double memory);
/* Whatever the stage's state. `f` NULL: by the plan's costs alone. */
void abl_forecast_stage(const struct abl_forecasts *f, const struct abl_plan *plan, size_t stage,
			struct abl_forecast *out);

#endif
