package plotting

import (
	"strings"
	"sync"
	"unicode"
)

// forms are those of a letter of the Arabic script, which fonts have under code points of their own, one after the other:
// isolated, final, and, of letters that join the next, initial and medial.
type forms struct {
	first rune
	n     int
}

// arabicForms are the forms of the letters of Arabic, Persian and Urdu.
var arabicForms = sync.OnceValue(func() map[rune]forms {
	all := map[rune]forms{
		'ٱ': {0xFB50, 2}, 'پ': {0xFB56, 4}, 'ٹ': {0xFB66, 4}, 'چ': {0xFB7A, 4}, 'ڈ': {0xFB88, 2}, 'ژ': {0xFB8A, 2}, 'ڑ': {0xFB8C, 2},
		'ک': {0xFB8E, 4}, 'گ': {0xFB92, 4}, 'ں': {0xFB9E, 2}, 'ہ': {0xFBA6, 4}, 'ھ': {0xFBAA, 4}, 'ے': {0xFBAE, 2}, 'ۓ': {0xFBB0, 2}, 'ی': {0xFBFC, 4},
	}
	// From hamza to yeh, so many forms each, Unicode keeps the order of the letters.
	const letters = "12222" + "4242" + "44444" + "2222" + "44444444" + "000000" + "4444444" + "224"
	next := rune(0xFE80)
	for i, n := range letters {
		if n -= '0'; n > 0 {
			all['ء'+rune(i)] = forms{next, int(n)}
			next += n
		}
	}
	return all
})

// lamAlef are the isolated forms of lam with an alef, which are written as one letter; the final form follows.
var lamAlef = map[rune]rune{'آ': 0xFEF5, 'أ': 0xFEF7, 'إ': 0xFEF9, 'ا': 0xFEFB}

const tatweel = 'ـ' // a stroke that joins on both sides

// joined gives letters of the Arabic script the forms in which they join their neighbours. Vowel signs stand between
// letters that join.
func joined(text string) string {
	if !strings.ContainsFunc(text, func(r rune) bool { return unicode.Is(unicode.Arabic, r) }) {
		return text
	}
	letters := []rune(text)
	joinsNext := func(r rune) bool { return r == tatweel || arabicForms()[r].n == 4 }
	joinsLast := func(r rune) bool { return r == tatweel || arabicForms()[r].n >= 2 }
	near := func(i, step int) rune {
		for i += step; i >= 0 && i < len(letters); i += step {
			if !unicode.Is(unicode.Mn, letters[i]) {
				return letters[i]
			}
		}
		return 0
	}
	var b strings.Builder
	for i := 0; i < len(letters); i++ {
		r := letters[i]
		f, known := arabicForms()[r]
		if !known {
			b.WriteRune(r)
			continue
		}
		form := f.first
		if f.n >= 2 && joinsNext(near(i, -1)) {
			form++
		}
		if i+1 < len(letters) && r == 'ل' && lamAlef[letters[i+1]] != 0 {
			b.WriteRune(lamAlef[letters[i+1]] + form - f.first)
			i++
			continue
		}
		if joinsNext(r) && joinsLast(near(i, 1)) {
			form += 2
		}
		b.WriteRune(form)
	}
	return b.String()
}
