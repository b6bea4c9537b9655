/* SPDX-License-Identifier: Apache-2.0 */
/* component_rows.h - the key table and the registry as texts: for `ablate components` and the docs.
 */
#ifndef ABL_COMPONENT_ROWS_H
#define ABL_COMPONENT_ROWS_H

#include "config.h"
#include "str.h"
#include "table.h"

/* The twin of a fine-tuning key under `pretrain_`, or NULL. */
const struct abl_key *abl_key_twin(const struct abl_key *key);
/* "integer, 1 to 48", "name: fp32"; appends. */
void abl_key_takes(const struct abl_key *key, struct abl_str *out);
void abl_key_default(const struct abl_key *key, struct abl_str *out);
/* "optimizer: adamw, adam" for an option of components, "" for others; appends. */
void abl_key_owners(const struct abl_key *key, struct abl_str *out);
/* "'lm: on' conflicts with 'mlm: on': why"; appends. */
void abl_constraint_text(const struct abl_constraint *c, struct abl_str *out);

/* All of it: one table for csv, json and tex; a page for md. `only` (NULL: all) keeps the rows of
 * one key. */
void abl_components_table(enum abl_table_format format, const char *only, struct abl_str *out);
void abl_components_page(struct abl_str *out);

#endif
