package text

import (
	"slices"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"
)

// NFC, NFD, NFKC and NFKD are the normal forms of Unicode: composed or taken apart, and with a K also without the
// differences of compatibility (such as that of the ligature ﬁ and fi).
type (
	NFC  struct{}
	NFD  struct{}
	NFKC struct{}
	NFKD struct{}
)

func (NFC) normalize(p *piece)  { p.form(norm.NFC, norm.NFD, true) }
func (NFD) normalize(p *piece)  { p.form(norm.NFD, norm.NFD, false) }
func (NFKC) normalize(p *piece) { p.form(norm.NFKC, norm.NFKD, true) }
func (NFKD) normalize(p *piece) { p.form(norm.NFKD, norm.NFKD, false) }

// form brings a piece into a normal form. The package norm does not say which letter came from where (and breaks up runs
// of more than 30 marks), so it only says whether there is anything to do, and how letters are taken apart.
func (p *piece) form(form, decomposed norm.Form, compose bool) {
	if form.IsNormalString(p.text) {
		return
	}
	letters := decompose(p.text, decomposed)
	if compose {
		letters = recompose(letters)
	}
	changes := make([]change, len(letters))
	for i, l := range letters {
		changes[i] = l.change
	}
	p.apply(changes, 0)
}

// part is a letter of a decomposed text with its combining class.
type part struct {
	change
	class uint8
}

const hangul, hangulV, hangulT, hanguls = 0xAC00, 21, 28, 19 * 21 * 28

func decompose(s string, form norm.Form) []part {
	parts := make([]part, 0, len(s)+len(s)/2)
	ordered := 0 // parts before it are in their final order
	order := func() {
		slices.SortStableFunc(parts[ordered:], func(a, b part) int { return int(a.class) - int(b.class) })
		ordered = len(parts)
	}
	add := func(r rune, first bool) {
		p := part{change: change{letter: r, change: 1}}
		if first {
			p.change.change = 0
		}
		if r >= 0x300 {
			p.class = class(r)
		}
		if p.class == 0 {
			order()
		}
		parts = append(parts, p)
	}
	for i, r := range s {
		switch {
		case r < utf8.RuneSelf:
			add(r, true)
		case r >= hangul && r < hangul+hanguls:
			at := r - hangul
			add(0x1100+at/(hangulV*hangulT), true)
			add(0x1161+at/hangulT%hangulV, false)
			if t := at % hangulT; t > 0 {
				add(0x11A7+t, false)
			}
		default:
			full := form.PropertiesString(s[i:]).Decomposition()
			if full == nil {
				add(r, true)
				break
			}
			for j, d := range string(full) {
				add(d, j == 0)
			}
		}
	}
	order()
	return parts
}

func class(r rune) uint8 {
	var b [utf8.UTFMax]byte
	return norm.NFD.Properties(b[:utf8.EncodeRune(b[:], r)]).CCC()
}

// recompose puts letters and their marks together, as Unicode's annex 15 says.
func recompose(parts []part) []part {
	out := make([]part, 0, len(parts))
	starter := -1 // where in out the letter is that marks may join
	for _, p := range parts {
		if starter >= 0 {
			last := out[len(out)-1]
			blocked := len(out)-1 > starter && (last.class >= p.class || last.class == 0)
			if !blocked {
				if both, ok := compose(out[starter].letter, p.letter); ok {
					out[starter].letter = both
					out[starter].change.change += p.change.change - 1
					continue
				}
			}
		}
		if p.class == 0 {
			starter = len(out)
		}
		out = append(out, p)
	}
	return out
}

func compose(a, b rune) (rune, bool) {
	switch {
	case a >= 0x1100 && a < 0x1100+19 && b >= 0x1161 && b < 0x1161+hangulV:
		return hangul + ((a-0x1100)*hangulV+(b-0x1161))*hangulT, true
	case a >= hangul && a < hangul+hanguls && (a-hangul)%hangulT == 0 && b > 0x11A7 && b < 0x11A7+hangulT:
		return a + b - 0x11A7, true
	case b < 0x300:
		return 0, false
	}
	var buffer [4 * utf8.UTFMax]byte
	pair := utf8.AppendRune(utf8.AppendRune(buffer[:0], a), b)
	var result [4 * utf8.UTFMax]byte
	both := norm.NFC.Append(result[:0], pair...)
	r, size := utf8.DecodeRune(both)
	return r, size == len(both)
}

// isMark says whether a letter is a combining mark (categories Mn, Mc and Me).
func isMark(r rune) bool { return r >= 0x300 && unicode.Is(unicode.M, r) }
