/* SPDX-License-Identifier: Apache-2.0 */
#include "secret_name.h"

#include <stddef.h>
#include <string.h>

bool abl_is_secret_name(const char *name)
{
	static const char *const parts[] = {"KEY",        "TOKEN",  "SECRET",
					    "PASSWORD",   "PASSWD", "PASSPHRASE",
					    "CREDENTIAL", "AUTH",   "COOKIE"};

	for (size_t i = 0; i < sizeof parts / sizeof *parts; i++)
		if (strcasestr(name, parts[i]))
			return true;
	return false;
}
