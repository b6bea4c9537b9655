/* SPDX-License-Identifier: Apache-2.0 */
#include "attempt_away.h"

#include "attempt_copy.h"
#include "attempt_folder.h"
#include "files.h"
#include "machine.h"
#include "run_state.h"
#include "str.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* The attempt that an entry of work/<key> is of: "3", "3.json", "3.out"; 0: of none. */
static int64_t attempt_of(const char *name)
{
	char *end;
	const long long n = strtoll(name, &end, 10);

	return end > name && *name != '-' && (!*end || *end == '.') ? n : 0;
}

static const char *key_of(const struct abl_run *run, const struct abl_held *h)
{
	return run->plan->stages[h->stage].key;
}

static bool is_held(const struct abl_run *run, const char *key, const char *name)
{
	const int64_t attempt = attempt_of(name);

	for (size_t i = 0; i < run->held_count && attempt; i++)
		if (run->held[i].attempt == attempt && !strcmp(key_of(run, &run->held[i]), key))
			return true;
	return false;
}

/* ---- removing ---- */

struct sweep {
	const struct abl_run *run;
	const char *key, *folder;
	int64_t but, only; /* attempts; 0: none, all */
	bool keeps_program;
	struct abl_err *err;
	int rc;
};

static void sweep_one(void *data, const char *name)
{
	struct sweep *s = data;
	const int64_t attempt = attempt_of(name);
	char *path;

	if ((s->but && attempt == s->but) || (s->only && attempt != s->only) ||
	    (s->keeps_program && abl_saved_is_of_program(name)) || is_held(s->run, s->key, name) ||
	    s->rc)
		return;
	path = abl_path_join(s->folder, name);
	s->rc = abl_remove_tree(path, s->err);
	free(path);
}

static int sweep(struct sweep *s)
{
	const int rc = abl_attempt_entries(s->folder, sweep_one, s, s->err);

	return s->rc ? s->rc : rc;
}

int abl_attempt_leave_away(const struct abl_run *run, const char *key, struct abl_err *err)
{
	char *work = abl_store_path(run->folder, "work/%s", key);
	struct sweep s = {.run = run, .key = key, .folder = work, .err = err};
	int rc = 0;

	if (!abl_held_any(run, key)) {
		rc = abl_remove_tree(work, err);
	} else if (abl_is_dir(work)) {
		rc = sweep(&s);
		(void)rmdir(work); /* unless something is held there */
	}
	free(work);
	return rc;
}

static void remove_old(const struct abl_run *run, const struct abl_held *h)
{
	char *work = abl_store_path(run->folder, "work/%s", key_of(run, h));
	struct sweep s = {.run = run, .key = key_of(run, h), .folder = work, .only = h->attempt};

	if (abl_is_dir(work))
		(void)!sweep(&s); /* what stays is for the next attempt, or 'ablate gc' */
	(void)rmdir(work);
	free(work);
}

void abl_held_look(struct abl_run *run)
{
	for (size_t i = 0; i < run->held_count;) {
		const struct abl_held h = run->held[i];
		const struct abl_node *n = &run->nodes[h.stage];

		if (abl_clock_now() < h.until) {
			i++;
			continue;
		}
		run->held[i] = run->held[--run->held_count];
		/* the next attempt may still want what was saved there */
		if (n->state == ABL_DONE || (n->attempt > h.attempt && n->state == ABL_RUNNING))
			remove_old(run, &h);
	}
}

/* A folder, and not a link. */
static bool is_own(const char *path)
{
	struct stat st;

	return !lstat(path, &st) && S_ISDIR(st.st_mode);
}

/* Where nothing is, as a rule. False: something may be. */
static bool begin_new(const char *work, const char *to)
{
	return !mkdir(work, 0777) && !mkdir(to, 0777);
}

/* A link is not followed, and what a program has forbidden is allowed again. */
static void mend_work(const char *work)
{
	struct stat st;

	if (lstat(work, &st))
		return;
	if (!S_ISDIR(st.st_mode))
		unlink(work);
	else if (access(work, R_OK | W_OK | X_OK))
		(void)!chmod(work, S_IRWXU);
}

static int begin_beside(const struct abl_attempt_place *p, const char *work, char *to, bool *resume,
			struct abl_err *err)
{
	char *from = abl_store_path(p->store, "work/%s/%lld", p->key, (long long)p->last);
	struct sweep before = {.run = p->run, .key = p->key, .folder = work, .err = err},
		     after = before;
	int rc;

	mend_work(work);
	rc = abl_mkdir_all(work, err);
	if (!rc && p->away && abl_file_exists(to)) {
		/* a power cut took the store back behind a worker that runs on */
		rc = abl_err_set(
			err, ABL_EFAIL,
			"'%s' is there already: another attempt of that number may write to "
			"it",
			to);
	}
	*resume = p->last > 0 && is_own(from);
	before.only = p->attempt; /* what was begun of it by one that was killed */
	after.but = p->attempt;
	after.keeps_program = *resume && !p->away;
	rc = rc ? rc : sweep(&before);
	if (!rc && *resume)
		rc = abl_saved_make(p, err);
	/* the program's first: the attempt's own folder says that all is there */
	if (!rc && *resume)
		rc = abl_saved_place(p, to, err);
	rc = rc ? rc : sweep(&after);
	rc = rc ? rc : abl_attempt_strange(to, err);
	rc = rc ? rc : abl_mkdir_all(to, err);
	free(from);
	return rc;
}

int abl_attempt_folder_away(const struct abl_attempt_place *p, bool *resume, struct abl_err *err)
{
	char *work = abl_store_path(p->store, "work/%s", p->key);
	char *to = abl_store_path(p->store, "work/%s/%lld", p->key, (long long)p->attempt);
	int rc = 0;

	*resume = false;
	if (!begin_new(work, to))
		rc = begin_beside(p, work, to, resume, err);
	free(work), free(to);
	return rc;
}
