/* SPDX-License-Identifier: Apache-2.0 */
/* yaml_parse.h - one file's nodes; only for yaml_tree.c, which adds the includes. */
#ifndef ABL_YAML_PARSE_H
#define ABL_YAML_PARSE_H

#include "yaml_tree.h"

/* Reads f->path into f->text, unless that is there, and f->root. What was made stays in f, on
 * failure too. */
int abl_yaml_parse(struct abl_yaml_file *f, struct abl_err *err) ABL_MUST_USE;

void abl_node_destroy(struct abl_node *n); /* with its items; null-safe */
void abl_node_add(struct abl_node *n, struct abl_node *item);

/* The text with the brackets of words like log_history[].loss hidden from YAML, the caller's; NULL:
 * it cannot be, since it has the characters that would stand for them. */
char *abl_yaml_hide_brackets(const char *text);
void abl_yaml_show_brackets(char *text); /* of a scalar, again */

#endif
