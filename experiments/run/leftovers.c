/* SPDX-License-Identifier: Apache-2.0 */
#include "leftovers.h"

#include "attempt_folder.h"
#include "files.h"
#include "own_folder.h"
#include "str.h"

#include <dirent.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

struct sweep {
	struct abl_store *store;
	const char *folder; /* whose entries are visited */
};

static void each(const struct sweep *s, void (*visit)(const struct sweep *s, const char *name))
{
	DIR *d = opendir(s->folder);

	for (struct dirent *e; d && (e = readdir(d));)
		if (strcmp(e->d_name, ".") && strcmp(e->d_name, ".."))
			visit(s, e->d_name);
	if (d)
		closedir(d);
}

static void sweep_file(const struct sweep *s, const char *name)
{
	char *path = abl_path_join(s->folder, name);

	if (abl_is_orphan(name) && abl_is_regular(path))
		unlink(path);
	free(path);
}

static void sweep_plots(const struct sweep *s, const char *name)
{
	char *path = abl_path_join(s->folder, name);

	sweep_file(s, name);
	each(&(struct sweep){.folder = path}, sweep_file);
	free(path);
}

static void sweep_work(const struct sweep *s, const char *key)
{
	char *path = abl_path_join(s->folder, key);
	bool wanted = true;

	if (!abl_store_stage_wanted(s->store, key, &wanted, NULL) && !wanted)
		(void)!abl_remove_tree(path, NULL);
	free(path);
}

void abl_leftovers_remove(struct abl_store *store, const char *folder)
{
	char *work = abl_store_path(folder, "work"), *plots = abl_store_path(folder, "plots");

	each(&(struct sweep){.store = store, .folder = work}, sweep_work);
	each(&(struct sweep){.folder = plots}, sweep_plots);
	free(work), free(plots);
}
