/*
 * identifier_numbers - numbers that name a payment card, an account or a person, told from other numbers by their check digits
 *
 *     if (identifier_number_find(folded, from, until) != IDENTIFIER_NONE) ...
 *
 *     card      Luhn, with the first digits and the length of a card scheme; one run, or groups with a blank or hyphen between
 *     CPF       both check digits; 11 digits, or 123.456.789-09
 *     Aadhaar   Verhoeff; 12 digits, or 4-4-4 with a blank or hyphen; not begun by 0 or 1. Twelve digits in one run directly after a word such as
 *               "order" or "UPI ref" are a reference: one in twelve of those would pass the check otherwise
 *     IBAN      length of its country and modulo 97; one run, or groups with a blank between
 *
 * A check digit lets chance through: of other numbers with a card's first digits and length one in ten, of other runs of 11 digits one in a
 * hundred (Brazilian mobile numbers: write them +55 11 98765-4321). Longer runs of digits are never searched inside.
 *
 * Works on folded texts (text_fold.h), so digits of any script count. Pure; no allocation; linear. Row: R-088.
 */
#ifndef DAYPART_CORE_IDENTIFIER_NUMBERS_H
#define DAYPART_CORE_IDENTIFIER_NUMBERS_H

#include <stdbool.h>
#include <stddef.h>

enum identifier_kind { IDENTIFIER_NONE, IDENTIFIER_CARD, IDENTIFIER_CPF, IDENTIFIER_AADHAAR, IDENTIFIER_IBAN };

/* The first in [from, until) of the folded text that begins at `begin`; `until` may not cut a number. */
enum identifier_kind identifier_number_find(const char *begin, const char *from, const char *until);
const char *identifier_kind_name(enum identifier_kind kind); /* "payment card number" */

/* Of digits alone, '0' to '9'. */
bool card_number_is_valid(const char *digits, size_t count);
bool cpf_is_valid(const char digits[11]);
bool aadhaar_is_valid(const char digits[12]);
/* Of letters in lower case and digits, without blanks. */
bool iban_is_valid(const char *text, size_t length);

#endif
