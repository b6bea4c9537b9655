/* SPDX-License-Identifier: Apache-2.0 */
/* process_path.h - where a program lies, and why it cannot be started, in words. */
#ifndef ABL_PROCESS_PATH_H
#define ABL_PROCESS_PATH_H

#include "process.h"

/* What argv[0] names: with a slash a file, from `directory` on; otherwise one in the PATH of the
 * environment. Caller's. ABL_EINPUT: there is none that can be executed. */
int abl_process_path(const struct abl_process_spec *spec, char **out,
		     struct abl_err *err) ABL_MUST_USE;
/* Says why the system did not start it. ABL_EINPUT, or ABL_EIO. */
int abl_process_path_failed(const struct abl_process_spec *spec, const char *path, bool no_folder,
			    int why, struct abl_err *err);

#endif
