/* SPDX-License-Identifier: Apache-2.0 */
/* study_cluster.c - `cluster:` of a study. */
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

void abl_cluster_finish(struct abl_cluster *c)
{
	abl_program_words_free(c->slurm);
	abl_program_words_free(c->head);
	free(c->program);
	*c = (struct abl_cluster){.linger = -1};
}
