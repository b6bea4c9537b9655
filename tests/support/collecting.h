/* SPDX-License-Identifier: Apache-2.0 */
/* collecting.h - a folder of a program, what it left there, and what a collector told of it. */
#ifndef ABL_COLLECTING_H
#define ABL_COLLECTING_H

#include "collector.h"
#include "files.h"

#include <check.h>
#include <stdlib.h>
#include <string.h>

enum { FILES = 6, LINES = 6 };

static char root[] = "/tmp/ablate-collector-XXXXXX";
static char *out;

struct heard {
	struct abl_str points, results, messages;
};

static inline void hear_metric(void *data, int64_t step, const char *name, double value)
{
	abl_str_printf(&((struct heard *)data)->points, "%s@%lld=%.10g ", name, (long long)step,
		       value);
}

static inline void hear_result(void *data, const char *name, double value)
{
	abl_str_printf(&((struct heard *)data)->results, "%s=%.10g ", name, value);
}

static inline void hear_message(void *data, const char *text)
{
	abl_str_printf(&((struct heard *)data)->messages, "%s\n", text);
}

static inline struct abl_events events_of(struct heard *h)
{
	*h = (struct heard){0};
	abl_str_puts(&h->points, "");
	abl_str_puts(&h->results, "");
	abl_str_puts(&h->messages, "");
	return (struct abl_events){
		.data = h, .metric = hear_metric, .result = hear_result, .message = hear_message};
}

static inline void finish_heard(struct heard *h)
{
	abl_str_finish(&h->points);
	abl_str_finish(&h->results);
	abl_str_finish(&h->messages);
}

static inline void write_text(const char *name, const char *text)
{
	struct abl_str path = {0};
	struct abl_err err = {0};
	char *folder;

	abl_str_printf(&path, "%s/%s", out, name);
	folder = abl_path_dir(path.text);
	ck_assert_msg(!abl_mkdir_all(folder, &err), "%s", err.text);
	ck_assert_msg(!abl_file_write_passing(path.text, text, strlen(text), &err), "%s", err.text);
	free(folder);
	abl_str_finish(&path);
}

static inline void begin(void)
{
	struct abl_err err = {0};

	if (!out)
		ck_assert_ptr_nonnull(mkdtemp(root));
	else
		ck_assert(!abl_remove_tree(out, &err));
	free(out);
	out = abl_path_join(root, "out");
	ck_assert(!abl_mkdir_all(out, &err));
}

struct file {
	const char *name, *text;
};

/* A main metric `accuracy` of an order. */
struct the_case {
	const char *from, *step;
	bool series, best, lower;
	struct file files[FILES];
	const char *lines[LINES];
	const char *points, *results; /* exactly */
	const char *says;             /* a part of the messages, or of the failure */
	int rc;
};

static inline struct abl_order order_of(const struct the_case *t, struct abl_order_metric *m)
{
	*m = (struct abl_order_metric){.name = "accuracy",
				       .main = true,
				       .series = t->series,
				       .best = t->best,
				       .lower_is_better = t->lower,
				       .from = t->from,
				       .step = t->step};
	return (struct abl_order){.out = out,
				  .metrics = m,
				  .metric_count = 1,
				  .task = "arc",
				  .variant = "no [x]*",
				  .seed = 3};
}

static inline struct abl_collector *create(const struct abl_order *order, const char *events_file,
					   const struct abl_events *e)
{
	struct abl_collector *c;
	struct abl_err err = {0};

	ck_assert_msg(!abl_collector_create(&c, order, events_file, e, &err), "%s", err.text);
	return c;
}

/* At the end of a test program. */
static inline int end_collecting(void)
{
	struct abl_err err = {0};

	free(out);
	return abl_remove_tree(root, &err);
}

#endif
