/* SPDX-License-Identifier: Apache-2.0 */
/* copy_tree.h - a folder, copied while somebody may still write to it. */
#ifndef ABL_COPY_TREE_H
#define ABL_COPY_TREE_H

#include "errors.h"

#include <stdatomic.h>
#include <stdbool.h>

/* Copies a file, a folder with all that is in it, or a link as a link, to a path that is not there.
 * Modes and times are kept; what vanishes meanwhile, files that are only being written (writer.h)
 * and what is none of the three are left out. ABL_EFULL: there is no room; ABL_ESTOP: *unwanted
 * has become true (NULL: it never does). */
int abl_copy_tree(const char *from, const char *to, const atomic_bool *unwanted,
		  struct abl_err *err) ABL_MUST_USE;

#endif
