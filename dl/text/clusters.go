package text

import (
	"unicode"
	"unicode/utf8"
)

// clusterLength is the length in bytes of the first grapheme cluster of s (Unicode's annex 29, extended clusters): what a
// reader sees as one letter.
func clusterLength(s string) int {
	r, at := utf8.DecodeRuneInString(s)
	if at == len(s) {
		return at
	}
	before, flags, picture := breakOf(r), 0, unicode.Is(pictographic, r)
	if before == breakFlag {
		flags = 1
	}
	joined := false // a picture, marks and a joiner came before
	for at < len(s) {
		r, size := utf8.DecodeRuneInString(s[at:])
		now := breakOf(r)
		switch {
		case before == breakCR && now == breakLF:
		case before <= breakControl || now <= breakControl:
			return at
		case before == breakL && (now == breakL || now == breakV || now == breakLV || now == breakLVT):
		case (before == breakLV || before == breakV) && (now == breakV || now == breakT):
		case (before == breakLVT || before == breakT) && now == breakT:
		case now == breakExtend || now == breakJoiner || now == breakSpacing || before == breakPrepend:
		case joined && unicode.Is(pictographic, r):
		case before == breakFlag && now == breakFlag && flags%2 == 1:
		default:
			return at
		}
		if now == breakFlag {
			flags++
		}
		joined = picture && now == breakJoiner
		if now != breakExtend && now != breakJoiner {
			picture = unicode.Is(pictographic, r)
		}
		before = now
		at += size
	}
	return at
}

const (
	breakCR = iota
	breakLF
	breakControl
	breakOther
	breakExtend
	breakJoiner
	breakSpacing
	breakPrepend
	breakFlag
	breakL
	breakV
	breakT
	breakLV
	breakLVT
)

func breakOf(r rune) int {
	switch {
	case r == '\r':
		return breakCR
	case r == '\n':
		return breakLF
	case r >= ' ' && r < 0x7F:
		return breakOther
	case r == 0x200D:
		return breakJoiner
	case r == 0x200C || r >= 0xE0020 && r <= 0xE007F || r >= 0x1F3FB && r <= 0x1F3FF:
		return breakExtend
	case unicode.In(r, unicode.Mn, unicode.Me, unicode.Other_Grapheme_Extend):
		return breakExtend
	case unicode.In(r, unicode.Prepended_Concatenation_Mark, prepended):
		return breakPrepend
	case unicode.In(r, unicode.Cc, unicode.Cf, unicode.Zl, unicode.Zp):
		return breakControl
	case r == 0x0E33 || r == 0x0EB3 || unicode.Is(unicode.Mc, r) && !unicode.Is(notSpacing, r):
		return breakSpacing
	case r >= 0x1F1E6 && r <= 0x1F1FF:
		return breakFlag
	case r >= 0x1100 && r <= 0x115F || r >= 0xA960 && r <= 0xA97C:
		return breakL
	case r >= 0x1160 && r <= 0x11A7 || r >= 0xD7B0 && r <= 0xD7C6:
		return breakV
	case r >= 0x11A8 && r <= 0x11FF || r >= 0xD7CB && r <= 0xD7FB:
		return breakT
	case r >= hangul && r < hangul+hanguls:
		if (r-hangul)%hangulT == 0 {
			return breakLV
		}
		return breakLVT
	}
	return breakOther
}

// prepended are the letters before which no cluster ends, besides those of unicode.Prepended_Concatenation_Mark.
var prepended = &unicode.RangeTable{
	R16: []unicode.Range16{{Lo: 0x0D4E, Hi: 0x0D4E, Stride: 1}},
	R32: []unicode.Range32{{Lo: 0x111C2, Hi: 0x111C3, Stride: 1}, {Lo: 0x1193F, Hi: 0x1193F, Stride: 1},
		{Lo: 0x11941, Hi: 0x11941, Stride: 1}, {Lo: 0x11A3A, Hi: 0x11A3A, Stride: 1},
		{Lo: 0x11A84, Hi: 0x11A89, Stride: 1}, {Lo: 0x11D46, Hi: 0x11D46, Stride: 1}, {Lo: 0x11F02, Hi: 0x11F02, Stride: 1}},
}

// notSpacing are the marks of category Mc that are letters of their own to a reader.
var notSpacing = &unicode.RangeTable{
	R16: []unicode.Range16{{Lo: 0x102B, Hi: 0x102C, Stride: 1}, {Lo: 0x1038, Hi: 0x1038, Stride: 1},
		{Lo: 0x1062, Hi: 0x1064, Stride: 1}, {Lo: 0x1067, Hi: 0x106D, Stride: 1}, {Lo: 0x1083, Hi: 0x1083, Stride: 1},
		{Lo: 0x1087, Hi: 0x108C, Stride: 1}, {Lo: 0x108F, Hi: 0x108F, Stride: 1}, {Lo: 0x109A, Hi: 0x109C, Stride: 1},
		{Lo: 0x1A61, Hi: 0x1A61, Stride: 1}, {Lo: 0x1A63, Hi: 0x1A64, Stride: 1}, {Lo: 0xAA7B, Hi: 0xAA7B, Stride: 1},
		{Lo: 0xAA7D, Hi: 0xAA7D, Stride: 1}},
	R32: []unicode.Range32{{Lo: 0x11720, Hi: 0x11721, Stride: 1}},
}

// pictographic are the blocks in which pictures are (Extended_Pictographic), roughly: only clusters of joined pictures
// ask for it.
var pictographic = &unicode.RangeTable{
	R16: []unicode.Range16{{Lo: 0x00A9, Hi: 0x00A9, Stride: 1}, {Lo: 0x00AE, Hi: 0x00AE, Stride: 1},
		{Lo: 0x203C, Hi: 0x203C, Stride: 1}, {Lo: 0x2049, Hi: 0x2049, Stride: 1}, {Lo: 0x2122, Hi: 0x2122, Stride: 1},
		{Lo: 0x2139, Hi: 0x2139, Stride: 1}, {Lo: 0x2194, Hi: 0x2199, Stride: 1}, {Lo: 0x21A9, Hi: 0x21AA, Stride: 1},
		{Lo: 0x231A, Hi: 0x231B, Stride: 1}, {Lo: 0x2328, Hi: 0x2328, Stride: 1}, {Lo: 0x23CF, Hi: 0x23F3, Stride: 1},
		{Lo: 0x25AA, Hi: 0x25FE, Stride: 1}, {Lo: 0x2600, Hi: 0x27BF, Stride: 1}, {Lo: 0x2934, Hi: 0x2935, Stride: 1},
		{Lo: 0x2B05, Hi: 0x2B55, Stride: 1}, {Lo: 0x3030, Hi: 0x303D, Stride: 13}, {Lo: 0x3297, Hi: 0x3299, Stride: 2}},
	R32:         []unicode.Range32{{Lo: 0x1F000, Hi: 0x1FAFF, Stride: 1}},
	LatinOffset: 2,
}
