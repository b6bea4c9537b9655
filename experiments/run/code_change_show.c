/* SPDX-License-Identifier: Apache-2.0 */
/* code_change_show.c - in words, how the code and options of now differ from those of finished
 * trials. */
#include "code_change.h"
#include "code_copy.h"
#include "code_difference.h"
#include "program.h"
#include "program_parts.h"
#include "str.h"

#include <string.h>

#define MOST_SHOWN 3 /* copies that are compared with the code of now */

/* Was the copy shown with this step already? */
static bool was_shown(const struct abl_code_change *c, const struct abl_plan *plan, size_t i)
{
	for (size_t k = 0; k < i; k++)
		if (!strcmp(c->pair[k].code, c->pair[i].code) &&
		    plan->stages[c->pair[k].now].step == plan->stages[c->pair[i].now].step)
			return true;
	return false;
}

/* Is there a pair whose code is another, not only its options? */
static bool code_differs(const struct abl_code_change *c, const struct abl_plan *plan)
{
	char name[ABL_HASH_TEXT];

	for (size_t i = 0; i < c->count; i++) {
		const size_t step = plan->stages[c->pair[i].now].step;

		if (strcmp(c->pair[i].code,
			   abl_code_copy_name(&plan->program->part[step].code, name)) != 0)
			return true;
	}
	return false;
}

void abl_code_change_name(const struct abl_code_change *c, const struct abl_plan *plan,
			  struct abl_str *out)
{
	const struct abl_program *program = plan->study->program;
	const size_t n = c->runs ? c->runs : c->count;
	const bool code = code_differs(c, plan);
	bool any = false;

	if (code)
		abl_str_printf(out, "the code differs from that of %zu finished run%s", n,
			       abl_plural(n));
	for (size_t i = 0; c->added && i < program->option_count; i++) {
		if (!c->added[i])
			continue;
		abl_str_printf(out, "%s'%s'",
			       any    ? ", "
			       : code ? ", which do not have "
				      : "",
			       program->options[i].key->name);
		any = true;
	}
	if (!code && any)
		abl_str_printf(out, " is new, and %zu finished run%s %s it", n, abl_plural(n),
			       n == 1 ? "lacks" : "lack");
}

void abl_code_change_show(const struct abl_code_change *c, const struct abl_plan *plan,
			  const char *store, struct abl_str *out)
{
	const struct abl_program *program = plan->study->program;
	const size_t n = c->runs ? c->runs : c->count;
	size_t shown = 0;

	for (size_t i = 0; c->added && i < program->option_count; i++) {
		if (!c->added[i])
			continue;
		abl_str_printf(out, "  %-9s '%s' is new since finished runs; they count as ",
			       "option", program->options[i].key->name);
		abl_value_text(&program->options[i].key->def, out);
		abl_str_puts(out, " with '--code same'\n");
	}
	if (!code_differs(c, plan))
		return;
	abl_str_printf(out, "  %-9s differs from that of %zu finished run%s\n", "code", n,
		       abl_plural(n));
	for (size_t i = 0; i < c->count && shown < MOST_SHOWN; i++) {
		const struct abl_code_set *now =
			&plan->program->part[plan->stages[c->pair[i].now].step].code;

		if (was_shown(c, plan, i))
			continue;
		shown += abl_code_difference(store, c->pair[i].code, now, out) > 0;
	}
}
