/* SPDX-License-Identifier: Apache-2.0 */
/* study_query.h - a question about one study, as most of this folder's are. */
#ifndef ABL_STUDY_QUERY_H
#define ABL_STUDY_QUERY_H

#include "errors.h"

#include <stdint.h>

struct abl_query;
struct abl_store;

/* Opens the query and sets its ?1 to the study. The caller ends it with abl_query_close(). */
int abl_query_of_study(struct abl_query **out, struct abl_store *store, const char *sql,
		       int64_t study, struct abl_err *err) ABL_MUST_USE;

#endif
