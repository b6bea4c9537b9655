/* SPDX-License-Identifier: Apache-2.0 */
/* earlier_lines.h - the lines with numbers that a stage's program has printed, in a file: one that
 * goes on from a checkpoint in a later attempt does not print them again. */
#ifndef ABL_EARLIER_LINES_H
#define ABL_EARLIER_LINES_H

#include "errors.h"
#include "str.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct abl_earlier_lines {
	int fd;
	uint64_t size;
	bool full;              /* there are too many: the rest is not kept */
	struct abl_str waiting; /* whole lines that could not be written so far */
};

/* Opens the file at path, never through a link. `keeps`: what is there stays, and each whole line
 * of it is told first, without its newline; otherwise it is emptied. */
int abl_earlier_lines_open(struct abl_earlier_lines *e, const char *path, bool keeps,
			   void (*line)(void *data, const char *line, size_t length), void *data,
			   struct abl_err *err) ABL_MUST_USE;
void abl_earlier_lines_add(struct abl_earlier_lines *e, const char *line, size_t length);
/* Writes what waits, on a disk that was full for a while; to be called now and then. What cannot be
 * written waits on, as lines that are added do. */
void abl_earlier_lines_write(struct abl_earlier_lines *e);
/* The same a last time. Also one that is not open: fd -1. */
void abl_earlier_lines_close(struct abl_earlier_lines *e);
/* A line that was cut when its writer was killed gets its end, so that the next one begins anew. */
void abl_earlier_lines_mend(const char *path);

#endif
