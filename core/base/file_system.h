/* SPDX-License-Identifier: Apache-2.0 */
/* file_system.h - what a folder lies on. Several machines share a network file system: memory that
 * is mapped there is not shared between them, and locks may not be. */
#ifndef ABL_FILE_SYSTEM_H
#define ABL_FILE_SYSTEM_H

#define ABL_FILE_SYSTEM_NAME 48

/* The name of the network file system that `path` lies on, or would lie on when it is made ("NFS",
 * "Lustre", "FUSE (sshfs)"), in `name`; NULL: it is one of this machine, or nobody knows. */
const char *abl_file_system_network(const char *path, char name[ABL_FILE_SYSTEM_NAME])
	__attribute__((nonnull));

#endif
