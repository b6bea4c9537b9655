/* SPDX-License-Identifier: Apache-2.0 */
/* chart.h - a figure before it is drawn: panels in a grid, each with series of rows of numbers.
 *
 * It becomes three files: <name>.dat (the numbers, tab separated, a block per series), <name>.csv
 * (the same for other programs) and <name>.gp (names, places and ranges as gnuplot variables, then
 * the figure's template). Names come from
 * users: they reach gnuplot only as single-quoted text with markup off, where nothing is
 * interpreted. */
#ifndef ABL_CHART_H
#define ABL_CHART_H

#include "errors.h"
#include "str.h"

#include <stdbool.h>
#include <stddef.h>

#define ABL_CHART_COLUMNS 7 /* numbers of a row, at most */

struct abl_chart_range {
	double low, high; /* low > high: nothing seen yet */
	bool log;
};

struct abl_chart_panel {
	char *title, *x_title, *y_title;
	double chance; /* what guessing scores: a line across; NaN: not known or not asked for */
	struct abl_str
		x_tics; /* "'5e-5' 5e-05, ..." as `set xtics` takes them; empty = as it falls */
	double last_tic;
	bool whole; /* x counts something */
	struct abl_chart_range x, y;
	int height;         /* of the plot area, in pixels */
	size_t first, last; /* its series; last is one past the end */
	char **cell;        /* of a heat map: headings of its columns */
	size_t cells;
};

struct abl_chart_series {
	size_t panel;
	int style; /* which colour, dash and marker; 0 is the baseline */
	char *label;
	char *name; /* what it is in full, for those who read the numbers; NULL: as the label */
	char *note; /* a second label, at the right; "" where there is none */
	double at;  /* where its label goes, as a share of the panel's height, 0 at the bottom */
	bool curve, loose; /* as text: dots under all marks; marks that no line joins */
	bool thin;         /* a single seed beside the lines */
	enum abl_chart_end { ABL_END_OPEN, ABL_END_CROSS, ABL_END_DOT } end; /* of its last row */
	char **text; /* of a heat map: what stands in its cells */
	size_t texts;
	double (*row)[ABL_CHART_COLUMNS];
	size_t rows, capacity;
};

struct abl_chart {
	const char *name;
	enum abl_chart_kind {
		ABL_CHART_LINES,  /* y (column 1) by x (column 0) */
		ABL_CHART_ROWS,   /* each series is a row: estimate, low, high, decided; then others
				   */
		ABL_CHART_POINTS, /* each series is a point: x, y, then their intervals */
		ABL_CHART_CELLS,  /* a heat map: each series is a row of cells */
	} kind;
	bool narrow; /* for one column of a paper */
	bool svg_alone;
	int width;           /* of the picture, in pixels */
	const char *columns; /* headings of the data file, separated by tabs */
	int column_count;
	char *title;
	struct abl_str captions; /* lines that end with "\n" */
	int grid;                /* panels side by side, at most */
	int panel_width;         /* of a plot area, in pixels: abl_chart_fit() */
	int left, right;         /* room beside each plot area, in pixels */
	struct abl_chart_panel *panel;
	size_t panels, panel_capacity;
	struct abl_chart_series *series;
	size_t series_count, series_capacity;
};

void abl_chart_finish(struct abl_chart *c); /* null-safe */

void abl_chart_title(struct abl_chart *c, const char *fmt, ...) ABL_PRINTF(2, 3);
/* Adds a sentence to the caption; lines are broken to fit the picture when it is written. */
void abl_chart_caption(struct abl_chart *c, const char *fmt, ...) ABL_PRINTF(2, 3);
/* "n = 5 seeds", "n = 3 to 5 seeds", then `tail`. */
void abl_chart_caption_n(struct abl_chart *c, size_t least, size_t most, const char *what,
			 const char *tail);
/* A new panel; the texts are copied. Valid until the next call. */
struct abl_chart_panel *abl_chart_add_panel(struct abl_chart *c, const char *title,
					    const char *x_title, const char *y_title, int height);
/* A new series of the last panel; texts are copied. Valid until the next call. */
struct abl_chart_series *abl_chart_add_series(struct abl_chart *c, int style, const char *label,
					      const char *note);
/* A row of the last series: column_count numbers, NaN for what is missing. */
void abl_chart_add_row(struct abl_chart *c, const double *values);

/* A column of the last panel, a heat map, and the text of the next cell of the last series. */
void abl_chart_add_cell(struct abl_chart *c, const char *heading);
void abl_chart_add_text(struct abl_chart *c, const char *text);

/* Where a value lies in the range, from 0 to 1. */
double abl_chart_share(const struct abl_chart_range *r, double value);
/* Marks the x axis at this value (after its range is set), unless a mark is there or too close. */
void abl_chart_add_tic(struct abl_chart *c, struct abl_chart_panel *p, double x, const char *text);

/* Columns of text that the label of a line may have. */
size_t abl_chart_label_room(const struct abl_chart *c);
/* How many panels stand side by side and how large they are, from the picture's width and the room
 * beside them; before marks and labels are placed. chart_layout.c. */
void abl_chart_fit(struct abl_chart *c);

/* Marks the x axis of every panel at round values, as many as there is room for. */
void abl_chart_add_tics(struct abl_chart *c);

int abl_chart_label_width(const char *label); /* pixels, with the gap to the plot area */

void abl_chart_see(struct abl_chart_range *r,
		   double value); /* widens; NaN and infinity change nothing */
/* What belongs on an axis of values like these: a hundred times their median size, at most. One
 * that exploded would hide all others. Infinity where there is none. */
double abl_chart_limit(double *value, size_t n); /* sorts them */
/* Adds a margin on both sides, and room where all values are equal. */
void abl_chart_widen(struct abl_chart_range *r, double share);
/* Makes room at the left of the panels for the numbers of their y axes (after ranges are set). */
void abl_chart_make_left(struct abl_chart *c);
/* Sets `at` of every series of every panel to the place of its last y (column 1) in the panel's
 * range, moved so that labels `pixels` high do not overlap; those without a label stay where they
 * are. */
void abl_chart_place_labels(struct abl_chart *c, int pixels);

/* Writes <folder>/<name>.dat, .csv (panel, series, then the columns) and .gp. Appends to `missing`
 * the characters that the PNG cannot show (glyphs.h); the caption then says so. */
int abl_chart_write(struct abl_chart *c, const char *folder, const char *template,
		    struct abl_str *missing, struct abl_err *err) ABL_MUST_USE;

#endif
