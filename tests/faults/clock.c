/* SPDX-License-Identifier: Apache-2.0 */
/* clock.c - preloaded into the program (LD_PRELOAD), it moves the time of day, not the time since
 * the machine was started: by so many seconds as the number, of 8 bytes, in the file $FAULT_CLOCK
 * says at that moment. */
#include <dlfcn.h>
#include <fcntl.h>
#include <stdint.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <time.h>
#include <unistd.h>

static const volatile int64_t *moved;

__attribute__((constructor)) static void open_clock(void)
{
	const char *path = getenv("FAULT_CLOCK");
	const int fd = path ? open(path, O_RDONLY | O_CLOEXEC) : -1;
	void *map = fd < 0 ? MAP_FAILED : mmap(NULL, sizeof *moved, PROT_READ, MAP_SHARED, fd, 0);

	if (fd >= 0)
		close(fd);
	if (map != MAP_FAILED)
		moved = map;
}

int clock_gettime(clockid_t clock, struct timespec *out)
{
	const int rc = (int)syscall(SYS_clock_gettime, clock, out);

	if (!rc && moved && (clock == CLOCK_REALTIME || clock == CLOCK_REALTIME_COARSE))
		out->tv_sec += *moved;
	return rc;
}

int gettimeofday(struct timeval *restrict out, void *restrict zone)
{
	struct timespec t;
	const int rc = clock_gettime(CLOCK_REALTIME, &t);

	(void)zone;
	*out = (struct timeval){.tv_sec = t.tv_sec, .tv_usec = t.tv_nsec / 1000};
	return rc;
}

time_t time(time_t *out)
{
	struct timespec t;

	if (clock_gettime(CLOCK_REALTIME, &t))
		return -1;
	if (out)
		*out = t.tv_sec;
	return t.tv_sec;
}

/* With large files, as this is built, it is fstat64(). */
int fstat(int fd, struct stat *out)
{
	const int rc = ((int (*)(int, struct stat *))dlsym(RTLD_NEXT, "fstat64"))(fd, out);

	if (!rc && moved)
		out->st_mtim.tv_sec += *moved;
	return rc;
}
