// Package invalid finds what is wrong in texts that are read.
package invalid

import "unicode/utf8"

// UTF8 is the place of the first byte that is not UTF-8, or -1.
func UTF8[T string | []byte](text T) int {
	s := string(text)
	if utf8.ValidString(s) {
		return -1
	}
	for i := 0; i < len(s); {
		r, size := utf8.DecodeRuneInString(s[i:])
		if r == utf8.RuneError && size == 1 {
			return i
		}
		i += size
	}
	return -1
}
