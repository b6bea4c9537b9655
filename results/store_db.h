/* SPDX-License-Identifier: Apache-2.0 */
/* store_db.h - what the files of the store share among themselves, so that only store.c knows
 * SQLite. */
#ifndef ABL_STORE_DB_H
#define ABL_STORE_DB_H

#include "store.h"

/* Runs one statement whose `?` are filled in order from the arguments after `types`: 'i' int64_t,
 * 'r' double (NaN becomes NULL), 't' const char * (NULL becomes NULL). Returns the number of rows
 * changed, or a negative code. Statements are kept prepared by the address of `sql`: string
 * literals only. */
int64_t abl_store_exec(struct abl_store *s, struct abl_err *err, const char *sql, const char *types,
		       ...);

/* The same, and the first column of the first row in *out: 1 = there is one, 0 = no row. */
int abl_store_get(struct abl_store *s, int64_t *out, struct abl_err *err, const char *sql,
		  const char *types, ...);

/* Any text of statements, nothing kept. */
int abl_store_script(struct abl_store *s, const char *sql, struct abl_err *err) ABL_MUST_USE;

/* A transaction of one call, unless the caller has begun one around it. */
int abl_store_enter(struct abl_store *s, struct abl_err *err) ABL_MUST_USE;
/* Commits, or undoes when `code` is not 0. Returns `code`, or the commit's own failure. */
int abl_store_leave(struct abl_store *s, int code, struct abl_err *err) ABL_MUST_USE;

/* Makes the folders and takes the lock, which ends with the process, however that ends, or when *fd
 * is closed. *fd may be open after a failure too. */
int abl_store_lock(const char *folder, int *fd, struct abl_err *err) ABL_MUST_USE;

#define ABL_STORE_NOW "(julianday('now') - 2440587.5) * 86400" /* seconds since 1970 */

/* Puts stages and attempts that a dead writer left running back to waiting. */
int abl_store_recover(struct abl_store *s, struct abl_err *err) ABL_MUST_USE;

#endif
