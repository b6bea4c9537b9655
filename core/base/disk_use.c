/* SPDX-License-Identifier: Apache-2.0 */
#include "disk_use.h"

#include <dirent.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { BLOCK = 4096, DEEPEST = 100 };

int64_t abl_disk_blocks(int64_t bytes)
{
	return (bytes + BLOCK - 1) / BLOCK * BLOCK;
}

struct counting {
	bool (*counts)(void *data, const struct stat *st); /* or NULL: all do */
	void *data;
};

static int64_t use_of_file(const struct counting *c, const struct stat *st)
{
	const bool counts = S_ISREG(st->st_mode) && (!c->counts || c->counts(c->data, st));

	return counts ? abl_disk_blocks(st->st_size) : 0;
}

static int64_t use_at(const struct counting *c, int at, const char *name, int depth)
{
	const int flags = O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC;
	struct stat st;
	int64_t sum;
	int fd;
	DIR *d;

	if (fstatat(at, name, &st, AT_SYMLINK_NOFOLLOW))
		return 0;
	if (!S_ISDIR(st.st_mode))
		return use_of_file(c, &st);
	sum = BLOCK;
	fd = depth < DEEPEST ? openat(at, name, flags) : -1;
	d = fd < 0 ? NULL : fdopendir(fd);
	if (!d && fd >= 0)
		close(fd);
	for (struct dirent *e; d && (e = readdir(d));)
		if (strcmp(e->d_name, ".") && strcmp(e->d_name, ".."))
			sum += use_at(c, dirfd(d), e->d_name, depth + 1);
	if (d)
		closedir(d);
	return sum;
}

int64_t abl_disk_use(const char *path)
{
	return abl_disk_use_at(AT_FDCWD, path, NULL, NULL);
}

int64_t abl_disk_use_at(int folder, const char *name,
			bool (*counts)(void *data, const struct stat *st), void *data)
{
	return use_at(&(struct counting){counts, data}, folder, name, 0);
}
