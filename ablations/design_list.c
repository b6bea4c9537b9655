/* SPDX-License-Identifier: Apache-2.0 */
/* design_list.c - variants that are spelt out. */
#include "design_points.h"

#include "node_value.h"
#include "str.h"

#include <stdlib.h>

int abl_design_list(struct abl_study *s, const struct abl_node *n, struct abl_err *err)
{
	size_t count;
	const struct abl_node *const *items = abl_node_items(&n, &count);

	if (!count)
		return abl_node_fail(n, NULL, err, "an empty list gives no variant");
	if (abl_design_check_count(s, n, count, err))
		return ABL_EINPUT;
	for (size_t i = 0; i < count; i++) {
		struct abl_point p = {.kind = ABL_VARIANT_LIST, .node = items[i]};

		if (abl_node_expect(items[i], ABL_NODE_MAP, "list", err))
			return ABL_EINPUT;
		if (abl_design_settings(s, items[i], &p, err) ||
		    (!p.settings.count &&
		     abl_node_fail(items[i], "the baseline is a variant already", err,
				   "this variant changes nothing"))) {
			abl_point_finish(&p);
			return ABL_EINPUT;
		}
		if (!p.label)
			p.label = abl_design_label(&p.settings, false);
		p.subject = abl_strdup(p.label);
		abl_design_add(s, &p);
	}
	return 0;
}
