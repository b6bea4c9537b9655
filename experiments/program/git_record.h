/* SPDX-License-Identifier: Apache-2.0 */
/* git_record.h - which commit a program's code is of, and which of its files are not in it. Asked
 * of git without a lock, and without anything that a repository can make git run: its own
 * configuration, attributes and hooks are not trusted. */
#ifndef ABL_GIT_RECORD_H
#define ABL_GIT_RECORD_H

#include "code_files.h"

#include <jansson.h>

/* {"commit", "branch" (none: detached), "dirty", "modified", "untracked", "filtered"}: files of
 * the code by name, a hundred of each, and their numbers ("modified_count"). Files are compared as
 * they lie on the disk; those of which git keeps something else (LFS) are `filtered`, those
 * that the commit says nothing of (of submodules, links, of other folders) `elsewhere`.
 * {"problem"}: git says no. NULL: no git or no repository. Takes five seconds at most. Caller's
 * reference. */
json_t *abl_git_record(const struct abl_code_set *c);
/* "commit 1a2b3c4d of 'main', 2 files modified, 1 not in git"; appended. */
void abl_git_summary(const json_t *record, struct abl_str *out);

#endif
