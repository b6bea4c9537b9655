/* SPDX-License-Identifier: Apache-2.0 */
/* earlier_lines.h - the lines with numbers that a stage's program has printed, in a file: one that
 * goes on from a checkpoint in a later attempt does not print them again. */
#ifndef ABL_EARLIER_LINES_H
#define ABL_EARLIER_LINES_H

#include "errors.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct abl_earlier_lines {
	int fd;
	uint64_t size;
	bool full; /* there are too many, or the disk is full: the rest is not kept */
};

/* Opens the file at path, never through a link. `keeps`: what is there stays, and each whole line
 * of it is told first, without its newline; otherwise it is emptied. */
int abl_earlier_lines_open(struct abl_earlier_lines *e, const char *path, bool keeps,
			   void (*line)(void *data, const char *line, size_t length), void *data,
			   struct abl_err *err) ABL_MUST_USE;
void abl_earlier_lines_add(struct abl_earlier_lines *e, const char *line, size_t length);
void abl_earlier_lines_close(struct abl_earlier_lines *e); /* also one that is not open: fd -1 */
/* A line that was cut when its writer was killed gets its end, so that the next one begins anew. */
void abl_earlier_lines_mend(const char *path);

#endif
