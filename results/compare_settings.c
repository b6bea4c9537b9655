/* SPDX-License-Identifier: Apache-2.0 */
#include "compare_settings.h"

#include "rules.h"
#include "stats.h"
#include "str.h"

#include <stdlib.h>
#include <string.h>

static int whole(const char *text)
{
	int64_t n = 0;

	return text && abl_parse_int(text, &n) && n > 0 && n < 1000000 ? (int)n : 0;
}

static void add_primary(struct abl_compare_settings *s, const char *variant, const char *task)
{
	abl_grow(&s->primary, &s->primary_capacity, s->primaries + 1, sizeof *s->primary);
	s->primary[s->primaries++] = (struct abl_primary_rule){
		.variant = abl_strdup(variant), .task = abl_strdup(task ? task : "")};
}

static void add_margin(struct abl_compare_settings *s, const char *metric, const char *value)
{
	double margin = 0;

	if (!value || !abl_parse_real(value, &margin) || !(margin > 0))
		return;
	abl_grow(&s->margin, &s->margin_capacity, s->margins + 1, sizeof *s->margin);
	s->margin[s->margins++] =
		(struct abl_margin_rule){.metric = abl_strdup(metric), .margin = margin};
}

static void hear(void *data, const char *name, const char *subject, const char *value)
{
	struct abl_compare_settings *s = data;

	if (!strcmp(name, "confirmatory")) {
		s->exploratory = value && !strcmp(value, "0");
	} else if (!strcmp(name, "pretrainings")) {
		s->pretrainings = whole(value);
	} else if (!strcmp(name, "start")) {
		s->from_checkpoint = value && !strcmp(value, "checkpoint");
	} else if (!strcmp(name, "verdict_from")) {
		s->verdict_from = whole(value) >= 2 ? whole(value) : s->verdict_from;
	} else if (!strcmp(name, "seeds_raised")) {
		const int from = whole(subject), to = whole(value);

		s->seeds_from = !s->seeds_from || from < s->seeds_from ? from : s->seeds_from;
		s->seeds_to = to > s->seeds_to ? to : s->seeds_to;
	} else if (!strcmp(name, "primary")) {
		add_primary(s, subject, value);
	} else if (!strcmp(name, "margin")) {
		add_margin(s, subject, value);
	}
}

int abl_compare_settings_load(struct abl_compare_settings *out, struct abl_store *store,
			      int64_t study, struct abl_err *err)
{
	*out = (struct abl_compare_settings){.verdict_from = ABL_VERDICT_PAIRS};
	return abl_read_rules(store, study, hear, out, err);
}

void abl_compare_settings_finish(struct abl_compare_settings *s)
{
	for (size_t i = 0; i < s->primaries; i++) {
		free(s->primary[i].variant);
		free(s->primary[i].task);
	}
	for (size_t i = 0; i < s->margins; i++)
		free(s->margin[i].metric);
	free(s->primary);
	free(s->margin);
	*s = (struct abl_compare_settings){0};
}

double abl_compare_margin(const struct abl_compare_settings *s, const char *metric)
{
	for (size_t i = 0; i < s->margins; i++)
		if (!strcmp(s->margin[i].metric, metric))
			return s->margin[i].margin;
	return 0;
}
