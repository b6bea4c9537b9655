/* SPDX-License-Identifier: Apache-2.0 */
/* socket_link.h - a link that is one end of a pair of sockets. */
#ifndef ABL_SOCKET_LINK_H
#define ABL_SOCKET_LINK_H

#include "wire_link.h"

/* Takes the descriptor over. `returns`: the same worker may come again by another link. */
struct abl_link socket_link(int fd, bool returns);

#endif
