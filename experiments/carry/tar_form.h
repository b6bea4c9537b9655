/* SPDX-License-Identifier: Apache-2.0 */
/* tar_form.h - what a tar archive is made of: a header of one block before each file (POSIX.1-2001,
 * ustar and pax). Inside tar_read and tar_write. */
#ifndef ABL_TAR_FORM_H
#define ABL_TAR_FORM_H

#include <stddef.h>
#include <stdint.h>

#define ABL_TAR_BLOCK 512
#define ABL_TAR_LARGEST ((uint64_t)077777777777) /* bytes that `size` can say */
#define ABL_TAR_MAGIC                       \
	{                                   \
		'u', 's', 't', 'a', 'r', 0, \
	}

struct abl_tar_header { /* numbers are octal digits */
	char name[100];
	char mode[8], owner[8], group[8], size[12], time[12], sum[8];
	char type; /* '0': a regular file; 'x': pax records for the next one */
	char link[100], magic[6], version[2], owner_name[32], group_name[32], major[8], minor[8];
	char prefix[155]; /* of the name, before a '/' */
	char rest[12];
};
_Static_assert(sizeof(struct abl_tar_header) == ABL_TAR_BLOCK, "a header is a block");

/* The sum of its bytes, with blanks in place of the sum. */
static inline unsigned abl_tar_sum(const struct abl_tar_header *h)
{
	const unsigned char *bytes = (const unsigned char *)h;
	const size_t from = offsetof(struct abl_tar_header, sum), to = from + sizeof h->sum;
	unsigned sum = 0;

	for (size_t i = 0; i < sizeof *h; i++)
		sum += i >= from && i < to ? ' ' : bytes[i];
	return sum;
}

#endif
