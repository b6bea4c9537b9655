/* SPDX-License-Identifier: Apache-2.0 */
/* load_names.h - the different names of a column, numbered in the order in which they come. */
#ifndef ABL_LOAD_NAMES_H
#define ABL_LOAD_NAMES_H

#include <stddef.h>
#include <stdint.h>

struct abl_load_names {
	const char **name; /* permanent */
	size_t count, capacity;
	uint32_t *slot; /* [slots] number + 1, by hash; 0 = free */
	size_t slots;
};

size_t abl_load_names_add(struct abl_load_names *n, const char *name); /* its number */
/* SIZE_MAX: there is none. */
size_t abl_load_names_find(const struct abl_load_names *n, const char *name);
const char *abl_load_names_at(size_t i, const void *names); /* for abl_nearest() */
void abl_load_names_finish(struct abl_load_names *n);

#endif
