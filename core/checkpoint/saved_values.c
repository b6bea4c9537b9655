/* SPDX-License-Identifier: Apache-2.0 */
#include "saved_values.h"

#include "native_config.h"
#include "native_space.h"
#include "saved.h"
#include "str.h"

int abl_saved_values(const char *folder, struct abl_values **out, char **vocab_file, char **notes,
		     struct abl_err *err)
{
	struct abl_saved saved;
	int rc = abl_saved_open(&saved, folder, err);

	if (rc)
		return rc;
	*out = abl_values_create(abl_native_space());
	*abl_native_config_mut(*out) = saved.config;
	*vocab_file = abl_strdup(saved.vocab_file);
	*notes = abl_strdup(saved.notes);
	abl_saved_finish(&saved);
	return 0;
}
