/* SPDX-License-Identifier: Apache-2.0 */
/* report_rerun.c - the commands and the study file that give these numbers again. */
#include "html.h"
#include "report_parts.h"
#include "shell.h"
#include "standing.h"
#include "store.h"

#include <stdlib.h>
#include <string.h>

/* The store that these results are in, whatever the folder and the environment are then. */
static void put_store(struct abl_page *p, struct abl_str *out)
{
	char *folder = realpath(abl_store_folder(p->store), NULL);

	abl_str_puts(out, " --store ");
	abl_shell_word(out, folder ? folder : abl_store_folder(p->store));
	free(folder);
}

/* The commands: the last start of the program as it was typed, then what reads the results. */
static void put_commands(struct abl_page *p, const char *path, const char *typed)
{
	static const char *const commands[] = {"run", "results", "compare", "plot", "report"};
	struct abl_str text = {0};

	for (size_t i = 0; i < sizeof commands / sizeof *commands; i++) {
		if (!i && typed) {
			abl_str_puts(&text, typed);
		} else {
			/* the program as it was called then */
			abl_str_add(&text, typed ? typed : "ablate",
				    abl_shell_span(typed ? typed : "ablate"));
			abl_str_printf(&text, " %s ", commands[i]);
			abl_shell_word(&text, i || !path ? p->study : path);
		}
		if (i || !typed || !strstr(typed, " --store"))
			put_store(p, &text);
		abl_str_puts(&text, "\n");
	}
	abl_html_element(&p->html, "pre", text.text);
	abl_str_finish(&text);
}

static void put_study(void *data, const struct abl_standing *s)
{
	struct abl_page *p = data;

	put_commands(p, s->path, s->typed);
	abl_str_puts(&p->html, "\n<h3>Study file</h3>\n");
	abl_html_element(&p->html, "pre", s->text);
}

int abl_report_rerun(struct abl_page *p, struct abl_err *err)
{
	abl_str_puts(&p->html,
		     "<h2 id=\"rerun\">Run it again</h2>\n"
		     "<p>In the folder where it was started; finished work is not repeated.</p>\n");
	return abl_read_standing(p->store, p->id, put_study, p, err);
}
