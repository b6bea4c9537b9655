/* SPDX-License-Identifier: Apache-2.0 */
#include "thread_waits.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* libgomp goes by the second where both are there; others know the first. */
const char *const abl_thread_waits[ABL_THREAD_WAITS] = {"OMP_WAIT_POLICY=passive",
							"GOMP_SPINCOUNT=1000"};

bool abl_is_thread_wait(const char *entry)
{
	for (int i = 0; i < ABL_THREAD_WAITS; i++)
		if (!strncmp(entry, abl_thread_waits[i], strcspn(abl_thread_waits[i], "=") + 1))
			return true;
	return false;
}

void abl_thread_waits_begin(char **argv)
{
	if (!argv[0] || getenv("OMP_WAIT_POLICY") || getenv("GOMP_SPINCOUNT"))
		return;
	for (int i = 0; i < ABL_THREAD_WAITS; i++)
		if (putenv((char *)(uintptr_t)abl_thread_waits[i]))
			return;
	execv("/proc/self/exe", argv);
}
