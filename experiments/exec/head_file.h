/* SPDX-License-Identifier: Apache-2.0 */
/* head_file.h - <store>/head.json: where the head of a run is to be reached, and the token that it
 * knows a worker by. It is there while the head listens, readable by its owner alone, and always
 * whole. Addresses are numbers: workers ask no name server, which on clusters often does not know
 * the node. One that a killed head has left answers nobody, and the next head writes over it, or
 * removes it: it holds the store. */
#ifndef ABL_HEAD_FILE_H
#define ABL_HEAD_FILE_H

#include "errors.h"
#include "token.h"

#include <stddef.h>
#include <stdint.h>

#define ABL_HEAD_FILE "head.json"

enum { ABL_HEAD_ADDRESSES = 16, ABL_HEAD_ADDRESS = 46 /* INET6_ADDRSTRLEN */ };

struct abl_head {
	char address[ABL_HEAD_ADDRESSES][ABL_HEAD_ADDRESS]; /* the likely ones first */
	size_t addresses;
	int port;
	struct abl_token token;
	char host[65]; /* for people: its name, and its process there */
	int64_t pid;
};

/* Every address of this machine's interfaces that are up: of IPv4, of IPv6, at last its loopback,
 * for workers beside the head. Those of one link only (fe80::) are left out. */
void abl_head_find_addresses(struct abl_head *head);

/* ABL_EFAIL: the file system shows it to others (it keeps no modes); it was removed again. */
int abl_head_file_write(const char *path, const struct abl_head *head,
			struct abl_err *err) ABL_MUST_USE;
/* ABL_EINPUT: it is none, or others than its owner could have written it or may read it. ABL_EIO:
 * it is not there, or cannot be read. */
int abl_head_file_read(const char *path, struct abl_head *out, struct abl_err *err) ABL_MUST_USE;
/* Where it has this token: a later head's stays. NULL: whosever it is. */
void abl_head_file_remove(const char *path, const struct abl_token *own);

#endif
