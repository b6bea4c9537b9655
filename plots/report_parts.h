/* SPDX-License-Identifier: Apache-2.0 */
/* report_parts.h - the parts of the page that are more than one listing. */
#ifndef ABL_REPORT_PARTS_H
#define ABL_REPORT_PARTS_H

#include "report.h"

#include <stdint.h>

struct abl_store;

struct abl_page {
	struct abl_str html;
	struct abl_store *store;
	const char *study;
	char *folder; /* where the figures are drawn */
	bool kept;    /* and stay */
	int64_t id;
	abl_report_complete *complete; /* or NULL */
};

/* Appends a text that may name commands. */
void abl_report_text(struct abl_page *p, const char *text);

int abl_report_effects(struct abl_page *p, struct abl_err *err) ABL_MUST_USE;
/* The ends of the logs of what failed. */
int abl_report_logs(struct abl_page *p, struct abl_err *err) ABL_MUST_USE;
int abl_report_rerun(struct abl_page *p, struct abl_err *err) ABL_MUST_USE;

#endif
