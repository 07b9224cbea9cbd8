/*
 * Each group of digits is tried as the beginning of a number: groups behind single separators are joined until there are more digits than a card has,
 * and every end of a group is an end that is tried. So a number is found beside others ("12 4111 1111 1111 1111"), at 19 digits a group at most.
 */
#include "identifier_numbers.h"

#include <stdint.h>
#include <string.h>

#include "phrases.h"
#include "text_fold.h"

enum { CARD_MAX = 19, CPF_DIGITS = 11, AADHAAR_DIGITS = 12, IBAN_MAX = 34, GROUPS_MAX = 8, GROUP_MIN = 3, REFERENCE_REACH = 32 };

/* A number as it stands: "529.982.247-25" has the groups 3, 3, 3, 2. */
struct number {
	char digits[CARD_MAX];
	size_t count;
	uint8_t groups[GROUPS_MAX];
	char separators[GROUPS_MAX]; /* before each group; the first is unused */
	size_t group_count;
};

/* Check digits ---------------------------------------------------------------------------------------------------------------------------- */

#define LENGTH(n) (1u << (n))
#define LENGTHS_16_TO_19 (LENGTH(16) | LENGTH(17) | LENGTH(18) | LENGTH(19))
#define LENGTHS_13_TO_19 (LENGTH(13) | LENGTH(14) | LENGTH(15) | LENGTHS_16_TO_19)

/* By the first four digits. */
static const struct {
	uint16_t first, last;
	uint32_t lengths;
} schemes[] = {
	{2200, 2204, LENGTHS_16_TO_19},                     /* Mir */
	{2221, 2720, LENGTH(16)},                           /* Mastercard */
	{3000, 3059, LENGTH(14)},                           /* Diners */
	{3400, 3499, LENGTH(15)},                           /* American Express */
	{3528, 3589, LENGTHS_16_TO_19},                     /* JCB */
	{3600, 3699, LENGTHS_13_TO_19 & ~LENGTH(13)},       /* Diners */
	{3700, 3799, LENGTH(15)},                           /* American Express */
	{3800, 3999, LENGTH(14) | LENGTH(16)},              /* Diners, Hipercard */
	{4000, 4999, LENGTH(13) | LENGTH(16) | LENGTH(19)}, /* Visa */
	{5000, 5099, LENGTHS_13_TO_19},                     /* Maestro, Elo, RuPay, Verve */
	{5100, 5599, LENGTH(16)},                           /* Mastercard */
	{5600, 5899, LENGTHS_13_TO_19},                     /* Maestro */
	{6000, 6099, LENGTH(16)},                           /* RuPay, Discover, Hipercard */
	{6200, 6299, LENGTHS_16_TO_19},                     /* UnionPay, Elo */
	{6304, 6304, LENGTHS_13_TO_19},                     /* Maestro */
	{6360, 6369, LENGTHS_16_TO_19},                     /* Elo */
	{6440, 6599, LENGTHS_16_TO_19},                     /* Discover, RuPay */
	{6700, 6799, LENGTHS_13_TO_19},                     /* Maestro */
	{8100, 8299, LENGTHS_16_TO_19},                     /* UnionPay, RuPay */
	{9792, 9792, LENGTH(16)},                           /* Troy */
};

static bool
luhn_holds(const char *digits, size_t count)
{
	int sum = 0;
	for (size_t i = 0; i < count; i++) {
		const int digit = digits[count - 1 - i] - '0';
		sum += i % 2 == 0 ? digit : digit < 5 ? 2 * digit : 2 * digit - 9;
	}
	return sum % 10 == 0;
}

static int
value_of(const char *digits, size_t count)
{
	int value = 0;
	for (size_t i = 0; i < count; i++)
		value = 10 * value + (digits[i] - '0');
	return value;
}

bool
card_number_is_valid(const char *digits, size_t count)
{
	if (count < 13 || count > CARD_MAX)
		return false;
	const int first = value_of(digits, 4);
	for (size_t i = 0; i < sizeof(schemes) / sizeof(schemes[0]); i++)
		if (first >= schemes[i].first && first <= schemes[i].last && (schemes[i].lengths & LENGTH(count)))
			return luhn_holds(digits, count);
	return false;
}

/* The check digit over the first `count` digits. */
static int
cpf_check(const char *digits, size_t count)
{
	int sum = 0;
	for (size_t i = 0; i < count; i++)
		sum += (digits[i] - '0') * (int)(count + 1 - i);
	return sum % 11 < 2 ? 0 : 11 - sum % 11;
}

bool
cpf_is_valid(const char digits[11])
{
	if (memcmp(digits, digits + 1, CPF_DIGITS - 1) == 0) /* eleven equal digits check, and are nobody's */
		return false;
	return cpf_check(digits, 9) == digits[9] - '0' && cpf_check(digits, 10) == digits[10] - '0';
}

/* Multiplication in the dihedral group of order 10. */
static int
dihedral_product(int a, int b)
{
	if (a < 5)
		return b < 5 ? (a + b) % 5 : 5 + (a + b) % 5;
	return b < 5 ? 5 + (a - b) % 5 : (a - b + 5) % 5;
}

bool
aadhaar_is_valid(const char digits[12])
{
	static const uint8_t permute[10] = {1, 5, 7, 6, 2, 8, 3, 0, 9, 4};
	int check = 0;
	for (size_t i = 0; i < AADHAAR_DIGITS; i++) {
		int digit = digits[AADHAAR_DIGITS - 1 - i] - '0';
		for (size_t times = i % 8; times > 0; times--)
			digit = permute[digit];
		check = dihedral_product(check, digit);
	}
	return check == 0 && digits[0] >= '2';
}

/* The registry of SWIFT, release 97: country and length. */
static const char iban_lengths[] = "ad24ae23al28at20az28ba20be16bg22bh22bi27br29by28ch21cr22cy28cz24de22dj27dk18do28ee20eg29es24fi18fk18fo1"
								   "8fr27gb22ge22gi23gl18gr27gt28hr21"
								   "hu28ie22il23iq23is26it27jo30kw30kz20lb28lc32li21lt20lu20lv21ly25mc27md24me22mk19mn20mr27mt31mu30ni28nl1"
								   "8no15om23pk24pl28ps29pt25qa29ro24"
								   "rs22ru33sa24sc31sd18se24si19sk24sm27so23st25sv28tl23tn24tr26ua29va22vg24xk20ye30";

/* 0 for a country without IBANs. */
static size_t
iban_length(const char *country)
{
	for (const char *at = iban_lengths; *at != '\0'; at += 4)
		if (at[0] == country[0] && at[1] == country[1])
			return (size_t)value_of(at + 2, 2);
	return 0;
}

bool
iban_is_valid(const char *text, size_t length)
{
	int remainder = 0;
	if (length < 5 || iban_length(text) != length)
		return false;
	for (size_t i = 0; i < length; i++) {
		const char byte = text[(i + 4) % length];
		if (byte >= 'a' && byte <= 'z')
			remainder = (remainder * 100 + (byte - 'a' + 10)) % 97;
		else
			remainder = (remainder * 10 + (byte - '0')) % 97;
	}
	return remainder == 1;
}

/* Numbers in a text ----------------------------------------------------------------------------------------------------------------------- */

static bool
is_digit(char byte)
{
	return byte >= '0' && byte <= '9';
}

/* "1,4111" and "4111.50" are amounts, "+4915" is a phone number. */
static bool
is_amount_or_phone(const char *begin, const char *at, const char *end)
{
	const char before = at > begin ? at[-1] : ' ';
	if (before == '+' || ((before == '.' || before == ',') && at - 1 > begin && is_digit(at[-2])))
		return true;
	return (*end == '.' || *end == ',') && is_digit(end[1]);
}

static bool
is_card(const struct number *number)
{
	for (size_t i = 0; i < number->group_count; i++)
		if (number->groups[i] < GROUP_MIN || (i > 0 && number->separators[i] == '.'))
			return false;
	return card_number_is_valid(number->digits, number->count);
}

static bool
is_cpf(const struct number *number)
{
	static const uint8_t written[] = {3, 3, 3, 2};
	if (number->count != CPF_DIGITS)
		return false;
	if (number->group_count != 1 && (number->group_count != 4 || memcmp(number->groups, written, sizeof(written)) != 0))
		return false;
	return cpf_is_valid(number->digits);
}

static bool
is_aadhaar(const struct number *number)
{
	if (number->count != AADHAAR_DIGITS || (number->group_count != 1 && number->group_count != 3))
		return false;
	for (size_t i = 0; number->group_count == 3 && i < 3; i++)
		if (number->groups[i] != 4 || (i > 0 && number->separators[i] == '.'))
			return false;
	return aadhaar_is_valid(number->digits);
}

/* Whether a word such as "order no:" stands directly before. */
static bool
is_reference(const char *begin, const char *at)
{
	const char *from = at - begin > REFERENCE_REACH ? at - REFERENCE_REACH : begin;
	while (from > begin && ((unsigned char)*from & 0xC0) == 0x80)
		from++;
	for (; from < at; from = text_next(from)) {
		const size_t length = phrase_at(PHRASE_REFERENCE, begin, from, "", NULL);
		if (length > 0 && strspn(from + length, " :#.-(=") == (size_t)(at - from) - length)
			return true;
	}
	return false;
}

/* What the number is that begins at `at` and ends at the end of its last group, `end`. */
static enum identifier_kind
kind_of(const struct number *number, const char *begin, const char *at, const char *end)
{
	if (is_amount_or_phone(begin, at, end))
		return IDENTIFIER_NONE;
	if (is_cpf(number))
		return IDENTIFIER_CPF;
	if (is_card(number))
		return IDENTIFIER_CARD;
	if (is_aadhaar(number) && (number->group_count > 1 || !is_reference(begin, at)))
		return IDENTIFIER_AADHAAR;
	return IDENTIFIER_NONE;
}

/* Appends the group of `count` digits; false when it does not fit. */
static bool
add_group(struct number *number, const char *digits, size_t count, char separator)
{
	if (number->count + count > CARD_MAX || number->group_count == GROUPS_MAX)
		return false;
	memcpy(number->digits + number->count, digits, count);
	number->count += count;
	number->separators[number->group_count] = separator;
	number->groups[number->group_count++] = (uint8_t)count;
	return true;
}

static enum identifier_kind
number_at(const char *begin, const char *at, const char *until)
{
	struct number number = {.count = 0};
	const char *group = at;
	char separator = ' ';
	for (;;) {
		const size_t count = text_digits(group);
		const char *end = group + count;
		if (count == 0 || end > until || !text_is_boundary(begin, end) || !add_group(&number, group, count, separator))
			return IDENTIFIER_NONE;
		const enum identifier_kind kind = kind_of(&number, begin, at, end);
		if (kind != IDENTIFIER_NONE || end == until || (*end != ' ' && *end != '-' && *end != '.'))
			return kind;
		separator = *end;
		group = end + 1;
	}
}

static bool
iban_at(const char *begin, const char *at, const char *until)
{
	char text[IBAN_MAX];
	const size_t length = iban_length(at);
	size_t count = 0;
	for (; count < length && at < until; at++) {
		const bool letter = (*at >= 'a' && *at <= 'z') || is_digit(*at);
		if (letter)
			text[count++] = *at;
		else if (*at != ' ' || count == 0)
			return false;
	}
	return count == length && count > 0 && text_is_boundary(begin, at) && iban_is_valid(text, count);
}

enum identifier_kind
identifier_number_find(const char *begin, const char *from, const char *until)
{
	for (const char *at = from; at < until;) {
		enum identifier_kind kind = IDENTIFIER_NONE;
		const size_t digits = text_digits(at);
		if (digits > 0 && text_is_boundary(begin, at))
			kind = number_at(begin, at, until);
		else if (digits == 0 && at + 3 < until && is_digit(at[2]) && is_digit(at[3]) && text_is_boundary(begin, at) &&
			iban_at(begin, at, until))
			kind = IDENTIFIER_IBAN;
		if (kind != IDENTIFIER_NONE)
			return kind;
		at += digits > 0 ? digits : 1;
	}
	return IDENTIFIER_NONE;
}

const char *
identifier_kind_name(enum identifier_kind kind)
{
	static const char *const names[] = {"number", "payment card number", "CPF number", "Aadhaar number", "IBAN"};
	return names[kind];
}
