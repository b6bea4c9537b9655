/* SPDX-License-Identifier: Apache-2.0 */
/* fast_clock.c - preloaded into the program (LD_PRELOAD), it makes the time since the machine was
 * started run $FAST_CLOCK times as fast, and poll() with it: a lease of a minute is over in
 * seconds. */
#include <poll.h>
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

int poll(struct pollfd *fds, nfds_t count, int timeout)
{
	const long long nanoseconds = timeout > 0 ? 1000000LL * timeout / times : 0;
	struct timespec left = {(time_t)(nanoseconds / 1000000000),
				(long)(nanoseconds % 1000000000)};

	return (int)syscall(SYS_ppoll, fds, count, timeout < 0 ? NULL : &left, NULL, (size_t)0);
}
