/* SPDX-License-Identifier: Apache-2.0 */
/* node_value.h - scalars of the tree as checked values. Numbers, truth values and null are those of
 * the YAML 1.2 core schema; what is in quotes is text. All failures are ABL_EINPUT with the place.
 */
#ifndef ABL_NODE_VALUE_H
#define ABL_NODE_VALUE_H

#include "space.h"
#include "yaml_tree.h"

bool abl_node_is_null(const struct abl_node *n);

/* A value of the key: type and range are checked, an integer is taken where a real belongs. A
 * choice in *out is static. */
int abl_node_value(const struct abl_node *n, const struct abl_key *key, struct abl_value *out,
		   struct abl_err *err) ABL_MUST_USE;
/* The same against a row of an option table. */
int abl_node_option(const struct abl_node *n, const struct abl_option *option, const char *name,
		    const char *help, struct abl_value *out, struct abl_err *err) ABL_MUST_USE;

/* Any scalar but null, as written; the text is the node's. */
int abl_node_text(const struct abl_node *n, const char *name, const char **out,
		  struct abl_err *err) ABL_MUST_USE;

/* A name that goes into file names, in NFC: letters of any script, digits, '-', '_', '.', not first
 * '-' or '.', at most 64; no number and no word that means a missing value to other programs. */
int abl_node_name(const struct abl_node *n, const char *name, const char **out,
		  struct abl_err *err) ABL_MUST_USE;
/* The nearest such name to any text, a file's name say. Caller frees. */
char *abl_name_from(const char *text);
/* Can something of a study be called so? */
bool abl_is_name(const char *text);

/* The label of a variant, or the name of a metric (`what`), in NFC: one line without controls and
 * outer blanks. */
int abl_node_label(const struct abl_node *n, const char *what, const char **out,
		   struct abl_err *err) ABL_MUST_USE;

/* Appends any text as a part of a label: what is long, has controls or outer blanks is in quotes,
 * cut, and told apart by a hash. */
void abl_label_text(const char *text, struct abl_str *out);

/* Fails unless n is of that kind: "'tasks' needs a list, not a text". */
int abl_node_expect(const struct abl_node *n, enum abl_node_kind kind, const char *name,
		    struct abl_err *err) ABL_MUST_USE;

/* Lists may be written as one item: the items and their number. */
const struct abl_node *const *abl_node_items(const struct abl_node *const *n, size_t *count);

#endif
