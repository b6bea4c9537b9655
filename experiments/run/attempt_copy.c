/* SPDX-License-Identifier: Apache-2.0 */
#include "attempt_copy.h"

#include "attempt_folder.h"
#include "copy_tree.h"
#include "files.h"
#include "run_order.h"
#include "run_state.h"
#include "saved_work.h"
#include "str.h"

#include <errno.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#define SAVED "saved"     /* in work/<key>: complete */
#define PART "saved.part" /* and being copied */
#define OWN "own"         /* the attempt's folder in it; the program's files have their own names */

/* What a program leaves for the next attempt: in work/<key>, or in work/<key>/<attempt>.out. */
static const char *const of_program[] = {ABL_ATTEMPT_OUT, ABL_ORDER_EVENTS, ABL_ORDER_PRINTED,
					 ABL_ORDER_CRASHES};
enum { OF_PROGRAM = sizeof of_program / sizeof *of_program };

bool abl_saved_is_of_program(const char *name)
{
	for (size_t i = 0; i < OF_PROGRAM; i++)
		if (!strcmp(name, of_program[i]))
			return true;
	return false;
}

/* A file or a folder, and not a link. */
static bool is_own(const char *path)
{
	struct stat st;

	return !lstat(path, &st) && (S_ISREG(st.st_mode) || S_ISDIR(st.st_mode));
}

/* Of attempt `number`: where its program writes. */
static char *program_folder(const struct abl_attempt_place *p, int64_t number, bool away)
{
	return away ? abl_store_path(p->store, "work/%s/%lld.out", p->key, (long long)number)
		    : abl_store_path(p->store, "work/%s", p->key);
}

/* ---- copying ---- */

static int copy_program(const struct abl_attempt_place *p, const char *part,
			const atomic_bool *unwanted, struct abl_err *err)
{
	char *from = program_folder(p, p->last, p->last_away);
	int rc = 0;

	for (size_t i = 0; i < OF_PROGRAM && !rc; i++) {
		char *old = abl_path_join(from, of_program[i]),
		     *new = abl_path_join(part, of_program[i]);

		if (is_own(old))
			rc = abl_copy_tree(old, new, unwanted, err);
		free(old), free(new);
	}
	free(from);
	return rc;
}

static int copy_all(const struct abl_attempt_place *p, const atomic_bool *unwanted,
		    struct abl_err *err)
{
	char *from = abl_store_path(p->store, "work/%s/%lld", p->key, (long long)p->last),
	     *part = abl_store_path(p->store, "work/%s/" PART, p->key),
	     *saved = abl_store_path(p->store, "work/%s/" SAVED, p->key),
	     *own = abl_path_join(part, OWN);
	int rc = abl_remove_tree(part, err);

	rc = rc ? rc : abl_remove_tree(saved, err);
	rc = rc ? rc : abl_mkdir_all(part, err);
	rc = rc ? rc : copy_program(p, part, unwanted, err);
	rc = rc ? rc : abl_copy_tree(from, own, unwanted, err);
	if (!rc && rename(part, saved))
		rc = abl_err_set(err, ABL_EIO, "cannot rename '%s': %s", part, strerror(errno));
	free(from), free(part), free(saved), free(own);
	return rc;
}

/* ---- beside the loop ---- */

struct abl_copy {
	size_t stage;
	char *store, *key;
	struct abl_attempt_place place; /* its texts are our own */
	pthread_t thread;
	bool joined, told;
	atomic_bool done, unwanted;
	int rc;
	struct abl_err err;
};

static void *copy_beside(void *data)
{
	struct abl_copy *c = data;

	c->rc = copy_all(&c->place, &c->unwanted, &c->err);
	c->done = true;
	return NULL;
}

static struct abl_copy *find(const struct abl_run *run, const char *key)
{
	for (size_t i = 0; run && i < run->copies.count; i++)
		if (!strcmp(run->copies.list[i]->key, key))
			return run->copies.list[i];
	return NULL;
}

static void join(struct abl_copy *c)
{
	if (!c->joined)
		pthread_join(c->thread, NULL);
	c->joined = true;
}

static void destroy(struct abl_copy *c)
{
	c->unwanted = true;
	join(c);
	free(c->store), free(c->key);
	free(c);
}

/* Where no thread can be had, whoever begins the attempt copies. */
static bool begin(struct abl_run *run, size_t stage, const struct abl_attempt_place *p)
{
	struct abl_copy *c = abl_calloc(1, sizeof *c);

	c->stage = stage;
	c->place = *p;
	c->place.store = c->store = abl_strdup(p->store);
	c->place.key = c->key = abl_strdup(p->key);
	c->place.run = NULL;
	if (pthread_create(&c->thread, NULL, copy_beside, c)) {
		c->joined = true;
		destroy(c);
		return false;
	}
	abl_grow(&run->copies.list, &run->copies.capacity, run->copies.count + 1,
		 sizeof(struct abl_copy *));
	run->copies.list[run->copies.count++] = c;
	return true;
}

/* Nothing of an attempt that is gone meanwhile, or that cannot be looked for, is copied. */
static bool has_saved(const struct abl_attempt_place *p)
{
	char *from = abl_store_path(p->store, "work/%s/%lld", p->key, (long long)p->last);
	const bool has = p->last > 0 && is_own(from) && abl_is_dir(from);

	free(from);
	return has;
}

bool abl_copies_ready(struct abl_run *run, size_t stage, bool away)
{
	const struct abl_node *node = &run->nodes[stage];
	const char *key = run->plan->stages[stage].key;
	const struct abl_copy *c = find(run, key);
	struct abl_attempt_place place;

	if (c)
		return c->done;
	if (!node->attempt ||
	    abl_attempt_place(run, stage, node->attempt + 1, away, &place, NULL) ||
	    !abl_attempt_is_beside(&place) || !has_saved(&place))
		return true;
	return !begin(run, stage, &place);
}

size_t abl_copies_take(struct abl_run *run)
{
	for (size_t i = 0; i < run->copies.count; i++) {
		struct abl_copy *c = run->copies.list[i];

		if (c->done && !c->told) {
			c->told = true;
			return c->stage;
		}
	}
	return ABL_NONE;
}

bool abl_copies_any(const struct abl_run *run)
{
	for (size_t i = 0; i < run->copies.count; i++)
		if (!run->copies.list[i]->told)
			return true;
	return false;
}

void abl_copies_drop(struct abl_run *run, const char *key)
{
	for (size_t i = 0; i < run->copies.count; i++)
		if (!strcmp(run->copies.list[i]->key, key)) {
			destroy(run->copies.list[i]);
			run->copies.list[i] = run->copies.list[--run->copies.count];
			return;
		}
}

void abl_copies_finish(struct abl_run *run)
{
	while (run->copies.count)
		destroy(run->copies.list[--run->copies.count]);
	free(run->copies.list);
	run->copies = (struct abl_copies){0};
}

/* ---- for the next attempt ---- */

int abl_saved_make(const struct abl_attempt_place *p, struct abl_err *err)
{
	struct abl_copy *c = find(p->run, p->key);

	if (!c || c->place.last != p->last)
		return copy_all(p, NULL, err);
	join(c);
	return c->rc ? abl_err_set(err, (enum abl_code)c->rc, "%s", c->err.text) : 0;
}

static int move(const char *from, const char *to, struct abl_err *err)
{
	const int rc = abl_remove_tree(to, err);

	if (!rc && rename(from, to))
		return abl_err_set(err, ABL_EIO, "cannot rename '%s': %s", from, strerror(errno));
	return rc;
}

/* What the last attempt does not have is of one before it. */
static int place_program(const struct abl_attempt_place *p, const char *saved, struct abl_err *err)
{
	char *to = program_folder(p, p->attempt, p->away);
	int rc = 0;

	for (size_t i = 0; i < OF_PROGRAM && !rc; i++) {
		char *old = abl_path_join(saved, of_program[i]),
		     *new = abl_path_join(to, of_program[i]);

		if (is_own(old)) {
			rc = abl_mkdir_all(to, err);
			rc = rc ? rc : move(old, new, err);
		} else {
			rc = abl_remove_tree(new, err);
		}
		free(old), free(new);
	}
	free(to);
	return rc;
}

int abl_saved_place(const struct abl_attempt_place *p, const char *to, struct abl_err *err)
{
	char *saved = abl_store_path(p->store, "work/%s/" SAVED, p->key),
	     *own = abl_path_join(saved, OWN);
	int rc = p->away || p->last_away ? place_program(p, saved, err) : 0;

	if (!rc && abl_file_exists(own)) /* it may have vanished while it was copied */
		rc = move(own, to, err);
	free(saved), free(own);
	return rc;
}
