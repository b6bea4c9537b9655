/* SPDX-License-Identifier: Apache-2.0 */
/* gemm_kept.h - copies of weights in a back end's own order: one of each matrix that a product was
 * asked to keep, made anew when weights have changed. */
#ifndef ABL_GEMM_KEPT_H
#define ABL_GEMM_KEPT_H

#include "compute.h"
#include "gemm.h"

/* What a back end keeps of g's B. */
struct abl_kept_kind {
	void *(*make)(const struct abl_gemm *g); /* room for it */
	/* from the weights as they are now, by so many threads */
	void (*fill)(const struct abl_team *team, void *copy, const struct abl_gemm *g,
		     int threads);
	void (*drop)(void *copy);
};

struct abl_kept;
struct abl_kept *abl_kept_create(void);
void abl_kept_destroy(struct abl_kept *kept); /* null-safe */
/* The copy of this kind that c keeps; the same to several threads at once, which wait for it. It
 * lasts until weights have changed, or are gone. */
void *abl_kept_copy(const struct abl_compute *c, const struct abl_kept_kind *kind,
		    const struct abl_gemm *g, int threads);
void abl_kept_changed(struct abl_kept *kept);
void abl_kept_gone(struct abl_kept *kept);

#endif
