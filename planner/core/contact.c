/*
 * Each finder looks for the one character that its kind cannot do without ('/', '@', a digit) and reads the rest around it. Phone numbers are read
 * group by group: every group may be the first, and every end of a group the end, so that other numbers beside do no harm.
 */
#include "contact.h"

#include <stddef.h>
#include <string.h>

#include "text_fold.h"

enum { PHONE_MIN = 7, PHONE_MAX = 15, VANITY_LETTERS = 7 };

static bool
is_digit(char byte)
{
	return byte >= '0' && byte <= '9';
}

static bool
is_alphanumeric(char byte)
{
	return is_digit(byte) || (byte >= 'a' && byte <= 'z');
}

static bool
is_of_host(char byte)
{
	return is_alphanumeric(byte) || byte == '-' || byte == '.';
}

/* Whether [from, until) reads like ipe.example: ends with a point and at least two letters. */
static bool
is_host(const char *from, const char *until)
{
	const char *at = until;
	while (at > from && at[-1] >= 'a' && at[-1] <= 'z')
		at--;
	return until - at >= 2 && at - from >= 2 && at[-1] == '.' && is_alphanumeric(at[-2]);
}

/* Links ----------------------------------------------------------------------------------------------------------------------------------- */

static bool
has_host_before(const char *from, const char *slash)
{
	const char *host = slash;
	while (host > from && is_of_host(host[-1]))
		host--;
	return is_host(host, slash);
}

bool
contact_has_link(const char *begin, const char *from, const char *until)
{
	for (const char *at = from; at < until; at++) {
		if (*at == '/' && (has_host_before(from, at) || (at > from && at[-1] == ':' && at[1] == '/' && is_alphanumeric(at[2]))))
			return true;
		if (*at == 'w' && strncmp(at, "www.", 4) == 0 && is_alphanumeric(at[4]) && text_is_boundary(begin, at))
			return true;
	}
	return false;
}

/* E-mail ---------------------------------------------------------------------------------------------------------------------------------- */

bool
contact_has_email(const char *begin, const char *from, const char *until)
{
	(void)begin;
	for (const char *at = from; at < until; at++) {
		const char *end = at + 1;
		if (*at != '@' || at == from || !is_alphanumeric(at[-1]))
			continue;
		while (is_of_host(*end))
			end++;
		while (end > at + 1 && !is_alphanumeric(end[-1])) /* the full stop after it */
			end--;
		if (is_host(at + 1, end))
			return true;
	}
	return false;
}

/* Phones ---------------------------------------------------------------------------------------------------------------------------------- */

struct phone {
	char digits[PHONE_MAX + 1];
	size_t count;
};

typedef bool phone_test_fn(const struct phone *phone, const char *end);

/* Past one or two separators, as in "(800) 555"; `at` itself when no digit follows them. */
static const char *
next_group(const char *at)
{
	const size_t count = strspn(at, " -.()/");
	return count > 0 && count <= 2 && is_digit(at[count]) ? at + count : at;
}

static bool
phone_at(const char *begin, const char *at, const char *until, phone_test_fn *test)
{
	struct phone phone = {.count = 0};
	for (;;) {
		const size_t count = text_digits(at);
		if (phone.count + count > PHONE_MAX)
			return false;
		memcpy(phone.digits + phone.count, at, count);
		phone.count += count;
		at += count;
		if (text_is_boundary(begin, at) && test(&phone, at))
			return true;
		const char *next = next_group(at);
		if (next == at || next >= until)
			return false;
		at = next;
	}
}

static bool
has_phone(const char *begin, const char *from, const char *until, phone_test_fn *test)
{
	for (const char *at = from; at < until;) {
		const size_t digits = text_digits(at);
		if (digits > 0 && text_is_boundary(begin, at) && phone_at(begin, at, until, test))
			return true;
		at += digits > 0 ? digits : 1;
	}
	return false;
}

static bool
is_phone(const struct phone *phone, const char *end)
{
	(void)end;
	return phone->count >= PHONE_MIN;
}

static bool
is_toll_free_code(const char *digits)
{
	static const char codes[] = "800833844855866877888";
	for (const char *code = codes; *code != '\0'; code += 3)
		if (memcmp(digits, code, 3) == 0)
			return true;
	return false;
}

/* "-FLOWERS" after 1-800. */
static bool
is_vanity(const char *end)
{
	size_t letters = 0;
	if (*end != '-' && *end != ' ' && *end != '.')
		return false;
	for (end++; is_alphanumeric(*end) || *end == '-'; end++)
		letters += *end != '-';
	return letters == VANITY_LETTERS && !is_digit(end[-VANITY_LETTERS]);
}

static bool
is_toll_free(const struct phone *phone, const char *end)
{
	const size_t trunk = phone->count > 0 && phone->digits[0] == '1';
	if (phone->count == trunk + 10 || phone->count == trunk + 3)
		return is_toll_free_code(phone->digits + trunk) && (phone->count > 4 || is_vanity(end));
	return phone->count >= 8 && phone->count <= 12 && (memcmp(phone->digits, "0800", 4) == 0 || memcmp(phone->digits, "0808", 4) == 0);
}

bool
contact_has_phone(const char *begin, const char *from, const char *until)
{
	return has_phone(begin, from, until, is_phone);
}

bool
contact_has_toll_free(const char *begin, const char *from, const char *until)
{
	return has_phone(begin, from, until, is_toll_free);
}
