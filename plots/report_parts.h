/* SPDX-License-Identifier: Apache-2.0 */
/* report_parts.h - the parts of the page. Each appends to p->html; one that appends nothing is no
 * part of this page. report.c has the table of them. */
#ifndef ABL_REPORT_PARTS_H
#define ABL_REPORT_PARTS_H

#include "listings.h"
#include "report.h"
#include "report_facts.h"
#include "scaling.h"

#include <stdint.h>

struct abl_store;

/* What the store knows of the last start; texts are the page's, and NULL where it does not. */
struct abl_page_start {
	char *program; /* as it was called then, a word of a shell */
	char *typed;   /* the whole command line */
	char *path;    /* of the study file */
	char *store; /* " --store FOLDER": the one of these results, whatever the folder is then */
	char *study; /* the study's name, a word of a shell */
};

struct abl_page {
	struct abl_str html;    /* the parts so far */
	size_t answered;        /* where the first one ends */
	struct abl_str ways;    /* links to them */
	struct abl_str numbers; /* rows of the table that says how to repeat each number */
	struct abl_str without; /* figures that do not apply, and why */
	struct abl_store *store;
	const char *study;
	char *folder; /* where the figures are drawn, for this page alone */
	int64_t id;
	struct abl_page_start start;
	struct abl_analysis *analysis; /* NULL: there is none, as `unanswered` says */
	char *unanswered;
	struct abl_report_facts facts;
	struct abl_scaling *scaling[ABL_AXES]; /* NULL: the study has nothing that grows there */
	bool *drawn;                           /* [abl_figure_count()] */
	abl_report_complete *complete;         /* or NULL */
	bool live;                             /* it is written again while the study runs */
};

/* ---- report_text.c: what parts are made of ---- */

/* Appends a text that may name commands. */
void abl_report_text(struct abl_page *p, const char *text);
/* A paragraph of it, in a softer colour. */
void abl_report_soft(struct abl_page *p, const char *text);
/* Each note as such a paragraph (abl_next_note()). */
void abl_report_notes(struct abl_page *p, const char *notes);
/* A heading within a part, with the name of a user's thing. */
void abl_report_heading(struct abl_page *p, const char *name);
/* Says below a table or figure which command gives its numbers again, and notes it for the table of
 * all of them. `what` is their name; the command is without program and store: "results STUDY". */
void abl_report_again(struct abl_page *p, const char *what, const char *command);
void abl_report_command(struct abl_page *p, const char *command, struct abl_str *out);

/* ---- report_listing.c ---- */

struct abl_report_listing {
	const char *heading; /* within the part; NULL: none */
	const char *caption; /* of the table */
	const char *intro;   /* or NULL */
	const char *empty;   /* said where there are no rows; NULL: then there is no such listing */
	enum abl_listing listing;
	bool many;         /* short rows, set in several columns */
	const char *again; /* the command that prints it, "%s" for the study; or NULL */
};
int abl_report_listing(struct abl_page *p, const struct abl_report_listing *l,
		       struct abl_err *err) ABL_MUST_USE;

/* ---- report_figures.c ---- */

/* Draws the figures of these names, joined by '|'; NULL: all that are not drawn yet. Why one does
 * not apply goes to p->without. */
int abl_report_figures(struct abl_page *p, const char *names, struct abl_err *err) ABL_MUST_USE;
/* The numbers of a figure, from its data file, behind a click. report_figure_data.c. */
void abl_report_figure_data(struct abl_str *out, const char *name, const char *data);

/* Fills p->analysis and p->facts; abl_report_finish() ends them, the start and the parts. report.c.
 */
int abl_report_analyse(struct abl_page *p, struct abl_err *err) ABL_MUST_USE;
void abl_report_finish(struct abl_page *p);

/* ---- the parts ---- */

enum { ABL_REPORT_OPEN_TASKS = 4 }; /* more, and the tables of each are behind a click */

typedef int abl_report_part(struct abl_page *p, struct abl_err *err) ABL_MUST_USE;

abl_report_part abl_report_answer, abl_report_effects, abl_report_interactions, abl_report_curves,
	abl_report_scaling, abl_report_options, abl_report_cost, abl_report_variance,
	abl_report_scores, abl_report_more, abl_report_failures, abl_report_time, abl_report_trials,
	abl_report_configuration, abl_report_provenance, abl_report_repeat, abl_report_next;
/* Fills p->scaling; and what the answer says of it, list items. report_scaling.c. */
int abl_report_load_scaling(struct abl_page *p, struct abl_err *err) ABL_MUST_USE;
void abl_report_scaling_answer(const struct abl_page *p, struct abl_str *out);
/* The ends of the logs of what failed. */
int abl_report_logs(struct abl_page *p, struct abl_err *err) ABL_MUST_USE;

/* ---- report_head.c ---- */

int abl_report_start(struct abl_page *p, struct abl_err *err) ABL_MUST_USE; /* fills p->start */
void abl_report_start_finish(struct abl_page_start *s);
/* Everything above the first part, and below the last one. */
int abl_report_head(struct abl_page *p, struct abl_str *out, struct abl_err *err) ABL_MUST_USE;
void abl_report_foot(struct abl_str *out);

#endif
