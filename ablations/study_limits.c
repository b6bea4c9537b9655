/* SPDX-License-Identifier: Apache-2.0 */
/* study_limits.c - what bounds the work of a study, and what it is worth. */
#include "node_value.h"
#include "program_source.h"
#include "str.h"
#include "study_source.h"
#include "when.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#define FIELD(member) offsetof(struct abl_study, member)

const struct abl_option abl_limit_hours = {.name = "hours",
					   .type = ABL_REAL,
					   .offset = FIELD(limits.hours),
					   .max = INFINITY,
					   .above_min = true};
const struct abl_option abl_limit_minutes = {.name = "trial_minutes",
					     .type = ABL_REAL,
					     .offset = FIELD(limits.trial_minutes),
					     .max = INFINITY,
					     .above_min = true};
static const struct abl_option workers_row = {
	.name = "workers", .type = ABL_INT, .offset = FIELD(limits.workers), .min = 1, .max = 4096};
const struct abl_option abl_limit_variants = {.name = "variants",
					      .type = ABL_INT,
					      .offset = FIELD(limits.variants),
					      .min = 1,
					      .max = 100000};

int abl_study_read_limits(struct abl_study *s, const struct abl_node *n, struct abl_err *err)
{
	return abl_study_read_fields(s, n, "limits.", err);
}

int abl_limit_read_workers(struct abl_study *s, const struct abl_node *n, struct abl_err *err)
{
	if (n->kind == ABL_NODE_SCALAR && !strcmp(n->text, "auto"))
		return 0;
	return abl_study_read_option(s, &workers_row, n, err);
}

int abl_limit_read_trials_per_gpu(struct abl_study *s, const struct abl_node *n,
				  struct abl_err *err)
{
	static const struct abl_option row = {
		.name = "trials_per_gpu", .type = ABL_INT, .min = 1, .max = 64};

	return abl_program_value(n, &row, &s->program->trials_per_gpu, err);
}

int abl_limit_read_by(struct abl_study *s, const struct abl_node *n, struct abl_err *err)
{
	struct abl_err why = {0};
	const char *text;
	time_t when;

	if (abl_node_text(n, "limits.by", &text, err))
		return ABL_EINPUT;
	if (abl_when(text, time(NULL), &when, &why))
		return abl_node_fail(n, NULL, err, "%s", why.text);
	s->limits.by = abl_strdup(text);
	return 0;
}

/* A currency: letters and signs of money, and it fits. */
static bool take_currency(const char *text, size_t length, struct abl_study_price *out)
{
	if (!length || length >= sizeof out->currency)
		return false;
	for (size_t i = 0; i < length; i++) {
		const unsigned char c = (unsigned char)text[i];
		const bool is_letter = (c | 0x20) >= 'a' && (c | 0x20) <= 'z';

		if (!is_letter && c != '$' && c < 0x80) /* no sign, no exponent, no blank */
			return false;
	}
	memcpy(out->currency, text, length);
	out->currency[length] = '\0';
	return true;
}

static enum abl_price_of unit_of(const char *s)
{
	static const struct {
		const char *name;
		enum abl_price_of of;
	} units[] = {
		{"core-hour", ABL_PRICE_CORE_HOUR}, {"core hour", ABL_PRICE_CORE_HOUR},
		{"cpu-hour", ABL_PRICE_CORE_HOUR},  {"CPU-hour", ABL_PRICE_CORE_HOUR},
		{"hour", ABL_PRICE_HOUR},           {"h", ABL_PRICE_HOUR},
		{"gpu-hour", ABL_PRICE_GPU_HOUR},   {"GPU-hour", ABL_PRICE_GPU_HOUR},
	};

	for (size_t i = 0; i < sizeof units / sizeof *units; i++)
		if (!strcmp(s, units[i].name))
			return units[i].of;
	return ABL_PRICE_NONE;
}

/* "0.12 per core-hour", "0.12 EUR per hour", "$0.12/core-hour" */
static bool read_price(const char *text, struct abl_study_price *out)
{
	const size_t before = strcspn(text, "0123456789.");
	const char *p = text + before;
	const size_t digits = strspn(p, "0123456789.");
	size_t word = before;
	char number[32];

	while (word && text[word - 1] == ' ')
		word--;
	if (!digits || digits >= sizeof number || (before && !take_currency(text, word, out)))
		return false;
	out->before = before > 0;
	memcpy(number, p, digits);
	number[digits] = '\0';
	p += digits + strspn(p + digits, " ");
	word = strcspn(p, " /");
	if (strncmp(p, "per ", 4) != 0 && *p != '/') {
		if (before || !take_currency(p, word, out))
			return false;
		p += word + strspn(p + word, " ");
	}
	if (*p == '/')
		p++;
	else if (!strncmp(p, "per ", 4))
		p += 4;
	else
		return false;
	out->of = unit_of(p + strspn(p, " "));
	return out->of && abl_parse_real(number, &out->amount) && isfinite(out->amount) &&
	       out->amount > 0;
}

int abl_limit_read_price(struct abl_study *s, const struct abl_node *n, struct abl_err *err)
{
	const char *text;

	if (abl_node_text(n, "limits.price", &text, err))
		return ABL_EINPUT;
	s->limits.price = (struct abl_study_price){0};
	return read_price(text, &s->limits.price)
		       ? 0
		       : abl_node_fail(
				 n,
				 "write 'price: 0.12 EUR per core-hour', or 'per hour' of the "
				 "whole run, or 'per gpu-hour'",
				 err, "'%.80s' is no price", text);
}
