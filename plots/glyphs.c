/* SPDX-License-Identifier: Apache-2.0 */
#include "glyphs.h"

#include "gnuplot.h"

#include <stdlib.h>
#include <string.h>
#include <utf8proc.h>

static const char box[] = "□";

void abl_glyphs_finish(struct abl_glyphs *g)
{
	if (!g)
		return;
	free(g->range);
	abl_str_finish(&g->missing);
	*g = (struct abl_glyphs){0};
}

/* Ranges of fontconfig's charset, "20-7e a0 17f-1ff", of every font. */
static void load(struct abl_glyphs *g)
{
	struct abl_str text = {0};

	g->loaded = true;
	g->unknown = !abl_gnuplot_charsets(&text);
	for (char *at = text.length ? text.text : NULL, *end; at && *at; at = end) {
		uint32_t first = (uint32_t)strtoul(at, &end, 16), last = first;

		if (end == at) {
			end = at + 1;
			continue;
		}
		if (*end == '-')
			last = (uint32_t)strtoul(end + 1, &end, 16);
		abl_grow(&g->range, &g->capacity, g->count + 1, sizeof *g->range);
		g->range[g->count++] = (struct abl_glyph_range){first, last};
	}
	abl_str_finish(&text);
}

/* Latin letters, and the signs that figures themselves use, are in every font that is used here. */
static bool is_common(uint32_t c)
{
	static const char signs[] = "←→−…×□";

	for (const char *at = signs; *at;) {
		utf8proc_int32_t sign;

		at += utf8proc_iterate((const utf8proc_uint8_t *)at, -1, &sign);
		if ((uint32_t)sign == c)
			return true;
	}
	return c < 0x250;
}

static bool has_glyph(struct abl_glyphs *g, uint32_t c)
{
	if (is_common(c))
		return true;
	if (!g->loaded)
		load(g);
	for (size_t i = 0; i < g->count; i++)
		if (c >= g->range[i].first && c <= g->range[i].last)
			return true;
	return g->unknown && utf8proc_charwidth((utf8proc_int32_t)c) < 2;
}

static void note(struct abl_glyphs *g, const char *text, size_t bytes)
{
	char one[8] = {0};

	memcpy(one, text, bytes);
	abl_str_puts(&g->missing, "");
	if (!strstr(g->missing.text, one))
		abl_str_puts(&g->missing, one);
}

bool abl_glyphs_replace(struct abl_glyphs *g, const char *text, struct abl_str *out)
{
	bool any = false;

	abl_str_puts(out, "");
	while (*text) {
		utf8proc_int32_t c;
		utf8proc_ssize_t n = utf8proc_iterate((const utf8proc_uint8_t *)text, -1, &c);

		if (n > 0 && !has_glyph(g, (uint32_t)c)) {
			any = true;
			if (utf8proc_charwidth(c)) {
				note(g, text, (size_t)n);
				abl_str_puts(out, box);
			}
		} else {
			abl_str_add(out, text, n > 0 ? (size_t)n : 1);
		}
		text += n > 0 ? n : 1;
	}
	return any;
}
