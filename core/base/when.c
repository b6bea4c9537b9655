/* SPDX-License-Identifier: Apache-2.0 */
#include "when.h"

#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#define DAY 86400

/* Reads two digits. */
static bool two(const char **p, int most, int *out)
{
	const char *s = *p;

	if (s[0] < '0' || s[0] > '9' || s[1] < '0' || s[1] > '9')
		return false;
	*out = 10 * (s[0] - '0') + s[1] - '0';
	*p = s + 2;
	return *out <= most;
}

/* "7:00", "07:00", "07:00:30". 24:00 is the end of the day. */
static bool clock_of(const char **p, struct tm *t)
{
	const char *s = *p;

	t->tm_sec = 0;
	if (s[0] >= '0' && s[0] <= '9' && s[1] == ':')
		t->tm_hour = *s++ - '0';
	else if (!two(&s, 24, &t->tm_hour))
		return false;
	if (*s++ != ':' || !two(&s, 59, &t->tm_min))
		return false;
	if (*s == ':' && (s++, !two(&s, 59, &t->tm_sec)))
		return false;
	*p = s;
	return t->tm_hour < 24 || (!t->tm_min && !t->tm_sec);
}

static bool date_of(const char **p, struct tm *t)
{
	const char *s = *p;
	int century, year;

	if (!two(&s, 99, &century) || !two(&s, 99, &year) || *s++ != '-' ||
	    !two(&s, 12, &t->tm_mon) || *s++ != '-' || !two(&s, 31, &t->tm_mday))
		return false;
	t->tm_year = 100 * century + year - 1900;
	t->tm_mon--;
	*p = s;
	return t->tm_mon >= 0 && t->tm_mday > 0;
}

/* "Z", "+01:00", "-0530": seconds east. */
static bool zone_of(const char **p, long *east)
{
	const char *s = *p;
	const int sign = *s == '-' ? -1 : 1;
	int hours = 0, minutes = 0;

	*east = 0;
	if (*s == 'Z' || *s == 'z') {
		*p = s + 1;
		return true;
	}
	if ((*s != '+' && *s != '-') || (s++, !two(&s, 14, &hours)))
		return false;
	s += *s == ':';
	if (!two(&s, 59, &minutes))
		return false;
	*east = sign * (3600L * hours + 60L * minutes);
	*p = s;
	return true;
}

static const char *blanks(const char *s)
{
	return s + strspn(s, " \t");
}

/* The time of day t, so many days after the day of `now`. */
static bool on_day(struct tm t, time_t now, int days, time_t *out)
{
	struct tm day;

	if (!localtime_r(&now, &day))
		return false;
	day.tm_hour = t.tm_hour, day.tm_min = t.tm_min, day.tm_sec = t.tm_sec;
	day.tm_mday += days;
	day.tm_isdst = -1;
	*out = mktime(&day);
	return *out != (time_t)-1;
}

static bool on_date(const char *s, struct tm t, time_t *out)
{
	const int month_day = t.tm_mday;
	bool midnight;
	long east;

	if (*s == 'T' || *s == 't')
		s++;
	else
		s = blanks(s);
	if (!clock_of(&s, &t))
		return false;
	s = blanks(s);
	midnight = t.tm_hour == 24;
	t.tm_isdst = -1;
	if (*s) {
		if (!zone_of(&s, &east) || *blanks(s))
			return false;
		*out = timegm(&t) - east;
		return true;
	}
	*out = mktime(&t);
	/* no such day: the 31st of June would be the 1st of July */
	return *out != (time_t)-1 && (t.tm_mday == month_day || midnight);
}

int abl_when(const char *text, time_t now, time_t *out, struct abl_err *err)
{
	static const struct {
		const char *name;
		int days;
	} names[] = {{"today", 0}, {"tomorrow", 1}};
	const char *s = blanks(text ? text : "");
	struct tm t = {.tm_isdst = -1};
	const char *rest = s;
	bool ok = false;

	if (date_of(&rest, &t)) {
		ok = on_date(rest, t, out);
	} else if (rest = s, clock_of(&rest, &t) && !*blanks(rest)) {
		ok = on_day(t, now, 0, out) && (*out > now || on_day(t, now, 1, out));
	} else {
		for (size_t i = 0; i < sizeof names / sizeof *names && !ok; i++) {
			const size_t n = strlen(names[i].name);

			rest = s + n;
			ok = !strncmp(s, names[i].name, n) && *rest == ' ' &&
			     (rest = blanks(rest), clock_of(&rest, &t)) && !*blanks(rest) &&
			     on_day(t, now, names[i].days, out);
		}
	}
	return ok ? 0
		  : abl_err_set(err, ABL_EINPUT,
				"'%.60s' is no time: give '07:00', 'tomorrow 07:00' or "
				"'2026-11-30 07:00'",
				text ? text : "");
}

const char *abl_when_text(time_t when, time_t now, char out[32])
{
	struct tm at, today;
	const time_t next = now + DAY;
	struct tm tomorrow;

	if (!localtime_r(&when, &at) || !localtime_r(&now, &today) ||
	    !localtime_r(&next, &tomorrow))
		snprintf(out, 32, "--:--");
	else if (at.tm_yday == today.tm_yday && at.tm_year == today.tm_year)
		strftime(out, 32, "%H:%M", &at);
	else if (at.tm_yday == tomorrow.tm_yday && at.tm_year == tomorrow.tm_year)
		strftime(out, 32, "tomorrow %H:%M", &at);
	else
		strftime(out, 32, at.tm_year == today.tm_year ? "%a %e %b %H:%M" : "%Y-%m-%d %H:%M",
			 &at);
	return out;
}
