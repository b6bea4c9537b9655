/* SPDX-License-Identifier: Apache-2.0 */
#include "unpack.h"

#include "files.h"
#include "integrity.h"
#include "machine.h"
#include "node_value.h"
#include "standing.h"
#include "study.h"
#include "study_files.h"
#include "unpack_check.h"
#include "unpack_place.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define ROOM 1048576.0 /* bytes that a disk must have left for the database */

struct unpack {
	const struct abl_unpack_request *request;
	struct abl_unpacked *out;
	struct abl_manifest manifest;
	struct abl_store *store, *packed;
	struct abl_unpack_place place;
	int fd; /* of the file that is written; -1 */
	char *path;
};

void abl_unpacked_finish(struct abl_unpacked *u)
{
	if (!u)
		return;
	free(u->study), free(u->file), free(u->data);
	abl_str_finish(&u->commands);
	abl_str_finish(&u->differences);
	abl_str_finish(&u->missing);
	*u = (struct abl_unpacked){0};
}

/* ---- the files ---- */

static int system_error(const char *what, const char *path, struct abl_err *err)
{
	return abl_err_set(err, errno == ENOSPC || errno == EDQUOT ? ABL_EFULL : ABL_EIO,
			   "cannot %s '%s': %s", what, path, strerror(errno));
}

/* Into a folder that nobody else writes: what is there is ours, and no name leaves it. */
static int begin_file(void *data, const char *name, bool executable, struct abl_err *err)
{
	struct unpack *u = data;
	const bool is_code = abl_carry_below(name, "code") != NULL;
	char *folder;
	int rc;

	free(u->path);
	u->path = abl_carry_join(u->place.temporary, name);
	folder = abl_path_dir(u->path);
	rc = abl_mkdir_all(folder, err);
	free(folder);
	if (rc)
		return rc;
	u->fd = abl_file_open_new(u->path,
				  (executable ? 0777u : 0666u) & (is_code ? 0555u : 0777u));
	return u->fd < 0 ? system_error("write", u->path, err) : 0;
}

static int put_bytes(void *data, const void *bytes, size_t length, struct abl_err *err)
{
	struct unpack *u = data;

	errno = abl_fd_write(u->fd, bytes, length);
	return errno ? system_error("write", u->path, err) : 0;
}

static int end_file(void *data, struct abl_err *err)
{
	struct unpack *u = data;
	const int failed = close(u->fd);

	u->fd = -1;
	return failed ? system_error("write", u->path, err) : 0;
}

static int check_room(const struct unpack *u, struct abl_err *err)
{
	const double left = abl_machine_disk(u->request->store);
	char wanted[32], there[32];
	double all = ROOM;

	for (size_t i = 0; i < u->manifest.files.count; i++)
		all += (double)u->manifest.files.file[i].bytes;
	if (left >= all)
		return 0;
	return abl_err_set(err, ABL_EFULL,
			   "'%s' unpacks to %s, and the disk of '%s' has %s left: make room, or "
			   "give another --store",
			   u->request->file, abl_format_bytes_wanted(all, wanted),
			   u->request->store, abl_format_bytes_there(left, there));
}

static int extract(struct unpack *u, struct abl_err *err)
{
	struct abl_unpack_hooks hooks = {
		.data = u, .begin = begin_file, .bytes = put_bytes, .end = end_file};
	struct abl_manifest again;
	int rc = check_room(u, err);

	rc = rc ? rc : abl_unpack_place_make(&u->place, u->request->store, u->out->study, err);
	if (rc)
		return rc;
	rc = abl_unpack_read(&again, u->request->file, &hooks, err);
	abl_manifest_finish(&again);
	if (u->fd >= 0)
		close(u->fd);
	u->fd = -1;
	return rc ? rc : abl_unpack_place_sync(&u->place, err);
}

/* ---- the study ---- */

static void take_stage(void *data, const struct abl_carried_stage *s)
{
	struct unpack *u = data;

	u->out->stages++;
	u->out->shared += !s->taken && s->done;
	u->out->dropped += s->dropped != NULL;
	if (s->differs && ++u->out->differing <= 5)
		abl_str_printf(&u->out->differences, "%s %.12s: %s\n", s->kind, s->key, s->differs);
	abl_unpack_place_stage(&u->place, s);
}

static void take_log(void *data, const char *from, const char *to)
{
	struct unpack *u = data;

	abl_unpack_place_log(&u->place, from, to);
}

/* The study file by its new name. */
static int rename_file(struct unpack *u, struct abl_err *err)
{
	char *path, *named = NULL;
	struct abl_str text = {0};
	int rc;

	if (!u->manifest.file || !strcmp(u->out->study, u->manifest.study))
		return 0;
	path = abl_carry_join(u->place.temporary, "study");
	free(u->path);
	u->path = abl_carry_join(path, u->manifest.file);
	rc = abl_file_read(u->path, &text, (size_t)1 << 26, err);
	if (!rc)
		named = abl_study_renamed(text.text ? text.text : "", u->out->study);
	if (!rc && named)
		rc = abl_file_write(u->path, named, strlen(named), err);
	abl_str_finish(&text);
	free(named), free(path);
	return rc;
}

static void take_standing_text(struct unpack *u, const char *text, char **renamed)
{
	*renamed = text && strcmp(u->out->study, u->manifest.study) != 0
			   ? abl_study_renamed(text, u->out->study)
			   : NULL;
}

/* Is its one task, which the file does not name, called as the study? Asked once the file has its
 * new name. */
static bool has_own_task(const struct unpack *u)
{
	const struct abl_study_options options = {.no_files = true};
	struct abl_err ignored = {0};
	struct abl_study *s = NULL;
	bool has;

	if (!u->path || !strcmp(u->out->study, u->manifest.study) ||
	    abl_study_load(&s, u->path, &options, &ignored))
		return false;
	has = s->task_count == 1 && !strcmp(s->tasks[0].spec.name, u->out->study);
	abl_study_destroy(s);
	return has;
}

static void take_weights(void *data, const char *artifact)
{
	struct unpack *u = data;

	u->out->again++;
	abl_unpack_place_again(&u->place, artifact);
}

/* `carry` NULL: the study is there, and may take what it has not kept. */
static int put_rows(struct unpack *u, const struct abl_carry_request *carry, struct abl_err *err)
{
	int rc = abl_store_begin(u->store, err);

	if (rc)
		return rc;
	rc = carry ? abl_store_carry(u->store, u->packed, carry, err) : 0;
	rc = rc ? rc
		: abl_store_take_weights(u->store, u->packed, u->manifest.study, take_weights, u,
					 err);
	rc = rc ? rc : abl_unpack_place_publish(&u->place, carry != NULL, err);
	if (rc) {
		abl_store_rollback(u->store);
		return rc;
	}
	rc = abl_store_commit(u->store, err);
	return rc ? rc : abl_store_sync(u->store, true, err);
}

static int put_study(struct unpack *u, const char *text, struct abl_err *err)
{
	struct abl_carry_request carry = {.name = u->manifest.study,
					  .as = u->out->study,
					  .path = u->out->file,
					  .origin = u->request->file,
					  .trusted = u->request->trust,
					  .renames_task = has_own_task(u),
					  .data = u,
					  .stage = take_stage,
					  .log = take_log};
	char *renamed;
	int rc;

	take_standing_text(u, text, &renamed);
	carry.text = renamed;
	rc = put_rows(u, &carry, err);
	free(renamed);
	return rc ? rc : abl_store_refresh_views(u->store, err);
}

/* 1 = the study is here already, and the same. */
static int look_at_present(struct unpack *u, struct abl_err *err)
{
	char here[33], there[33];
	struct abl_err none = {0};
	int64_t id;
	int rc;

	if (abl_store_find_study(u->store, u->out->study, &id, &none))
		return none.code == ABL_EINPUT
			       ? 0
			       : abl_err_set(err, (enum abl_code)none.code, "%s", none.text);
	for (int results = 0; results < 2; results++) {
		rc = abl_store_digest(u->packed, u->manifest.study, results, there, err);
		rc = rc ? rc : abl_store_digest(u->store, u->out->study, results, here, err);
		if (rc)
			return rc;
		if (results)
			u->out->other_results = strcmp(here, there) != 0;
		else if (strcmp(here, there) != 0)
			break;
		else
			u->out->same = true;
	}
	/* of what was unpacked before, that has been told */
	rc = u->out->other_results
		     ? abl_store_origin(u->store, u->out->study, NULL, &u->out->trusted, err)
		     : 1;
	if (rc < 0)
		return rc;
	u->out->same &= rc > 0;
	if (u->out->same)
		return 1;
	return abl_err_set(err, ABL_EINPUT,
			   "the store '%s' has another study '%s': give this one another name, "
			   "'--as NAME'",
			   u->request->store, u->out->study);
}

static void look_at_data(void *data, const struct abl_data_file *f)
{
	struct unpack *u = data;

	if (u->manifest.data || (*f->path == '/' && abl_is_regular(f->path)))
		return;
	if (++u->out->missing_count <= 10)
		abl_str_printf(&u->out->missing, "%s: %s, hash %s\n", f->role, f->path, f->hash);
}

/* What the study executes, as the file here says it; and the data that it lacks. */
static int look_at_study(struct unpack *u, struct abl_err *err)
{
	const struct abl_study_options options = {.no_files = true};
	struct abl_study *s = NULL;
	struct abl_err why = {0};
	int64_t id;
	int rc;

	if (u->out->file && abl_study_load(&s, u->out->file, &options, &why)) {
		u->out->executes = true;
		abl_str_printf(&u->out->commands, "  it cannot be read: %s\n", why.text);
	} else if (s) {
		u->out->executes = abl_study_commands(s, &u->out->commands);
	}
	abl_study_destroy(s);
	rc = abl_store_find_study(u->store, u->out->study, &id, err);
	rc = rc ? rc : abl_read_data_files(u->store, id, look_at_data, u, err);
	rc = rc ? rc : abl_store_origin(u->store, u->out->study, NULL, &u->out->trusted, err);
	return rc < 0 ? rc : 0;
}

static int open_packed(struct unpack *u, struct abl_file_record *record, struct abl_err *err)
{
	int64_t id;
	int rc = abl_store_open(&u->packed, u->place.temporary, ABL_STORE_READ, err);

	rc = rc ? rc : abl_store_inspect(u->packed, err);
	rc = rc ? rc : abl_store_find_study(u->packed, u->manifest.study, &id, err);
	rc = rc ? rc : abl_read_file_record(u->packed, id, record, err);
	if (rc == ABL_EIO) /* of its tables */
		rc = ABL_EINPUT;
	return rc ? abl_err_prefix(err, rc, "%s: its database", u->request->file) : 0;
}

/* Beside what lies with the study file. */
static bool has_data(const struct abl_manifest *m)
{
	for (size_t i = 0; i < m->files.count; i++)
		if (abl_carry_below(m->files.file[i].name, "data"))
			return true;
	return false;
}

static int put_all(struct unpack *u, struct abl_err *err)
{
	struct abl_file_record record = {0};
	int rc = extract(u, err), there = 0;

	rc = rc ? rc : open_packed(u, &record, err);
	if (!rc && u->manifest.file)
		u->out->file = abl_unpack_place_file(&u->place, u->manifest.file);
	if (!rc && has_data(&u->manifest))
		u->out->data = abl_unpack_place_data(&u->place);
	there = rc ? rc : look_at_present(u, err);
	if (there == 1) {
		if (u->out->file && !abl_file_exists(u->out->file)) {
			free(u->out->file); /* it was not unpacked here */
			u->out->file = NULL;
		}
		rc = put_rows(u, NULL, err);
		if (!rc && u->request->trust)
			rc = abl_store_trust(u->store, u->out->study, err);
	} else {
		rc = there;
		rc = rc ? rc : rename_file(u, err);
		rc = rc ? rc : put_study(u, record.text, err);
	}
	abl_file_record_finish(&record);
	return rc ? rc : look_at_study(u, err);
}

static int check_name(const struct unpack *u, struct abl_err *err)
{
	if (!abl_is_name(u->manifest.study))
		return abl_err_set(err, ABL_EINPUT,
				   "%s: '%.100s' can be no study's name: the file is damaged",
				   u->request->file, u->manifest.study);
	if (!abl_is_name(u->out->study))
		return abl_err_set(err, ABL_EINPUT,
				   "'%.100s' can be no study's name: letters, "
				   "digits, '-', '_' and '.'",
				   u->out->study);
	return 0;
}

int abl_unpack(struct abl_unpacked *out, const struct abl_unpack_request *request,
	       struct abl_err *err)
{
	const bool was_there = abl_file_exists(request->store);
	const struct abl_unpack_hooks look = {.data = request->tell_data, .tell = request->tell};
	struct unpack u = {.request = request, .out = out, .fd = -1};
	int rc;

	*out = (struct abl_unpacked){0};
	rc = abl_unpack_read(&u.manifest, request->file, &look, err);
	if (!rc)
		out->study = abl_strdup(request->as ? request->as : u.manifest.study);
	rc = rc ? rc : check_name(&u, err);
	if (rc) { /* no store is touched */
		abl_manifest_finish(&u.manifest);
		return rc;
	}
	rc = abl_store_open(&u.store, request->store, ABL_STORE_WRITE, err);
	rc = rc ? rc : put_all(&u, err);
	abl_store_close(u.packed);
	abl_unpack_place_finish(&u.place);
	abl_store_close(u.store);
	if (rc && !was_there)
		(void)!abl_remove_tree(request->store, NULL);
	abl_manifest_finish(&u.manifest);
	free(u.path);
	return rc;
}
