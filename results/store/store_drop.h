/* SPDX-License-Identifier: Apache-2.0 */
/* store_drop.h - takes studies and variants out of the database. Files stay: `ablate gc` removes
 * what nobody has any more. To be put into one transaction. */
#ifndef ABL_STORE_DROP_H
#define ABL_STORE_DROP_H

#include "store.h"

struct abl_dropped { /* how much went */
	int64_t variants, trials, stages, runs;
};

/* All that only the study has. What others have too stays theirs. Adds to *out. */
int abl_store_drop_study(struct abl_store *s, int64_t study, struct abl_dropped *out,
			 struct abl_err *err) ABL_MUST_USE;
/* The variant with its trials and what only they have. */
int abl_store_drop_variant(struct abl_store *s, int64_t variant, struct abl_dropped *out,
			   struct abl_err *err) ABL_MUST_USE;
/* Stages that no study has (stage_uses.h: ABL_USE_NONE). */
int abl_store_drop_orphans(struct abl_store *s, struct abl_dropped *out,
			   struct abl_err *err) ABL_MUST_USE;

/* What of done stages' artefact was removed on purpose. */
struct abl_stage_drop {
	const char *artifact;    /* it was below the store; of several stages perhaps */
	const char *what;        /* "weights", or "all" */
	const char *left, *seal; /* a folder with what stays, and the hash of its seal; or NULL */
	int64_t bytes;           /* of what stays */
};
/* Their results stand; what they made is made again when something needs it. */
int abl_store_stage_dropped(struct abl_store *s, const struct abl_stage_drop *drop,
			    struct abl_err *err) ABL_MUST_USE;

/* Gives room that rows have left back to the file system, where that is much. *freed: bytes. */
int abl_store_compact(struct abl_store *s, int64_t *freed, struct abl_err *err) ABL_MUST_USE;

#endif
