/* SPDX-License-Identifier: Apache-2.0 */
/* care_tree.h - folders of a store as they lie on the disk; for care.c. */
#ifndef ABL_CARE_TREE_H
#define ABL_CARE_TREE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Files with several names that were counted already. */
struct abl_counted {
	uint64_t (*file)[2]; /* device and number; an open hash table */
	size_t count, capacity;
};
void abl_counted_finish(struct abl_counted *c);

/* What a file, or a folder with all that is in it, takes on the disk. `fd`: of the folder that it
 * is in. */
int64_t abl_care_size(struct abl_counted *c, int fd, const char *name);

struct abl_names {
	char **name; /* sorted */
	size_t count, capacity;
};
/* The entries of an open folder. False: it cannot be read. */
bool abl_names_in(struct abl_names *out, int fd);
void abl_names_finish(struct abl_names *n);

#endif
