/* SPDX-License-Identifier: Apache-2.0 */
#include "lock_record.h"

#include "str.h"

#include <ctype.h>
#include <errno.h>
#include <fcntl.h>
#include <jansson.h>
#include <limits.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/random.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

static void read_word(const char *path, char *out, size_t size)
{
	FILE *f = fopen(path, "re");

	if (!f || !fgets(out, (int)size, f))
		*out = '\0';
	out[strcspn(out, " \n")] = '\0';
	if (f)
		fclose(f);
}

/* When a process was started; 0 = there is none, or nobody knows. */
static int64_t start_of(int64_t pid)
{
	char path[64], text[1024] = "", *p;
	long long ticks = 0;
	FILE *f;

	snprintf(path, sizeof path, "/proc/%lld/stat", (long long)pid);
	f = fopen(path, "re");
	if (f && !fgets(text, sizeof text, f))
		*text = '\0';
	if (f)
		fclose(f);
	p = strrchr(text, ')'); /* behind the name, which may hold anything; then field 3 */
	for (int field = 3; p && field <= 22; field++)
		p = strchr(p + 1, ' ');
	return p && sscanf(p, "%lld", &ticks) == 1 ? ticks : 0;
}

static void plain(char *text)
{
	for (; *text; text++)
		if (!isalnum((unsigned char)*text) && !strchr("._-", *text))
			*text = '_';
}

void abl_lock_record_own(struct abl_lock_record *r)
{
	struct stat st;
	uint64_t number;

	*r = (struct abl_lock_record){.pid = getpid(), .started = start_of(getpid())};
	if (getrandom(&number, sizeof number, 0) != sizeof number)
		number = (uint64_t)time(NULL) << 24 ^ (uint64_t)getpid();
	snprintf(r->token, sizeof r->token, "%016llx", (unsigned long long)number);
	if (gethostname(r->host, sizeof r->host - 1))
		snprintf(r->host, sizeof r->host, "unknown");
	read_word("/proc/sys/kernel/random/boot_id", r->boot, sizeof r->boot);
	plain(r->host), plain(r->boot);
	if (!stat("/proc/self/ns/pid", &st))
		r->processes = (int64_t)st.st_ino;
}

void abl_lock_record_text(const struct abl_lock_record *r, char out[ABL_LOCK_RECORD + 1])
{
	const int n = snprintf(
		out, ABL_LOCK_RECORD,
		"{\"host\": \"%s\", \"boot\": \"%s\", \"pid\": %lld, \"beat\": %lld, "
		"\"snapshot\": %lld, \"started\": %lld, \"processes\": %lld, "
		"\"token\": \"%s\"}",
		r->host, r->boot, (long long)r->pid, (long long)r->beat, (long long)r->snapshot,
		(long long)r->started, (long long)r->processes, r->token);

	memset(out + n, ' ', (size_t)(ABL_LOCK_RECORD - 1 - n));
	memcpy(out + ABL_LOCK_RECORD - 1, "\n", 2);
}

static void take_text(const json_t *root, const char *name, char *out, size_t size)
{
	const char *text = json_string_value(json_object_get(root, name));

	snprintf(out, size, "%s", text ? text : "");
	plain(out);
}

static int64_t number_in(const json_t *root, const char *name)
{
	return (int64_t)json_integer_value(json_object_get(root, name));
}

bool abl_lock_record_read(const char *path, struct abl_lock_record *out)
{
	char text[4096];
	const int fd = open(path, O_RDONLY | O_NONBLOCK | O_CLOEXEC);
	const ssize_t n = fd < 0 ? -1 : read(fd, text, sizeof text);
	json_t *root = n > 0 ? json_loadb(text, (size_t)n, 0, NULL) : NULL;

	if (fd >= 0)
		close(fd);
	*out = (struct abl_lock_record){.pid = number_in(root, "pid"),
					.started = number_in(root, "started"),
					.processes = number_in(root, "processes"),
					.beat = number_in(root, "beat"),
					.snapshot = number_in(root, "snapshot")};
	take_text(root, "token", out->token, sizeof out->token);
	take_text(root, "host", out->host, sizeof out->host);
	take_text(root, "boot", out->boot, sizeof out->boot);
	json_decref(root);
	return *out->token && *out->host && out->pid > 0 && out->pid <= INT_MAX;
}

const char *abl_lock_record_name(const struct abl_lock_record *r, char out[128])
{
	struct abl_lock_record own;

	abl_lock_record_own(&own);
	if (!strcmp(r->host, own.host))
		snprintf(out, 128, "pid %lld", (long long)r->pid);
	else
		snprintf(out, 128, "pid %lld on host '%s'", (long long)r->pid, r->host);
	return out;
}

enum abl_life abl_lock_record_life(const struct abl_lock_record *r, bool locks)
{
	struct abl_lock_record own;

	abl_lock_record_own(&own);
	if (!*own.boot || strcmp(r->boot, own.boot) != 0)
		return ABL_LIFE_UNKNOWN;
	if (locks)
		return ABL_LIFE_OVER;
	if (r->processes != own.processes)
		return ABL_LIFE_UNKNOWN;
	if (kill((pid_t)r->pid, 0) && errno == ESRCH)
		return ABL_LIFE_OVER;
	return r->started && start_of(r->pid) && start_of(r->pid) != r->started ? ABL_LIFE_OVER
										: ABL_LIFE_ON;
}

bool abl_lock_record_rebooted(const struct abl_lock_record *r)
{
	struct abl_lock_record own;

	abl_lock_record_own(&own);
	return *own.boot && !strcmp(r->host, own.host) && strcmp(r->boot, own.boot) != 0;
}
