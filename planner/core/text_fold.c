/*
 * ASCII goes through one comparison a byte. Latin letters have a table from code point to plain letter, generated from Unicode's decompositions;
 * '#' stands for a pair of letters, '?' for a character that stays. What else changes is listed; the rest is copied.
 */
#include "text_fold.h"

#include <stdint.h>
#include <string.h>

static const char latin_a[] = /* U+00C0 to U+017F */
	"aaaaaa#ceeeeiiiidnooooo?ouuuuy##aaaaaa#ceeeeiiiidnooooo?ouuuuy#y"
	"aaaaaaccccccccddddeeeeeeeeeegggggggghhhhiiiiiiiiii##jjkkklllllll"
	"lllnnnnnnnnnoooooo##rrrrrrssssssssttttttuuuuuuuuuuuuwwyyyzzzzzzs";
static const char latin_b[] = /* U+0180 to U+024F */
	"????????????????????????????????oo?????????????uu???????????????"
	"?????????????aaiioouuuuuuuuuu?aaaa????ggkkoooo??j???gg??nnaa????"
	"aaaaeeeeiiiioooorrrruuuusstt??hh??????aaeeooooooooyy????????????"
	"????????????????";
static const char latin_additional[] = /* U+1E00 to U+1EFF */
	"aabbbbbbccddddddddddeeeeeeeeeeffgghhhhhhhhhhiiiikkkkkkllllllllmm"
	"mmmmnnnnnnnnoooooooopppprrrrrrrrssssssssssttttttttuuuuuuuuuuvvvv"
	"wwwwwwwwwwxxxxyyzzzzzzhtwy?s??#?aaaaaaaaaaaaaaaaaaaaaaaaeeeeeeee"
	"eeeeeeeeiiiioooooooooooooooooooooooouuuuuuuuuuuuuuyyyyyyyy??????";

/* What is no letter of one of the tables above; sorted. "" vanishes. */
static const struct {
	uint32_t first, last;
	const char *folded;
} listed[] = {
	{0x0085, 0x0085, "\n"},
	{0x00A0, 0x00A0, " "},
	{0x00AB, 0x00AB, "\""},
	{0x00AD, 0x00AD, ""},
	{0x00BB, 0x00BB, "\""},
	{0x02BC, 0x02BC, "'"},
	{0x0300, 0x036F, ""},
	{0x0451, 0x0451, "е"},
	{0x060C, 0x060C, ","},
	{0x061B, 0x061B, ";"},
	{0x061F, 0x061F, "? "},
	{0x0622, 0x0623, "ا"},
	{0x0625, 0x0625, "ا"},
	{0x0640, 0x0640, ""},
	{0x0649, 0x0649, "ي"},
	{0x064B, 0x0652, ""},
	{0x06D4, 0x06D4, ". "},
	{0x0964, 0x0965, ". "},
	{0x1680, 0x1680, " "},
	{0x2000, 0x200A, " "},
	{0x200B, 0x200F, ""},
	{0x2010, 0x2015, "-"},
	{0x2018, 0x201B, "'"},
	{0x201C, 0x201F, "\""},
	{0x2026, 0x2026, ". "},
	{0x2028, 0x2029, "\n"},
	{0x202A, 0x202E, ""},
	{0x202F, 0x202F, " "},
	{0x205F, 0x205F, " "},
	{0x2060, 0x2064, ""},
	{0x2212, 0x2212, "-"},
	{0x3000, 0x3000, " "},
	{0x3001, 0x3001, ","},
	{0x3002, 0x3002, ". "},
	{0x3008, 0x3008, "<"},
	{0x3009, 0x3009, ">"},
	{0x300A, 0x300A, "<"},
	{0x300B, 0x300B, ">"},
	{0x300C, 0x300F, "\""},
	{0x3010, 0x3010, "["},
	{0x3011, 0x3011, "]"},
	{0x3014, 0x3014, "["},
	{0x3015, 0x3015, "]"},
	{0xFE00, 0xFE0F, ""},
	{0xFEFF, 0xFEFF, ""},
	{0xFF01, 0xFF01, "! "},
	{0xFF1F, 0xFF1F, "? "},
	{0xFF61, 0xFF61, ". "},
};

/* The zeros of scripts whose digits people type. */
static const uint32_t zeros[] = {0x0660, 0x06F0, 0x0966, 0x09E6, 0x0A66, 0x0AE6, 0x0BE6, 0x0C66, 0x0CE6, 0x0D66, 0x0E50};

/* Letters that stand for themselves and need no blank around them, and what is no letter; sorted. All else is a letter of a word. */
enum letter { LETTER_NONE, LETTER_IN_WORD, LETTER_ALONE };
static const struct {
	uint32_t first, last;
	enum letter letter;
} letters[] = {
	{0x0080, 0x00BF, LETTER_NONE},
	{0x00D7, 0x00D7, LETTER_NONE},
	{0x00F7, 0x00F7, LETTER_NONE},
	{0x0E00, 0x109F, LETTER_ALONE}, /* Thai, Lao, Tibetan, Myanmar */
	{0x1100, 0x11FF, LETTER_ALONE},
	{0x1780, 0x17FF, LETTER_ALONE}, /* Khmer */
	{0x2000, 0x2BFF, LETTER_NONE},
	{0x2E00, 0x2E7F, LETTER_NONE},
	{0x2E80, 0x2FFF, LETTER_ALONE},
	{0x3000, 0x3004, LETTER_NONE},
	{0x3005, 0x3007, LETTER_ALONE},
	{0x3008, 0x3030, LETTER_NONE},
	{0x3031, 0x9FFF, LETTER_ALONE}, /* Kana and Han */
	{0xA960, 0xA97F, LETTER_ALONE},
	{0xAC00, 0xD7FF, LETTER_ALONE}, /* Hangul, whose particles follow without a blank */
	{0xE000, 0xF8FF, LETTER_NONE},
	{0xF900, 0xFAFF, LETTER_ALONE},
	{0xFE10, 0xFE6F, LETTER_NONE},
	{0xFF01, 0xFF65, LETTER_NONE},
	{0xFF66, 0xFFDC, LETTER_ALONE},
	{0xFFE0, 0xFFFF, LETTER_NONE},
	{0x1F000, 0x1FAFF, LETTER_NONE}, /* emoji */
	{0x20000, 0x3FFFF, LETTER_ALONE},
};

/* UTF-8 ----------------------------------------------------------------------------------------------------------------------------------- */

static bool
is_continuation(char byte)
{
	return ((unsigned char)byte & 0xC0) == 0x80;
}

/* The length of the character, or 0 when it is no UTF-8. */
static size_t
decode(const char *text, size_t size, uint32_t *out)
{
	const unsigned char lead = (unsigned char)text[0];
	const size_t length = lead < 0x80 ? 1 : lead < 0xC2 ? 0 : lead < 0xE0 ? 2 : lead < 0xF0 ? 3 : lead < 0xF5 ? 4 : 0;
	if (length == 0 || length > size)
		return 0;
	*out = length == 1 ? lead : lead & (0x7Fu >> length);
	for (size_t i = 1; i < length; i++) {
		if (!is_continuation(text[i]))
			return 0;
		*out = *out << 6 | ((unsigned char)text[i] & 0x3F);
	}
	return length;
}

size_t
text_length(const char *text, size_t size)
{
	size_t length = 0;
	for (size_t i = 0; i < size; i++)
		length += !is_continuation(text[i]);
	return length;
}

/* Folding --------------------------------------------------------------------------------------------------------------------------------- */

static void
put(struct folded *out, const char *bytes, size_t count)
{
	if (out->length + count + 1 > out->room) {
		out->cut = true;
		count = 0;
	}
	memcpy(out->bytes + out->length, bytes, count);
	out->length += count;
	out->bytes[out->length] = '\0';
}

static void
put_blank(struct folded *out, char blank)
{
	char *last = out->length > 0 ? &out->bytes[out->length - 1] : NULL;
	if (last == NULL)
		return;
	if (*last == ' ' && blank == '\n')
		*last = '\n';
	else if (*last != ' ' && *last != '\n')
		put(out, &blank, 1);
}

static void
put_ascii(struct folded *out, char byte)
{
	if (byte == ' ' || byte == '\t')
		put_blank(out, ' ');
	else if (byte >= '\n' && byte <= '\r')
		put_blank(out, '\n');
	else if (out->length + 2 > out->room)
		out->cut = true;
	else {
		out->bytes[out->length++] = (char)(byte >= 'A' && byte <= 'Z' ? byte | 0x20 : byte);
		out->bytes[out->length] = '\0';
	}
}

static void
put_all_ascii(struct folded *out, const char *bytes)
{
	for (; *bytes != '\0'; bytes++)
		put_ascii(out, *bytes);
}

static const char *
letter_pair(uint32_t character)
{
	switch (character) {
	case 0xC6:
	case 0xE6:
		return "ae";
	case 0xDE:
	case 0xFE:
		return "th";
	case 0x132:
	case 0x133:
		return "ij";
	case 0x152:
	case 0x153:
		return "oe";
	default:
		return "ss";
	}
}

/* The plain letter of a Latin one; '?' when there is none, '#' for a pair. */
static char
latin_letter(uint32_t character)
{
	if (character >= 0xC0 && character < 0x180)
		return latin_a[character - 0xC0];
	if (character >= 0x180 && character < 0x250)
		return latin_b[character - 0x180];
	if (character >= 0x1E00 && character < 0x1F00)
		return latin_additional[character - 0x1E00];
	return '?';
}

/* ASCII in another width, script or style; '\0' when it is none. */
static char
ascii_of(uint32_t character)
{
	if (character > 0xFF01 && character <= 0xFF5E && character != 0xFF1F)
		return (char)(character - 0xFEE0);
	if (character >= 0x1D400 && character < 0x1D6A4) /* bold, italic, script letters */
		return (char)('a' + (character - 0x1D400) % 52 % 26);
	if (character >= 0x1D7CE && character < 0x1D800)
		return (char)('0' + (character - 0x1D7CE) % 10);
	for (size_t i = 0; character < 0x0E5A && i < sizeof(zeros) / sizeof(zeros[0]); i++)
		if (character >= zeros[i] && character < zeros[i] + 10)
			return (char)('0' + (character - zeros[i]));
	return '\0';
}

/* Capitals of Greek and Cyrillic lie a fixed distance before the small letters. */
static uint32_t
lower_case(uint32_t character)
{
	if ((character >= 0x391 && character <= 0x3A9) || (character >= 0x410 && character <= 0x42F))
		return character + 0x20;
	return character == 0x401 ? 0x435 : character >= 0x400 && character <= 0x40F ? character + 0x50 : character;
}

static const char *
listed_form(uint32_t character)
{
	for (size_t i = 0; i < sizeof(listed) / sizeof(listed[0]) && listed[i].first <= character; i++)
		if (character <= listed[i].last)
			return listed[i].folded;
	return NULL;
}

static void
put_folded(struct folded *out, uint32_t character, const char *bytes, size_t count)
{
	const char latin = latin_letter(character), ascii = ascii_of(character);
	const uint32_t lower = lower_case(character);
	const char *form = listed_form(character);
	if (latin == '#')
		put(out, letter_pair(character), 2);
	else if (latin != '?')
		put(out, &latin, 1);
	else if (ascii != '\0')
		put_ascii(out, ascii);
	else if (form != NULL && (unsigned char)form[0] < 0x80)
		put_all_ascii(out, form);
	else if (form != NULL)
		put(out, form, strlen(form));
	else if (lower != character)
		put(out, (const char[]){(char)(0xC0 | lower >> 6), (char)(0x80 | (lower & 0x3F))}, 2);
	else
		put(out, bytes, count);
}

void
fold_text(struct folded *out, const char *text, size_t size)
{
	for (size_t i = 0; i < size && !out->cut;) {
		uint32_t character;
		if ((unsigned char)text[i] < 0x80) {
			put_ascii(out, text[i++]);
			continue;
		}
		const size_t length = decode(text + i, size - i, &character);
		if (length == 0)
			put(out, "?", 1);
		else if (character >= 0x3400 && character <= 0x9FFF) /* Han, the most common of what only needs copying */
			put(out, text + i, length);
		else
			put_folded(out, character, text + i, length);
		i += length > 0 ? length : 1;
	}
}

/* Words ----------------------------------------------------------------------------------------------------------------------------------- */

static bool
is_ascii_letter(char byte)
{
	return (byte >= 'a' && byte <= 'z') || (byte >= '0' && byte <= '9');
}

static enum letter
letter_at(const char *at)
{
	const char byte = *at;
	uint32_t character = 0;
	if ((unsigned char)byte < 0x80)
		return is_ascii_letter(byte) ? LETTER_IN_WORD : LETTER_NONE;
	decode(at, 4, &character); /* folded: always UTF-8 */
	for (size_t i = 0; i < sizeof(letters) / sizeof(letters[0]) && letters[i].first <= character; i++)
		if (character <= letters[i].last)
			return letters[i].letter;
	return LETTER_IN_WORD;
}

bool
text_is_letter(const char *at)
{
	return letter_at(at) != LETTER_NONE;
}

bool
text_is_boundary(const char *begin, const char *at)
{
	const char *before = at;
	if (at == begin || letter_at(at) != LETTER_IN_WORD)
		return true;
	do
		before--;
	while (before > begin && is_continuation(*before));
	return letter_at(before) != LETTER_IN_WORD;
}

const char *
text_next(const char *at)
{
	at += *at != '\0';
	while (is_continuation(*at))
		at++;
	return at;
}

const char *
text_next_word(const char *at)
{
	if (!is_ascii_letter(*at))
		at = text_next(at);
	else
		while (is_ascii_letter(*at))
			at++;
	return at + (*at == ' ');
}

bool
text_holds_word(const char *text, const char *word)
{
	const size_t length = strlen(word);
	for (const char *at = text; length > 0 && (at = strstr(at, word)) != NULL; at = text_next(at))
		if (text_is_boundary(text, at) && text_is_boundary(text, at + length))
			return true;
	return false;
}

size_t
text_digits(const char *at)
{
	size_t count = 0;
	while (at[count] >= '0' && at[count] <= '9')
		count++;
	return count;
}
