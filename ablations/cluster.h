/* SPDX-License-Identifier: Apache-2.0 */
/* cluster.h - what `cluster:` says of the machines that a study runs on. Nothing of it decides a
 * result. A site file, of a user or of whoever runs the cluster, says the same for all studies. */
#ifndef ABL_CLUSTER_H
#define ABL_CLUSTER_H

#include "errors.h"

#include <stdint.h>

struct abl_cluster {
	char **slurm;             /* options for sbatch, NULL-terminated; NULL: not said */
	char **head;              /* the same for the head's own job, behind some of those */
	int64_t workers;          /* of Slurm; 0: not said */
	int64_t ports, last_port; /* that the head may listen at; 0: not said */
	double linger; /* seconds that a worker waits for a head that is gone; < 0: not said */
	double lease;  /* seconds of silence until a worker is taken for lost; 0: not said */
	char *program; /* `ablate` on the other machines; NULL: not said */
};

/* Fills what is not said from the site file: $ABLATE_SITE, or ~/.config/ablate/site.yaml where
 * there is one. */
int abl_cluster_site(struct abl_cluster *c, struct abl_err *err) ABL_MUST_USE;
void abl_cluster_finish(struct abl_cluster *c);

#endif
