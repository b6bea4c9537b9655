/* SPDX-License-Identifier: Apache-2.0 */
/* load_state.h - words for how a run ended, as trackers and people write them. */
#ifndef ABL_LOAD_STATE_H
#define ABL_LOAD_STATE_H

#include "store.h"

/* False: nobody writes that. Case, '-' and '_' do not matter. */
bool abl_load_state(const char *word, enum abl_state *state, enum abl_cause *cause);
/* The words that are our own, for a message; appends. */
void abl_load_states(struct abl_str *out);

#endif
