/* SPDX-License-Identifier: Apache-2.0 */
#include "power_vfs.h"

#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define SECTOR 512
enum { FILES = 64 };

/* Since the last sync: a write, or a truncation (data NULL). */
struct change {
	sqlite3_int64 at;
	int length;
	char *data;
};
struct image {
	char path[512];
	bool used, there, was_there; /* was_there: a cut would leave one */
	char *data;                  /* as a cut would leave it at least */
	sqlite3_int64 length;
	struct change *changes;
	int count, capacity;
};
struct file {
	sqlite3_file base;
	struct image *image; /* NULL: not looked at */
	bool backup;
	sqlite3_file *real;
};

static struct image images[FILES];
static sqlite3_vfs shim, *real;
static int64_t operations, cut_at;
static bool off, full;

/* False: the power is gone. */
static bool step(void)
{
	if (!off && ++operations == cut_at)
		off = true;
	return !off;
}

static void resize(struct image *i, sqlite3_int64 length)
{
	const size_t before = (size_t)i->length, now = (size_t)length;
	char *data = realloc(i->data, now + 1);

	if (!data || now > 1 << 28)
		abort();
	if (now > before)
		memset(data + before, 0, now - before);
	i->data = data;
	i->length = length;
}

static void forget(struct image *i)
{
	while (i->count)
		free(i->changes[--i->count].data);
}

static void apply(struct image *i, const struct change *c, sqlite3_int64 from, int length)
{
	if (!c->data) {
		resize(i, c->at);
		return;
	}
	if (c->at + from + length > i->length)
		resize(i, c->at + from + length);
	memcpy(i->data + c->at + from, c->data + from, (size_t)length);
}

static void note(struct image *i, sqlite3_int64 at, const void *data, int length)
{
	struct change *c;

	if (!i)
		return;
	if (i->count == i->capacity) {
		i->capacity = i->capacity ? 2 * i->capacity : 64;
		i->changes = realloc(i->changes, (size_t)i->capacity * sizeof *i->changes);
	}
	if (!i->changes)
		abort();
	c = &i->changes[i->count++];
	*c = (struct change){
		.at = at, .length = length, .data = data ? malloc((size_t)length) : NULL};
	if (c->data)
		memcpy(c->data, data, (size_t)length);
}

static void settle(struct image *i)
{
	for (int k = 0; k < i->count; k++)
		apply(i, &i->changes[k], 0, i->changes[k].length);
	forget(i);
	i->was_there = i->there;
}

static struct image *image_of(const char *path)
{
	struct image *found = NULL;
	FILE *f;

	for (int k = 0; k < FILES && !found; k++)
		if (images[k].used && !strcmp(images[k].path, path))
			found = &images[k];
	for (int k = 0; k < FILES && !found; k++)
		if (!images[k].used)
			found = &images[k];
	if (!found)
		abort();
	if (found->used)
		return found;
	snprintf(found->path, sizeof found->path, "%s", path);
	found->used = true;
	f = fopen(path, "rb");
	found->there = found->was_there = f != NULL;
	if (f) {
		fseek(f, 0, SEEK_END);
		resize(found, ftell(f));
		rewind(f);
		if (found->length && fread(found->data, (size_t)found->length, 1, f) != 1)
			abort();
		fclose(f);
	}
	return found;
}

static struct file *of(sqlite3_file *f)
{
	return (struct file *)f;
}

static int do_close(sqlite3_file *f)
{
	return of(f)->real->pMethods->xClose(of(f)->real);
}

static int do_read(sqlite3_file *f, void *out, int n, sqlite3_int64 at)
{
	return off ? SQLITE_IOERR_READ : of(f)->real->pMethods->xRead(of(f)->real, out, n, at);
}

static int do_write(sqlite3_file *f, const void *data, int n, sqlite3_int64 at)
{
	if (of(f)->image && !step())
		return SQLITE_IOERR_WRITE;
	if (of(f)->backup && full)
		return SQLITE_FULL;
	note(of(f)->image, at, data, n);
	return of(f)->real->pMethods->xWrite(of(f)->real, data, n, at);
}

static int do_truncate(sqlite3_file *f, sqlite3_int64 length)
{
	if (of(f)->image && !step())
		return SQLITE_IOERR_TRUNCATE;
	note(of(f)->image, length, NULL, 0);
	return of(f)->real->pMethods->xTruncate(of(f)->real, length);
}

/* Not handed on: no disk is waited for. */
static int do_sync(sqlite3_file *f, int flags)
{
	(void)flags;
	if (!of(f)->image)
		return SQLITE_OK;
	if (!step())
		return SQLITE_IOERR_FSYNC;
	settle(of(f)->image);
	return SQLITE_OK;
}

static int do_size(sqlite3_file *f, sqlite3_int64 *out)
{
	return of(f)->real->pMethods->xFileSize(of(f)->real, out);
}

static int do_lock(sqlite3_file *f, int level)
{
	return of(f)->real->pMethods->xLock(of(f)->real, level);
}

static int do_unlock(sqlite3_file *f, int level)
{
	return of(f)->real->pMethods->xUnlock(of(f)->real, level);
}

static int do_reserved(sqlite3_file *f, int *out)
{
	return of(f)->real->pMethods->xCheckReservedLock(of(f)->real, out);
}

static int do_control(sqlite3_file *f, int what, void *value)
{
	return of(f)->real->pMethods->xFileControl(of(f)->real, what, value);
}

static int do_sector(sqlite3_file *f)
{
	(void)f;
	return SECTOR;
}

/* Nothing is promised: no appending in order, no whole sectors. */
static int do_promises(sqlite3_file *f)
{
	(void)f;
	return 0;
}

static int do_map(sqlite3_file *f, int page, int size, int extend, void volatile **out)
{
	return of(f)->real->pMethods->xShmMap(of(f)->real, page, size, extend, out);
}

static int do_shm_lock(sqlite3_file *f, int offset, int n, int flags)
{
	return of(f)->real->pMethods->xShmLock(of(f)->real, offset, n, flags);
}

static void do_barrier(sqlite3_file *f)
{
	of(f)->real->pMethods->xShmBarrier(of(f)->real);
}

static int do_unmap(sqlite3_file *f, int delete)
{
	return of(f)->real->pMethods->xShmUnmap(of(f)->real, delete);
}

static const sqlite3_io_methods methods = {
	2,           do_close,   do_read,     do_write,   do_truncate, do_sync,     do_size,
	do_lock,     do_unlock,  do_reserved, do_control, do_sector,   do_promises, do_map,
	do_shm_lock, do_barrier, do_unmap,    NULL,       NULL,
};

/* Backups are synced by name, behind SQLite's back; temporary files are nobody's. */
static bool is_looked_at(const char *path)
{
	return path && !strstr(path, ".version-") && strstr(path, "results.db");
}

static int open_file(sqlite3_vfs *vfs, const char *path, sqlite3_file *f, int flags, int *out)
{
	int rc;

	(void)vfs;
	*of(f) = (struct file){.real = (sqlite3_file *)(of(f) + 1)};
	if (off)
		return SQLITE_CANTOPEN;
	if (is_looked_at(path))
		of(f)->image = image_of(path);
	of(f)->backup = path && strstr(path, ".version-");
	rc = real->xOpen(real, path, of(f)->real, flags, out);
	if (rc == SQLITE_OK) {
		f->pMethods = &methods;
		if (of(f)->image)
			of(f)->image->there = true;
	}
	return rc;
}

static int delete_file(sqlite3_vfs *vfs, const char *path, int sync)
{
	struct image *i = is_looked_at(path) ? image_of(path) : NULL;

	(void)vfs;
	if (i && !step())
		return SQLITE_IOERR_DELETE;
	if (i) {
		i->there = false;
		forget(i);
		i->was_there = i->was_there && !sync;
		if (!i->was_there)
			resize(i, 0);
	}
	return real->xDelete(real, path, 0);
}

void power_init(void)
{
	real = sqlite3_vfs_find(NULL);
	shim = *real;
	shim.zName = "power";
	shim.szOsFile = (int)sizeof(struct file) + real->szOsFile;
	shim.xOpen = open_file;
	shim.xDelete = delete_file;
	sqlite3_vfs_register(&shim, 1);
}

void power_plan(int64_t n)
{
	operations = 0;
	cut_at = n;
}

void power_fill(bool on)
{
	full = on;
}

bool power_is_off(void)
{
	return off;
}

int64_t power_operations(void)
{
	return operations;
}

static uint64_t drawn;

static unsigned draw(unsigned below)
{
	drawn = drawn * 6364136223846793005ULL + 1442695040888963407ULL;
	return (unsigned)(drawn >> 33) % below;
}

/* Of a write that the cut has met: each sector is written, or is not, or is noise. */
static void tear(struct image *i, struct change *c)
{
	for (int from = 0, n; from < c->length; from += n) {
		n = SECTOR - (int)((c->at + from) % SECTOR);
		n = n < c->length - from ? n : c->length - from;
		switch (draw(3)) {
		case 0:
			for (int k = 0; k < n; k++)
				c->data[from + k] = (char)draw(256);
			/* fall through */
		case 1:
			apply(i, c, from, n);
		}
	}
}

static void lose(struct image *i)
{
	for (int k = 0; k < i->count; k++) {
		struct change *c = &i->changes[k];
		const unsigned fate = draw(3);

		if (fate == 0 && c->data)
			tear(i, c);
		else if (fate == 1)
			apply(i, c, 0, c->length);
	}
	if (i->there && !i->was_there && !draw(3)) /* its name had not been written */
		i->there = false;
	if (!i->there && i->was_there && draw(2)) /* its removal had not */
		i->there = true;
}

void power_return(enum power_loss loss, uint64_t seed)
{
	char shm[600];

	drawn = seed * 2654435761U + 1;
	for (int k = 0; k < FILES; k++) {
		struct image *i = &images[k];
		FILE *f;

		if (!i->used)
			continue;
		if (off && loss == POWER_CUT)
			lose(i);
		else
			settle(i);
		unlink(i->path);
		f = i->there ? fopen(i->path, "wb") : NULL;
		if (f && i->length)
			fwrite(i->data, (size_t)i->length, 1, f);
		if (f)
			fclose(f);
		snprintf(shm, sizeof shm, "%.511s-shm", i->path);
		unlink(shm);
		forget(i);
		free(i->data), free(i->changes);
		*i = (struct image){.used = false};
	}
	off = false;
	cut_at = operations = 0;
}
