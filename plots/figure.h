/* SPDX-License-Identifier: Apache-2.0 */
/* figure.h - pictures of a study, drawn by gnuplot.
 *
 * A figure is fig_<name>.c (which numbers), <name>.gp (how they look) and one line in figures.def,
 * which study files and `ablate plot --help` read, too.
 * docs/study-file.md ends with the list of keys that `ablate components study-file --format md`
 * prints: it names the figures, and a test compares the two. A figure says how many trials it
 * stands on ("n = 5"). The report draws every figure that applies to a study. Drawing leaves these
 * files side by side: <stem>.png, .svg (light and dark) and .pdf; <stem>.csv, the numbers for other
 * programs and the report (abl_figure_path() says where); <stem>.gp and .dat, so that a picture can
 * be redrawn or restyled by hand with `gnuplot <stem>.gp`. The stem is the figure's name; what was
 * asked for comes after it ("sensitivity-learning_rate", "effects-f1", "effects-column"), so that a
 * drawing of something else, by the report or the next run, leaves it alone. */
#ifndef ABL_FIGURE_H
#define ABL_FIGURE_H

#include "errors.h"
#include "str.h"

#include <stdbool.h>
#include <stddef.h>

struct abl_chart;
struct abl_store;

enum { ABL_FIGURE_TASKS = 4 }; /* with more, effects by task are a heat map */

struct abl_figure_request {
	const char *study;
	const char *folder; /* where the files go; made when missing */
	const char
		*option; /* sensitivity: the option on the x axis; NULL: the one that varies most */
	const char *metric; /* NULL: each task's main metric */
	bool column;        /* for one column of a paper, 85 mm; false: a page's width, 180 mm */
	bool svg_alone;     /* for an HTML page: no PNG, no PDF */
};

struct abl_figure {
	const char *name;
	const char *help;     /* one line */
	const char *template; /* the text of <name>.gp */
	bool in_text;         /* drawn on a terminal where none is named */
	bool by_option;       /* the request's option decides what is drawn */
	/* Fills the chart. Where the figure has nothing to show for this study, it says why in
	 * `absent` (one line, lower case, no full stop) and the chart is not drawn. */
	int (*collect)(struct abl_chart *chart, struct abl_store *store,
		       const struct abl_figure_request *request, struct abl_str *absent,
		       struct abl_err *err);
};

size_t abl_figure_count(void);
const struct abl_figure *abl_figure_at(size_t i); /* in the order of figures.def */
/* ABL_EINPUT with the nearest name when there is none. */
int abl_figure_find(const struct abl_figure **out, const char *name,
		    struct abl_err *err) ABL_MUST_USE;

/* Draws one figure. A figure that does not apply to the study leaves its reason in `absent` (empty
 * otherwise) and no file: those of an earlier drawing are removed. What is to be said about the
 * picture, as that no font here has some character, is added to `remark` (may be NULL), a line.
 * Errors: no such study; an option or metric that it does not have; gnuplot missing or failing
 * (with gnuplot's own words); folder or file cannot be written. */
int abl_figure_draw(struct abl_store *store, const struct abl_figure *figure,
		    const struct abl_figure_request *request, struct abl_str *absent,
		    struct abl_str *remark, struct abl_err *err) ABL_MUST_USE;

/* The figure as text for a terminal of so many columns, in ASCII unless `utf8`. Nothing is
 * written to a file. */
int abl_figure_text(struct abl_store *store, const struct abl_figure *figure,
		    const struct abl_figure_request *request, size_t columns, bool utf8,
		    struct abl_str *out, struct abl_str *absent, struct abl_err *err) ABL_MUST_USE;

/* Those of the pictures, for people: "png", "svg", "pdf"; NULL after the last. */
extern const char *const abl_figure_pictures[];
/* "<folder>/<stem>.<ending>" for what is asked for; caller frees. */
char *abl_figure_path(const struct abl_figure *figure, const struct abl_figure_request *request,
		      const char *ending);

/* The folder that figures of a study go to unless the user says otherwise: "<store
 * folder>/plots/<study>"; caller frees. */
char *abl_figure_folder(const char *store_folder, const char *study);
/* Makes it when missing; false on a read-only store. */
bool abl_figure_folder_takes_files(const char *folder);

#endif
