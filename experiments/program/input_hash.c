/* SPDX-License-Identifier: Apache-2.0 */
#include "input_hash.h"

#include "files.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#define HEAD "ablate input hashes 1\n"

enum {
	TRIES = 5,             /* to read a file that changes meanwhile */
	MOST_KEPT = 1 << 20,   /* entries that nobody asked for this time are dropped above it */
	FRESH = 2,             /* seconds */
	LONGEST_FILE = 1 << 28 /* of the cache */
};

/* What a file is known by. No padding: it is compared and hashed as bytes. */
struct identity {
	uint64_t device, inode;
	int64_t size, modified, changed; /* nanoseconds since 1970 */
};

struct entry {
	struct identity id;
	char hash[ABL_HASH_TEXT];
	bool used;
};

struct abl_hash_cache {
	char *path; /* NULL: in memory only */
	struct entry *entry;
	size_t count, capacity;
	uint32_t *slot; /* number of an entry + 1; 0 = free; open addressing */
	size_t slots;   /* a power of two, > count */
	bool grown;
};

/* ---- reading ---- */

static int64_t nanoseconds(struct timespec t)
{
	return (int64_t)t.tv_sec * 1000000000 + t.tv_nsec;
}

static struct identity identity_of(const struct stat *st)
{
	return (struct identity){
		.device = (uint64_t)st->st_dev,
		.inode = (uint64_t)st->st_ino,
		.size = (int64_t)st->st_size,
		.modified = nanoseconds(st->st_mtim),
		.changed = nanoseconds(st->st_ctim),
	};
}

static bool same(const struct identity *a, const struct identity *b)
{
	return !memcmp(a, b, sizeof *a);
}

static int cannot_read(const char *path, int why, struct abl_err *err)
{
	return abl_err_set(err, ABL_EINPUT, "cannot read '%s': %s", path, strerror(why));
}

/* Not blocked by a pipe that somebody has put there. */
static int open_regular(const char *path, struct stat *st, struct abl_err *err)
{
	int fd = open(path, O_RDONLY | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);

	if (fd < 0)
		return cannot_read(path, errno, err);
	if (!fstat(fd, st) && S_ISREG(st->st_mode))
		return fd;
	close(fd);
	return abl_err_set(err, ABL_EINPUT, "'%s' is not a regular file", path);
}

/* To its end; more than `limit` bytes are not read on. The errno of a failure. */
static int read_through(int fd, size_t limit, struct abl_str *bytes, char hash[ABL_HASH_TEXT],
			int64_t *size)
{
	static char block[1 << 18];
	struct abl_hash *h = abl_hash_create();
	ssize_t n = 1;
	int why = 0;

	*size = 0;
	while (n && !why) {
		n = read(fd, block, sizeof block);
		why = n < 0 && errno != EINTR ? errno : 0;
		if (n <= 0)
			continue;
		*size += n;
		if ((uint64_t)*size > limit)
			why = EFBIG;
		abl_hash_add(h, block, (size_t)n);
		if (bytes)
			abl_str_add(bytes, block, (size_t)n);
	}
	abl_hash_text(h, hash);
	abl_hash_destroy(h);
	return why;
}

static int too_large(const char *path, size_t limit, struct abl_err *err)
{
	char most[32];

	return abl_err_set(err, ABL_EINPUT, "'%s' is larger than %s", path,
			   abl_format_bytes((double)limit, most));
}

/* One that is written to meanwhile gives a mix of old and new: only what has the same times before
 * and after counts. */
static int read_steady(const char *path, size_t limit, struct abl_str *bytes,
		       struct abl_content *out, struct identity *id, struct abl_err *err)
{
	const struct timespec pause = {0, 20000000};
	const size_t before = bytes ? bytes->length : 0;

	for (int i = 0; i < TRIES; i++) {
		struct stat st, then;
		int fd = open_regular(path, &st, err), why;

		if (fd < 0)
			return fd;
		if (bytes && bytes->text)
			bytes->text[bytes->length = before] = '\0';
		why = read_through(fd, limit, bytes, out->hash, &out->size);
		if (!why && fstat(fd, &then))
			why = errno;
		close(fd);
		if (why)
			return why == EFBIG ? too_large(path, limit, err)
					    : cannot_read(path, why, err);
		*id = identity_of(&st);
		out->executable = then.st_mode & 0111;
		if (same(id, &(struct identity[]){identity_of(&then)}[0]) && id->size == out->size)
			return 0;
		nanosleep(&pause, NULL);
	}
	return abl_err_set(err, ABL_EINPUT,
			   "'%s' changes while it is read; try again when nobody writes to it",
			   path);
}

int abl_content_read(const char *path, size_t limit, struct abl_str *bytes, struct abl_content *out,
		     struct abl_err *err)
{
	struct identity id;

	abl_str_add(bytes, "", 0);
	return read_steady(path, limit, bytes, out, &id, err);
}

/* ---- the table ---- */

static size_t slot_of(const struct abl_hash_cache *c, const struct identity *id)
{
	size_t i = abl_hash64(id, sizeof *id) & (c->slots - 1);

	while (c->slot[i] && !same(&c->entry[c->slot[i] - 1].id, id))
		i = (i + 1) & (c->slots - 1);
	return i;
}

static void widen(struct abl_hash_cache *c)
{
	free(c->slot);
	c->slots = c->slots ? 2 * c->slots : 1024;
	c->slot = abl_calloc(c->slots, sizeof *c->slot);
	for (size_t i = 0; i < c->count; i++)
		c->slot[slot_of(c, &c->entry[i].id)] = (uint32_t)i + 1;
}

static struct entry *find(struct abl_hash_cache *c, const struct identity *id)
{
	size_t i = c->slots ? slot_of(c, id) : 0;

	return c->slots && c->slot[i] ? &c->entry[c->slot[i] - 1] : NULL;
}

static struct entry *add(struct abl_hash_cache *c, const struct identity *id, const char *hash)
{
	struct entry *e = find(c, id);

	if (!e) {
		abl_grow(&c->entry, &c->capacity, c->count + 1, sizeof *c->entry);
		e = &c->entry[c->count++];
		*e = (struct entry){.id = *id};
		if (2 * c->count > c->slots)
			widen(c);
		else
			c->slot[slot_of(c, id)] = (uint32_t)c->count;
	}
	snprintf(e->hash, sizeof e->hash, "%s", hash);
	return e;
}

/* ---- the file ---- */

/* "device inode size modified changed hash"; a line that is none is passed over. */
static void take_line(struct abl_hash_cache *c, const char *line)
{
	struct identity id;
	char hash[ABL_HASH_TEXT];
	int end = -1;

	if (sscanf(line,
		   "%" SCNu64 " %" SCNu64 " %" SCNd64 " %" SCNd64 " %" SCNd64 " %32[0-9a-f]%n",
		   &id.device, &id.inode, &id.size, &id.modified, &id.changed, hash, &end) == 6 &&
	    end > 0 && !line[end] && strlen(hash) == ABL_HASH_TEXT - 1)
		add(c, &id, hash);
}

static void load(struct abl_hash_cache *c)
{
	struct abl_str text = {0};
	char *rest = NULL;

	if (!abl_is_regular(c->path) || abl_file_read(c->path, &text, LONGEST_FILE, NULL))
		abl_str_clear(&text);
	if (text.length && !strncmp(text.text, HEAD, strlen(HEAD)))
		for (char *line = strtok_r(text.text + strlen(HEAD), "\n", &rest); line;
		     line = strtok_r(NULL, "\n", &rest))
			take_line(c, line);
	abl_str_finish(&text);
}

struct abl_hash_cache *abl_hash_cache_open(const char *store)
{
	struct abl_hash_cache *c = abl_calloc(1, sizeof *c);

	if (store) {
		c->path = abl_path_join(store, "input-hashes");
		load(c);
	}
	return c;
}

int abl_hash_cache_save(struct abl_hash_cache *c, struct abl_err *err)
{
	struct abl_writer w;
	struct abl_str line = {0};
	int rc;

	if (!c->path || !c->grown)
		return 0;
	rc = abl_writer_open(&w, c->path, err);
	if (rc)
		return rc;
	abl_writer_put(&w, HEAD, strlen(HEAD));
	for (size_t i = 0; i < c->count; i++) {
		const struct entry *e = &c->entry[i];

		if (!e->used && c->count > MOST_KEPT)
			continue;
		abl_str_clear(&line);
		abl_str_printf(&line,
			       "%" PRIu64 " %" PRIu64 " %" PRId64 " %" PRId64 " %" PRId64 " %s\n",
			       e->id.device, e->id.inode, e->id.size, e->id.modified, e->id.changed,
			       e->hash);
		abl_writer_put(&w, line.text, line.length);
	}
	abl_str_finish(&line);
	rc = abl_writer_commit(&w, err);
	c->grown = rc != 0;
	return rc;
}

void abl_hash_cache_close(struct abl_hash_cache *c)
{
	if (!c)
		return;
	free(c->path);
	free(c->entry);
	free(c->slot);
	free(c);
}

/* Could its next change have the same time, as a clock of coarse steps gives it? */
static bool fresh(const struct identity *id)
{
	struct timespec now;
	int64_t since;

	clock_gettime(CLOCK_REALTIME, &now);
	since = nanoseconds(now) - (int64_t)FRESH * 1000000000;
	return id->modified >= since || id->changed >= since;
}

int abl_hash_cache_file(struct abl_hash_cache *c, const char *path, struct abl_content *out,
			struct abl_err *err)
{
	struct entry *e = NULL;
	struct identity id = {0};
	struct stat st;
	int rc;

	if (c && !stat(path, &st) && S_ISREG(st.st_mode) && !access(path, R_OK)) {
		id = identity_of(&st);
		e = find(c, &id);
	}
	if (e) {
		e->used = true;
		snprintf(out->hash, sizeof out->hash, "%s", e->hash);
		out->size = id.size;
		out->executable = st.st_mode & 0111;
		return 0;
	}
	rc = read_steady(path, SIZE_MAX, NULL, out, &id, err);
	if (!rc && c && !fresh(&id)) {
		add(c, &id, out->hash)->used = true;
		c->grown = true;
	}
	return rc;
}
