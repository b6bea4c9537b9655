/* SPDX-License-Identifier: Apache-2.0 */
#include "machine.h"

#include "str.h"

#include <math.h>
#include <sched.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>
#include <time.h>

/* The first two numbers of a one-line file; missing and "max" give INFINITY. Returns how many came.
 */
static int read_limits(const char *path, double out[2])
{
	FILE *f = fopen(path, "re");
	char word[2][64] = {"", ""};
	int n = f ? fscanf(f, "%63s %63s", word[0], word[1]) : 0;

	if (f)
		fclose(f);
	for (int i = 0; i < 2; i++)
		if (!abl_parse_real(word[i], &out[i]) || out[i] <= 0)
			out[i] = INFINITY;
	return n > 0 ? n : 0;
}

/* Calls visit with our cgroup-2 folder and each one above it: the tightest limit counts. */
static double tightest(double (*limit)(const char *folder))
{
	char line[512] = "", folder[600];
	FILE *f = fopen("/proc/self/cgroup", "re");
	double least = INFINITY;

	while (f && fgets(line, sizeof line, f) && strncmp(line, "0::/", 4))
		line[0] = '\0';
	if (f)
		fclose(f);
	line[strcspn(line, "\n")] = '\0';
	snprintf(folder, sizeof folder, "/sys/fs/cgroup%s", strlen(line) > 4 ? line + 3 : "");
	for (;;) {
		least = fmin(least, limit(folder));
		if (!strcmp(folder, "/sys/fs/cgroup") || !strrchr(folder, '/'))
			return least;
		*strrchr(folder, '/') = '\0';
	}
}

static double cpu_limit(const char *folder)
{
	char path[700];
	double v[2];

	snprintf(path, sizeof path, "%s/cpu.max", folder);
	return read_limits(path, v) == 2 && isfinite(v[0]) && isfinite(v[1]) ? v[0] / v[1]
									     : INFINITY;
}

static double memory_limit(const char *folder)
{
	char path[700];
	double v[2];

	snprintf(path, sizeof path, "%s/memory.max", folder);
	read_limits(path, v);
	return v[0];
}

int abl_machine_cores(void)
{
	cpu_set_t set;
	double cores = sched_getaffinity(0, sizeof set, &set) ? 1 : CPU_COUNT(&set), v[2], w[2];

	cores = fmin(cores, tightest(cpu_limit));
	if (read_limits("/sys/fs/cgroup/cpu/cpu.cfs_quota_us", v) &&
	    read_limits("/sys/fs/cgroup/cpu/cpu.cfs_period_us", w) && isfinite(v[0]) &&
	    isfinite(w[0]))
		cores = fmin(cores, v[0] / w[0]);
	return cores < 1 ? 1 : (int)cores;
}

double abl_machine_memory(void)
{
	double v[2], bytes = (double)sysconf(_SC_PHYS_PAGES) * (double)sysconf(_SC_PAGESIZE);

	bytes = fmin(bytes, tightest(memory_limit));
	read_limits("/sys/fs/cgroup/memory/memory.limit_in_bytes", v);
	return fmin(bytes, v[0]);
}

double abl_clock_now(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (double)t.tv_sec + 1e-9 * (double)t.tv_nsec;
}
