/* SPDX-License-Identifier: Apache-2.0 */
#include "lock_claim.h"

#include "files.h"
#include "machine.h"
#include "str.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

/* Seconds that a beat is watched: before a claim is taken over; where only a host of our own name
 * could hold it; by readers. Hosts see each other's writes late, though files are opened anew. */
#define LEASE 20.0
#define LEASE_REBOOTED 4.0
#define LEASE_READER 4.0
#define GRACE 1.0 /* after a claim was taken over, before it is believed */
#define LOOK .2
#define LEFTOVER 600.0
enum { TRIES = 3 };

static void wait_for(double seconds)
{
	const struct timespec pause = {(time_t)seconds,
				       (long)(1e9 * (seconds - (double)(time_t)seconds))};

	nanosleep(&pause, NULL);
}

static int write_new(const char *path, const char *text)
{
	const int fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0644);
	int why = fd < 0 ? errno : abl_fd_write(fd, text, strlen(text));

	if (fd < 0)
		return why;
	if (!why && fsync(fd))
		why = errno;
	if (close(fd) && !why)
		why = errno;
	if (why)
		unlink(path);
	return why;
}

/* link() may have succeeded though its answer was lost on the way: the count of links says so. */
static int link_it(const char *beside, const char *path)
{
	struct stat st;
	const int why = link(beside, path) ? errno : 0;

	return why && !stat(beside, &st) && st.st_nlink == 2 ? 0 : why;
}

/* 0, EEXIST, or why not. */
static int make(const char *folder, const struct abl_lock_record *own)
{
	char *path = abl_path_join(folder, "lock.claim");
	struct abl_str beside = {0};
	char text[ABL_LOCK_RECORD + 1];
	int why;

	abl_lock_record_text(own, text);
	abl_str_printf(&beside, "%s-%s", path, own->token);
	why = write_new(beside.text, text);
	if (!why) {
		why = link_it(beside.text, path);
		unlink(beside.text);
		if (why == EPERM || why == EOPNOTSUPP || why == ENOSYS || why == EMLINK)
			why = write_new(path, text); /* a file system without hard links */
	}
	abl_str_finish(&beside);
	free(path);
	return why;
}

/* The holder as the claim has him, with the beat of the lock file where that is his. A claim that
 * cannot be read is being written, or was cut by a kill: its holder has no token. False: none. */
static bool read_holder(const char *folder, struct abl_lock_record *out)
{
	char *claim = abl_path_join(folder, "lock.claim"), *lock = abl_path_join(folder, "lock");
	struct abl_lock_record beating;
	const bool there = abl_lock_record_read(claim, out) || abl_file_exists(claim);

	if (there && abl_lock_record_read(lock, &beating) && !strcmp(beating.token, out->token))
		*out = beating;
	free(claim), free(lock);
	return there;
}

/* Whether anything changes within so many seconds: the beat, or whose claim it is. *there: whether
 * there is still one. */
static bool beats(const char *folder, struct abl_lock_record *seen, double seconds, bool *there)
{
	const double since = abl_clock_now();
	struct abl_lock_record now;

	*there = true;
	while (abl_clock_now() - since < seconds) {
		wait_for(LOOK);
		*there = read_holder(folder, &now);
		if (!*there)
			return false;
		if (strcmp(now.token, seen->token) != 0 || now.beat != seen->beat) {
			*seen = now;
			return true;
		}
	}
	return false;
}

static void tell(const struct abl_claim *c, const struct abl_lock_record *holder, double seconds)
{
	char text[400], name[128];

	if (!c->say || seconds < 2)
		return;
	snprintf(text, sizeof text,
		 "the store '%.150s' on %s is held by 'ablate' (%s), which cannot be seen from "
		 "here; "
		 "looking for its beat for %g s",
		 c->folder, c->network, abl_lock_record_name(holder, name), seconds);
	c->say(text);
}

/* Whether the claim's holder lives. *there: whether there is one at the end. */
static bool lives(const struct abl_claim *c, struct abl_lock_record *holder, double lease,
		  bool *there)
{
	const enum abl_life life =
		*holder->token ? abl_lock_record_life(holder, c->locks) : ABL_LIFE_UNKNOWN;

	*there = true;
	if (life != ABL_LIFE_UNKNOWN)
		return life == ABL_LIFE_ON;
	if (abl_lock_record_rebooted(holder) && lease > LEASE_REBOOTED)
		lease = LEASE_REBOOTED;
	if (beats(c->folder, holder, 2 * ABL_LOCK_BEAT, there) || !*there)
		return *there;
	tell(c, holder, lease - 2 * ABL_LOCK_BEAT);
	return beats(c->folder, holder, lease - 2 * ABL_LOCK_BEAT, there);
}

/* Takes a dead holder's claim away. Another may have done so since, and made his own: then that one
 * is put back. */
static int remove_claim(const char *folder, const struct abl_lock_record *dead,
			const struct abl_lock_record *own)
{
	char *path = abl_path_join(folder, "lock.claim");
	struct abl_lock_record taken;
	struct abl_str away = {0};
	int why = 0;

	abl_str_printf(&away, "%s-over-%s", path, own->token);
	if (rename(path, away.text))
		why = errno == ENOENT ? 0 : errno;
	else if (abl_lock_record_read(away.text, &taken) && strcmp(taken.token, dead->token) != 0)
		why = link_it(away.text, path) ? 0 : EEXIST;
	unlink(away.text);
	abl_str_finish(&away);
	free(path);
	return why;
}

static int is_held(const struct abl_claim *c, const struct abl_lock_record *holder,
		   struct abl_err *err)
{
	char name[128];

	return abl_err_set(
		err, ABL_EBUSY,
		"another ablate process (%s) is using the store '%s', on %s; wait for it, "
		"or give another --store",
		abl_lock_record_name(holder, name), c->folder, c->network);
}

static int cannot(const struct abl_claim *c, int why, struct abl_err *err)
{
	return abl_err_set(err, why == ENOSPC || why == EDQUOT ? ABL_EFULL : ABL_EIO,
			   "cannot lock the store '%s', on %s: cannot write '%s/lock.claim': %s",
			   c->folder, c->network, c->folder, strerror(why));
}

/* Files of processes that were killed while they took a claim; what is young may be of one that is
 * about to. The times are the server's, both. */
static void remove_leftovers(const char *folder)
{
	char *claim = abl_path_join(folder, "lock.claim");
	struct stat ours, st;
	DIR *d = stat(claim, &ours) ? NULL : opendir(folder);

	for (struct dirent *e; d && (e = readdir(d));) {
		char *path = abl_path_join(folder, e->d_name);

		if (!strncmp(e->d_name, "lock.claim-", strlen("lock.claim-")) &&
		    !lstat(path, &st) && S_ISREG(st.st_mode) &&
		    difftime(ours.st_mtime, st.st_mtime) > LEFTOVER)
			unlink(path);
		free(path);
	}
	if (d)
		closedir(d);
	free(claim);
}

int abl_claim_take(const struct abl_claim *c, const struct abl_lock_record *own,
		   struct abl_err *err)
{
	struct abl_lock_record holder = {0};
	int why = make(c->folder, own);
	bool there, over = false;

	for (int i = 0; i < TRIES && why == EEXIST; i++) {
		if (read_holder(c->folder, &holder)) {
			if (lives(c, &holder, LEASE, &there))
				return is_held(c, &holder, err);
			why = there ? remove_claim(c->folder, &holder, own) : 0;
			over = true;
		}
		why = why && why != EEXIST ? why : make(c->folder, own);
	}
	if (why)
		return why == EEXIST ? is_held(c, &holder, err) : cannot(c, why, err);
	if (over && !c->locks) /* who took it over at the same moment has put his back by then */
		wait_for(GRACE);
	if (over && (why = abl_claim_check(c->folder, own, err)))
		return why;
	remove_leftovers(c->folder);
	return 0;
}

int abl_claim_check(const char *folder, const struct abl_lock_record *own, struct abl_err *err)
{
	char *path = abl_path_join(folder, "lock.claim"), name[128];
	struct abl_lock_record holder = {0};
	bool ours = false;

	/* a moment without it is somebody who puts it back, or a server that does not answer */
	for (int i = 0; i < 10 && !ours; i++) {
		if (i)
			wait_for(LOOK);
		if (abl_lock_record_read(path, &holder) && strcmp(holder.token, own->token) != 0)
			break;
		ours = !strcmp(holder.token, own->token);
	}
	free(path);
	if (ours)
		return 0;
	if (!*holder.token)
		return abl_err_set(err, ABL_EFAIL,
				   "the lock of the store '%s' is gone: somebody removed "
				   "'lock.claim'; stopped: the same command goes on",
				   folder);
	return abl_err_set(
		err, ABL_EFAIL,
		"the store '%s' was taken over by 'ablate run' (%s), while this one stood "
		"still; stopped: what is done stays there",
		folder, abl_lock_record_name(&holder, name));
}

bool abl_claim_is_own(const char *folder, const struct abl_lock_record *own)
{
	char *path = abl_path_join(folder, "lock.claim");
	struct abl_lock_record holder;
	const bool is = abl_lock_record_read(path, &holder) && !strcmp(holder.token, own->token);

	free(path);
	return is;
}

void abl_claim_give(const char *folder, const struct abl_lock_record *own)
{
	char *path = abl_path_join(folder, "lock.claim");

	if (abl_claim_is_own(folder, own))
		unlink(path);
	free(path);
}

bool abl_claim_is_held(const struct abl_claim *c, struct abl_lock_record *holder)
{
	bool there;

	return read_holder(c->folder, holder) && lives(c, holder, LEASE_READER, &there);
}
