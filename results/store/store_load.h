/* SPDX-License-Identifier: Apache-2.0 */
/* store_load.h - studies without a file, whose numbers were made by programs that nothing is known
 * of: their trials have one stage each, of kind `loaded`. */
#ifndef ABL_STORE_LOAD_H
#define ABL_STORE_LOAD_H

#include "store.h"

#define ABL_STAGE_LOADED "loaded" /* the kind of their stages */

/* 1 = the study was loaded, 0 = there is no such study; ABL_EINPUT: it has a file. */
int abl_store_find_loaded(struct abl_store *s, const char *name, int64_t *id,
			  struct abl_err *err) ABL_MUST_USE;
/* Makes it, or goes on with it: what is there stays in the views. With `anew` only what is put from
 * now on is shown. */
int abl_store_put_loaded(struct abl_store *s, const char *name, const char *about, bool anew,
			 int64_t *id, struct abl_err *err) ABL_MUST_USE;
/* As abl_store_put_variant(), but its options stay. */
int abl_store_put_loaded_variant(struct abl_store *s, int64_t study,
				 const struct abl_variant_row *row, int64_t *id,
				 struct abl_err *err) ABL_MUST_USE;

struct abl_loaded_trial {
	int64_t variant, seed;
	const char *task;
	const char *key, *canonical; /* of its stage */
	enum abl_state state;        /* not ABL_RUNNING */
	enum abl_cause cause;
	const char *reason; /* of a failure */
	double seconds;
	const struct abl_result *results; /* of one that is done */
	size_t result_count;
};
/* Its numbers take the place of those of the same name; `anew`: of all. */
int abl_store_put_loaded_trial(struct abl_store *s, const struct abl_loaded_trial *trial, bool anew,
			       struct abl_err *err) ABL_MUST_USE;

#endif
