/* SPDX-License-Identifier: Apache-2.0 */
/* own_folder.h - what a process writes beside the place where it is wanted, and leaves there when
 * it is killed: "NAME.tmp-PID". */
#ifndef ABL_OWN_FOLDER_H
#define ABL_OWN_FOLDER_H

#include "errors.h"

#include <stdbool.h>

/* "effects.png.tmp-4711" of a process that is no more. */
bool abl_is_orphan(const char *name) __attribute__((nonnull));
/* Removes "PATH.tmp-PID" of processes that are no more; nothing on a network file system, where it
 * may be another host's. */
void abl_orphans_remove(const char *path) __attribute__((nonnull));
/* Makes the folder "PATH.tmp-PID" of this process, once those of the dead are gone. Caller frees
 * its name and removes it. */
int abl_own_folder(const char *path, char **out, struct abl_err *err) ABL_MUST_USE;

#endif
