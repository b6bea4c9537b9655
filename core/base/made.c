/* SPDX-License-Identifier: Apache-2.0 */
#include "made.h"

#include "str.h"

#include <stdlib.h>
#include <string.h>

static struct abl_made *list; /* that is open */

struct abl_made *abl_made_begin(struct abl_made *m)
{
	struct abl_made *before = list;

	list = m;
	return before;
}

void abl_made_finish(struct abl_made *m)
{
	if (!m)
		return;
	for (size_t i = 0; i < m->count; i++)
		free(m->files[i].path);
	free(m->files);
	*m = (struct abl_made){0};
}

static struct abl_made_file *find(const struct abl_made *m, const char *path)
{
	for (size_t i = 0; i < m->count; i++)
		if (!strcmp(m->files[i].path, path))
			return &m->files[i];
	return NULL;
}

static struct abl_made_file *add(struct abl_made *m, const char *path)
{
	struct abl_made_file *file = find(m, path);

	if (file)
		return file;
	abl_grow(&m->files, &m->capacity, m->count + 1, sizeof *m->files);
	m->files[m->count] = (struct abl_made_file){.path = abl_strdup(path)};
	return &m->files[m->count++];
}

bool abl_made_is_open(void)
{
	return list;
}

void abl_made_take(const char *path, uint64_t bytes, const char *hash)
{
	struct abl_made_file *file;

	if (!list)
		return;
	file = add(list, path);
	file->bytes = bytes;
	memcpy(file->hash, hash, sizeof file->hash);
}
