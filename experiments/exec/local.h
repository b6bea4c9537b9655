/* SPDX-License-Identifier: Apache-2.0 */
/* local.h - the executor of this machine: attempts are child processes.
 *
 * A child is our own binary or any other program. It gets its own process group (a Ctrl-C at the
 * terminal reaches us only), dies with us (PDEATHSIG), reads nothing, writes stdout and stderr to
 * its log file, and sees a clean OpenMP and BLIS environment and the signals as we found them
 * (signals.h). Children are made by fork and exec; between the two nothing but system calls
 * happens, and every other descriptor of ours closes on exec. */
#ifndef ABL_LOCAL_H
#define ABL_LOCAL_H

#include "executor.h"

#define ABL_LOCAL_GRACE 20.0 /* seconds from SIGTERM to SIGKILL: time to save a checkpoint */

/* Runs at most `workers` children at a time. SIGCHLD must not be ignored while there are any. */
void abl_local_init(struct abl_executor *out, int workers, double grace);

/* The grace of those that are asked to stop from now on. */
void abl_local_grace(struct abl_executor *local, double grace);

#endif
