/* SPDX-License-Identifier: Apache-2.0 */
/* integrity.h - whether the database is whole, and agrees with itself. */
#ifndef ABL_INTEGRITY_H
#define ABL_INTEGRITY_H

#include "errors.h"

#include <stdint.h>

struct abl_store;

/* Tells each fault: what it is of ("results.db", a stage's key), and in words what is wrong.
 * `study`: of the stages, only those that it has; 0: all. */
int abl_read_integrity(struct abl_store *store, int64_t study,
		       void (*hear)(void *data, const char *of, const char *fault), void *data,
		       struct abl_err *err) ABL_MUST_USE;

struct abl_data_file { /* texts last for the call */
	const char *study, *role, *path, *hash;
};
/* The data files of a study, or (0) of all. */
int abl_read_data_files(struct abl_store *store, int64_t study,
			void (*hear)(void *data, const struct abl_data_file *file), void *data,
			struct abl_err *err) ABL_MUST_USE;

/* The first trial that the stage serves, and how many there are. 1 = found, 0 = it serves none. */
int abl_read_served(struct abl_store *store, const char *key, int64_t *trial, int64_t *trials,
		    struct abl_err *err) ABL_MUST_USE;

#endif
