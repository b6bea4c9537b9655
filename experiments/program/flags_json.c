/* SPDX-License-Identifier: Apache-2.0 */
/* flags_json.c - the options are in the file that {options} and $ABLATE_OPTIONS name, with their
 * types: {flags} has none of them. */
#include "flag_style.h"

const struct abl_flag_style abl_flags_json = {.name = "json"};
