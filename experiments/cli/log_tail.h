/* SPDX-License-Identifier: Apache-2.0 */
/* log_tail.h - a log that grows, printed as it comes. */
#ifndef ABL_LOG_TAIL_H
#define ABL_LOG_TAIL_H

#include "str.h"

#include <stdio.h>
#include <sys/types.h>

/* Zero but for `path`, which is the tail's; ends with abl_log_tail_finish(). */
struct abl_log_tail {
	char *path;
	off_t read; /* bytes of the file */
	ino_t file; /* another one under the name is read from its beginning */
	dev_t device;
	struct abl_str part; /* to a terminal: a line that has not ended */
};

enum abl_log_news { ABL_LOG_MISSING, ABL_LOG_SAME, ABL_LOG_MORE };
/* Whether there is more than was printed. */
enum abl_log_news abl_log_tail_look(struct abl_log_tail *t);
/* Prints that. To a terminal: without the colours, and of a line that was written over and over
 * only what would be seen; `last`: an unfinished line, too. Elsewhere the bytes as they are. */
void abl_log_tail_print(struct abl_log_tail *t, FILE *out, bool terminal, bool last);
void abl_log_tail_finish(struct abl_log_tail *t); /* null-safe */

#endif
