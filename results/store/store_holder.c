/* SPDX-License-Identifier: Apache-2.0 */
/* store_holder.c - which program holds the database's write lock. SQLite does not say; the kernel's
 * list of locks does. Opening the file to ask would end our own locks on it. */
#include "store_db.h"

#include "str.h"

#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static bool is_file(const char *path, unsigned long long inode)
{
	struct stat st;

	return !stat(path, &st) && st.st_ino == inode;
}

static void name_of(int pid, char *out, size_t size)
{
	char path[64];
	FILE *f;

	snprintf(path, sizeof path, "/proc/%d/comm", pid);
	f = fopen(path, "re");
	if (!f || !fgets(out, (int)size, f))
		snprintf(out, size, "a program");
	out[strcspn(out, "\n")] = '\0';
	if (f)
		fclose(f);
}

void abl_store_holder(const struct abl_store *s, char *out, size_t size)
{
	struct abl_str shared = {0};
	FILE *f = fopen("/proc/locks", "re");
	char line[256], name[32];
	unsigned long long inode;
	int pid;

	*out = '\0';
	abl_str_printf(&shared, "%s-shm",
		       s->file); /* where the locks of a database in WAL mode are */
	while (f && !*out && fgets(line, sizeof line, f)) {
		if (sscanf(line, "%*s %*s %*s WRITE %d %*x:%*x:%llu", &pid, &inode) != 2 ||
		    pid == (int)getpid() || pid <= 0)
			continue;
		if (!is_file(shared.text, inode) && !is_file(s->file, inode))
			continue;
		name_of(pid, name, sizeof name);
		snprintf(out, size,
			 "'%s' (pid %d) holds it, as a database browser does with an edit that is "
			 "not saved: save it or end that program",
			 name, pid);
	}
	if (!*out)
		snprintf(out, size, "a database browser with an edit that is not saved does that");
	if (f)
		fclose(f);
	abl_str_finish(&shared);
}
