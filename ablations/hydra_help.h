/* SPDX-License-Identifier: Apache-2.0 */
/* hydra_help.h - what a program that Hydra configures prints for --help: its configuration, as
 * YAML; for program_help.c. */
#ifndef ABL_HYDRA_HELP_H
#define ABL_HYDRA_HELP_H

#include "program_help.h"

/* Reads it into `out`, which is empty, and says so in out->hydra; false: the text is none of
 * Hydra's.
 */
bool abl_hydra_help_read(struct abl_help *out, const char *text);

#endif
