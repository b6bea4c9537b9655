/* SPDX-License-Identifier: Apache-2.0 */
#include "variant_kind.h"

#include <string.h>

static const char *const names[ABL_VARIANT_KINDS] = {
	[ABL_VARIANT_BASELINE] = "baseline",   [ABL_VARIANT_REMOVAL] = "removal",
	[ABL_VARIANT_SWAP] = "swap",           [ABL_VARIANT_ADDITION] = "addition",
	[ABL_VARIANT_GRID] = "grid",           [ABL_VARIANT_LIST] = "list",
	[ABL_VARIANT_PLACEBO] = "placebo",     [ABL_VARIANT_PAIR] = "pair",
	[ABL_VARIANT_FACTORIAL] = "factorial", [ABL_VARIANT_RANDOM] = "random",
	[ABL_VARIANT_ARM] = "baseline arm",
};

const char *abl_variant_kind_name(enum abl_variant_kind kind)
{
	return names[kind];
}

int abl_variant_kind_find(const char *name)
{
	for (int i = 0; i < ABL_VARIANT_KINDS; i++)
		if (!strcmp(name, names[i]))
			return i;
	return -1;
}
