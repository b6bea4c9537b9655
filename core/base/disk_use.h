/* SPDX-License-Identifier: Apache-2.0 */
/* disk_use.h - the room that files take on a disk, in blocks of 4 KiB as most file systems have
 * them: the same number wherever a store lies. */
#ifndef ABL_DISK_USE_H
#define ABL_DISK_USE_H

#include <stdbool.h>
#include <stdint.h>

struct stat;

/* A file of so many bytes. */
int64_t abl_disk_blocks(int64_t bytes);
/* A file, or a folder with all that is in it; links are not followed. 0: nothing is there. */
int64_t abl_disk_use(const char *path);
/* The same of an entry of an open folder, and only of those files that count. */
int64_t abl_disk_use_at(int folder, const char *name,
			bool (*counts)(void *data, const struct stat *st), void *data);

#endif
