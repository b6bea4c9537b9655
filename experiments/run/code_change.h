/* SPDX-License-Identifier: Apache-2.0 */
/* code_change.h - stages of a user's program that are done with other code than the study has now:
 * the same command, options, inputs and seed, and only the code differs. An option that the study
 * has got since then, and that is at its default, is part of the code's difference. */
#ifndef ABL_CODE_CHANGE_H
#define ABL_CODE_CHANGE_H

#include "plan.h"
#include "store.h"

/* What `run` does about it. */
enum abl_code_choice {
	ABL_CODE_ASK,  /* shows the difference and stops */
	ABL_CODE_NEW,  /* runs them again */
	ABL_CODE_SAME, /* keeps their results: the code does the same */
};

struct abl_code_pair { /* the stage in the store, and the plan's in its place */
	char *was;
	size_t now;
	char *code; /* the copy that it ran in; "": not known */
};

struct abl_code_change {
	struct abl_code_pair *pair; /* [count] */
	size_t count, capacity;
	size_t runs; /* of them: last steps, whose numbers are those of trials */
	bool *added; /* [the study's options]: which of them some of the old stages do not have;
			the plan's have its default. NULL: no stage was found */
};

/* To be asked before the plan is recorded: then the store has forgotten what the study had. */
int abl_code_change_find(struct abl_code_change *out, const struct abl_plan *plan,
			 struct abl_store *store, struct abl_err *err) ABL_MUST_USE;
void abl_code_change_finish(struct abl_code_change *c); /* null-safe */
/* Is the stored stage of that key one of them? */
bool abl_code_change_is_of(const struct abl_code_change *c, const char *key);
/* Appends in a few words what differs: "the code differs from that of 3 finished runs". */
void abl_code_change_name(const struct abl_code_change *c, const struct abl_plan *plan,
			  struct abl_str *out);
/* Appends for people what differs. */
void abl_code_change_show(const struct abl_code_change *c, const struct abl_plan *plan,
			  const char *store, struct abl_str *out);
/* Makes the results of the old stages those of the plan's, which are recorded. */
int abl_code_change_keep(const struct abl_code_change *c, const struct abl_plan *plan,
			 struct abl_store *store, struct abl_err *err) ABL_MUST_USE;

#endif
