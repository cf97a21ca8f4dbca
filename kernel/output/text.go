package output

import (
	"strings"
	"unicode/utf8"
)

// A Decoder makes text of the bytes of a stream as they come: the beginning of
// a character waits for its end, and what is no UTF-8 becomes U+FFFD.
type Decoder struct {
	tail []byte // the beginning of a character
}

// Text returns the text of the next bytes.
func (d *Decoder) Text(b []byte) string {
	if len(d.tail) > 0 {
		b = append(d.tail, b...)
		d.tail = nil
	}
	n := whole(b)
	d.tail = append(d.tail, b[n:]...)
	return strings.ToValidUTF8(string(b[:n]), "\uFFFD")
}

// Rest returns the text of a character that did not come to its end.
func (d *Decoder) Rest() string {
	b := d.tail
	d.tail = nil
	return strings.ToValidUTF8(string(b), "\uFFFD")
}

// whole is the length of b without an incomplete character at its end.
func whole(b []byte) int {
	for i := 1; i <= min(len(b), utf8.UTFMax); i++ {
		if utf8.RuneStart(b[len(b)-i]) {
			if !utf8.FullRune(b[len(b)-i:]) {
				return len(b) - i
			}
			break
		}
	}
	return len(b)
}
