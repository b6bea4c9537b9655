/* SPDX-License-Identifier: Apache-2.0 */
#include "file_system.h"

#include "files.h"
#include "str.h"

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/statfs.h>
#include <sys/sysmacros.h>

#define FUSE 0x65735546

/* Those of linux/magic.h and of coreutils' stat.c that several machines can have mounted, or a
 * machine and its guests. FUSE says nothing of what is behind it: it is taken for the worst. */
static const struct {
	uint32_t magic;
	const char *name;
} networks[] = {
	{0x6969, "NFS"},
	{0x6e667364, "NFS"},
	{0x0bd00bd0, "Lustre"},
	{0x47504653, "GPFS"},
	{0x19830326, "BeeGFS"},
	{0xff534d42, "CIFS"},
	{0xfe534d42, "SMB2"},
	{0x517b, "SMB"},
	{0x5346414f, "AFS"},
	{0x6b414653, "AFS"},
	{0x73757245, "Coda"},
	{0x00c36400, "Ceph"},
	{FUSE, "FUSE"},
	{0x01021997, "9p"},
	{0x564c, "NCP"},
	{0x61636673, "ACFS"},
	{0x01161970, "GFS2"},
	{0x7461636f, "OCFS2"},
	{0x013111a8, "IBRIX"},
	{0xaad7aaea, "PanFS"},
	{0x20030528, "OrangeFS"},
	{0xbeefdead, "StorNext"},
	{0xa501fcf5, "VxFS"},
	{0x7c7c6673, "Parallels shared folder"},
	{0x786f4256, "VirtualBox shared folder"},
	{0xbacbacbc, "VMware shared folder"},
};

/* The type in the list of mounts ("fuse.sshfs", "virtiofs") behind " - " of the device's line. */
static void mounted_as(dev_t device, char *out, size_t size)
{
	FILE *f = fopen("/proc/self/mountinfo", "re");
	char line[1024], number[32], *dash;

	snprintf(number, sizeof number, " %u:%u ", major(device), minor(device));
	*out = '\0';
	while (f && !*out && fgets(line, sizeof line, f)) {
		dash = strstr(line, " - ");
		if (dash && strstr(line, number) && strstr(line, number) < dash)
			snprintf(out, size, "%.*s", (int)strcspn(dash + 3, " \n"), dash + 3);
	}
	if (f)
		fclose(f);
}

/* What stands behind FUSE, where the list of mounts tells. */
static void tell_fuse(const char *path, char name[ABL_FILE_SYSTEM_NAME])
{
	char type[ABL_FILE_SYSTEM_NAME - 8];
	struct stat st;

	if (stat(path, &st))
		return;
	mounted_as(st.st_dev, type, sizeof type);
	if (!strncmp(type, "fuse.", 5))
		snprintf(name, ABL_FILE_SYSTEM_NAME, "FUSE (%s)", type + 5);
	else if (!strcmp(type, "virtiofs"))
		snprintf(name, ABL_FILE_SYSTEM_NAME, "virtiofs");
}

const char *abl_file_system_network(const char *path, char name[ABL_FILE_SYSTEM_NAME])
{
	char *there = abl_strdup(path);
	const char *found = NULL;
	struct statfs fs;
	int rc;

	while ((rc = statfs(there, &fs)) && strcmp(there, "/") != 0 && strcmp(there, ".") != 0) {
		char *above = abl_path_dir(there);

		free(there);
		there = above;
	}
	for (size_t i = 0; !rc && !found && i < sizeof networks / sizeof *networks; i++)
		if (networks[i].magic == (uint32_t)fs.f_type) {
			snprintf(name, ABL_FILE_SYSTEM_NAME, "%s", networks[i].name);
			found = name;
		}
	if (found && (uint32_t)fs.f_type == FUSE)
		tell_fuse(there, name);
	free(there);
	return found;
}
