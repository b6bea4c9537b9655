/* SPDX-License-Identifier: Apache-2.0 */
/* carry_share.h - how far packing and unpacking are, on a terminal, where that takes long. */
#ifndef ABL_CARRY_SHARE_H
#define ABL_CARRY_SHARE_H

struct abl_carry_share {
	const char *what; /* "packing" */
	double began, told;
};

/* For hooks that take a share from 0 to 1; `share` is a struct abl_carry_share. */
void abl_carry_share(void *share, double done);
void abl_carry_share_end(struct abl_carry_share *share);

#endif
