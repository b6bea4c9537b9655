/* SPDX-License-Identifier: Apache-2.0 */
#include "head_file.h"

#include "json.h"
#include "utf8.h"
#include "writer.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <ifaddrs.h>
#include <net/if.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { LARGEST = 1 << 14 /* bytes of it */, OTHERS = 077 };

/* Addresses. */

static bool is_link_local(const struct sockaddr *a)
{
	const struct sockaddr_in *four = (const void *)a;
	const struct sockaddr_in6 *six = (const void *)a;

	return a->sa_family == AF_INET ? ntohl(four->sin_addr.s_addr) >> 16 == 0xa9fe
				       : IN6_IS_ADDR_LINKLOCAL(&six->sin6_addr);
}

static void add_address(struct abl_head *head, const struct sockaddr *a)
{
	const void *bytes = a->sa_family == AF_INET
				    ? (const void *)&((const struct sockaddr_in *)a)->sin_addr
				    : (const void *)&((const struct sockaddr_in6 *)a)->sin6_addr;

	if (head->addresses == ABL_HEAD_ADDRESSES ||
	    !inet_ntop(a->sa_family, bytes, head->address[head->addresses], ABL_HEAD_ADDRESS))
		return;
	for (size_t i = 0; i < head->addresses; i++)
		if (!strcmp(head->address[i], head->address[head->addresses]))
			return; /* of two interfaces */
	head->addresses++;
}

void abl_head_find_addresses(struct abl_head *head)
{
	static const struct {
		int family;
		bool loopback;
	} rounds[] = {{AF_INET, false}, {AF_INET6, false}, {AF_INET, true}};
	struct ifaddrs *all = NULL;

	head->addresses = 0;
	if (getifaddrs(&all))
		all = NULL;
	for (size_t i = 0; i < sizeof rounds / sizeof *rounds; i++)
		for (const struct ifaddrs *one = all; one; one = one->ifa_next)
			if (one->ifa_addr && one->ifa_addr->sa_family == rounds[i].family &&
			    (one->ifa_flags & IFF_UP) &&
			    !(one->ifa_flags & IFF_LOOPBACK) == !rounds[i].loopback &&
			    !is_link_local(one->ifa_addr))
				add_address(head, one->ifa_addr);
	if (all)
		freeifaddrs(all);
}

/* Writing. */

static int make_text(const struct abl_head *head, struct abl_str *out, struct abl_err *err)
{
	char token[ABL_TOKEN_TEXT];
	struct abl_json j;
	json_t *list;

	abl_json_begin(&j);
	abl_json_int(&j, j.root, "head", 1); /* the form of the file */
	abl_json_text(&j, j.root, "host", head->host);
	abl_json_int(&j, j.root, "pid", head->pid);
	list = abl_json_array(&j, j.root, "addresses");
	for (size_t i = 0; i < head->addresses; i++)
		abl_json_add(&j, list, json_string(head->address[i]));
	abl_json_int(&j, j.root, "port", head->port);
	abl_json_text(&j, j.root, "token", abl_token_text(&head->token, token));
	return abl_json_end(&j, JSON_INDENT(1), ABL_HEAD_FILE, out, err);
}

int abl_head_file_write(const char *path, const struct abl_head *head, struct abl_err *err)
{
	struct abl_str text = {0};
	struct stat now;
	int rc = make_text(head, &text, err);

	if (!rc) {
		abl_str_puts(&text, "\n");
		rc = abl_file_write_private(path, text.text, text.length, err);
	}
	abl_str_finish(&text);
	if (rc)
		return rc;
	if (!stat(path, &now) && !(now.st_mode & OTHERS))
		return 0;
	unlink(path);
	return abl_err_set(
		err, ABL_EFAIL,
		"others may read '%s', with the token in it, since its file system keeps no "
		"modes: put the store elsewhere, or start workers by ssh or srun",
		path);
}

/* Reading. */

static int refuse(const char *path, const char *what, struct abl_err *err)
{
	return abl_err_set(err, ABL_EINPUT, "'%s' is no file of a head: %s", path, what);
}

static bool is_numeric(const char *address)
{
	unsigned char bytes[sizeof(struct in6_addr)];

	return inet_pton(AF_INET, address, bytes) == 1 || inet_pton(AF_INET6, address, bytes) == 1;
}

static bool take_addresses(const json_t *list, struct abl_head *out)
{
	size_t n = json_array_size(list);

	for (size_t i = 0; i < n && out->addresses < ABL_HEAD_ADDRESSES; i++) {
		const char *text = json_string_value(json_array_get(list, i));

		if (!text || strlen(text) >= ABL_HEAD_ADDRESS || !is_numeric(text))
			return false;
		snprintf(out->address[out->addresses++], ABL_HEAD_ADDRESS, "%s", text);
	}
	return out->addresses > 0;
}

static int take(const char *path, const json_t *root, struct abl_head *out, struct abl_err *err)
{
	const json_int_t port = json_integer_value(json_object_get(root, "port"));
	const char *token = json_string_value(json_object_get(root, "token")),
		   *host = json_string_value(json_object_get(root, "host"));

	*out = (struct abl_head){.port = (int)port};
	if (json_integer_value(json_object_get(root, "head")) != 1)
		return refuse(path, "it has not \"head\": 1", err);
	if (port < 1 || port > 65535)
		return refuse(path, "no port from 1 to 65535", err);
	if (!token || !abl_token_read(token, &out->token))
		return refuse(path, "no token of 32 hex digits", err);
	if (!take_addresses(json_object_get(root, "addresses"), out))
		return refuse(path, "no list of numeric addresses", err);
	abl_utf8_visible_in(out->host, sizeof out->host, host ? host : "?");
	out->pid = json_integer_value(json_object_get(root, "pid"));
	return 0;
}

/* The bytes, of a file that only its owner may write and read: whoever could write it could send
 * our workers to a head of theirs. */
static int read_guarded(const char *path, char *text, size_t *length, struct abl_err *err)
{
	const int fd = open(path, O_RDONLY | O_NONBLOCK | O_CLOEXEC);
	struct stat now;
	int rc = 0;

	*length = 0;
	if (fd < 0)
		return abl_err_set(err, ABL_EIO, "cannot read '%s': %s", path, strerror(errno));
	if (fstat(fd, &now))
		rc = abl_err_set(err, ABL_EIO, "cannot read '%s': %s", path, strerror(errno));
	else if (!S_ISREG(now.st_mode) || (now.st_mode & OTHERS))
		rc = refuse(path, "others than its owner have access to it (chmod 600)", err);
	else if (now.st_uid != geteuid() && now.st_uid && geteuid())
		rc = refuse(path, "it is another user's", err);
	while (!rc && *length < LARGEST) {
		const ssize_t n = read(fd, text + *length, LARGEST - *length);

		if (!n)
			break;
		if (n > 0)
			*length += (size_t)n;
		else if (errno != EINTR)
			rc = abl_err_set(err, ABL_EIO, "cannot read '%s': %s", path,
					 strerror(errno));
	}
	close(fd);
	return rc;
}

int abl_head_file_read(const char *path, struct abl_head *out, struct abl_err *err)
{
	char text[LARGEST];
	json_t *root = NULL;
	size_t length = 0;
	int rc = read_guarded(path, text, &length, err);

	if (rc)
		return rc;
	root = json_loadb(text, length, JSON_REJECT_DUPLICATES, NULL);
	rc = json_is_object(root) ? take(path, root, out, err)
				  : refuse(path, "it is no JSON object", err);
	json_decref(root);
	return rc;
}

void abl_head_file_remove(const char *path, const struct abl_token *own)
{
	struct abl_head now;

	if (!own ||
	    (!abl_head_file_read(path, &now, NULL) && !memcmp(&now.token, own, sizeof *own)))
		unlink(path);
}
