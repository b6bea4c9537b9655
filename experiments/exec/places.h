/* SPDX-License-Identifier: Apache-2.0 */
/* places.h - where a run's workers are: what `--on` says, and host files.
 *
 *	local[:N]                  this machine, N stages at a time
 *	ssh:HOST[:N],HOST[:N]...   hosts that `ssh` reaches
 *	FILE.hosts                 a host file: one place a line
 *	command:WORDS              words that start `ablate` somewhere: docker exec -i c ablate
 *	slurm                      Slurm's allocations
 *	calls                      workers that somebody else starts, and that call (listener.h)
 *
 * A line of a host file, where '#' begins a remark:
 *
 *	HOST [slots=N] [cores=N] [gpus=0,1|none] [store=DIR] [data=DIR] [program=PATH]
 *	NAME [slots=N] [cores=N] [store=DIR] [data=DIR] command: WORDS
 */
#ifndef ABL_PLACES_H
#define ABL_PLACES_H

#include "errors.h"
#include "word_list.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum abl_place_kind {
	ABL_PLACE_LOCAL,
	ABL_PLACE_SSH,
	ABL_PLACE_COMMAND,
	ABL_PLACE_SLURM,
	ABL_PLACE_CALLS
};

struct abl_place {
	enum abl_place_kind kind;
	char *name;                 /* for people and files; no other place of the run has it */
	char *host;                 /* that ssh is given; NULL: it needs none */
	struct abl_word_list words; /* of a command */
	int64_t slots;              /* stages at a time; 0: it decides */
	int64_t cores;              /* that they may use; 0: all that it has */
	char *gpus;         /* its cards, as in CUDA_VISIBLE_DEVICES; NULL: all that it has */
	char *store, *data; /* folders as it sees them; NULL: as we do */
	char *program;      /* `ablate` there; NULL: where ours is */
};

struct abl_places { /* Zero-initialise. */
	struct abl_place *items;
	size_t count, capacity;
};

/* Appends what one `--on` says. ABL_EINPUT says what is wrong with it, and how it is written. */
int abl_places_add(struct abl_places *p, const char *text, struct abl_err *err) ABL_MUST_USE;
/* The first place of that kind; NULL: there is none. */
const struct abl_place *abl_places_of(const struct abl_places *p, enum abl_place_kind kind);
/* Whether any of them is not this machine itself. */
bool abl_places_have_workers(const struct abl_places *p);
void abl_places_finish(struct abl_places *p); /* null-safe */

/* host_file.c */
int abl_host_file_read(struct abl_places *p, const char *path, struct abl_err *err) ABL_MUST_USE;

/* place_parts.c, for places.c and host_file.c: takes over what the place has, but its name, and
 * gives it a name that is not taken: its host, or `name`. */
void abl_places_take(struct abl_places *p, struct abl_place *place, const char *name);
void abl_place_drop(struct abl_place *place);
/* "HOST", "user@HOST:4", "[::1]:4". */
int abl_place_read_host(struct abl_place *out, const char *text, struct abl_err *err) ABL_MUST_USE;
int abl_place_read_count(const char *text, const char *what, int64_t *out,
			 struct abl_err *err) ABL_MUST_USE;

#endif
