/* SPDX-License-Identifier: Apache-2.0 */
#include "care.h"

#include "care_tree.h"
#include "care_what.h"
#include "disk_use.h"
#include "figure.h"
#include "own_folder.h"
#include "store.h"
#include "str.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

const char *abl_care_kind_name(enum abl_care_kind kind)
{
	static const char *const names[ABL_CARE_KINDS] = {
		[ABL_CARE_WEIGHTS] = "weights",   [ABL_CARE_OUTPUTS] = "outputs",
		[ABL_CARE_DATA] = "data",         [ABL_CARE_PREDICTIONS] = "predictions",
		[ABL_CARE_STATES] = "states",     [ABL_CARE_LOGS] = "logs",
		[ABL_CARE_CODE] = "code",         [ABL_CARE_FIGURES] = "figures",
		[ABL_CARE_DATABASE] = "database", [ABL_CARE_OTHER] = "other",
	};

	return names[kind];
}

struct look {
	struct abl_care *out;
	struct abl_where at;
	struct abl_counted counted;
	const char *store, *folder; /* folder: below the store; "" */
};

/* What is of a program's predictions is counted by itself. */
static int64_t predictions_in(const struct look *l, const char *name, const char *file)
{
	struct abl_str path = {0};
	struct stat st;
	bool there;

	abl_str_printf(&path, "%s/%s", name, file);
	there = !fstatat(l->at.fd, path.text, &st, AT_SYMLINK_NOFOLLOW) && S_ISREG(st.st_mode);
	abl_str_finish(&path);
	return there ? abl_disk_blocks(st.st_size) : 0;
}

static void add(struct look *l, const char *name, const struct abl_what *w, const struct stat *st)
{
	struct abl_care *c = l->out;
	struct abl_care_item *item;
	struct abl_str path = {0};
	int64_t bytes = abl_care_size(&l->counted, l->at.fd, name), apart = 0;

	if (w->kind == ABL_CARE_OUTPUTS && w->owner.predictions)
		apart = predictions_in(l, name, w->owner.predictions);
	apart = apart < bytes ? apart : bytes;
	abl_grow(&c->item, &c->capacity, c->count + 1, sizeof *c->item);
	item = &c->item[c->count++];
	abl_str_printf(&path, "%s%s%s", l->folder, *l->folder ? "/" : "", name);
	*item = (struct abl_care_item){.path = path.text,
				       .kind = w->kind,
				       .fate = w->fate,
				       .study = w->owner.study,
				       .shared = w->owner.shared,
				       .sharers = w->owner.sharers,
				       .of_study = w->owner.of_study,
				       .changed = st->st_mtime};
	item->bytes[ABL_CARE_PREDICTIONS] = apart;
	item->bytes[w->kind] += bytes - apart;
}

static int open_folder(int at, const char *name)
{
	return openat(at, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
}

/* The half-written files in a folder of figures that stays. */
static void add_orphans(struct look *l, const char *name)
{
	const struct abl_what w = {.kind = ABL_CARE_FIGURES, .fate = ABL_FATE_GOES};
	struct abl_str folder = {0};
	struct look inner = *l;
	struct abl_names names = {0};
	struct stat st;

	abl_str_printf(&folder, "%s/%s", l->folder, name);
	inner.at.fd = open_folder(l->at.fd, name);
	inner.folder = folder.text;
	if (inner.at.fd >= 0 && abl_names_in(&names, inner.at.fd))
		for (size_t i = 0; i < names.count; i++)
			if (abl_is_orphan(names.name[i]) &&
			    !fstatat(inner.at.fd, names.name[i], &st, AT_SYMLINK_NOFOLLOW) &&
			    S_ISREG(st.st_mode))
				add(&inner, names.name[i], &w, &st);
	l->counted = inner.counted;
	abl_names_finish(&names);
	abl_str_finish(&folder);
	if (inner.at.fd >= 0)
		close(inner.at.fd);
}

static bool is_looked_into(const char *name)
{
	for (size_t i = 0; abl_care_folder(i); i++)
		if (!strcmp(abl_care_folder(i), name))
			return true;
	return false;
}

static void take_entry(struct look *l, const char *name)
{
	struct abl_what w;
	struct stat st;

	if (fstatat(l->at.fd, name, &st, AT_SYMLINK_NOFOLLOW))
		return; /* it went while we looked */
	if (!*l->folder && S_ISDIR(st.st_mode) && is_looked_into(name))
		return;
	w = abl_what_is(&l->at, l->folder, name, S_ISDIR(st.st_mode));
	if (!S_ISDIR(st.st_mode) && !S_ISREG(st.st_mode)) /* a link above all */
		w = (struct abl_what){.kind = ABL_CARE_OTHER, .fate = ABL_FATE_UNKNOWN};
	/* before the folder that they are in: a file counts once */
	if (w.kind == ABL_CARE_FIGURES && w.fate == ABL_FATE_KEPT)
		add_orphans(l, name);
	add(l, name, &w, &st);
}

static int look_into(struct look *l, int store, const char *folder, struct abl_err *err)
{
	struct abl_names names;
	int rc = 0;

	l->folder = folder;
	l->at.fd = open_folder(store, *folder ? folder : ".");
	if (l->at.fd < 0) /* it is not there, or it is no folder and was told as such */
		return 0;
	if (!abl_names_in(&names, l->at.fd))
		rc = abl_err_set(err, ABL_EIO, "cannot list '%s/%s': %s", l->store, folder,
				 strerror(errno));
	for (size_t i = 0; i < names.count && !rc; i++)
		take_entry(l, names.name[i]);
	abl_names_finish(&names);
	close(l->at.fd);
	return rc;
}

/* ---- studies ---- */

struct folders {
	const char *store;
	char **name;
	const char **study;
	int64_t *id;
	size_t count, capacity, id_capacity, study_capacity;
	int64_t asked;
};

static void take_study(void *data, int64_t id, const char *name)
{
	struct folders *f = data;
	char *path = abl_figure_folder(f->store, name);

	abl_grow(&f->name, &f->capacity, f->count + 2, sizeof *f->name);
	abl_grow(&f->id, &f->id_capacity, f->count + 1, sizeof *f->id);
	abl_grow(&f->study, &f->study_capacity, f->count + 1, sizeof *f->study);
	f->id[f->count] = id;
	f->study[f->count] = abl_intern(name);
	f->name[f->count++] = abl_strdup(strrchr(path, '/') + 1);
	f->name[f->count] = NULL;
	free(path);
}

static int look_at_all(struct look *l, const struct folders *f, struct abl_err *err)
{
	char *const none = NULL;
	const int store = open(l->store, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	int rc = store < 0 ? abl_err_set(err, ABL_EIO, "cannot open '%s': %s", l->store,
					 strerror(errno))
			   : 0;

	l->at.figures = f->count ? f->name : &none;
	l->at.figure_of = f->id;
	l->at.studies = f->study;
	l->at.study = f->asked;
	for (size_t i = 0; abl_care_folder(i) && !rc; i++)
		rc = look_into(l, store, abl_care_folder(i), err);
	rc = rc ? rc : look_into(l, store, "", err);
	if (store >= 0)
		close(store);
	return rc;
}

int abl_care_look(struct abl_care *out, struct abl_store *store, int64_t study, struct abl_err *err)
{
	struct abl_care_stages *stages = NULL;
	struct look l = {.out = out, .store = abl_store_folder(store)};
	struct folders f = {.store = l.store, .asked = study};
	int rc = abl_care_stages_load(&stages, store, study, err);

	*out = (struct abl_care){0};
	rc = rc ? rc : abl_read_study_names(store, take_study, &f, err);
	l.at.stages = stages;
	rc = rc ? rc : look_at_all(&l, &f, err);
	if (rc)
		abl_care_finish(out);
	for (size_t i = 0; i < f.count; i++)
		free(f.name[i]);
	free(f.name), free(f.id), free(f.study);
	abl_counted_finish(&l.counted);
	abl_care_stages_destroy(stages);
	return rc;
}

void abl_care_finish(struct abl_care *c)
{
	if (!c)
		return;
	for (size_t i = 0; i < c->count; i++)
		free(c->item[i].path);
	free(c->item);
	*c = (struct abl_care){0};
}

int64_t abl_care_bytes(const struct abl_care_item *item)
{
	int64_t sum = 0;

	for (size_t i = 0; i < ABL_CARE_KINDS; i++)
		sum += item->bytes[i];
	return sum;
}
