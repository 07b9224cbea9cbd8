/*
 * contact - ways to reach somebody that a text names: links, e-mail addresses, phone numbers
 *
 *     if (contact_has_email(begin, from, until) || contact_has_toll_free(begin, from, until)) ...
 *
 * Each looks into [from, until) of the folded text (text_fold.h) that begins at `begin`. Pure; no allocation; linear.
 */
#ifndef DAYPART_CORE_CONTACT_H
#define DAYPART_CORE_CONTACT_H

#include <stdbool.h>

/* https://..., www...., or a host with a path: ipe.example/stop */
bool contact_has_link(const char *begin, const char *from, const char *until);
bool contact_has_email(const char *begin, const char *from, const char *until);
/* 7 to 15 digits, with blanks, hyphens, points, slashes and parentheses between. */
bool contact_has_phone(const char *begin, const char *from, const char *until);
/* +1 800, 833, 844, 855, 866, 877 or 888 with seven digits or letters, or 0800 and 0808 elsewhere. */
bool contact_has_toll_free(const char *begin, const char *from, const char *until);

#endif
