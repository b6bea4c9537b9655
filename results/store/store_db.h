/* SPDX-License-Identifier: Apache-2.0 */
/* store_db.h - what the files of the store share among themselves, and the ground they stand
 * on. */
#ifndef ABL_STORE_DB_H
#define ABL_STORE_DB_H

#include "sql.h"
#include "store.h"

struct abl_store {
	struct abl_sql *sql;
	char *folder;
	char *file;          /* results.db in it */
	int lock;            /* descriptor, -1 = reading only */
	int own;             /* of the database, for the lock on itself; -1 = none */
	bool alive;          /* somebody writes, or we do */
	int64_t interrupted; /* stages that a dead writer left running, where we only read */
};

/* Makes the folders and takes the lock, which ends with the process, however that ends, or when *fd
 * is closed. *fd may be open after a failure too. */
int abl_store_lock(const char *folder, int *fd, struct abl_err *err) ABL_MUST_USE;
/* The same for the database itself, which is made where it is not there: a lock file can be removed
 * while it is held, and the next program makes another. *fd is to be closed when SQLite has the
 * database no more: closing it ends the locks of SQLite's own. */
int abl_store_lock_database(const char *file, int *fd, struct abl_err *err) ABL_MUST_USE;
/* Whether a program, this one or another, holds one of the two. */
bool abl_store_is_locked(const char *folder, const char *file);
void abl_store_unlock(int *fd); /* the first of the two */

/* Whether the views of views.sql are there, word by word. */
int abl_store_views_same(struct abl_store *s, bool *same, struct abl_err *err) ABL_MUST_USE;

/* The rules of the study's earlier plans. */
int abl_store_forget_rules(struct abl_store *s, int64_t study, struct abl_err *err) ABL_MUST_USE;

/* Puts stages and attempts that a dead writer left running back to waiting. */
int abl_store_recover(struct abl_store *s, struct abl_err *err) ABL_MUST_USE;

#endif
