/* SPDX-License-Identifier: Apache-2.0 */
/* world_tasks.h - what the files of the built-in world share: how an example is drawn. */
#ifndef ABL_WORLD_TASKS_H
#define ABL_WORLD_TASKS_H

#include "world.h"
#include "world_grammar.h"

/* The stream of example `index` of a split. */
struct abl_world_draw abl_world_draw_at(const char *task, uint64_t seed, const char *split,
					uint64_t index);
/* The split that a text belongs to is decided by its hash: so no text can lie in two. */
bool abl_world_in_split(uint64_t hash, const char *split);
/* The truth, or with the probability ABL_WORLD_NOISE another of the `answers`. */
int abl_world_noisy(struct abl_world_draw *d, int truth, int answers);

/* A split of a task of examples as a table. */
void abl_world_table(const struct abl_world_task *task, uint64_t seed, const char *split,
		     size_t examples, struct abl_str *out);

/* Each sets the texts and the truth of an example. */
void abl_world_make_similarity(struct abl_world_draw *d, struct abl_world_example *e);
void abl_world_make_endings(struct abl_world_draw *d, struct abl_world_example *e);

#endif
