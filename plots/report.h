/* SPDX-License-Identifier: Apache-2.0 */
/* report.h - one HTML page about a study: figures inline, tables of effects, failures,
 * configuration, provenance and how to run it again. It needs no other file, no script and no
 * network. */
#ifndef ABL_REPORT_H
#define ABL_REPORT_H

#include "errors.h"
#include "str.h"

struct abl_store;

/* Appends a text with the commands that it names completed, such that they work as they stand. */
typedef void abl_report_complete(struct abl_str *out, const char *text);

/* Draws the study's figures and writes the page to `file`; NULL: "<store
 * folder>/plots/<study>/report.html". `complete` (may be NULL) is for the commands on it; `written`
 * (may be NULL) gets the path. Errors: as abl_figure_draw(); the page cannot be written. */
int abl_report_write(struct abl_store *store, const char *study, const char *file,
		     abl_report_complete *complete, struct abl_str *written,
		     struct abl_err *err) ABL_MUST_USE;
/* The same of a study that is running: a browser loads the page again now and then. */
int abl_report_write_live(struct abl_store *store, const char *study, const char *file,
			  abl_report_complete *complete, struct abl_str *written,
			  struct abl_err *err) ABL_MUST_USE;

#endif
