/* Published examples pass, and no single wrong digit does. */
#include "planner/core/identifier_numbers.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

static const char *const cards[] = {"4111111111111111", "4222222222222", "5555555555554444", "2223003122003222", "378282246310005",
	"30569309025904", "6011111111111117", "3530111333300000", "6362970000457013", "6250941006528599", "6759649826438453",
	"2201382000000013"};
static const char *const no_cards[] = {"4111111111111112", "1111111111111117", "411111111111", "41111111111111111111", "0000000000000000",
	"79927398713", "40000000000002", "40000000000000006"};
static const char *const cpfs[] = {"52998224725", "11144477735", "00000000191"};
static const char *const aadhaars[] = {"234123412346", "499118665246", "999971658847", "999933119405", "999955183433"};
static const char *const ibans[] = {"de89370400440532013000", "gb82west12345698765432", "fr1420041010050500013m02606",
	"br1800360305000010009795493c1", "no9386011117947", "mt84malt011000012345mtlcast001s", "nl91abna0417164300"};

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

static bool
cpf_test(const char *text, size_t length)
{
	return length == 11 && cpf_is_valid(text);
}

static bool
aadhaar_test(const char *text, size_t length)
{
	return length == 12 && aadhaar_is_valid(text);
}

/* The example passes, and with any one digit changed it does not. */
static void
check_example(bool (*test)(const char *, size_t), const char *example)
{
	char text[40];
	const size_t length = strlen(example);
	if (!test(example, length))
		fail_msg("%s", example);
	for (size_t i = 0; i < length; i++)
		for (int digit = '0'; digit <= '9'; digit++) {
			strcpy(text, example);
			if (text[i] < '0' || text[i] > '9' || text[i] == (char)digit)
				continue;
			text[i] = (char)digit;
			if (test(text, length))
				fail_msg("%s with another digit: %s", example, text);
		}
}

static void
check_digits(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(cards); i++)
		check_example(card_number_is_valid, cards[i]);
	for (size_t i = 0; i < COUNT(cpfs); i++)
		check_example(cpf_test, cpfs[i]);
	for (size_t i = 0; i < COUNT(aadhaars); i++)
		check_example(aadhaar_test, aadhaars[i]);
	for (size_t i = 0; i < COUNT(ibans); i++)
		check_example(iban_is_valid, ibans[i]);
}

/* Verhoeff also finds every swap of neighbours; Luhn all but 09 and 90. */
static void
swapped_digits(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(aadhaars); i++)
		for (size_t at = 0; at < 11; at++) {
			char text[13];
			strcpy(text, aadhaars[i]);
			const char first = text[at];
			text[at] = text[at + 1];
			text[at + 1] = first;
			if (text[at] != text[at + 1])
				assert_false(aadhaar_is_valid(text));
		}
}

static void
other_numbers(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(no_cards); i++)
		if (card_number_is_valid(no_cards[i], strlen(no_cards[i])))
			fail_msg("%s", no_cards[i]);
	for (int digit = '0'; digit <= '9'; digit++) {
		char equal[12];
		memset(equal, digit, sizeof(equal));
		assert_false(cpf_is_valid(equal));
	}
	assert_false(aadhaar_is_valid("123412341234"));
	assert_false(aadhaar_is_valid("034123412341"));
	assert_false(iban_is_valid("de863704004405320130", 20));
	assert_false(iban_is_valid("de9837040044053201300000", 24));
	assert_false(iban_is_valid("us89370400440532013000", 22));
	assert_false(iban_is_valid("de8937040044053201300", 21));
	assert_false(iban_is_valid("", 0));
}

static const struct {
	const char *text;
	enum identifier_kind kind;
} texts[] = {
	{"4111 1111 1111 1111", IDENTIFIER_CARD},
	{"no 7 4111 1111 1111 1111 22", IDENTIFIER_CARD},
	{"4111.1111.1111.1111", IDENTIFIER_NONE},
	{"41 11 11 11 11 11 11 11", IDENTIFIER_NONE},
	{"x4111111111111111", IDENTIFIER_NONE},
	{"4111111111111111x", IDENTIFIER_NONE},
	{"14111111111111111", IDENTIFIER_NONE},
	{"12,4111111111111111", IDENTIFIER_NONE},
	{"4111111111111111.50", IDENTIFIER_NONE},
	{"4111111111111111.", IDENTIFIER_CARD},
	{"+4222222222222", IDENTIFIER_NONE},
	{"529.982.247-25", IDENTIFIER_CPF},
	{"529-982-247-25", IDENTIFIER_CPF},
	{"52998224725", IDENTIFIER_CPF},
	{"52 998 224 725", IDENTIFIER_NONE},
	{"+52998224725", IDENTIFIER_NONE},
	{"2341-2341-2346", IDENTIFIER_AADHAAR},
	{"23 4123 412346", IDENTIFIER_NONE},
	{"txn id: #234123412346", IDENTIFIER_NONE},
	{"my order and 234123412346", IDENTIFIER_AADHAAR},
	{"iban de89 3704 0044 0532 0130 00 now", IDENTIFIER_IBAN},
	{"iban de89 3704 0044 0532 0130 00now", IDENTIFIER_NONE},
	{"xde89370400440532013000", IDENTIFIER_NONE},
	{"de89-3704-0044-0532-0130-00", IDENTIFIER_NONE},
	{"", IDENTIFIER_NONE},
	{"1", IDENTIFIER_NONE},
	{"de8", IDENTIFIER_NONE},
};

static void
numbers_in_texts(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(texts); i++) {
		const char *text = texts[i].text;
		const enum identifier_kind kind = identifier_number_find(text, text, text + strlen(text));
		if (kind != texts[i].kind)
			fail_msg("\"%s\": %s", text, identifier_kind_name(kind));
	}
}

/* A sentence is searched, not what follows it. */
static void
nothing_behind_the_end(void **state)
{
	(void)state;
	const char *text = "4111 1111 1111 1111", *one = "52998224725";
	assert_int_equal(identifier_number_find(text, text, text + 14), IDENTIFIER_NONE);
	assert_int_equal(identifier_number_find(text, text, text + 12), IDENTIFIER_NONE);
	assert_int_equal(identifier_number_find(one, one, one + 5), IDENTIFIER_NONE);
	assert_int_equal(identifier_number_find(text, text + 5, text + 19), IDENTIFIER_NONE);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(check_digits),
		cmocka_unit_test(swapped_digits),
		cmocka_unit_test(other_numbers),
		cmocka_unit_test(numbers_in_texts),
		cmocka_unit_test(nothing_behind_the_end),
	};
	return cmocka_run_group_tests(tests, NULL, NULL) != 0;
}
