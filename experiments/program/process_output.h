/* SPDX-License-Identifier: Apache-2.0 */
/* process_output.h - what a program prints: lines for who reads its numbers, its first 8 MiB and
 * its last one for the log, and its end for a message. */
#ifndef ABL_PROCESS_OUTPUT_H
#define ABL_PROCESS_OUTPUT_H

#include "str.h"

#include <stddef.h>
#include <stdint.h>

enum {
	ABL_OUTPUT_LINE = 64 << 10, /* a longer line comes in pieces */
	ABL_OUTPUT_FIRST = 8 << 20, /* bytes that go to the log at once */
	ABL_OUTPUT_LAST = 1 << 20,  /* the last ones, which go there at the end */
};

struct abl_output {
	int log; /* descriptor; -1: none */
	void *data;
	void (*line)(void *data, const char *line, size_t length); /* may be NULL */
	struct abl_str part; /* of a line that has not ended */
	char *ring;          /* [ABL_OUTPUT_LAST]; byte i of all lies at i % ABL_OUTPUT_LAST */
	uint64_t bytes;      /* of all */
};

void abl_output_feed(struct abl_output *o, const char *bytes, size_t length);
/* No more comes: a last line without its end, and the log's. */
void abl_output_end(struct abl_output *o);
/* The end of it as text: without what colours a terminal, '?' for bytes that are no UTF-8. */
void abl_output_tail(const struct abl_output *o, char *out, size_t size);
void abl_output_finish(struct abl_output *o); /* null-safe */

#endif
