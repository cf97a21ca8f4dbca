package invalid

import "testing"

func TestUTF8(t *testing.T) {
	for text, want := range map[string]int{"": -1, "café": -1, "\ufffd is no fault": -1, "caf\xe9": 3, "\xff": 0, "é\xc3": 2, "\ufffd\xed\xa0\x80": 3, "a\xc0\x80": 1} {
		if got := UTF8(text); got != want {
			t.Errorf("%q: %d, want %d", text, got, want)
		}
		if got := UTF8([]byte(text)); got != want {
			t.Errorf("bytes %q: %d, want %d", text, got, want)
		}
	}
}
