/* SPDX-License-Identifier: Apache-2.0 */
/* link_process.h - the link that is the standard streams of a process (wire_link.h): at the head's
 * end those of a launcher that it has started, at the worker's end its own.
 *
 * A launcher (ssh, srun, docker) is in a session of its own: a Ctrl-C at our terminal is none of
 * its business. It does not die with us: it sees the end of its input, and so does the worker
 * behind it, which then ends its stages in peace. */
#ifndef ABL_LINK_PROCESS_H
#define ABL_LINK_PROCESS_H

#include "errors.h"
#include "wire_link.h"

/* Starts argv[0], looked for in PATH. What it says on standard error is appended to the file `log`.
 * ABL_EINPUT: it cannot be started, with the reason. Closing the link tells it to end (SIGTERM, and
 * SIGKILL some time after). */
int abl_link_process_start(struct abl_link *out, const char *const *argv, const char *log,
			   struct abl_err *err) ABL_MUST_USE;

/* Our own standard streams, from which nothing else is read and to which nothing else is written
 * from now on: what somebody prints goes to standard error. Closing the link closes them. */
int abl_link_streams(struct abl_link *out, struct abl_err *err) ABL_MUST_USE;

#endif
