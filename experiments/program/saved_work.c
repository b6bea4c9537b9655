/* SPDX-License-Identifier: Apache-2.0 */
#include "saved_work.h"

#include "files.h"
#include "path_glob.h"
#include "words.h"

#include <string.h>
#include <sys/stat.h>
#include <time.h>

/* MOST_CRASHES: one that saves more in each try gets on, a network that fails every few hours; what
 * it saves is not why it crashes, unless that goes on and on. */
enum { MOST_CRASHES = 8, MOST_FILES = 100000 };

static bool is_own_folder(const char *path)
{
	struct stat st;

	return !lstat(path, &st) && S_ISDIR(st.st_mode);
}

/* resume.if as a pattern in {out}. */
static int pattern_of(const struct abl_order *o, struct abl_str *pattern, struct abl_err *err)
{
	const size_t length = strlen(o->out);
	int rc = abl_words_text(o, o->resume_if, pattern, err);

	if (!rc && (strncmp(pattern->text, o->out, length) || pattern->text[length] != '/'))
		rc = abl_err_set(err, ABL_EINPUT,
				 "'%s' does not begin with '{state}/'; only that stays from one "
				 "attempt to the next",
				 o->resume_if);
	return rc ? abl_err_prefix(err, rc, "'resume'") : 0;
}

int abl_saved_work_is_there(const struct abl_order *o, bool *is_there, struct abl_err *err)
{
	struct abl_str pattern = {0};
	int rc;

	*is_there = false;
	if (!o->resume_if || !is_own_folder(o->out))
		return 0;
	rc = pattern_of(o, &pattern, err);
	if (!rc)
		*is_there = abl_glob_any(o->out, pattern.text + strlen(o->out) + 1);
	abl_str_finish(&pattern);
	return rc;
}

static double seconds_of(const struct timespec *t)
{
	return (double)t->tv_sec + 1e-9 * (double)t->tv_nsec;
}

/* Has it saved something in the last seconds? In a folder of that name, too. */
static bool saved_within(const struct abl_order *o, double seconds)
{
	struct abl_str pattern = {0};
	struct abl_paths found = {0};
	struct timespec now = {0}, tick = {0};
	struct stat st;
	bool is = false;

	clock_gettime(CLOCK_REALTIME, &now);
	/* files get the time of the kernel's last tick, which may be from before a program began */
	clock_getres(CLOCK_REALTIME_COARSE, &tick);
	if (!pattern_of(o, &pattern, NULL)) {
		const char *names = pattern.text + strlen(o->out) + 1;
		struct abl_str below = {0};

		abl_str_printf(&below, "%s/**", names);
		(void)!abl_glob(&found, o->out, names, MOST_FILES, NULL);
		(void)!abl_glob(&found, o->out, below.text, MOST_FILES, NULL);
		abl_str_finish(&below);
	}
	for (size_t i = 0; i < found.count && !is; i++) {
		char *path = abl_path_join(o->out, found.path[i]);

		is = !lstat(path, &st) &&
		     seconds_of(&st.st_mtim) > seconds_of(&now) - seconds - seconds_of(&tick);
		free(path);
	}
	abl_paths_finish(&found);
	abl_str_finish(&pattern);
	return is;
}

/* What nobody has added to since it was gone on from does not get better: a checkpoint that was cut
 * off by a kill. */
static bool may_go_on(const struct abl_order *o, bool resumed, int64_t crashes, double seconds)
{
	return !resumed || (crashes < MOST_CRASHES && saved_within(o, seconds));
}

bool abl_saved_work_crashed(const struct abl_order *o, bool resumed, const char *crashes,
			    double seconds)
{
	struct abl_str text = {0};
	int64_t count = 0;
	bool may, there;

	if (abl_saved_work_is_there(o, &there, NULL) || !there)
		return false;
	if (abl_is_regular(crashes) && !abl_file_read(crashes, &text, 64, NULL) &&
	    !abl_parse_int(text.text, &count))
		count = MOST_CRASHES;
	count++;
	may = may_go_on(o, resumed, count, seconds);
	abl_str_clear(&text);
	abl_str_printf(&text, "%lld", (long long)count);
	/* one that cannot be counted could fail for ever */
	may = may && !abl_file_write_passing(crashes, text.text, text.length, NULL);
	abl_str_finish(&text);
	return may;
}
