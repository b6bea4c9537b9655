/* SPDX-License-Identifier: Apache-2.0 */
#include "store_id.h"

#include "files.h"
#include "str.h"
#include "wire.h"
#include "writer.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>

const char *abl_store_id_read(const char *store, char out[ABL_HASH_TEXT])
{
	char *path = abl_path_join(store, ABL_STORE_ID_FILE);
	struct abl_str text = {0};

	*out = '\0';
	if (abl_is_regular(path) && !abl_file_read(path, &text, ABL_HASH_TEXT, NULL) &&
	    text.length == ABL_HASH_TEXT && text.text[ABL_HASH_TEXT - 1] == '\n') {
		text.text[ABL_HASH_TEXT - 1] = '\0';
		if (abl_wire_is_key(text.text))
			memcpy(out, text.text, ABL_HASH_TEXT);
	}
	abl_str_finish(&text);
	free(path);
	return out;
}

int abl_store_id_make(const char *store, char out[ABL_HASH_TEXT], struct abl_err *err)
{
	unsigned char bytes[32];
	struct abl_str text = {0};
	char *path;
	int rc;

	if (*abl_store_id_read(store, out))
		return 0;
	if (getrandom(bytes, sizeof bytes, 0) != sizeof bytes)
		return abl_err_set(err, ABL_EIO, "no random bytes: %s", strerror(errno));
	abl_str_printf(&text, "%s\n", abl_hash_bytes(bytes, sizeof bytes, out));
	path = abl_path_join(store, ABL_STORE_ID_FILE);
	rc = abl_file_write(path, text.text, text.length, err);
	abl_str_finish(&text);
	free(path);
	return rc;
}
