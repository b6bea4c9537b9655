/* SPDX-License-Identifier: Apache-2.0 */
/* sql_connection.h - what the files that include SQLite share: sql_connection.c, on which stands
 * sql_turn.c, on which stands sql.c. */
#ifndef ABL_SQL_CONNECTION_H
#define ABL_SQL_CONNECTION_H

#include "sql.h"

#include <sqlite3.h>
#include <stddef.h>
#include <time.h>

enum {
	STATEMENTS = 64, /* by the address of their text */
	SPARES = 8,      /* of queries that were closed, by their text */
};

struct abl_sql {
	sqlite3 *db;
	char *name;   /* in messages */
	bool writes;  /* to a file: has something to sync */
	int depth;    /* of transactions: 0 or 1 */
	bool dirty;   /* committed since the last sync */
	bool flushes; /* each commit lasts at once: there is no log to flush later */
	bool turns;   /* what is committed joins one transaction, until the turn ends */
	bool turn;    /* that has begun */
	int (*fence)(void *data, struct abl_err *err); /* asked before each commit, or NULL */
	void *fence_data;
	struct timespec synced;
	double patience;      /* seconds that a call waits for another program's lock */
	double waiting_since; /* seconds of abl_clock_now() */
	bool told;            /* of this wait */
	struct {
		const char *sql;
		sqlite3_stmt *stmt;
	} kept[STATEMENTS];
	size_t kept_count;
	sqlite3_stmt *spares[SPARES]; /* idle; NULL: none */
	unsigned next_spare;          /* the one to give way */
};

/* What SQLite's last failure is to us. */
int abl_sql_failed(struct abl_sql *s, struct abl_err *err);
/* What goes on until abl_sql_sync(), where turns are taken. A write that fails may have ended it,
 * and what was in it. */
int abl_sql_begin_turn(struct abl_sql *s, struct abl_err *err) ABL_MUST_USE;
/* The statement of a string literal, kept prepared by its address. */
int abl_sql_statement(struct abl_sql *s, const char *sql, sqlite3_stmt **out,
		      struct abl_err *err) ABL_MUST_USE;

#endif
