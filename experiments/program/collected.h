/* SPDX-License-Identifier: Apache-2.0 */
/* collected.h - what a collector (collector.h) holds of each metric; for its own files. */
#ifndef ABL_COLLECTED_H
#define ABL_COLLECTED_H

#include "collector.h"
#include "metric_source.h"
#include "path_glob.h"
#include "seen_names.h"
#include "told_points.h"

#include <sys/types.h>

struct abl_collected;

/* A run of points: what the program prints, or one file. */
struct abl_stream {
	struct abl_reading reading; /* its data is the stream */
	struct abl_collected *of;
	const struct abl_metric_reader *reader;     /* NULL: not known yet */
	void *state;                                /* the reader's; NULL: not begun */
	size_t count;                               /* of points */
	bool has, has_best, final, ranked, stepped; /* stepped: a point had a step */
	struct abl_point last;
	double best;
	int digits; /* of the point that was printed with most of them */
	int64_t rank;
	char *problem; /* the last one; may be NULL */
};

struct abl_watched { /* a file */
	struct abl_stream stream;
	char *path;         /* below `folder` */
	const char *folder; /* the collector's */
	ino_t inode;
	off_t offset, size; /* read so far; at the last look */
	double changed;
	uint64_t head, tail; /* hashes of what was read at its begin and end */
	bool there;          /* found at the last look */
	bool by_content;     /* its name does not say what it is */
	bool old;            /* from before the program began */
};

struct abl_collected { /* a metric */
	const struct abl_order_metric *of;
	const struct abl_events *events;
	struct abl_metric_source source;
	struct abl_stream *printed; /* "stdout"; may be NULL */
	struct abl_stream *said;    /* "ablate:" lines; may be NULL */
	struct abl_watched **files; /* of the pattern; or the events file alone */
	size_t file_count, file_capacity;
	struct abl_told_points told;
	struct abl_seen_names names;
	char *problem;   /* with the pattern itself: too many files; may be NULL */
	bool is_pattern; /* the files are those of source.pattern */
};

enum { ABL_COLLECTED_FILES = 10000 };    /* of a pattern */
enum { ABL_COLLECTED_POINTS = 1000000 }; /* of a series */

void abl_stream_init(struct abl_stream *s, struct abl_collected *of,
		     const struct abl_metric_reader *reader);
void abl_stream_finish(struct abl_stream *s); /* null-safe */
/* Bytes for its reader, which may write to them. */
void abl_stream_feed(struct abl_stream *s, char *bytes, size_t length, bool last);
/* Forgets everything; NULL as reader: the same. */
void abl_stream_restart(struct abl_stream *s, const struct abl_metric_reader *reader);

/* Reads what is new in the metric's files below `out`; `last`: the program has ended, and files
 * older than `began` are not its own. */
void abl_collected_read(struct abl_collected *m, const char *out, bool last, double began);
/* One more file to be watched. */
struct abl_watched *abl_collected_watch(struct abl_collected *m, const char *folder,
					const char *path);
void abl_collected_forget_files(struct abl_collected *m);

/* The stream that has the result; NULL: none. `among`: in how many files it was looked for and
 * found. */
struct abl_stream *abl_collected_choose(const struct abl_collected *m, size_t *among);
double abl_collected_value(const struct abl_collected *m, const struct abl_stream *s);
/* Appends why there is no result. */
void abl_collected_missing(const struct abl_collected *m, const char *out, struct abl_str *text);

/* Did transformers' Trainer restore the best of its checkpoints below `out`? Then appends which. */
bool abl_trainer_selected(const char *out, struct abl_str *text);

#endif
