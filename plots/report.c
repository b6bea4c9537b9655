/* SPDX-License-Identifier: Apache-2.0 */
#include "report.h"

#include "compare_examples.h"
#include "figure.h"
#include "files.h"
#include "html.h"
#include "report_parts.h"
#include "store.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* In the order of a reader: what came out, what it stands on, what to do with it. */
static const struct {
	const char *anchor, *heading;
	abl_report_part *put;
} parts[] = {
	{"answer", "The answer", abl_report_answer},
	{"effects", "Effects", abl_report_effects},
	{"interactions", "Interactions", abl_report_interactions},
	{"curves", "Learning curves", abl_report_curves},
	{"scaling", "Scaling", abl_report_scaling},
	{"options", "Options that vary", abl_report_options},
	{"cost", "Cost beside quality", abl_report_cost},
	{"variance", "Where variance comes from", abl_report_variance},
	{"figures", "Other figures", abl_report_more},
	{"scores", "Scores", abl_report_scores},
	{"failures", "Failures", abl_report_failures},
	{"time", "Time against plan", abl_report_time},
	{"trials", "Trials", abl_report_trials},
	{"configuration", "Configuration", abl_report_configuration},
	{"provenance", "Provenance", abl_report_provenance},
	{"repeat", "How to repeat each number", abl_report_repeat},
	{"next", "What to run next", abl_report_next},
};

static void cut(struct abl_str *s, size_t length)
{
	s->text[s->length = length] = '\0';
}

/* A section, and the way to it; neither where the part has nothing to say. */
static int put_part(struct abl_page *p, size_t i, struct abl_err *err)
{
	const size_t before = p->html.length;
	size_t empty;
	int rc;

	abl_str_printf(&p->html,
		       "<section aria-labelledby=\"%s\">\n<h2 id=\"%s\" tabindex=\"-1\">%s</h2>\n",
		       parts[i].anchor, parts[i].anchor, parts[i].heading);
	empty = p->html.length;
	if ((rc = parts[i].put(p, err)))
		return rc;
	if (p->html.length == empty) {
		cut(&p->html, before);
		return 0;
	}
	abl_str_puts(&p->html, "</section>\n");
	abl_str_printf(&p->ways, "<li><a href=\"#%s\">%s</a></li>\n", parts[i].anchor,
		       parts[i].heading);
	return 0;
}

static int put_parts(struct abl_page *p, struct abl_err *err)
{
	int rc = 0;

	abl_str_puts(&p->html, "");
	abl_str_puts(&p->ways, "");
	abl_str_puts(&p->numbers, "");
	p->drawn = abl_calloc(abl_figure_count(), sizeof *p->drawn);
	for (size_t i = 0; !rc && i < sizeof parts / sizeof *parts; i++)
		if (!(rc = put_part(p, i, err)) && !i)
			p->answered = p->html.length;
	return rc;
}

/* The page has its figures inside, and no other use for their files. */
static int make_folder(struct abl_page *p, struct abl_err *err)
{
	const char *temporary = getenv("TMPDIR");

	p->folder =
		abl_path_join(temporary && *temporary ? temporary : "/tmp", "ablate-report-XXXXXX");
	if (mkdtemp(p->folder))
		return 0;
	abl_err_set(err, ABL_EIO, "cannot make the folder '%s': %s", p->folder, strerror(errno));
	free(p->folder);
	p->folder = NULL;
	return ABL_EIO;
}

/* Where the page goes: beside the figures of `plot`, unless a file is named. */
static int choose_file(const struct abl_page *p, const char *file, char **path, struct abl_err *err)
{
	char *folder;
	int rc = 0;

	if (file) {
		*path = abl_strdup(file);
		return 0;
	}
	folder = abl_figure_folder(abl_store_folder(p->store), p->study);
	if (abl_figure_folder_takes_files(folder))
		*path = abl_path_join(folder, "report.html");
	else
		rc = abl_err_set(err, ABL_EIO,
				 "the store '%s' is read-only: name the page with --out FILE",
				 abl_store_folder(p->store));
	free(folder);
	return rc;
}

/* The ways through the page come after the answer. */
static void put_body(const struct abl_page *p, struct abl_str *out)
{
	abl_str_add(out, p->html.text, p->answered);
	abl_str_printf(out, "<nav aria-label=\"Parts of this page\"><ul>\n%s</ul></nav>\n",
		       p->ways.text);
	abl_str_puts(out, p->html.text + p->answered);
}

/* A study that has nothing to compare has a page all the same, which says so. */
int abl_report_analyse(struct abl_page *p, struct abl_err *err)
{
	const struct abl_compare_request request = {0};
	struct abl_err refused = {0};
	int rc = abl_analyse(&p->analysis, p->store, p->id, &request, &refused);

	if (rc == ABL_EINPUT)
		p->unanswered = abl_strdup(refused.text);
	else if (rc)
		return abl_err_set(err, rc, "%s", refused.text);
	else if ((rc = abl_compare_examples(p->analysis, p->store, p->id, &request, false, err)))
		return rc;
	if ((rc = abl_report_load_scaling(p, err)))
		return rc;
	return abl_report_facts(&p->facts, p->store, p->id, p->analysis, err);
}

static int write_page(struct abl_page *p, const char *path, struct abl_err *err)
{
	struct abl_str whole = {0};
	int rc;

	if (!(rc = abl_report_start(p, err)) && !(rc = abl_report_analyse(p, err)) &&
	    !(rc = put_parts(p, err)) && !(rc = abl_report_head(p, &whole, err))) {
		put_body(p, &whole);
		abl_report_foot(&whole);
		rc = abl_file_write(path, whole.text, whole.length, err);
	}
	abl_str_finish(&whole);
	return rc;
}

void abl_report_finish(struct abl_page *p)
{
	free(p->folder);
	free(p->drawn);
	free(p->unanswered);
	for (int axis = 0; axis < ABL_AXES; axis++)
		abl_scaling_destroy(p->scaling[axis]);
	abl_report_facts_finish(&p->facts);
	abl_analysis_destroy(p->analysis);
	abl_report_start_finish(&p->start);
	abl_str_finish(&p->html), abl_str_finish(&p->ways), abl_str_finish(&p->numbers);
	abl_str_finish(&p->without);
}

static int write_report(struct abl_page p, const char *file, struct abl_str *written,
			struct abl_err *err)
{
	struct abl_err gone = {0};
	char *path = NULL;
	int rc;

	if ((rc = abl_store_find_study(p.store, p.study, &p.id, err)))
		return rc;
	if (!(rc = choose_file(&p, file, &path, err)) && !(rc = make_folder(&p, err)) &&
	    !(rc = write_page(&p, path, err)) && written)
		abl_str_puts(written, path);
	if (p.folder && abl_remove_tree(p.folder, rc ? &gone : err) && !rc)
		rc = ABL_EIO;
	free(path);
	abl_report_finish(&p);
	return rc;
}

int abl_report_write(struct abl_store *store, const char *study, const char *file,
		     abl_report_complete *complete, struct abl_str *written, struct abl_err *err)
{
	return write_report((struct abl_page){.store = store, .study = study, .complete = complete},
			    file, written, err);
}

int abl_report_write_live(struct abl_store *store, const char *study, const char *file,
			  abl_report_complete *complete, struct abl_str *written,
			  struct abl_err *err)
{
	return write_report(
		(struct abl_page){
			.store = store, .study = study, .complete = complete, .live = true},
		file, written, err);
}
