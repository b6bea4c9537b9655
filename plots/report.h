/* SPDX-License-Identifier: Apache-2.0 */
/* report.h - one HTML page about a study: figures inline, tables of effects, failures,
 * configuration, provenance and how to run it again. It needs no other file, no script and no
 * network. */
#ifndef ABL_REPORT_H
#define ABL_REPORT_H

#include "errors.h"
#include "str.h"

struct abl_store;

/* Draws the study's figures and writes the page to `file`; NULL: "<store
 * folder>/plots/<study>/report.html". `written` (may be NULL) gets the path. Errors: as
 * abl_figure_draw(); the page cannot be written. */
int abl_report_write(struct abl_store *store, const char *study, const char *file,
		     struct abl_str *written, struct abl_err *err) ABL_MUST_USE;

#endif
