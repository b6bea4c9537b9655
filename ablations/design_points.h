/* SPDX-License-Identifier: Apache-2.0 */
/* design_points.h - what the designs have in common. All failures are ABL_EINPUT with the place. */
#ifndef ABL_DESIGN_POINTS_H
#define ABL_DESIGN_POINTS_H

#include "study_source.h"

#include <stdint.h>

#define ABL_DESIGN_MANY ((uint64_t)1 << 50) /* counts stop there, so that they never overflow */

/* One point more; what it points to is the study's from here on. */
void abl_design_add(struct abl_study *s, const struct abl_point *p);
/* Would `more` points be too many? Counted before any is made. */
int abl_design_check_count(const struct abl_study *s, const struct abl_node *n, uint64_t more,
			   struct abl_err *err) ABL_MUST_USE;
/* What no design may vary: what is tuned, what a task sets for itself, pre-training where there is
 * none. */
int abl_design_check_varied(const struct abl_study *s, const struct abl_placed *p,
			    struct abl_err *err) ABL_MUST_USE;
/* Would these change nothing of the baseline? */
int abl_design_check_differs(const struct abl_node *n, const struct abl_placed_list *l,
			     const struct abl_values *base, struct abl_err *err) ABL_MUST_USE;

/* A bare name: which component does a design put into that slot, `add`ing it or leaving it out? */
int abl_design_slot(const struct abl_study *s, const struct abl_node *n, bool add,
		    const struct abl_values *base, struct abl_placed *out,
		    struct abl_err *err) ABL_MUST_USE;
/* The settings and the label of an item that is a map. */
int abl_design_settings(struct abl_study *s, const struct abl_node *n, struct abl_point *p,
			struct abl_err *err) ABL_MUST_USE;
void abl_point_finish(struct abl_point *p);

/* "no segments" (a removal), "layers=4, hidden=256"; the caller's. */
char *abl_design_label(const struct abl_placed_list *l, bool removal);
/* "segments, layers"; the caller's. */
char *abl_design_subject(const struct abl_placed_list *l);
bool abl_design_is_none(const struct abl_setting *s);

#endif
