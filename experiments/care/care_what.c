/* SPDX-License-Identifier: Apache-2.0 */
#include "care_what.h"

#include "care_tree.h"
#include "figure.h"
#include "own_folder.h"
#include "str.h"

#include <ctype.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { KEY = 32, SHORT_KEY = 12 };

/* ---- names ---- */

static bool is_hex(const char *name, size_t n)
{
	size_t i = 0;

	while (i < n && (isdigit((unsigned char)name[i]) || (name[i] >= 'a' && name[i] <= 'f')))
		i++;
	return i == n;
}

static bool is_key(const char *name, const char *end)
{
	return is_hex(name, KEY) && !strcmp(name + KEY, end);
}

static enum abl_fate fate_of(const struct abl_owner *o)
{
	return !o->known || o->use == ABL_USE_NONE ? ABL_FATE_GOES
	       : o->use == ABL_USE_EARLIER         ? ABL_FATE_EARLIER
						   : ABL_FATE_KEPT;
}

/* ---- what an entry of each folder is ---- */

/* Of an artefact that the database does not know any more. */
static enum abl_care_kind kind_by_files(int at, const char *folder)
{
	static const struct {
		const char *file;
		enum abl_care_kind kind;
	} signs[] = {
		{"model.safetensors", ABL_CARE_WEIGHTS},
		{"corpus.bin", ABL_CARE_DATA},
		{"vocab.txt", ABL_CARE_DATA},
		{"predictions.tsv", ABL_CARE_PREDICTIONS},
	};
	enum abl_care_kind kind = ABL_CARE_OUTPUTS;

	for (size_t i = 0; i < sizeof signs / sizeof *signs && kind == ABL_CARE_OUTPUTS; i++) {
		struct abl_str path = {0};

		abl_str_printf(&path, "%s/%s", folder, signs[i].file);
		if (!faccessat(at, path.text, F_OK, AT_SYMLINK_NOFOLLOW))
			kind = signs[i].kind;
		abl_str_finish(&path);
	}
	return kind;
}

static struct abl_what artifact(const struct abl_where *l, const char *name, bool is_folder)
{
	struct abl_what w = {.kind = ABL_CARE_OTHER, .fate = ABL_FATE_UNKNOWN};
	struct abl_str path = {0};
	char key[KEY + 1] = "";

	if (!is_folder || (!is_key(name, "") && !is_key(name, ".kept")))
		return w;
	memcpy(key, name, KEY);
	abl_str_printf(&path, "artifacts/%s", name);
	w.owner = abl_owner_of_artifact(l->stages, path.text);
	abl_str_finish(&path);
	if (w.owner.known) {
		w.fate = fate_of(&w.owner);
	} else { /* published, but nobody has been told of it yet */
		w.owner = abl_owner_of_key(l->stages, key);
		w.fate = !name[KEY] && w.owner.waits && w.owner.use == ABL_USE_LAST ? ABL_FATE_KEPT
										    : ABL_FATE_GOES;
	}
	w.kind = w.owner.known ? w.owner.kind : kind_by_files(l->fd, name);
	return w;
}

#define UNPACKING "unpack-" /* in work/: of an 'ablate unpack' that was killed */

/* As leftovers.c: nobody comes back to the state of a stage that is done, or not wanted. */
static struct abl_what work(const struct abl_where *l, const char *name, bool is_folder)
{
	struct abl_what w = {.kind = ABL_CARE_STATES, .fate = ABL_FATE_GOES};

	if (is_folder && !strncmp(name, UNPACKING, strlen(UNPACKING)))
		return (struct abl_what){.kind = ABL_CARE_OTHER, .fate = ABL_FATE_GOES};
	if (!is_folder || (!is_key(name, "") && strcmp(name, "spare") != 0))
		return (struct abl_what){.kind = ABL_CARE_OTHER, .fate = ABL_FATE_UNKNOWN};
	w.owner = abl_owner_of_key(l->stages, name);
	if (w.owner.waits && w.owner.use == ABL_USE_LAST)
		w.fate = ABL_FATE_KEPT;
	return w;
}

/* "finetune-0123456789ab-2.log" */
static bool is_log(const char *name)
{
	const char *end = strrchr(name, '-');
	const size_t n = end ? (size_t)(end - name) : 0;

	return n > SHORT_KEY + 1 && is_hex(end - SHORT_KEY, SHORT_KEY) &&
	       end[-SHORT_KEY - 1] == '-' && strspn(end + 1, "0123456789") &&
	       !strcmp(end + 1 + strspn(end + 1, "0123456789"), ".log");
}

/* What started a worker somewhere has said it; what Slurm was given, and what its jobs print. */
static bool is_of_workers(const char *name)
{
	const char *end = strrchr(name, '.');

	return end && ((!strncmp(name, "worker-", 7) && !strcmp(end, ".log")) ||
		       (!strncmp(name, "slurm-", 6) && abl_is_one_of("log|sh|json", end + 1)));
}

static struct abl_what log_file(const struct abl_where *l, const char *name, bool is_folder)
{
	struct abl_what w = {.kind = ABL_CARE_LOGS};
	struct abl_str path = {0};

	if (!is_folder && (!strcmp(name, "notify.log") || is_of_workers(name)))
		return w;
	abl_str_printf(&path, "logs/%s", name);
	w.owner = abl_owner_of_log(l->stages, path.text);
	abl_str_finish(&path);
	w.fate = fate_of(&w.owner);
	if (is_folder || (!w.owner.known && !is_log(name)))
		w = (struct abl_what){.kind = ABL_CARE_OTHER, .fate = ABL_FATE_UNKNOWN};
	/* what an attempt said is small, and is read when one looks back */
	if (w.fate == ABL_FATE_EARLIER)
		w.fate = ABL_FATE_KEPT;
	return w;
}

static struct abl_what code(const struct abl_where *l, const char *name, bool is_folder)
{
	struct abl_what w = {.kind = ABL_CARE_CODE, .fate = ABL_FATE_GOES};
	char key[KEY + 1] = "";

	(void)is_folder;
	if (is_key(name, ".new") || is_key(name, ".old") || is_key(name, ".part"))
		return w;
	if (!is_key(name, "") && !is_key(name, ".list"))
		return (struct abl_what){.kind = ABL_CARE_OTHER, .fate = ABL_FATE_UNKNOWN};
	memcpy(key, name, KEY);
	w.owner = abl_owner_of_code(l->stages, key);
	w.fate = w.owner.known && w.owner.use != ABL_USE_NONE ? ABL_FATE_KEPT : ABL_FATE_GOES;
	return w;
}

static struct abl_what request(const struct abl_where *l, const char *name, bool is_folder)
{
	const size_t n = strlen(name);

	(void)l;
	return (struct abl_what){.kind = ABL_CARE_OTHER,
				 .fate = !is_folder && n > 5 && !strcmp(name + n - 5, ".stop")
						 ? ABL_FATE_GOES
						 : ABL_FATE_UNKNOWN};
}

/* A file that drawing a study leaves in its folder. */
static bool is_drawn(const char *name)
{
	static const char *const ends = "png|svg|pdf|gp|dat|csv";
	const char *end = strrchr(name, '.');

	if (!strcmp(name, "report.html") || abl_is_orphan(name))
		return true;
	for (size_t i = 0; end && i < abl_figure_count(); i++) {
		const char *figure = abl_figure_at(i)->name;
		const size_t n = strlen(figure);

		if (!strncmp(name, figure, n) && (name[n] == '.' || name[n] == '-') &&
		    abl_is_one_of(ends, end + 1))
			return true;
	}
	return false;
}

static bool holds_drawings_alone(int at, const char *name)
{
	const int fd = openat(at, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	struct abl_names names = {0};
	bool alone = fd >= 0 && abl_names_in(&names, fd);

	for (size_t i = 0; i < names.count && alone; i++) {
		struct stat st;

		alone = !fstatat(fd, names.name[i], &st, AT_SYMLINK_NOFOLLOW) &&
			S_ISREG(st.st_mode) && is_drawn(names.name[i]);
	}
	abl_names_finish(&names);
	if (fd >= 0)
		close(fd);
	return alone;
}

/* The folder of a study that is not there any more goes if nobody has put anything else into it. */
static struct abl_what figures(const struct abl_where *l, const char *name, bool is_folder)
{
	struct abl_what w = {.kind = ABL_CARE_FIGURES, .fate = ABL_FATE_UNKNOWN};

	if (!is_folder) {
		w.fate = abl_is_orphan(name) ? ABL_FATE_GOES : ABL_FATE_UNKNOWN;
		return w;
	}
	for (size_t i = 0; l->figures[i]; i++)
		if (!strcmp(l->figures[i], name)) {
			w.fate = ABL_FATE_KEPT;
			w.owner.study = l->figure_of[i];
			w.owner.of_study = l->study == l->figure_of[i];
		}
	if (w.fate == ABL_FATE_UNKNOWN && holds_drawings_alone(l->fd, name))
		w.fate = ABL_FATE_GOES;
	return w;
}

/* The file and the data of a study that came from elsewhere, in a folder of its name. */
static struct abl_what unpacked(const struct abl_where *l, const char *name, bool is_folder)
{
	struct abl_what w = {.kind = ABL_CARE_DATA, .fate = ABL_FATE_GOES};

	if (!is_folder)
		return (struct abl_what){.kind = ABL_CARE_OTHER, .fate = ABL_FATE_UNKNOWN};
	for (size_t i = 0; l->figures[i]; i++)
		if (!strcmp(l->studies[i], name)) {
			w.fate = ABL_FATE_KEPT;
			w.owner.study = l->figure_of[i];
			w.owner.of_study = l->study == l->figure_of[i];
		}
	return w;
}

static struct abl_what root(const struct abl_where *l, const char *name, bool is_folder)
{
	static const char backup[] = "results.db.version-";
	struct abl_what w = {.kind = ABL_CARE_DATABASE, .fate = ABL_FATE_KEPT};

	(void)l;
	if (!is_folder && abl_is_one_of("results.db|results.db-wal|results.db-shm|"
					"results.db-journal|results.snapshot.db|lock|lock.claim|"
					"running.json|store-id|head.json",
					name))
		return w;
	if (!is_folder && !strcmp(name, "input-hashes"))
		return (struct abl_what){.kind = ABL_CARE_CODE};
	if (!is_folder && abl_is_orphan(name))
		w.fate = ABL_FATE_GOES;
	else if (!is_folder && !strncmp(name, backup, strlen(backup)))
		w.fate = ABL_FATE_BACKUP;
	else
		w = (struct abl_what){.kind = ABL_CARE_OTHER, .fate = ABL_FATE_UNKNOWN};
	return w;
}

static const struct {
	const char *name;
	struct abl_what (*what)(const struct abl_where *l, const char *name, bool is_folder);
} folders[] = {
	{"artifacts", artifact}, {"work", work},        {"logs", log_file},     {"plots", figures},
	{"code", code},          {"requests", request}, {"unpacked", unpacked},
};

const char *abl_care_folder(size_t i)
{
	return i < sizeof folders / sizeof *folders ? folders[i].name : NULL;
}

struct abl_what abl_what_is(const struct abl_where *l, const char *folder, const char *name,
			    bool is_folder)
{
	for (size_t i = 0; *folder && i < sizeof folders / sizeof *folders; i++)
		if (!strcmp(folder, folders[i].name))
			return folders[i].what(l, name, is_folder);
	return root(l, name, is_folder);
}
