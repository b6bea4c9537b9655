/* SPDX-License-Identifier: Apache-2.0 */
/* machine.h - what we may use of the machine: a container often has less than the machine shows. */
#ifndef ABL_MACHINE_H
#define ABL_MACHINE_H

/* Cores we may use: affinity mask and cgroup limit, at least 1. */
int abl_machine_cores(void);
/* Memory we may use in bytes: the machine's or the cgroup's limit, what is less. */
double abl_machine_memory(void);

/* What of it is free now, for programs that want it. */
double abl_machine_memory_left(void);
/* Bytes that a process uses and no other can have: no pages of files. 0: it is gone. */
double abl_machine_memory_of(int pid);
/* Processes that the system has killed for want of memory, so far; to be compared with before. */
double abl_machine_memory_kills(void);
/* Bytes that we may still write to the disk of that folder, or where it would be made; INFINITY
 * where nobody knows. */
double abl_machine_disk(const char *folder);
#define ABL_DISK_FULL 262144.0 /* bytes: a disk with fewer has no room for logs and a database */

double abl_clock_now(void); /* monotonic seconds */
/* "14:03:59", so many seconds from now. */
const char *abl_clock_day(double from_now, char out[16]);

#endif
