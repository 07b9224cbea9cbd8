/*
 * opt_out_text - whether a sentence tells its reader how to opt out
 *
 * A word to send and what makes it an instruction: "Reply STOP", "responda com a palavra SAIR", "回复TD退订", "STOP लिखकर भेजें", "STOP au
 * 36111", "STOP to opt out", "Unsubscribe: STOP". Or words about opting out beside a link, a phone number or an e-mail address. The word
 * must be one that the inbound handler understands, in whatever language.
 *
 *     one_way    the sender receives no replies (P-07): only a link, a phone number, an e-mail address, or a number to send the word to
 *
 * Works on folded texts (text_fold.h). Pure; no allocation; linear. Rows.
 */
#ifndef DAYPART_CORE_OPT_OUT_TEXT_H
#define DAYPART_CORE_OPT_OUT_TEXT_H

#include <stdbool.h>

/* `from` and `until` enclose one sentence of the folded text that begins at `begin`. */
bool opt_out_is_told(const char *begin, const char *from, const char *until, bool one_way);

#endif
