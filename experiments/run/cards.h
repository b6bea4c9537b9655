/* SPDX-License-Identifier: Apache-2.0 */
/* cards.h - the GPUs of this machine, lent to stages whose study asks for some (`gpus:`). We only
 * give out their names, in $CUDA_VISIBLE_DEVICES; several stages may share a card where the study
 * says so (`limits: {trials_per_gpu: 3}`). */
#ifndef ABL_CARDS_H
#define ABL_CARDS_H

#include "errors.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { ABL_CARDS_MAX = 64 }; /* more are not looked at */

struct abl_cards {
	char **name; /* [count], NULL-terminated */
	int *used;   /* [count] stages on it */
	bool *alone; /* [count] one has it for itself */
	size_t count;
	int shared; /* stages that a card takes at most */
};

/* The cards that $CUDA_VISIBLE_DEVICES names, in that order, or that the driver shows. */
void abl_cards_init(struct abl_cards *c, int64_t shared);
void abl_cards_finish(struct abl_cards *c); /* null-safe */

/* `n` cards for a stage, the least used first; with `alone` such that nobody uses. False: not now.
 * `out` gets n names and NULL; they are the cards'. */
bool abl_cards_take(struct abl_cards *c, size_t n, bool alone, const char **out);
/* Gives them back. */
void abl_cards_give(struct abl_cards *c, const char *const *names);
/* Would abl_cards_take() give some? */
bool abl_cards_has(const struct abl_cards *c, size_t n, bool alone);
/* Are there as many at all? ABL_EINPUT says how many there are, and how we know. */
int abl_cards_check(const struct abl_cards *c, int64_t n, struct abl_err *err) ABL_MUST_USE;

#endif
