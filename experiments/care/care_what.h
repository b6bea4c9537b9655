/* SPDX-License-Identifier: Apache-2.0 */
/* care_what.h - what an entry of a store's folder is, by its name and by who has it; for care.c. */
#ifndef ABL_CARE_WHAT_H
#define ABL_CARE_WHAT_H

#include "care_stages.h"

struct abl_where { /* the folder that is looked at */
	const struct abl_care_stages *stages;
	char *const *figures; /* names of the folders that studies have in plots/; ends with NULL */
	const char *const *studies; /* names, in the same order */
	const int64_t *figure_of;   /* and whose they are */
	int64_t study;              /* that was asked for; 0: none */
	int fd;
};

struct abl_what {
	enum abl_care_kind kind;
	enum abl_fate fate;
	struct abl_owner owner;
};

/* The folders of a store whose entries are looked at; NULL after the last. */
const char *abl_care_folder(size_t i);
/* `folder`: one of them, or "" for the store itself. */
struct abl_what abl_what_is(const struct abl_where *l, const char *folder, const char *name,
			    bool is_folder);

#endif
