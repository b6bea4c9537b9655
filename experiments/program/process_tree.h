/* SPDX-License-Identifier: Apache-2.0 */
/* process_tree.h - the processes below one of ours, whatever sessions and groups they have made:
 * orphans come to the nearest subreaper, and so none gets out of the tree. */
#ifndef ABL_PROCESS_TREE_H
#define ABL_PROCESS_TREE_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

struct abl_pids { /* ends with abl_pids_finish() */
	pid_t *pid;
	size_t count, capacity;
};

void abl_pids_finish(struct abl_pids *p); /* null-safe */
void abl_pids_add(struct abl_pids *p, pid_t pid);
/* Processes below `root` that live (no zombies), itself and `except` not counted. */
void abl_tree_list(pid_t root, pid_t except, struct abl_pids *out);
void abl_tree_signal(pid_t root, pid_t except, int signal);
/* Stops them all first, so that none can fork, and kills them, until none is left or the seconds
 * are over. How many there were. */
size_t abl_tree_kill(pid_t root, pid_t except, double seconds);
/* The same for the processes that list() finds. */
size_t abl_pids_kill(void (*list)(const void *what, struct abl_pids *out), const void *what,
		     double seconds);

#endif
