/* SPDX-License-Identifier: Apache-2.0 */
/* metric_reader.h - one kind of text or file that numbers are read from. A kind is one file,
 * reader_<name>.c, and one row in metric_readers.c; it gets bytes and tells points. */
#ifndef ABL_METRIC_READER_H
#define ABL_METRIC_READER_H

#include "errors.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct abl_point {
	double value;
	int digits; /* significant ones, where it was printed; 0: as it is */
	bool has_step;
	int64_t step;
	bool final; /* said to be the result: points behind it change nothing */
};

/* What a reader looks for, and whom it tells. Any text may be NULL where it is said. */
struct abl_reading {
	const char *metric; /* its name */
	const char *key;    /* key path, column, tag, printed name or template */
	const char *step;   /* the same for the step; NULL: by its usual names */
	bool tabs;          /* csv: the file's name says that TAB separates */
	bool printed;       /* events: lines of what the program prints */
	void *data;         /* of the hooks */
	void (*point)(void *data, const struct abl_point *p);
	void (*name)(void *data, const char *name, size_t length); /* what is there instead */
	void (*rank)(void *data, int64_t step);        /* how far it had come: the last counts */
	void (*problem)(void *data, const char *text); /* why it could not be read (on) */
};

struct abl_metric_reader {
	const char *name;
	const char *endings; /* of file names, joined by '|'; "" = none */
	bool lines;          /* takes what the program prints */
	bool whole;          /* gets all of a file in one call, again whenever it has changed */
	bool exact;          /* numbers are as they are, not as somebody printed them */
	uint64_t limit;      /* bytes of a file */
	/* Does a file that begins so look like its kind? NULL: never by its content. */
	bool (*fits)(const char *head, size_t length);
	/* Is key and step something that it can look for? Also fills *out, the state, unless it is
	 * NULL; `r` must outlive that. */
	int (*begin)(void **out, const struct abl_reading *r, struct abl_err *err);
	/* The next bytes. `last`: there will be no more; without it a piece of a line may be kept
	 * for the next call. The bytes may be written to. */
	void (*feed)(void *state, char *bytes, size_t length, bool last);
	void (*end)(void *state); /* null-safe */
};

extern const struct abl_metric_reader abl_reader_json, abl_reader_jsonl, abl_reader_csv,
	abl_reader_stdout, abl_reader_events, abl_reader_tensorboard;

/* All of them; ends with NULL. */
extern const struct abl_metric_reader *const abl_metric_readers[];

/* The one for a file of that name; NULL: the name does not say. */
const struct abl_metric_reader *abl_metric_reader_of_name(const char *path);
/* The one for a file that begins so; text at last. */
const struct abl_metric_reader *abl_metric_reader_of_head(const char *head, size_t length);

#endif
