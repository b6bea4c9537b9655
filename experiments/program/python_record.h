/* SPDX-License-Identifier: Apache-2.0 */
/* python_record.h - inside environment_record: which Python a command runs, and its packages. */
#ifndef ABL_PYTHON_RECORD_H
#define ABL_PYTHON_RECORD_H

#include "environment_record.h"
#include "json.h"

/* Adds "python", where there is one, and to `summary` what it is in a few words. `in_wrap`: it is
 * asked inside of `wrap`. */
void abl_python_record(struct abl_json *j, const struct abl_environment_spec *spec, bool in_wrap,
		       struct abl_str *summary);
/* The path of the command's first word, wrap left out; NULL: it is not found. Caller's. */
char *abl_first_program(const struct abl_environment_spec *spec);

#endif
