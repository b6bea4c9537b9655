/* SPDX-License-Identifier: Apache-2.0 */
/* report_logs.c - what the logs of failed stages say at their ends, once for each reason. */
#include "files.h"
#include "html.h"
#include "report_parts.h"
#include "standing.h"
#include "store.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define REASONS 20  /* shown; the table above has all */
#define LINES 15    /* of each log */
#define BYTES 4096L /* at most */

struct reason {
	struct abl_str text, what, log;
	int64_t count;
};

struct reasons {
	struct reason *items;
	size_t count, capacity;
};

static struct reason *reason_of(struct reasons *all, const char *text)
{
	for (size_t i = 0; i < all->count; i++)
		if (!strcmp(all->items[i].text.text, text))
			return &all->items[i];
	abl_grow(&all->items, &all->capacity, all->count + 1, sizeof *all->items);
	all->items[all->count] = (struct reason){.count = 0};
	abl_str_puts(&all->items[all->count].text, text);
	return &all->items[all->count++];
}

static void gather(void *data, const struct abl_standing_stage *s)
{
	struct reason *r = reason_of(data, s->reason ? s->reason : s->state);

	if (r->count++ || !s->log)
		return;
	abl_standing_name(s, &r->what);
	abl_str_printf(&r->what, ", %s", s->stage);
	abl_str_puts(&r->log, s->log);
}

/* The last lines of a file. */
static bool read_end(const char *path, struct abl_str *out)
{
	FILE *f = fopen(path, "rb");
	char text[BYTES];
	size_t n = 0, begin, lines = 0;

	if (!f)
		return false;
	if (!fseek(f, 0, SEEK_END) &&
	    fseek(f, ftell(f) > BYTES ? -BYTES : 0, ftell(f) > BYTES ? SEEK_END : SEEK_SET) == 0)
		n = fread(text, 1, sizeof text, f);
	fclose(f);
	while (n && text[n - 1] == '\n')
		n--;
	for (begin = n; begin && lines < LINES; begin--)
		lines += text[begin - 1] == '\n';
	abl_str_add(out, text + begin + (lines == LINES), n - begin - (lines == LINES));
	return true;
}

static void put_reason(struct abl_page *p, const struct reason *r)
{
	char *path = abl_path_join(abl_store_folder(p->store), r->log.length ? r->log.text : "");
	struct abl_str end = {0};

	abl_str_puts(&p->html, "<h3>");
	abl_html_user(&p->html, r->text.text);
	if (r->count > 1)
		abl_str_printf(&p->html, " <span class=\"soft\">(%lld times)</span>",
			       (long long)r->count);
	abl_str_puts(&p->html, "</h3>\n<p class=\"soft\">");
	abl_html_user(&p->html, r->what.text);
	abl_str_puts(&p->html, "; the end of ");
	abl_html_element(&p->html, "code", r->log.text);
	if (!r->log.length || !read_end(path, &end))
		abl_str_puts(&p->html, " is not there any more.</p>\n");
	else if (!end.length)
		abl_str_puts(&p->html, " is empty.</p>\n");
	else {
		abl_str_puts(&p->html, ":</p>\n");
		abl_html_element(&p->html, "pre tabindex=\"0\"", end.text);
	}
	abl_str_puts(&p->html, "\n");
	abl_str_finish(&end);
	free(path);
}

int abl_report_logs(struct abl_page *p, struct abl_err *err)
{
	struct reasons all = {0};
	int rc = abl_read_failures(p->store, p->id, gather, &all, err);

	for (size_t i = 0; i < all.count; i++) {
		struct reason *r = &all.items[i];

		if (!rc && i < REASONS)
			put_reason(p, r);
		abl_str_finish(&r->text), abl_str_finish(&r->what), abl_str_finish(&r->log);
	}
	free(all.items);
	return rc;
}
