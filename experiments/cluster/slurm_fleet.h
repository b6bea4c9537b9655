/* SPDX-License-Identifier: Apache-2.0 */
/* slurm_fleet.h - what has become of the allocations that were asked for, as far as we can tell by
 * ourselves: that one has begun, by the log that it has; that its worker is there, by its hello;
 * that it is gone, by the end of its link. The queue is never asked: it forgets jobs that have
 * ended, shows some as running that are not, and answers nothing when it is busy.
 *
 * No clock, no files and no processes: all of it is told, and so it can be tried. */
#ifndef ABL_SLURM_FLEET_H
#define ABL_SLURM_FLEET_H

#include "str.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { ABL_SLURM_NEVER = 3 }; /* allocations in a row that never connect: no more are asked for */
enum { ABL_SLURM_NODE_LOSES = 2 }; /* workers lost on a node: it is left out */

enum abl_slurm_state {
	ABL_SLURM_QUEUED, /* as far as we know */
	ABL_SLURM_BEGUN,  /* it has a log, and has not connected */
	ABL_SLURM_JOINED,
	ABL_SLURM_ENDED,
	ABL_SLURM_SILENT,    /* it has not connected in time */
	ABL_SLURM_FORGOTTEN, /* by Slurm, it seems; should it come all the same, it is welcome */
};

struct abl_slurm_element {
	enum abl_slurm_state state;
	double since;
	int64_t workers; /* that are there of it */
};

struct abl_slurm_array {
	char *job; /* "4711", or "4711;cluster" */
	struct abl_slurm_element *element;
	int64_t count;
	char *token;  /* its --comment; NULL: not known */
	bool adopted; /* an earlier head has asked for it */
	bool foreign; /* and Slurm knows no such job of ours */
	double began; /* the first of its elements; INFINITY: none has */
};

struct abl_slurm_worker { /* one that is there */
	int64_t number;
	size_t array;
	int64_t element;
	char *node; /* or NULL */
};

struct abl_slurm_node {
	char *name;
	int64_t lost; /* workers */
	bool left_out;
};

struct abl_slurm_fleet { /* zero-initialise */
	struct abl_slurm_array *array;
	size_t arrays, array_capacity;
	struct abl_slurm_worker *worker;
	size_t workers, worker_capacity;
	struct abl_slurm_node *node;
	size_t nodes, node_capacity;
	int64_t silent; /* allocations in a row, since one has connected */
};

void abl_slurm_fleet_finish(struct abl_slurm_fleet *f); /* null-safe */

/* An array of so many elements was submitted. Its place. */
size_t abl_slurm_fleet_add(struct abl_slurm_fleet *f, const char *job, int64_t count, double now);
/* An earlier head's: what does not show up in a while is taken as gone, and nobody's fault. */
size_t abl_slurm_fleet_adopt(struct abl_slurm_fleet *f, const char *job, int64_t count, double now);
/* An element has a log now. */
void abl_slurm_fleet_begun(struct abl_slurm_fleet *f, size_t array, int64_t element, double now);
/* A worker has said hello; job, array and node as its environment names them, or NULL. False: it is
 * of none of our jobs. */
bool abl_slurm_fleet_joined(struct abl_slurm_fleet *f, int64_t number, const char *job,
			    const char *element, const char *node, double now);
/* A worker is gone. `lost`: it has not said so before. The name of its node, where that is left out
 * from now on; else NULL. */
const char *abl_slurm_fleet_gone(struct abl_slurm_fleet *f, int64_t number, bool lost, double now);
/* Takes note of those that began `patience` seconds ago and have not connected. The array and the
 * element of the first that was not known to be silent; false: there is none. Adopted ones have
 * five times as long to begin. */
bool abl_slurm_fleet_silent(struct abl_slurm_fleet *f, double patience, double now, size_t *array,
			    int64_t *element);
/* Takes those as forgotten that wait though a later array began `patience` seconds ago: Slurm holds
 * jobs whose start has failed, and loses some when it is killed. How many these were. */
int64_t abl_slurm_fleet_forget(struct abl_slurm_fleet *f, double patience, double now);
/* Allocations that are there or may still come. */
int64_t abl_slurm_fleet_count(const struct abl_slurm_fleet *f);
int64_t abl_slurm_fleet_in(const struct abl_slurm_fleet *f, enum abl_slurm_state state);
/* Nothing more is to be asked for: what began has never connected. */
bool abl_slurm_fleet_is_hopeless(const struct abl_slurm_fleet *f);
/* Appends the nodes that are left out, "n3,n7". */
void abl_slurm_fleet_left_out(const struct abl_slurm_fleet *f, struct abl_str *out);
/* Every node may be used again. */
void abl_slurm_fleet_forgive(struct abl_slurm_fleet *f);
/* Whether allocations of that job may still be there. */
bool abl_slurm_fleet_is_open(const struct abl_slurm_fleet *f, size_t array);

#endif
