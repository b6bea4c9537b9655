/* SPDX-License-Identifier: Apache-2.0 */
/* secret_name.h - environment variables whose values go into no file of ours. */
#ifndef ABL_SECRET_NAME_H
#define ABL_SECRET_NAME_H

#include <stdbool.h>

/* Begins the names of variables that carry such values from the supervisor to its child. */
#define ABL_SECRET_VARIABLE "ABLATE_SECRET_"

/* Is it the name of a variable whose value nobody may read: *KEY*, *TOKEN*, *SECRET*, *PASSWORD*
 * and their like, in any case? */
bool abl_is_secret_name(const char *name);

#endif
