/* SPDX-License-Identifier: Apache-2.0 */
/* study_cluster.c - `cluster:`, in a study and in the site file. */
#include "files.h"
#include "node_value.h"
#include "program_source.h"
#include "str.h"
#include "study_source.h"

#include <stdlib.h>
#include <string.h>

static const struct abl_option workers_row = {.name = "cluster.workers",
					      .type = ABL_INT,
					      .offset = offsetof(struct abl_study, cluster.workers),
					      .min = 1,
					      .max = 4096};

int abl_study_read_cluster(struct abl_study *s, const struct abl_node *n, struct abl_err *err)
{
	return abl_study_read_fields(s, n, "cluster.", err);
}

int abl_cluster_read_slurm(struct abl_study *s, const struct abl_node *n, struct abl_err *err)
{
	return abl_program_words_read(n, "cluster.slurm", false, &s->cluster.slurm, err);
}

int abl_cluster_read_head(struct abl_study *s, const struct abl_node *n, struct abl_err *err)
{
	return abl_program_words_read(n, "cluster.head", false, &s->cluster.head, err);
}

int abl_cluster_read_workers(struct abl_study *s, const struct abl_node *n, struct abl_err *err)
{
	return abl_study_read_option(s, &workers_row, n, err);
}

int abl_cluster_read_linger(struct abl_study *s, const struct abl_node *n, struct abl_err *err)
{
	return abl_program_seconds(n, "cluster.linger", &s->cluster.linger, err);
}

#define SHORTEST 4.0   /* seconds: a busy machine is silent for some of them */
#define LONGEST 3600.0 /* seconds */

int abl_cluster_read_lease(struct abl_study *s, const struct abl_node *n, struct abl_err *err)
{
	double *lease = &s->cluster.lease;

	if (abl_program_seconds(n, "cluster.lease", lease, err))
		return ABL_EINPUT;
	if (*lease >= SHORTEST && *lease <= LONGEST)
		return 0;
	return abl_node_fail(n, "seconds: 60, \"60 s\" or \"2 min\"", err,
			     "'cluster.lease' is at least 4 seconds and at most an hour");
}

static bool is_port(int64_t n)
{
	return n >= 1 && n <= 65535;
}

/* "7000-7010", or 7000. */
int abl_cluster_read_ports(struct abl_study *s, const struct abl_node *n, struct abl_err *err)
{
	struct abl_cluster *c = &s->cluster;
	const char *text;
	char first[8];
	size_t digits;

	if (abl_node_text(n, "cluster.ports", &text, err))
		return ABL_EINPUT;
	digits = strcspn(text, "-");
	snprintf(first, sizeof first, "%.*s", (int)digits, text);
	if (digits < sizeof first && abl_parse_int(first, &c->ports) &&
	    abl_parse_int(text[digits] ? text + digits + 1 : first, &c->last_port) &&
	    is_port(c->ports) && is_port(c->last_port) && c->ports <= c->last_port)
		return 0;
	return abl_node_fail(n, "ports that the head may listen at: 7000-7010", err,
			     "'%.40s' is no range of ports", text);
}

int abl_cluster_read_program(struct abl_study *s, const struct abl_node *n, struct abl_err *err)
{
	const char *text;

	if (abl_node_text(n, "cluster.program", &text, err))
		return ABL_EINPUT;
	free(s->cluster.program);
	s->cluster.program = abl_strdup(text);
	return 0;
}

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

void abl_cluster_finish(struct abl_cluster *c)
{
	abl_program_words_free(c->slurm);
	abl_program_words_free(c->head);
	free(c->program);
	*c = (struct abl_cluster){.linger = -1};
}
