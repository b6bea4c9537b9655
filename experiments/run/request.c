/* SPDX-License-Identifier: Apache-2.0 */
#include "request.h"

#include "files.h"
#include "json.h"
#include "machine.h"
#include "utf8.h"

#include <dirent.h>
#include <pwd.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define EVERY 1.0 /* seconds */
#define FOLDER "requests"
#define ENDING ".stop"
enum { MOST = 4096 }; /* bytes of a request */

/* Below the store's folder; caller's. */
static char *path_of(const char *folder, const char *study)
{
	struct abl_str name = {0};
	char *path;

	abl_str_printf(&name, FOLDER "/%s" ENDING, study);
	path = abl_path_join(folder, name.text);
	abl_str_finish(&name);
	return path;
}

/* NULL: it is not known. A static program must not load the name service of whatever system it
 * runs on, which is that of another libc. */
static const char *user_name(void)
{
#ifdef ABL_STATIC
	return getenv("USER");
#else
	const struct passwd *user = getpwuid(getuid());

	return user ? user->pw_name : NULL;
#endif
}

static void who_we_are(struct abl_str *out)
{
	const char *user = user_name();
	char host[64] = "";

	if (gethostname(host, sizeof host - 1))
		*host = '\0';
	if (user && *user && abl_utf8_bad(user, strlen(user)) < 0)
		abl_str_puts(out, user);
	else
		abl_str_printf(out, "user %ld", (long)getuid());
	if (*host)
		abl_str_printf(out, "@%s", host);
}

int abl_request_put(const char *folder, const char *study, bool now, struct abl_err *err)
{
	char *path = path_of(folder, study), *in = abl_path_dir(path);
	struct abl_str by = {0}, text = {0};
	struct abl_json j;
	int rc = abl_mkdir_all(in, err);

	abl_json_begin(&j);
	who_we_are(&by);
	abl_json_text(&j, j.root, "study", study);
	abl_json_text(&j, j.root, "by", by.text);
	abl_json_int(&j, j.root, "pid", getpid());
	abl_json_bool(&j, j.root, "now", now);
	if (rc)
		abl_json_finish(&j);
	rc = rc ? rc : abl_json_end(&j, JSON_COMPACT, "the request", &text, err);
	rc = rc ? rc : abl_file_write(path, text.text, text.length, err);
	abl_str_finish(&by), abl_str_finish(&text);
	free(path), free(in);
	return rc;
}

/* The folder is read: a network file system may remember for long that a file is not there. */
static bool is_listed(const char *folder, const char *name)
{
	DIR *dir = opendir(folder);
	const struct dirent *e;
	bool found = false;

	while (dir && !found && (e = readdir(dir)))
		found = !strcmp(e->d_name, name);
	if (dir)
		closedir(dir);
	return found;
}

bool abl_request_is_there(const char *folder, const char *study)
{
	char *path = path_of(folder, study), *in = abl_path_dir(path);
	const bool there = is_listed(in, strrchr(path, '/') + 1);

	free(path), free(in);
	return there;
}

/* Whatever is in the file, it is a request. */
static void read_request(const char *path, struct abl_request *out)
{
	struct abl_str text = {0};
	struct abl_err ignored = {0};
	json_t *all = NULL;
	const char *by;

	*out = (struct abl_request){.by = "somebody"};
	if (!abl_file_read(path, &text, MOST, &ignored))
		all = json_loadb(text.text, text.length, 0, NULL);
	by = json_string_value(json_object_get(all, "by"));
	by = by ? by + strspn(by, " \t\r\n") : "";
	if (*by) {
		abl_utf8_visible_in(out->by, sizeof out->by, by);
		out->by[strcspn(out->by, "\n")] = '\0';
	}
	out->now = json_is_true(json_object_get(all, "now"));
	json_decref(all);
	abl_str_finish(&text);
}

static bool take(const char *folder, const char *study, struct abl_request *out)
{
	char *path;
	bool taken;

	if (!abl_request_is_there(folder, study))
		return false;
	path = path_of(folder, study);
	read_request(path, out);
	taken = !unlink(path);
	free(path);
	return taken;
}

void abl_request_forget(const char *folder, const char *study)
{
	char *path = path_of(folder, study);

	(void)unlink(path);
	free(path);
}

bool abl_requests_poll(struct abl_requests *r, const char *folder, const char *study)
{
	if (abl_clock_now() - r->looked < EVERY)
		return false;
	r->looked = abl_clock_now();
	if (!take(folder, study, &r->last))
		return false;
	r->asked = true;
	return true;
}
