/* SPDX-License-Identifier: Apache-2.0 */
/* disk_use.h - the room that files take on a disk, in blocks of 4 KiB as most file systems have
 * them: the same number wherever a store lies. */
#ifndef ABL_DISK_USE_H
#define ABL_DISK_USE_H

#include <stdint.h>

/* A file of so many bytes. */
int64_t abl_disk_blocks(int64_t bytes);
/* A file, or a folder with all that is in it; links are not followed. 0: nothing is there. */
int64_t abl_disk_use(const char *path);

#endif
