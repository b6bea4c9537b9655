/* SPDX-License-Identifier: Apache-2.0 */
/* status_workers.h - the workers of a study's last run, for all forms of `status`. */
#ifndef ABL_STATUS_WORKERS_H
#define ABL_STATUS_WORKERS_H

#include "json.h"
#include "store.h"

/* Adds them to the object, as a list `workers`: docs/nights.md lists their fields. */
int abl_status_workers(struct abl_json *j, json_t *study, struct abl_store *store, int64_t id,
		       struct abl_err *err) ABL_MUST_USE;
/* Appends "16 workers: 15 there with 29 of 30 stages running, 1 lost"; nothing where there are
 * none. `alive`: their run goes on. */
void abl_status_workers_sum(const json_t *workers, bool alive, struct abl_str *out);
/* Appends "hostA (host n1, job 4711[3]): 2 of 2 running, 8 done". */
void abl_status_worker_line(const json_t *worker, bool alive, struct abl_str *out);

/* Prints both, each on lines of its own. */
int abl_status_workers_print(struct abl_store *store, int64_t study,
			     struct abl_err *err) ABL_MUST_USE;

#endif
