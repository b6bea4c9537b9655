/* SPDX-License-Identifier: Apache-2.0 */
#include "machine.h"

#include "str.h"

#include <errno.h>
#include <math.h>
#include <sched.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/statvfs.h>
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

/* Where control groups lie: of version 2, beside version 1 or alone, and of version 1 by
 * controller. A container has its own at the root, whatever its path is outside. */
static const struct root {
	const char *controller, *folder; /* "" = version 2 */
} roots[] = {
	{"", "/sys/fs/cgroup"},
	{"", "/sys/fs/cgroup/unified"},
	{"memory", "/sys/fs/cgroup/memory"},
	{"cpu", "/sys/fs/cgroup/cpu"},
	{"cpu", "/sys/fs/cgroup/cpu,cpuacct"},
};

/* The path of our group below its root, from a line "4:memory:/a/b"; false: another controller's.
 */
static bool is_ours(char *line, const char *controller, char **path)
{
	char *names = strchr(line, ':'), *end = names ? strchr(names + 1, ':') : NULL;

	if (!end)
		return false;
	*end = '\0';
	*path = end + 1;
	for (char *name = names + 1, *next; name; name = next) {
		next = strchr(name, ',');
		if (next)
			*next++ = '\0';
		if (!strcmp(name, controller))
			return true;
	}
	return false;
}

static void own_folder(const struct root *root, char *out, size_t size)
{
	char line[512], *path;
	FILE *f = fopen("/proc/self/cgroup", "re");
	bool found = false;

	while (f && !found && fgets(line, sizeof line, f)) {
		line[strcspn(line, "\n")] = '\0';
		found = is_ours(line, root->controller, &path);
	}
	if (f)
		fclose(f);
	snprintf(out, size, "%s%s", root->folder, found && strcmp(path, "/") ? path : "");
}

/* Asks our group of each kind and all those above it; the least answer counts. */
static double tightest(double (*ask)(const char *folder))
{
	double least = INFINITY;
	char folder[600];

	for (size_t i = 0; i < sizeof roots / sizeof *roots; i++) {
		own_folder(&roots[i], folder, sizeof folder);
		for (;;) {
			least = fmin(least, ask(folder));
			if (strlen(folder) <= strlen(roots[i].folder))
				break;
			*strrchr(folder, '/') = '\0';
		}
	}
	return least;
}

/* The first number of a file in the folder. */
static double number_in(const char *folder, const char *name)
{
	char path[700];
	double v[2];

	snprintf(path, sizeof path, "%s/%s", folder, name);
	read_limits(path, v);
	return v[0];
}

/* The number behind a word in such a file, or -1. */
static double number_of(const char *folder, const char *name, const char *word)
{
	char path[700], line[128];
	const size_t n = strlen(word);
	double value = -1;
	FILE *f;

	snprintf(path, sizeof path, "%s/%s", folder, name);
	f = fopen(path, "re");
	while (f && value < 0 && fgets(line, sizeof line, f))
		if (!strncmp(line, word, n) && strchr(" :", line[n]))
			value = strtod(line + n + 1, NULL);
	if (f)
		fclose(f);
	return value;
}

static double cpu_limit(const char *folder)
{
	char path[700];
	double v[2];

	snprintf(path, sizeof path, "%s/cpu.max", folder);
	if (read_limits(path, v) != 2)
		v[0] = number_in(folder, "cpu.cfs_quota_us"),
		v[1] = number_in(folder, "cpu.cfs_period_us");
	return isfinite(v[0]) && isfinite(v[1]) ? v[0] / v[1] : INFINITY;
}

static double memory_limit(const char *folder)
{
	return fmin(number_in(folder, "memory.max"), number_in(folder, "memory.limit_in_bytes"));
}

/* What the limit leaves: pages of files that nobody needs are given back when they are wanted. */
static double memory_left(const char *folder)
{
	static const struct {
		const char *limit, *used, *file_pages;
	} versions[] = {{"memory.max", "memory.current", "inactive_file"},
			{"memory.limit_in_bytes", "memory.usage_in_bytes", "total_inactive_file"}};
	double left = INFINITY;

	for (size_t i = 0; i < 2; i++) {
		const double limit = number_in(folder, versions[i].limit),
			     used = number_in(folder, versions[i].used);

		if (isfinite(limit) && isfinite(used))
			left = fmin(left, limit - used +
						  fmax(number_of(folder, "memory.stat",
								 versions[i].file_pages),
						       0));
	}
	return left;
}

/* Negative: `tightest` takes the least. */
static double minus_kills(const char *folder)
{
	return -fmax(number_of(folder, "memory.events", "oom_kill"),
		     number_of(folder, "memory.oom_control", "oom_kill"));
}

int abl_machine_cores(void)
{
	static _Thread_local double limit, looked; /* it takes many files to know the limit */
	const double now = abl_clock_now();
	cpu_set_t set;
	double cores = sched_getaffinity(0, sizeof set, &set) ? 1 : CPU_COUNT(&set);

	if (looked <= 0 || now - looked > 1) {
		limit = tightest(cpu_limit);
		looked = now;
	}
	cores = fmin(cores, limit);
	return cores < 1 ? 1 : (int)cores;
}

double abl_machine_memory(void)
{
	return fmin((double)sysconf(_SC_PHYS_PAGES) * (double)sysconf(_SC_PAGESIZE),
		    tightest(memory_limit));
}

double abl_machine_memory_left(void)
{
	const double free_kib = number_of("/proc", "meminfo", "MemAvailable");

	return fmax(fmin(free_kib < 0 ? INFINITY : 1024 * free_kib, tightest(memory_left)), 0);
}

double abl_machine_memory_of(int pid)
{
	char folder[32];

	snprintf(folder, sizeof folder, "/proc/%d", pid);
	return 1024 * fmax(number_of(folder, "status", "RssAnon"), 0);
}

double abl_machine_memory_kills(void)
{
	return fmax(-tightest(minus_kills), 0) + fmax(number_of("/proc", "vmstat", "oom_kill"), 0);
}

double abl_machine_disk(const char *folder)
{
	char *path = abl_strdup(folder), *slash;
	struct statvfs s;
	int failed;

	while ((failed = statvfs(path, &s)) && errno == ENOENT && strcmp(path, ".") &&
	       strcmp(path, "/")) { /* it will be made there */
		slash = strrchr(path, '/');
		if (slash)
			slash[slash == path] = '\0';
		else
			snprintf(path, 2, ".");
	}
	free(path);
	return failed ? INFINITY : (double)s.f_bavail * (double)s.f_frsize;
}

double abl_clock_now(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (double)t.tv_sec + 1e-9 * (double)t.tv_nsec;
}

const char *abl_clock_day(double from_now, char out[16])
{
	const time_t when = time(NULL) + (time_t)from_now;
	struct tm day;

	if (!localtime_r(&when, &day) || !strftime(out, 16, "%H:%M:%S", &day))
		snprintf(out, 16, "--:--:--");
	return out;
}
