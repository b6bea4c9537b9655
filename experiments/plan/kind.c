/* SPDX-License-Identifier: Apache-2.0 */
#include "kind.h"

#include <assert.h>
#include <string.h>

#define KIND(x) extern const struct abl_kind abl_kind_##x;
#include "kinds.def"
#undef KIND

static const struct abl_kind *const kinds[] = {
#define KIND(x) &abl_kind_##x,
#include "kinds.def"
#undef KIND
};
_Static_assert(sizeof kinds / sizeof *kinds <= ABL_KINDS_MAX, "ABL_KINDS_MAX is too small");

size_t abl_kind_count(void)
{
	return sizeof kinds / sizeof *kinds;
}

const struct abl_kind *abl_kind_at(size_t i)
{
	return kinds[i];
}

const struct abl_kind *abl_kind_find(const char *name)
{
	for (size_t i = 0; i < abl_kind_count(); i++)
		if (!strcmp(kinds[i]->name, name))
			return kinds[i];
	return NULL;
}

size_t abl_kind_index(const struct abl_kind *kind)
{
	size_t i = 0;

	while (i < abl_kind_count() && kinds[i] != kind)
		i++;
	assert(i < abl_kind_count());
	return i;
}

const struct abl_space *abl_kind_space(const char *name)
{
	const struct abl_kind *kind = abl_kind_find(name);

	return kind && kind->space ? kind->space() : NULL;
}
