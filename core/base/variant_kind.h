/* SPDX-License-Identifier: Apache-2.0 */
/* variant_kind.h - how a variant came to be: the study's parser says it, the store keeps it, and
 * comparisons go by it. */
#ifndef ABL_VARIANT_KIND_H
#define ABL_VARIANT_KIND_H

/* Corrections are about all variants that are compared but placebos and arms of the baseline. */
enum abl_variant_kind {
	ABL_VARIANT_BASELINE,
	ABL_VARIANT_REMOVAL,  /* leave-one-out: what was there is none */
	ABL_VARIANT_SWAP,     /* leave-one-out: something else is there */
	ABL_VARIANT_ADDITION, /* add-one-in */
	ABL_VARIANT_GRID,     /* grid and zip */
	ABL_VARIANT_LIST,
	ABL_VARIANT_PLACEBO,   /* leave-one-out or add-one-in of the slot `placebo` */
	ABL_VARIANT_PAIR,      /* pairs: two removals together */
	ABL_VARIANT_FACTORIAL, /* a cell of a factorial */
	ABL_VARIANT_RANDOM,    /* a drawn point */
	ABL_VARIANT_ARM,       /* the baseline once more, with other random streams */
	ABL_VARIANT_KINDS,
};
/* What the key of the placebo has in them: the streams of each are its own. */
#define ABL_PLACEBO_SALTED "salted"
#define ABL_PLACEBO_ARM "resalted"
const char *abl_variant_kind_name(enum abl_variant_kind kind); /* "baseline", "removal", ... */
int abl_variant_kind_find(const char *name); /* enum abl_variant_kind, -1 if none */

#endif
