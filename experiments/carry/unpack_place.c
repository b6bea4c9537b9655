/* SPDX-License-Identifier: Apache-2.0 */
#include "unpack_place.h"

#include "carry_files.h"
#include "files.h"
#include "hash.h"

#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static char *path_of(const char *fmt, ...) ABL_PRINTF(1, 2);
static char *path_of(const char *fmt, ...)
{
	char *text = NULL;
	va_list values;

	va_start(values, fmt);
	if (vasprintf(&text, fmt, values) < 0)
		text = NULL;
	va_end(values);
	return abl_there(text, "a path");
}

int abl_unpack_place_make(struct abl_unpack_place *p, const char *store, const char *study,
			  struct abl_err *err)
{
	int rc;

	p->store = store;
	p->study = study;
	p->temporary = path_of("%s/work/unpack-%s", store, study);
	rc = abl_remove_tree(p->temporary, err); /* of one that was killed */
	return rc ? rc : abl_mkdir_all(p->temporary, err);
}

void abl_unpack_place_finish(struct abl_unpack_place *p)
{
	if (p->temporary)
		(void)!abl_remove_tree(p->temporary, NULL);
	for (size_t i = 0; i < p->count; i++)
		free(p->move[i].from), free(p->move[i].to);
	for (size_t i = 0; i < p->had_count; i++)
		free(p->had[i]);
	free(p->move), free(p->had), free(p->temporary);
	*p = (struct abl_unpack_place){0};
}

int abl_unpack_place_sync(const struct abl_unpack_place *p, struct abl_err *err)
{
	/* one call for all files: each alone takes a disk some milliseconds */
	const int fd = open(p->temporary, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	const int failed = fd < 0 || syncfs(fd);
	const int why = errno;

	if (fd >= 0)
		close(fd);
	return failed ? abl_err_set(err, ABL_EIO, "cannot sync '%s': %s", p->temporary,
				    strerror(why))
		      : 0;
}

static void add(struct abl_unpack_place *p, char *from, char *to, bool if_absent)
{
	abl_grow(&p->move, &p->capacity, p->count + 1, sizeof *p->move);
	p->move[p->count++] =
		(struct abl_unpack_move){.from = from, .to = to, .if_absent = if_absent};
}

/* Of a path below the store that stays the same. */
static void add_same(struct abl_unpack_place *p, const char *name, bool if_absent)
{
	add(p, path_of("%s/%s", p->temporary, name), path_of("%s/%s", p->store, name), if_absent);
}

void abl_unpack_place_stage(struct abl_unpack_place *p, const struct abl_carried_stage *s)
{
	char hash[ABL_HASH_TEXT];
	struct abl_str list = {0};

	if (s->canonical &&
	    strcmp(abl_hash_bytes(s->canonical, strlen(s->canonical), hash), s->key) != 0)
		p->damaged = true;
	if (!s->taken && s->done) {
		abl_grow(&p->had, &p->had_capacity, p->had_count + 1, sizeof *p->had);
		p->had[p->had_count++] = path_of("artifacts/%s", s->key);
		return;
	}
	if (!s->taken)
		return;
	if (s->done && s->artifact)
		add_same(p, s->artifact, false);
	if (!s->code)
		return;
	abl_str_printf(&list, "code/%s.list", s->code);
	add_same(p, list.text, true);
	list.text[list.length - 5] = '\0';
	add_same(p, list.text, true);
	abl_str_finish(&list);
}

void abl_unpack_place_again(struct abl_unpack_place *p, const char *artifact)
{
	add_same(p, artifact, false);
	p->move[p->count - 1].again = true;
}

void abl_unpack_place_log(struct abl_unpack_place *p, const char *from, const char *to)
{
	add(p, path_of("%s/%s", p->temporary, from), path_of("%s/%s", p->store, to), false);
}

char *abl_unpack_place_file(const struct abl_unpack_place *p, const char *file)
{
	return path_of("%s/unpacked/%s/study/%s", p->store, p->study, file);
}

char *abl_unpack_place_data(const struct abl_unpack_place *p)
{
	return path_of("%s/unpacked/%s/data", p->store, p->study);
}

/* ---- publishing ---- */

static bool store_had(const struct abl_unpack_place *p, const char *to)
{
	const char *name = abl_carry_below(to, p->store);

	for (size_t i = 0; name && i < p->had_count; i++)
		if (!strcmp(p->had[i], name))
			return true;
	return false;
}

static int move(const struct abl_unpack_place *p, const struct abl_unpack_move *m,
		struct abl_err *err)
{
	char *folder;
	int rc;

	if (!abl_file_exists(m->from) || (!m->again && store_had(p, m->to)) ||
	    (m->if_absent && abl_file_exists(m->to)))
		return 0;
	folder = abl_path_dir(m->to);
	rc = abl_mkdir_all(folder, err);
	rc = rc ? rc : abl_remove_tree(m->to, err);
	if (!rc && rename(m->from, m->to))
		rc = abl_err_set(err, ABL_EIO, "cannot rename '%s' to '%s': %s", m->from, m->to,
				 strerror(errno));
	free(folder);
	return rc;
}

static void add_study(struct abl_unpack_place *p)
{
	add(p, path_of("%s/plots", p->temporary), path_of("%s/plots/%s", p->store, p->study),
	    false);
	add(p, path_of("%s/study", p->temporary),
	    path_of("%s/unpacked/%s/study", p->store, p->study), false);
	add(p, path_of("%s/data", p->temporary), path_of("%s/unpacked/%s/data", p->store, p->study),
	    false);
}

static int sync_if_there(char *folder, struct abl_err *err)
{
	int rc = abl_is_dir(folder) ? abl_sync_path(folder, err) : 0;

	free(folder);
	return rc;
}

int abl_unpack_place_publish(struct abl_unpack_place *p, bool study, struct abl_err *err)
{
	/* "": the store itself, where some of them are new */
	static const char *const folders[] = {"artifacts", "logs", "code", "plots", "unpacked", ""};
	int rc = 0;

	if (p->damaged)
		return abl_err_set(err, ABL_EINPUT,
				   "a stage in it is not what its key says: the file is damaged");
	if (study)
		add_study(p);
	for (size_t i = 0; i < p->count && !rc; i++)
		rc = move(p, &p->move[i], err);
	for (size_t i = 0; i < sizeof folders / sizeof *folders && !rc; i++)
		rc = sync_if_there(path_of("%s/%s", p->store, folders[i]), err);
	return rc ? rc : sync_if_there(path_of("%s/unpacked/%s", p->store, p->study), err);
}
