/* SPDX-License-Identifier: Apache-2.0 */
/* provenance.c - what the numbers of this process depend on besides their inputs. */
#include "store.h"

#include <sched.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

static void read_cpu(char *out, size_t size)
{
	FILE *f = fopen("/proc/cpuinfo", "r");
	char line[512];

	snprintf(out, size, "unknown");
	while (f && fgets(line, sizeof line, f))
		if (!strncmp(line, "model name", 10) && strchr(line, ':')) {
			char *name = strchr(line, ':') + 1;

			name += strspn(name, " \t");
			name[strcspn(name, "\n")] = '\0';
			snprintf(out, size, "%s", name);
			break;
		}
	if (f)
		fclose(f);
}

void abl_provenance_gather(struct abl_provenance *p)
{
	cpu_set_t set;

	*p = (struct abl_provenance){.kernels = ""};
#ifdef __clang__
	snprintf(p->compiler, sizeof p->compiler, "%s", __VERSION__); /* begins with its name */
#else
	snprintf(p->compiler, sizeof p->compiler, "gcc %s", __VERSION__);
#endif
	read_cpu(p->cpu, sizeof p->cpu);
	if (gethostname(p->host, sizeof p->host - 1))
		snprintf(p->host, sizeof p->host, "unknown");
	p->cores = sched_getaffinity(0, sizeof set, &set) ? 1 : CPU_COUNT(&set);
}
