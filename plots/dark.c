/* SPDX-License-Identifier: Apache-2.0 */
#include "dark.h"

#include "html.h"

#include <stdio.h>
#include <string.h>

/* Okabe and Ito's colours, lightened where they would be lost, and the greys of style.gp. */
static const struct twin {
	int light[3];
	const char *dark;
} twins[] = {
	{{0, 0, 0}, "#f2f2f2"},
	{{0, 114, 178}, "#3d9fe0"},
	{{213, 94, 0}, "#f08a3c"},
	{{0, 158, 115}, "#2bc498"},
	{{204, 121, 167}, "#e09cc2"},
	{{230, 159, 0}, "#f2b933"},
	{{86, 180, 233}, "#93d3f7"},
	{{127, 127, 127}, "#969696"},
	{{34, 34, 34}, "#e6e6e6"},
	/* of heat maps: worse, neither, better */
	{{239, 170, 114}, "#8a5322"},
	{{246, 203, 165}, "#62401f"},
	{{251, 230, 211}, "#3d2b1c"},
	{{244, 244, 244}, "#242424"},
	{{220, 234, 245}, "#182c3a"},
	{{181, 211, 234}, "#1c4762"},
	{{134, 182, 220}, "#22648e"},
	{{102, 102, 102}, "#a8a8a8"},
	{{221, 221, 221}, "#3a3a3a"},
	{{255, 255, 255}, "#181818"},
};

/* The names by which gnuplot calls black and white, too. */
static const struct {
	const char *name;
	const char *dark;
} words[] = {
	{"black", "#f2f2f2"}, {"white", "#181818"}, {"#ffffff", "#181818"}, {"#FFFFFF", "#181818"}};

static void add_rule(struct abl_str *out, const char *colour, const char *dark)
{
	static const char *const attributes[] = {"fill", "stroke", "color"};

	for (size_t i = 0; i < sizeof attributes / sizeof *attributes; i++)
		abl_str_printf(out, ".ablate [%s=\"%s\"]{%s:%s}", attributes[i], colour,
			       attributes[i], dark);
	abl_str_puts(out, "\n");
}

static void add_style(struct abl_str *out)
{
	char colour[32];

	abl_str_puts(out, "<style>@media screen and (prefers-color-scheme: dark) {\n");
	for (size_t i = 0; i < sizeof twins / sizeof *twins; i++) {
		const int *l = twins[i].light;

		snprintf(colour, sizeof colour, "rgb(%d,%d,%d)", l[0], l[1], l[2]);
		add_rule(out, colour, twins[i].dark);
		snprintf(colour, sizeof colour, "rgb(%3d, %3d, %3d)", l[0], l[1], l[2]);
		add_rule(out, colour, twins[i].dark);
	}
	for (size_t i = 0; i < sizeof words / sizeof *words; i++)
		add_rule(out, words[i].name, words[i].dark);
	abl_str_puts(out, "}</style>\n");
}

void abl_dark_finish_svg(struct abl_str *svg, const char *title, const char *description)
{
	static const char head[] = "<svg ", end[] = "</desc>";
	struct abl_str out = {0};
	const char *begin = svg->length ? strstr(svg->text, head) : NULL,
		   *words_begin = begin ? strstr(begin, "<title>") : NULL,
		   *words_end = words_begin ? strstr(words_begin, end) : NULL;

	if (!words_end)
		return;
	abl_str_add(&out, svg->text, (size_t)(begin - svg->text) + strlen(head));
	abl_str_puts(&out, "class=\"ablate\" role=\"img\"");
	begin += strlen(head);
	abl_str_add(&out, begin, (size_t)(words_begin - begin));
	abl_html_element(&out, "title", title);
	abl_str_puts(&out, "\n");
	abl_html_element(&out, "desc", description);
	abl_str_puts(&out, "\n");
	add_style(&out);
	abl_str_puts(&out, words_end + strlen(end));
	abl_str_finish(svg);
	*svg = out;
}
