/* SPDX-License-Identifier: Apache-2.0 */
#include "wire_link.h"

void abl_link_close(struct abl_link *link)
{
	if (!link)
		return;
	if (link->ops)
		link->ops->close(link->state);
	*link = (struct abl_link){0};
}

void abl_link_ended(const struct abl_link *link, char *text, size_t size)
{
	if (!link->ops || !link->ops->ended || !link->ops->ended(link->state, text, size))
		*text = 0;
}
