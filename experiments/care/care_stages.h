/* SPDX-License-Identifier: Apache-2.0 */
/* care_stages.h - the stages of a store by what they left on the disk; for care.c. */
#ifndef ABL_CARE_STAGES_H
#define ABL_CARE_STAGES_H

#include "care.h"

/* Who has a thing, and what it is, as far as the database says. */
struct abl_owner {
	bool known; /* the database has such a stage */
	enum abl_use use;
	int64_t study;
	bool shared, of_study;
	const char *sharers; /* numbers of the studies, with commas; NULL: it is not shared */
	enum abl_care_kind kind;
	const char *predictions; /* file in the artefact, or NULL */
	bool waits;              /* it is not done */
};

struct abl_care_stages;
int abl_care_stages_load(struct abl_care_stages **out, struct abl_store *store, int64_t study,
			 struct abl_err *err) ABL_MUST_USE;
void abl_care_stages_destroy(struct abl_care_stages *s); /* null-safe */

/* Who has the artefact ("artifacts/..."), the stage of a key, a log ("logs/...") or a copy of code
 * (its hash). */
struct abl_owner abl_owner_of_artifact(const struct abl_care_stages *s, const char *path);
struct abl_owner abl_owner_of_key(const struct abl_care_stages *s, const char *key);
struct abl_owner abl_owner_of_log(const struct abl_care_stages *s, const char *path);
struct abl_owner abl_owner_of_code(const struct abl_care_stages *s, const char *name);

#endif
