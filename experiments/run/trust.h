/* SPDX-License-Identifier: Apache-2.0 */
/* trust.h - words of a study from elsewhere are executed once somebody here has said so
 * ('ablate unpack --trust'). */
#ifndef ABL_TRUST_H
#define ABL_TRUST_H

#include "store.h"
#include "study.h"

/* Asked before anything of a study is executed, for `store`, where it is run, and for the store
 * that its file lies in, wherever it is run. `name`: what the store calls it. ABL_EINPUT with the
 * words: it was unpacked, names commands, and nobody trusts them. */
int abl_trust_check(struct abl_store *store, const char *name, const struct abl_study *study,
		    struct abl_err *err) ABL_MUST_USE;

#endif
