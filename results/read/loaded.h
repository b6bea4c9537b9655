/* SPDX-License-Identifier: Apache-2.0 */
/* loaded.h - what a study without a file has been given so far. */
#ifndef ABL_LOADED_H
#define ABL_LOADED_H

#include "store.h"

struct abl_loaded_number { /* texts last for the call */
	const char *variant, *task;
	int64_t seed;
	enum abl_state state;
	const char *metric; /* NULL: the trial has no number */
	double value;
};
/* Trial by trial. */
int abl_read_loaded(struct abl_store *store, int64_t study,
		    void (*hear)(void *data, const struct abl_loaded_number *number), void *data,
		    struct abl_err *err) ABL_MUST_USE;

struct abl_loaded_variant {
	const char *label, *subject;
	enum abl_variant_kind kind;
	int64_t position;
};
int abl_read_loaded_variants(struct abl_store *store, int64_t study,
			     void (*hear)(void *data, const struct abl_loaded_variant *variant),
			     void *data, struct abl_err *err) ABL_MUST_USE;

struct abl_loaded_task {
	const char *name, *metric;
	bool lower_is_better;
};
int abl_read_loaded_tasks(struct abl_store *store, int64_t study,
			  void (*hear)(void *data, const struct abl_loaded_task *task), void *data,
			  struct abl_err *err) ABL_MUST_USE;

/* 1 = the study of that name was loaded; 0 = it has a file, or there is none. */
int abl_read_is_loaded(struct abl_store *store, const char *study,
		       struct abl_err *err) ABL_MUST_USE;

#endif
