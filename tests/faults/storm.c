/* SPDX-License-Identifier: Apache-2.0 */
/* storm.c - runs `ablate run` on a store and disturbs it at random moments, until so many faults of
 * each kind have happened or the work is done. One seed drives them all.
 *
 * usage: storm SEED STORE ACKS PACE KIND=NUMBER... -- COMMAND...
 *
 *	child=N         SIGKILL of one of the processes below the run, however deep
 *	run=N           SIGKILL of the run; it is started again
 *	stopped=N       SIGSTOP of one below it, SIGCONT after ten times PACE
 *	stopped-run=N   the same of the run; meanwhile another run is tried, which must be refused
 *	orphaned=N      SIGSTOP of one below it, SIGKILL of the run, SIGCONT during the next one
 *	clock=N         the clock goes back or ahead, by clock.c
 *
 * $STORM_PRELOAD is preloaded into what it starts. PACE: milliseconds that go by between two
 * faults, at most. After each end of a run what it says is done goes to ACKS (check_store.c).
 * Prints how many faults there were, and the seed. Exit codes: 0 the work is done, 1 it is not, or
 * a second run was let in. */
#include "files.h"
#include "rng.h"
#include "str.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

enum { MOST_BELOW = 200, STARTS_MOST = 5000, CALM_MOST = 6, CLOCK_STEPS = 5 };
enum kind { CHILD, RUN, STOPPED, STOPPED_RUN, ORPHANED, CLOCK, KINDS };

static const char *const names[KINDS] = {"child",       "run",      "stopped",
					 "stopped-run", "orphaned", "clock"};
static long wanted[KINDS], done[KINDS];
static uint64_t key, drawn;
static const char *store, *acks;
static char *log_path;
static const char *const *command;
static long pace;
static volatile int64_t *clock_moved;
static int status = -1; /* of the run's last end */
static bool let_in;     /* a second run, beside one that was stopped */

static uint64_t draw(uint64_t below)
{
	return abl_rng_below(key, drawn++, 0, below);
}

static void nap(long milliseconds)
{
	struct timespec t = {milliseconds / 1000, milliseconds % 1000 * 1000000};

	while (nanosleep(&t, &t) && errno == EINTR)
		continue;
}

static pid_t start(const char *const *argv, const char *out)
{
	const pid_t pid = fork();
	int fd;

	if (pid)
		return pid;
	if (getenv("STORM_PRELOAD"))
		setenv("LD_PRELOAD", getenv("STORM_PRELOAD"), 1);
	fd = open(out, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0644);
	if (fd < 0 || dup2(fd, 1) < 0 || dup2(fd, 2) < 0)
		_exit(126);
	execv(argv[0], (char *const *)argv);
	_exit(127);
}

/* -1: it still goes on. */
static int wait_for(pid_t pid, bool here)
{
	int s;

	if (waitpid(pid, &s, here ? 0 : WNOHANG) != pid)
		return -1;
	return WIFEXITED(s) ? WEXITSTATUS(s) : 128 + WTERMSIG(s);
}

static void read_acks(void)
{
	const char *argv[] = {
		command[0], "query", "select key, attempt from stage where state = 'done'",
		"--store",  store,   "--format",
		"csv",      NULL};
	char *path = abl_path_join(".", "acks.part");
	struct abl_str text = {0};
	char *rest, *line;
	FILE *out;

	unlink(path);
	if (wait_for(start(argv, path), true) || abl_file_read(path, &text, 1u << 30, NULL))
		goto end;
	out = fopen(acks, "ae");
	rest = text.text;
	while (out && (line = strsep(&rest, "\n"))) {
		char *comma = strchr(line, ',');

		if (comma && strcmp(line, "key,attempt") != 0)
			fprintf(out, "%.*s %s\n", (int)(comma - line), line, comma + 1);
	}
	if (out)
		fclose(out);
end:
	abl_str_finish(&text);
	free(path);
}

static void list_below(pid_t pid, pid_t *out, size_t *n)
{
	char path[80];
	FILE *file;
	int child;

	snprintf(path, sizeof path, "/proc/%d/task/%d/children", (int)pid, (int)pid);
	file = fopen(path, "re");
	while (file && *n < MOST_BELOW && fscanf(file, "%d", &child) == 1) {
		out[(*n)++] = child;
		list_below(child, out, n);
	}
	if (file)
		fclose(file);
}

/* 0: there is none. */
static pid_t one_below(pid_t run)
{
	pid_t all[MOST_BELOW];
	size_t n = 0;

	list_below(run, all, &n);
	return n ? all[draw(n)] : 0;
}

/* Has it begun its work on the store? */
static bool has_lock(pid_t run)
{
	struct flock lock = {.l_type = F_WRLCK, .l_whence = SEEK_SET};
	char *path = abl_path_join(store, "lock");
	const int fd = open(path, O_RDONLY | O_CLOEXEC);
	const bool has = fd >= 0 && !fcntl(fd, F_GETLK, &lock) && lock.l_type != F_UNLCK &&
			 lock.l_pid == run;

	if (fd >= 0)
		close(fd);
	free(path);
	return has;
}

static void end_run(pid_t *run)
{
	kill(*run, SIGKILL);
	status = wait_for(*run, true);
	*run = 0;
	read_acks();
}

/* Another run beside one that is stopped. */
static void try_second(void)
{
	const pid_t second = start(command, "second.log");
	int code = -1;

	for (long i = 0; code < 0 && i < 1000; i++) {
		nap(20);
		code = wait_for(second, false);
	}
	if (code < 0) {
		kill(second, SIGKILL);
		wait_for(second, true);
	}
	if (code != 1)
		let_in = true;
}

static void move_clock(void)
{
	static const int64_t steps[CLOCK_STEPS] = {3600, -3600, 86400, -10, -86400};

	if (clock_moved)
		*clock_moved += steps[draw(CLOCK_STEPS)];
}

/* A fault; false: there was nobody to have it. */
static bool strike(enum kind kind, pid_t *run)
{
	const pid_t victim =
		kind == CHILD || kind == STOPPED || kind == ORPHANED ? one_below(*run) : *run;
	if (!victim || (kind == STOPPED_RUN && !has_lock(*run)))
		return false;
	switch (kind) {
	case CHILD:
		return !kill(victim, SIGKILL);
	case RUN:
		end_run(run);
		return true;
	case CLOCK:
		move_clock();
		return true;
	default:
		break;
	}
	if (kill(victim, SIGSTOP))
		return false;
	if (kind == ORPHANED) {
		end_run(run);
		*run = start(command, log_path);
	} else if (kind == STOPPED_RUN) {
		try_second();
	}
	nap(10 * pace);
	kill(victim, SIGCONT);
	return true;
}

/* KINDS: all have happened. */
static enum kind choose(void)
{
	uint64_t left = 0, at;

	for (int k = 0; k < KINDS; k++)
		left += (uint64_t)(wanted[k] - done[k]);
	at = left ? draw(left) : 0;
	for (int k = 0; left && k < KINDS; k++) {
		const uint64_t of_kind = (uint64_t)(wanted[k] - done[k]);

		if (at < of_kind)
			return (enum kind)k;
		at -= of_kind;
	}
	return KINDS;
}

/* Until the run ends, of itself or by us. */
static void disturb(pid_t *run)
{
	while (*run && (status = wait_for(*run, false)) < 0) {
		const enum kind kind = choose();

		nap(kind == KINDS ? 20 : (long)draw((uint64_t)pace));
		if (kind != KINDS && (status = wait_for(*run, false)) < 0)
			done[kind] += strike(kind, run);
		else if (status >= 0)
			break;
	}
	if (*run)
		read_acks();
	*run = 0;
}

static const char *const *read_arguments(int argc, char **argv)
{
	int i = 5;

	for (; i < argc && strcmp(argv[i], "--") != 0; i++)
		for (int k = 0; k < KINDS; k++) {
			const size_t n = strlen(names[k]);

			if (!strncmp(argv[i], names[k], n) && argv[i][n] == '=')
				wanted[k] = strtol(argv[i] + n + 1, NULL, 10);
		}
	if (i + 1 >= argc) {
		fprintf(stderr, "usage: storm SEED STORE ACKS PACE KIND=NUMBER... -- COMMAND...\n");
		exit(2);
	}
	key = abl_rng_key(strtoull(argv[1], NULL, 10), "storm");
	store = argv[2];
	acks = argv[3];
	pace = strtol(argv[4], NULL, 10);
	return (const char *const *)argv + i + 1;
}

static void open_clock(void)
{
	const char *path = getenv("FAULT_CLOCK");
	const int fd = path ? open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0644) : -1;
	void *map = MAP_FAILED;

	if (fd >= 0 && !ftruncate(fd, sizeof *clock_moved))
		map = mmap(NULL, sizeof *clock_moved, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
	if (map != MAP_FAILED)
		clock_moved = map;
}

int main(int argc, char **argv)
{
	int starts = 0, calm = 0; /* starts after the last fault */

	command = read_arguments(argc, argv);
	log_path = abl_path_join(".", "storm.log");
	open_clock();
	do {
		pid_t run = start(command, log_path);

		disturb(&run);
		calm += choose() == KINDS;
	} while (++starts < STARTS_MOST && status && status != 2 && calm < CALM_MOST);
	printf("seed %s: %d starts", argv[1], starts);
	for (int k = 0; k < KINDS; k++)
		if (wanted[k])
			printf(", %s %ld", names[k], done[k]);
	printf("%s, last exit code %d\n", let_in ? ", A SECOND RUN WAS LET IN" : "", status);
	free(log_path);
	return status || let_in;
}
