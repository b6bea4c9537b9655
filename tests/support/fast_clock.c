/* SPDX-License-Identifier: Apache-2.0 */
/* fast_clock.c - preloaded into the program (LD_PRELOAD), it makes the time since the machine was
 * started run $FAST_CLOCK times as fast: a lease of a minute is over in seconds. What waits for a
 * time waits as long as before. */
#include <stdlib.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

static long times = 1;

__attribute__((constructor)) static void read_times(void)
{
	const char *text = getenv("FAST_CLOCK");

	if (text && *text > '0' && *text <= '9')
		times = *text - '0';
}

int clock_gettime(clockid_t clock, struct timespec *out)
{
	const int rc = (int)syscall(SYS_clock_gettime, clock, out);
	long nanoseconds;

	if (rc || clock != CLOCK_MONOTONIC)
		return rc;
	nanoseconds = out->tv_nsec * times;
	out->tv_sec = out->tv_sec * times + nanoseconds / 1000000000;
	out->tv_nsec = nanoseconds % 1000000000;
	return 0;
}
