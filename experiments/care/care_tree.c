/* SPDX-License-Identifier: Apache-2.0 */
#include "care_tree.h"

#include "disk_use.h"
#include "str.h"

#include <dirent.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* ---- files with several names ---- */

static size_t place_of(const struct abl_counted *c, const uint64_t file[2])
{
	size_t i =
		(size_t)(file[0] * 31 + file[1] * UINT64_C(0x9E3779B97F4A7C15)) & (c->capacity - 1);

	while (c->file[i][1] && (c->file[i][0] != file[0] || c->file[i][1] != file[1]))
		i = (i + 1) & (c->capacity - 1);
	return i;
}

static void make_room(struct abl_counted *c)
{
	struct abl_counted more = {.capacity = c->capacity ? 2 * c->capacity : 64,
				   .count = c->count};

	more.file = abl_calloc(more.capacity, sizeof *more.file);
	for (size_t i = 0; i < c->capacity; i++)
		if (c->file[i][1])
			memcpy(more.file[place_of(&more, c->file[i])], c->file[i], sizeof *c->file);
	free(c->file);
	*c = more;
}

static bool is_new(void *data, const struct stat *st)
{
	struct abl_counted *c = data;
	const uint64_t file[2] = {(uint64_t)st->st_dev, (uint64_t)st->st_ino};
	size_t at;

	if (st->st_nlink < 2)
		return true;
	if (2 * (c->count + 1) > c->capacity)
		make_room(c);
	at = place_of(c, file);
	if (c->file[at][1])
		return false;
	memcpy(c->file[at], file, sizeof file);
	c->count++;
	return true;
}

void abl_counted_finish(struct abl_counted *c)
{
	free(c->file);
	*c = (struct abl_counted){0};
}

/* ---- folders ---- */

static int by_name(const void *a, const void *b)
{
	return strcmp(*(char *const *)a, *(char *const *)b);
}

bool abl_names_in(struct abl_names *out, int fd)
{
	const int own = openat(fd, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	DIR *d = own < 0 ? NULL : fdopendir(own);

	*out = (struct abl_names){0};
	if (!d && own >= 0)
		close(own);
	if (!d)
		return false;
	for (struct dirent *e; (e = readdir(d));) {
		if (!strcmp(e->d_name, ".") || !strcmp(e->d_name, ".."))
			continue;
		abl_grow(&out->name, &out->capacity, out->count + 1, sizeof *out->name);
		out->name[out->count++] = abl_strdup(e->d_name);
	}
	closedir(d);
	if (out->count)
		qsort(out->name, out->count, sizeof *out->name, by_name);
	return true;
}

void abl_names_finish(struct abl_names *n)
{
	for (size_t i = 0; i < n->count; i++)
		free(n->name[i]);
	free(n->name);
	*n = (struct abl_names){0};
}

int64_t abl_care_size(struct abl_counted *c, int fd, const char *name)
{
	return abl_disk_use_at(fd, name, is_new, c);
}
