/* SPDX-License-Identifier: Apache-2.0 */
/* store_db.h - what the files of the store share among themselves, and the ground they stand
 * on. */
#ifndef ABL_STORE_DB_H
#define ABL_STORE_DB_H

#include "file_system.h"
#include "lock_beat.h"
#include "sql.h"
#include "store.h"
#include "str.h"

#include <time.h>

/* The lease of a store's one writer. */
struct abl_lock {
	int fd;     /* of the lock file; -1 = none is held */
	bool works; /* the system's locks do, here; else there is the claim alone (lock_claim.h) */
	struct abl_lock_record own;
	struct abl_beat *beat; /* on a network file system; and then there is a claim */
};

struct abl_store {
	struct abl_sql *sql;
	char *folder;
	char *file;                         /* results.db in it */
	char network[ABL_FILE_SYSTEM_NAME]; /* that it is on; "" = a disk of this machine */
	struct abl_lock lock;               /* fd -1 = reading only */
	int own;                            /* of the database, for the lock on itself; -1 = none */
	bool alive;                         /* somebody writes, or we do */
	struct abl_lock_record holder;      /* who that is, on a network file system */
	int64_t interrupted;    /* stages that a dead writer left running, where we only read */
	struct timespec copied; /* when the last snapshot was made, and */
	double copying;         /* how many seconds that took */
	int64_t changes;        /* by then, of abl_sql_changes() */
};

/* Makes the folders and takes the lock, which ends with the process, however that ends, or by
 * abl_store_unlock(). */
int abl_store_lock(const char *folder, const char *network, struct abl_lock *lock,
		   struct abl_err *err) ABL_MUST_USE;
/* The same for the database itself, which is made where it is not there: a lock file can be removed
 * while it is held, and the next program makes another. Children that are forked meanwhile do not
 * have it. To be unlocked when SQLite has the database no more: that ends SQLite's own locks. */
int abl_store_lock_database(const char *file, int *fd, struct abl_err *err) ABL_MUST_USE;
void abl_store_unlock_database(int *fd); /* -1: nothing is locked */
/* Whether the lock is still ours: a process that was stopped for a while may have lost it. */
int abl_store_lock_check(const struct abl_store *s, struct abl_err *err) ABL_MUST_USE;
/* Whether a program, this one or another, holds one of the two. Fills s->holder and lock.works. */
bool abl_store_is_locked(struct abl_store *s);
void abl_store_unlock(const char *folder, struct abl_lock *lock); /* the first of the two */

/* ---- a store on a network file system (store_network.c) ---- */

/* The name to open the database by where it lies there. */
void abl_store_network_uri(const struct abl_store *s, enum abl_store_mode mode,
			   struct abl_str *out);
/* Whether a reader has to take a copy of the database and of its journal, which a dead writer has
 * left and only one who may write can undo. */
bool abl_store_wants_copies(const struct abl_store *s);
/* Opens the last snapshot, and says how old it is. */
int abl_store_open_snapshot(struct abl_store *s, struct abl_err *err) ABL_MUST_USE;
/* Settings of a writer. */
int abl_store_network_begin(struct abl_store *s, struct abl_err *err) ABL_MUST_USE;
/* Makes a snapshot, if anything was written since the last one and that is ten seconds ago, or
 * `now`. One that fails leaves the last one. */
void abl_store_put_snapshot(struct abl_store *s, bool now);

/* Whether the views of views.sql are there, word by word, and the wide view as it was made. */
int abl_store_views_same(struct abl_store *s, bool *same, struct abl_err *err) ABL_MUST_USE;

/* The rules of the study's earlier plans. */
int abl_store_forget_rules(struct abl_store *s, int64_t study, struct abl_err *err) ABL_MUST_USE;

/* Puts stages and attempts that a dead writer left running back to waiting; those that a worker was
 * given (store_worker.h) only with `workers`. */
int abl_store_recover(struct abl_store *s, bool workers, struct abl_err *err) ABL_MUST_USE;

/* Remembers what the stage's results and curves are, within a transaction. */
int abl_store_sum_put(struct abl_store *s, int64_t stage, struct abl_err *err) ABL_MUST_USE;

#endif
