/* SPDX-License-Identifier: Apache-2.0 */
/* yaml_put.h - values for study files that we write. */
#ifndef ABL_YAML_PUT_H
#define ABL_YAML_PUT_H

#include "str.h"

/* Appends a text such that it is read back as that text; in quotes unless it is plainly a word. */
void abl_yaml_put(struct abl_str *out, const char *value);

#endif
