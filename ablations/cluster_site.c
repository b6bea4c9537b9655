/* SPDX-License-Identifier: Apache-2.0 */
/* cluster_site.c - the site file, which says for all studies what `cluster:` says of one. */
#include "files.h"
#include "str.h"
#include "study_source.h"

#include <stdlib.h>

/* The caller's; NULL: there is none. */
static char *site_file(void)
{
	const char *named = getenv("ABLATE_SITE"), *config = getenv("XDG_CONFIG_HOME");
	char *path;

	if (named)
		return *named ? abl_strdup(named) : NULL;
	path = abl_path_join(config && *config ? config : "~/.config", "ablate/site.yaml");
	if (abl_file_exists(path))
		return path;
	free(path);
	return NULL;
}

/* What `c` does not say yet, out of `site`, which keeps the rest. */
static void fill(struct abl_cluster *c, struct abl_cluster *site)
{
	if (!c->slurm)
		c->slurm = site->slurm, site->slurm = NULL;
	if (!c->head)
		c->head = site->head, site->head = NULL;
	if (!c->workers)
		c->workers = site->workers;
	if (!c->ports)
		c->ports = site->ports, c->last_port = site->last_port;
	if (c->linger < 0)
		c->linger = site->linger;
	if (c->lease <= 0)
		c->lease = site->lease;
	if (!c->program)
		c->program = site->program, site->program = NULL;
}

int abl_cluster_site(struct abl_cluster *c, struct abl_err *err)
{
	struct abl_study site = {.cluster.linger = -1};
	struct abl_study_source source = {.fields = abl_study_fields};
	char *path = site_file();
	const struct abl_node *map;
	int rc;

	if (!path)
		return 0;
	site.source = &source;
	rc = abl_study_files(&source.tree, path, err);
	if (!rc) { /* the keys, or a study's `cluster:` as it is */
		map = abl_node_get(source.tree.root, "cluster");
		rc = abl_study_read_cluster(&site, map ? map : source.tree.root, err);
	}
	if (!rc)
		fill(c, &site.cluster);
	abl_cluster_finish(&site.cluster);
	abl_yaml_finish(&source.tree);
	free(path);
	return rc;
}
