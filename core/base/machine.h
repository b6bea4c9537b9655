/* SPDX-License-Identifier: Apache-2.0 */
/* machine.h - what we may use of the machine: a container often has less than the machine shows. */
#ifndef ABL_MACHINE_H
#define ABL_MACHINE_H

/* Cores we may use: affinity mask and cgroup limit, at least 1. */
int abl_machine_cores(void);
/* Memory we may use in bytes: the machine's or the cgroup's limit, what is less. */
double abl_machine_memory(void);

double abl_clock_now(void); /* monotonic seconds */

#endif
