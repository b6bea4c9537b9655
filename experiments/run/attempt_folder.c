/* SPDX-License-Identifier: Apache-2.0 */
#include "attempt_folder.h"

#include "files.h"
#include "run_order.h"
#include "saved_work.h"
#include "seal.h"
#include "str.h"

#include <dirent.h>
#include <errno.h>
#include <pthread.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define SPARE "work/spare" /* holds the trial file of a first attempt and nothing else */

char *abl_store_path(const char *store, const char *fmt, ...)
{
	char rest[256]; /* keys, numbers and names of ours */
	va_list args;

	va_start(args, fmt);
	vsnprintf(rest, sizeof rest, fmt, args);
	va_end(args);
	return abl_path_join(store, rest);
}

int abl_attempt_entries(const char *folder, void (*visit)(void *, const char *name), void *data,
			struct abl_err *err)
{
	DIR *d = opendir(folder);
	int why = d ? 0 : errno;

	for (struct dirent *e; d && (errno = 0, e = readdir(d));)
		if (strcmp(e->d_name, ".") && strcmp(e->d_name, ".."))
			visit(data, e->d_name);
	if (d) {
		why = errno;
		closedir(d);
	}
	return why ? abl_err_set(err, ABL_EIO, "cannot list '%s': %s", folder, strerror(why)) : 0;
}

static void find_last(void *data, const char *name)
{
	int64_t n, *last = data;

	if (abl_parse_int(name, &n) && n > *last)
		*last = n;
}

struct sweep {
	const char *folder, *except;
	bool goes_on; /* what is of the program stays */
	struct abl_err *err;
	int rc;
};

/* A folder, and not a link to one. */
static bool is_own_folder(const char *path)
{
	struct stat st;

	return !lstat(path, &st) && S_ISDIR(st.st_mode);
}

static bool is_own_file(const char *path)
{
	struct stat st;

	return !lstat(path, &st) && S_ISREG(st.st_mode);
}

/* What a program has written, what it has said, and how often it has crashed. */
static bool is_of_program(const char *path, const char *name)
{
	static const char *const files[] = {ABL_ORDER_EVENTS, ABL_ORDER_PRINTED, ABL_ORDER_CRASHES};

	for (size_t i = 0; i < sizeof files / sizeof *files; i++)
		if (!strcmp(name, files[i]))
			return is_own_file(path);
	return !strcmp(name, ABL_ATTEMPT_OUT) && is_own_folder(path);
}

static void remove_other(void *data, const char *name)
{
	struct sweep *s = data;
	char *path = abl_path_join(s->folder, name);

	if (strcmp(path, s->except) && !s->rc && !(s->goes_on && is_of_program(path, name)))
		s->rc = abl_remove_tree(path, s->err);
	free(path);
}

/* A file that was being written when its writer was killed; and what no stage makes, a link above
 * all, which would lead whoever writes here elsewhere. */
static void remove_strange(void *data, const char *name)
{
	char *path = abl_path_join(data, name);
	struct stat st;

	if (strstr(name, ".tmp-") ||
	    (!lstat(path, &st) && !S_ISREG(st.st_mode) && !S_ISDIR(st.st_mode)))
		unlink(path);
	free(path);
}

int abl_attempt_strange(char *folder, struct abl_err *err)
{
	return abl_is_dir(folder) ? abl_attempt_entries(folder, remove_strange, folder, err) : 0;
}

/* False where something may be left of earlier attempts: a rename replaces empty folders alone. */
static bool begin_work(const char *store, const char *work, int64_t attempt)
{
	char *spare = abl_store_path(store, SPARE);
	bool done = attempt == 1 && is_own_folder(spare) && !rename(spare, work);

	free(spare);
	if (!done && !is_own_folder(work))
		unlink(work); /* a link, or a file: nothing of ours */
	else if (!done && access(work, R_OK | W_OK | X_OK))
		(void)!chmod(work, S_IRWXU); /* a program has changed it */
	return done || !mkdir(work, 0777);
}

static int sweep_folder(struct sweep *s)
{
	const int rc = abl_attempt_entries(s->folder, remove_other, s, s->err);

	return s->rc ? s->rc : rc;
}

int abl_attempt_folder(const char *store, const char *key, int64_t attempt, bool *resume,
		       struct abl_err *err)
{
	char *work = abl_store_path(store, "work/%s", key), *from;
	const bool is_first = begin_work(store, work, attempt);
	char *to = abl_store_path(store, "work/%s/%lld", key, (long long)attempt);
	struct sweep sweep = {.folder = work,
			      .except = to,
			      .err = err,
			      .rc = is_first ? 0 : abl_mkdir_all(work, err)};
	int64_t last = 0;

	if (!is_first && !sweep.rc)
		sweep.rc = abl_attempt_entries(work, find_last, &last, err);
	from = abl_store_path(store, "work/%s/%lld", key, (long long)last);
	*resume = !sweep.rc && last > 0 && is_own_folder(from);
	if (*resume && rename(from, to)) /* what was saved is not given up for that */
		sweep.rc =
			abl_err_set(err, ABL_EIO, "cannot rename '%s': %s", from, strerror(errno));
	sweep.goes_on = *resume;
	if (!is_first && !sweep.rc)
		sweep.rc = sweep_folder(&sweep);
	if (*resume && !sweep.rc)
		sweep.rc = abl_attempt_strange(to, err);
	if (!is_own_folder(to))
		unlink(to);
	if (!sweep.rc)
		sweep.rc = abl_mkdir_all(to, err);
	free(work), free(from), free(to);
	return sweep.rc;
}

int abl_attempt_leave(const char *store, const char *key, int64_t attempt, bool published,
		      struct abl_err *err)
{
	char *work = abl_store_path(store, "work/%s", key), *spare = abl_store_path(store, SPARE);
	int rc = 0;
	char *out = abl_path_join(work, ABL_ATTEMPT_OUT);
	const bool is_empty = published && attempt == 1 && !abl_file_exists(out);

	if (!is_empty || rename(work, spare)) /* there is one already */
		rc = abl_remove_tree(work, err);
	free(work), free(spare), free(out);
	return rc;
}

int abl_attempt_tidy(const char *store, struct abl_err *err)
{
	char *spare = abl_store_path(store, SPARE);
	int rc = abl_remove_tree(spare, err);

	free(spare);
	return rc;
}

int abl_attempt_publish(const char *store, const char *key, int64_t attempt, bool untidy,
			char **artifact, struct abl_err *err)
{
	char *from = abl_store_path(store, "work/%s/%lld", key, (long long)attempt);
	char *to = abl_store_path(store, "artifacts/%s", key);
	int rc = untidy ? abl_made_remove_others(from, err) : 0;

	rc = rc ? rc : abl_remove_tree(to, err);
	if (!rc && rename(from, to))
		rc = abl_err_set(err, ABL_EIO, "cannot publish '%s': %s", to, strerror(errno));
	if (!rc)
		*artifact = abl_store_path("", "artifacts/%s", key);
	free(from), free(to);
	return rc;
}

/* A disk makes many folders last in hardly more time than one, if they are asked for together. */
enum { SYNCS = 16 };

struct syncs {
	const char *store;
	char *const *artifacts;
	size_t count;
	atomic_size_t next;
};

struct sync_thread {
	struct syncs *all;
	int rc;             /* of the first failure */
	struct abl_err err; /* its words */
};

static void *sync_some(void *data)
{
	struct sync_thread *t = data;
	const struct syncs *all = t->all;
	size_t i;

	while ((i = atomic_fetch_add(&t->all->next, 1)) < all->count && !t->rc) {
		char *path = abl_path_join(all->store, all->artifacts[i]);

		/* one that a later attempt has taken away needs nothing */
		if (abl_is_dir(path))
			t->rc = abl_sync_path(path, &t->err);
		free(path);
	}
	return NULL;
}

int abl_attempt_sync(const char *store, char *const *artifacts, size_t count, struct abl_err *err)
{
	struct syncs all = {.store = store, .artifacts = artifacts, .count = count};
	struct sync_thread work[SYNCS];
	pthread_t threads[SYNCS];
	size_t started = 0, wanted = count < SYNCS ? count : SYNCS;
	char *folder = abl_store_path(store, "artifacts");
	int rc = count ? abl_sync_path(folder, err) : 0;

	for (size_t i = 0; i < SYNCS; i++)
		work[i] = (struct sync_thread){.all = &all};
	for (size_t i = 1; i < wanted && !rc; i++) /* this thread is the first */
		if (!pthread_create(&threads[started], NULL, sync_some, &work[started + 1]))
			started++;
	if (!rc)
		sync_some(&work[0]);
	for (size_t i = 0; i < started; i++)
		pthread_join(threads[i], NULL);
	for (size_t i = 0; i <= started && !rc; i++)
		if (work[i].rc)
			rc = abl_err_set(err, (enum abl_code)work[i].rc, "%s", work[i].err.text);
	free(folder);
	return rc;
}
