/* SPDX-License-Identifier: Apache-2.0 */
/* glyphs.h - can a text be drawn with the fonts that are installed here?
 *
 * What no font has, the PNG shows as a box as large as the picture. So such characters are
 * replaced there and named; in the SVG they stay, its reader has other fonts. */
#ifndef ABL_GLYPHS_H
#define ABL_GLYPHS_H

#include "str.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct abl_glyphs { /* zero-initialise; reads the fonts when a text needs it */
	struct abl_glyph_range {
		uint32_t first, last;
	} * range;
	size_t count, capacity;
	bool loaded, unknown;   /* unknown: fontconfig cannot be asked */
	struct abl_str missing; /* what was replaced, each once */
};

/* Appends the text, with "□" in place of what no font has. True if there was anything. */
bool abl_glyphs_replace(struct abl_glyphs *g, const char *text, struct abl_str *out);
void abl_glyphs_finish(struct abl_glyphs *g); /* null-safe */

#endif
