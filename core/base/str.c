/* SPDX-License-Identifier: Apache-2.0 */
#include "str.h"

#include <ctype.h>
#include <errno.h>
#include <locale.h>
#include <math.h>
#include <pthread.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static void (*last_words)(const char *text);

void abl_last_words(void (*say)(const char *text))
{
	last_words = say;
}

/* No memory for anything but saying so. What streams hold is half of something: it is not flushed.
 */
static _Noreturn void end_with(const char *text)
{
	fprintf(stderr, "ablate: %s\n", text);
	if (last_words)
		last_words(text);
	_exit(1);
}

static _Noreturn void out_of_memory(size_t bytes)
{
	char text[80];

	snprintf(text, sizeof text, "out of memory (%zu bytes wanted)", bytes);
	end_with(text);
}

void *abl_malloc(size_t bytes)
{
	void *p = malloc(bytes ? bytes : 1);

	if (!p)
		out_of_memory(bytes);
	return p;
}

void *abl_calloc(size_t count, size_t width)
{
	void *p = calloc(count ? count : 1, width ? width : 1);

	if (!p)
		out_of_memory(count * width);
	return p;
}

void *abl_there(void *made, const char *what)
{
	char text[80];

	if (!made) {
		snprintf(text, sizeof text, "out of memory (%.60s)", what);
		end_with(text);
	}
	return made;
}

char *abl_strdup(const char *text)
{
	size_t n = strlen(text) + 1;

	return memcpy(abl_malloc(n), text, n);
}

void abl_grow(void *items_pointer, size_t *capacity, size_t need, size_t width)
{
	void **items = items_pointer;
	size_t n = *capacity ? *capacity : 16;

	if (need <= *capacity)
		return;
	while (n < need)
		n *= 2;
	*items = realloc(*items, n * width);
	if (!*items)
		out_of_memory(n * width);
	*capacity = n;
}

void abl_str_finish(struct abl_str *s)
{
	if (!s)
		return;
	free(s->text);
	*s = (struct abl_str){0};
}

void abl_str_clear(struct abl_str *s)
{
	s->length = 0;
	if (s->text)
		s->text[0] = '\0';
}

void abl_str_add(struct abl_str *s, const char *text, size_t length)
{
	abl_grow(&s->text, &s->capacity, s->length + length + 1, 1);
	if (length)
		memcpy(s->text + s->length, text, length);
	s->length += length;
	s->text[s->length] = '\0';
}

void abl_str_puts(struct abl_str *s, const char *text)
{
	abl_str_add(s, text, strlen(text));
}

void abl_str_printf(struct abl_str *s, const char *fmt, ...)
{
	va_list ap;
	int n;

	va_start(ap, fmt);
	n = vsnprintf(NULL, 0, fmt, ap);
	va_end(ap);
	if (n < 0)
		return;
	abl_grow(&s->text, &s->capacity, s->length + (size_t)n + 1, 1);
	va_start(ap, fmt);
	vsnprintf(s->text + s->length, (size_t)n + 1, fmt, ap);
	va_end(ap);
	s->length += (size_t)n;
}

const char *abl_intern(const char *text)
{
	static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
	static char **names; /* sorted; stays reachable, so leak checkers are content */
	static size_t count, capacity;
	size_t low = 0, high;
	const char *found;

	pthread_mutex_lock(&lock);
	high = count;
	while (low < high) {
		size_t mid = (low + high) / 2;

		if (strcmp(names[mid], text) < 0)
			low = mid + 1;
		else
			high = mid;
	}
	if (low == count || strcmp(names[low], text)) {
		abl_grow(&names, &capacity, count + 1, sizeof *names);
		memmove(names + low + 1, names + low, (count - low) * sizeof *names);
		names[low] = abl_strdup(text);
		count++;
	}
	found = names[low];
	pthread_mutex_unlock(&lock);
	return found;
}

#define NAME_MAX_COMPARED 64

/* Edits between a and b: insert, delete, replace, swap of neighbours (optimal string alignment). */
static size_t edit_distance(const char *a, const char *b)
{
	size_t row[3][NAME_MAX_COMPARED + 1], n = strlen(a), m = strlen(b);

	if (n > NAME_MAX_COMPARED || m > NAME_MAX_COMPARED)
		return SIZE_MAX;
	for (size_t j = 0; j <= m; j++)
		row[0][j] = j;
	for (size_t i = 1; i <= n; i++) {
		size_t *now = row[i % 3], *last = row[(i + 2) % 3], *before = row[(i + 1) % 3];

		now[0] = i;
		for (size_t j = 1; j <= m; j++) {
			size_t d = last[j - 1] + (a[i - 1] != b[j - 1]);

			if (last[j] + 1 < d)
				d = last[j] + 1;
			if (now[j - 1] + 1 < d)
				d = now[j - 1] + 1;
			if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1] &&
			    before[j - 2] + 1 < d)
				d = before[j - 2] + 1;
			now[j] = d;
		}
	}
	return row[n % 3][m];
}

const char *abl_nearest(const char *name, size_t count, const char *(*at)(size_t, const void *),
			const void *data)
{
	const char *best = NULL;
	size_t limit = (strlen(name) + 2) / 3, best_distance = limit + 1;

	for (size_t i = 0; i < count; i++) {
		const char *candidate = at(i, data);
		size_t d = candidate ? edit_distance(name, candidate) : SIZE_MAX;

		if (d < best_distance) {
			best = candidate;
			best_distance = d;
		}
	}
	return best;
}

const char *abl_plural(int64_t n)
{
	return n == 1 ? "" : "s";
}

bool abl_is_huge_int(const char *text)
{
	const size_t sign = *text == '-' || *text == '+', n = strlen(text + sign);
	int64_t value;

	return n && strspn(text + sign, "0123456789") == n && !abl_parse_int(text, &value);
}

bool abl_parse_int(const char *text, int64_t *out)
{
	const char *digits = text + (*text == '-' || *text == '+');
	int base = 10;
	char *end;

	if (digits == text && digits[0] == '0' && (digits[1] == 'x' || digits[1] == 'o')) {
		base = digits[1] == 'x' ? 16 : 8;
		text = digits += 2;
	}
	if (!isxdigit((unsigned char)*digits))
		return false;
	errno = 0;
	*out = strtoll(text, &end, base);
	return !errno && !*end;
}

static locale_t c_locale(void)
{
	static locale_t locale; /* made once, never freed; a race would only make it twice */

	if (!locale)
		locale = newlocale(LC_ALL_MASK, "C", (locale_t)0);
	return locale;
}

bool abl_parse_real(const char *text, double *out)
{
	const char *p = text + (*text == '-' || *text == '+');
	bool negative = *text == '-';
	int64_t whole;
	char *end;

	if (!strcmp(p, ".inf") || !strcmp(p, ".Inf") || !strcmp(p, ".INF")) {
		*out = negative ? -INFINITY : INFINITY;
		return true;
	}
	if (p == text && (!strcmp(p, ".nan") || !strcmp(p, ".NaN") || !strcmp(p, ".NAN"))) {
		*out = NAN;
		return true;
	}
	if (p == text && p[0] == '0' && (p[1] == 'x' || p[1] == 'o')) {
		if (!abl_parse_int(text, &whole))
			return false;
		*out = (double)whole;
		return true;
	}
	if (!isdigit((unsigned char)*p) && !(*p == '.' && isdigit((unsigned char)p[1])))
		return false;
	for (const char *q = p; *q; q++)
		if (!strchr("0123456789.eE+-", *q))
			return false;
	*out = strtod_l(text, &end, c_locale());
	return !*end;
}

const char *abl_format_real(double x, char out[32])
{
	locale_t before = uselocale(c_locale());
	char *e;

	for (int digits = 1; digits <= 17; digits++) {
		if (fabs(x) < 1e-3 && x != 0) /* 3e-4, not 0.0003 */
			snprintf(out, 32, "%.*e", digits - 1, x);
		else
			snprintf(out, 32, "%.*g", digits, x);
		if (isnan(x) || strtod(out, NULL) == x)
			break;
	}
	if (fabs(x) < 1e5 && x == trunc(x)) /* 10, not 1e1 */
		snprintf(out, 32, "%.0f", x);
	uselocale(before);
	e = strchr(out, 'e');
	if (e) { /* 5e-05 -> 5e-5, 1e+06 -> 1e6 */
		char *to = e + 1, *from = e + 1;

		if (*from == '-')
			*to++ = *from++;
		else if (*from == '+')
			from++;
		while (*from == '0' && from[1])
			from++;
		memmove(to, from, strlen(from) + 1);
	}
	return out;
}

const char *abl_format_count(int64_t n, char out[32])
{
	char digits[24];
	int length = snprintf(digits, sizeof digits, "%lld", (long long)(n < 0 ? -n : n)), at = 0;

	if (n < 0)
		out[at++] = '-';
	for (int i = 0; i < length; i++) {
		if (i && (length - i) % 3 == 0)
			out[at++] = ',';
		out[at++] = digits[i];
	}
	out[at] = '\0';
	return out;
}

const char *abl_format_bytes(double bytes, char out[32])
{
	if (bytes >= 1073741824)
		snprintf(out, 32, "%.1f GiB", bytes / 1073741824);
	else if (bytes >= 1048576)
		snprintf(out, 32, "%.0f MiB", bytes / 1048576);
	else
		snprintf(out, 32, "%.0f KiB", fmax(bytes / 1024, 1));
	return out;
}

/* Bytes that the last digit of abl_format_bytes() stands for. */
static double last_digit(double bytes)
{
	return bytes >= 1073741824 ? 107374182.4 : bytes >= 1048576 ? 1048576 : 1024;
}

const char *abl_format_bytes_there(double bytes, char out[32])
{
	const double unit = last_digit(bytes);

	return abl_format_bytes(unit * floor(bytes / unit), out);
}

const char *abl_format_bytes_wanted(double bytes, char out[32])
{
	const double unit = last_digit(bytes);

	return abl_format_bytes(unit * ceil(bytes / unit), out);
}

const char *abl_format_duration(double seconds, char out[32])
{
	long whole = (long)(seconds + .5);

	if (seconds < 9.95)
		snprintf(out, 32, "%.1f s", seconds);
	else if (whole < 60)
		snprintf(out, 32, "%ld s", whole);
	else if (whole < 600)
		snprintf(out, 32, "%ld min %ld s", whole / 60, whole % 60);
	else if (whole < 3600)
		snprintf(out, 32, "%ld min", (whole + 30) / 60);
	else
		snprintf(out, 32, "%ld h %ld min", (whole + 30) / 3600, (whole + 30) % 3600 / 60);
	return out;
}

bool abl_is_one_of(const char *names, const char *name)
{
	size_t n = strlen(name);

	for (const char *c = names; c; c = strchr(c, '|') ? strchr(c, '|') + 1 : NULL)
		if (n && n == strcspn(c, "|") && !strncmp(c, name, n))
			return true;
	return false;
}

/* Steps over what does not count; the character there, in small letters. */
static int next_letter(const char **at)
{
	*at += strspn(*at, "-_. ");
	return **at >= 'A' && **at <= 'Z' ? **at - 'A' + 'a' : **at;
}

bool abl_same_word(const char *a, const char *b)
{
	for (;; a++, b++) {
		const int x = next_letter(&a), y = next_letter(&b);

		if (x != y)
			return false;
		if (!x)
			return true;
	}
}

#define COLUMNS 80 /* of a terminal */

void abl_str_wrap(struct abl_str *out, size_t from, size_t indent, const char *text)
{
	size_t column = from;
	bool first = true;

	while (*text) {
		size_t n = strcspn(text, " ");

		if (!first && column + 1 + n > COLUMNS) {
			abl_str_printf(out, "\n%*s", (int)indent, "");
			column = indent;
			first = true;
		}
		abl_str_printf(out, "%s%.*s", first ? "" : " ", (int)n, text);
		column += n + !first;
		first = false;
		text += n + (text[n] == ' ');
	}
	abl_str_puts(out, "\n");
}
