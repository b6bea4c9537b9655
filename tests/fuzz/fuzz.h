/* SPDX-License-Identifier: Apache-2.0 */
/* fuzz.h - what a fuzz target is: the function that libFuzzer asks for, by its name. It must take
 * any bytes, give back all it took, and return 0; a crash, a leak or a sanitizer's complaint is a
 * defect. Most parsers here read files, so fuzz_file() makes one of the bytes. */
#ifndef ABL_FUZZ_H
#define ABL_FUZZ_H

#include <assert.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <sys/mman.h>
#include <unistd.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* A file in memory that holds the bytes: the descriptor to close() afterwards, and its path. */
static inline int fuzz_file(const uint8_t *data, size_t size, char path[40])
{
	int fd = memfd_create("fuzz", MFD_CLOEXEC);
	ssize_t written = fd < 0 ? -1 : write(fd, data, size);

	assert(written == (ssize_t)size);
	(void)written;
	snprintf(path, 40, "/proc/self/fd/%d", fd);
	return fd;
}

#endif
