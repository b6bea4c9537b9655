/* SPDX-License-Identifier: Apache-2.0 */
#include "load_names.h"

#include "hash.h"
#include "str.h"

#include <stdlib.h>
#include <string.h>

/* The slot that has the name, or the free one that it would take. */
static size_t slot_of(const struct abl_load_names *n, const char *name)
{
	size_t i = (size_t)abl_hash64(name, strlen(name)) & (n->slots - 1);

	while (n->slot[i] && strcmp(n->name[n->slot[i] - 1], name))
		i = (i + 1) & (n->slots - 1);
	return i;
}

static void make_room(struct abl_load_names *n)
{
	if (n->slots >= 2 * (n->count + 1))
		return;
	free(n->slot);
	n->slots = n->slots ? 4 * n->slots : 64; /* a power of two */
	n->slot = abl_calloc(n->slots, sizeof *n->slot);
	for (size_t i = 0; i < n->count; i++)
		n->slot[slot_of(n, n->name[i])] = (uint32_t)i + 1;
}

size_t abl_load_names_find(const struct abl_load_names *n, const char *name)
{
	const size_t i = n->slots ? slot_of(n, name) : 0;

	return n->slots && n->slot[i] ? n->slot[i] - 1 : SIZE_MAX;
}

size_t abl_load_names_add(struct abl_load_names *n, const char *name)
{
	size_t found = abl_load_names_find(n, name);

	if (found != SIZE_MAX)
		return found;
	make_room(n);
	abl_grow(&n->name, &n->capacity, n->count + 1, sizeof *n->name);
	n->name[n->count] = abl_intern(name);
	n->slot[slot_of(n, name)] = (uint32_t)n->count + 1;
	return n->count++;
}

const char *abl_load_names_at(size_t i, const void *names)
{
	return ((const struct abl_load_names *)names)->name[i];
}

void abl_load_names_finish(struct abl_load_names *n)
{
	free(n->name), free(n->slot);
	*n = (struct abl_load_names){0};
}
