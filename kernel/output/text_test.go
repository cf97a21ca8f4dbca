package output

import (
	"strings"
	"testing"
	"unicode/utf8"
)

func TestWhole(t *testing.T) {
	for text, want := range map[string]int{"": 0, "abc": 3, "é": 2, "é\xc3": 2, "\xc3": 0, "a\xe2\x82": 1, "a€": 4, "a\x80\x80\x80\x80\x80": 6, "\xf0\x9f\x8e": 0, "\xff": 1} {
		if got := whole([]byte(text)); got != want {
			t.Errorf("whole(%q) = %d, want %d", text, got, want)
		}
	}
}

// However bytes are cut into pieces, the text is the same.
func FuzzDecoder(f *testing.F) {
	f.Add([]byte("aé€🎉\xff\xc3"), 1)
	f.Add([]byte("\xf0\x9f\x8e"), 2)
	f.Fuzz(func(t *testing.T, b []byte, size int) {
		size = max(1, size&7)
		var d Decoder
		var got strings.Builder
		for rest := b; len(rest) > 0; {
			n := min(size, len(rest))
			text := d.Text(rest[:n])
			if !utf8.ValidString(text) {
				t.Fatalf("%q is no text", text)
			}
			got.WriteString(text)
			rest = rest[n:]
		}
		got.WriteString(d.Rest())
		// How many U+FFFD stand for a run of bytes depends on the pieces.
		if g, w := squeeze(got.String()), squeeze(strings.ToValidUTF8(string(b), "\uFFFD")); g != w {
			t.Fatalf("%q in pieces of %d: got %q, want %q", b, size, g, w)
		}
	})
}

func squeeze(s string) string {
	for strings.Contains(s, "\uFFFD\uFFFD") {
		s = strings.ReplaceAll(s, "\uFFFD\uFFFD", "\uFFFD")
	}
	return s
}
