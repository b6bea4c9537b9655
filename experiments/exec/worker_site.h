/* SPDX-License-Identifier: Apache-2.0 */
/* worker_site.h - what a queue says of the job that a worker runs in. */
#ifndef ABL_WORKER_SITE_H
#define ABL_WORKER_SITE_H

struct abl_site {
	/* "" where there is none; of an array, its own number and that of the element, 4711 and 3
	 * of 4711_3 */
	char job[64], array[32], node[128];
	int cores;     /* that a worker of it may use; 0: it does not say */
	double memory; /* bytes; INFINITY: it does not say */
	double ends;   /* when the job's time is up, in seconds of the epoch; INFINITY: never */
};

/* Asks the environment, and Slurm itself where the environment does not say when the job ends
 * (at most some seconds). */
void abl_site_read(struct abl_site *site);
double abl_site_seconds_left(const struct abl_site *site);
/* Seconds of the epoch from what `scontrol show job -o` prints; INFINITY: it says none. */
double abl_site_end_of(const char *text);

#endif
