/*
 * identifier_request - whether a text asks its reader for a card, account or identity number, and whether a variable holds one by its name
 *
 *     "Please send us your CPF"            asks
 *     "Aadhaar:" at the end of a line      asks, as a form does
 *     "We will never ask for your IBAN"    does not
 *     "Your card number has changed"       does not
 *
 * Works on folded texts (text_fold.h) with the words of phrases.def. Pure; no allocation; linear. Rows: R-088, C13.
 */
#ifndef DAYPART_CORE_IDENTIFIER_REQUEST_H
#define DAYPART_CORE_IDENTIFIER_REQUEST_H

#include <stdbool.h>

/* `from` and `until` enclose one sentence of the folded text that begins at `begin`. */
bool identifier_is_requested(const char *begin, const char *from, const char *until);

/* "cpf", "customer_iban", "card_number", but not "card_last4" or "order_id_number". */
bool identifier_variable_is_named(const char *name);

#endif
