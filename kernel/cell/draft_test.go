package cell

import (
	"strings"
	"testing"
)

func TestDraft(t *testing.T) {
	for _, test := range []struct{ code, want string }{
		{"x := 1", "x := 1"},
		{"%cd /\nx", "     \nx"},
		{"%\nx\n!\ny(", " \nx\n \ny("},
		{"x := f(\n%who", "x := f(\n    "},
		{"!echo \\\n  a\nx", "       \n   \nx"},
	} {
		if whole, got := Draft(test.code); got != test.want || whole != nil {
			t.Errorf("%q: %q, %v, want %q", test.code, got, whole, test.want)
		}
	}
	if whole, text := Draft("%%bash\nls"); whole == nil || whole.Name != "%%bash" || text != "" {
		t.Errorf("%%%%bash: %+v, %q", whole, text)
	}
}

func FuzzDraft(f *testing.F) {
	for _, s := range []string{"", "%", "!\n%\n!*", "//gonb:%\n\\", "%\\\n", "`%\n", "!\\\n%"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, code string) {
		whole, text := Draft(code)
		if whole == nil && (len(text) != len(code) || strings.Count(text, "\n") != strings.Count(code, "\n")) {
			t.Fatalf("%q has other lines than the cell %q", text, code)
		}
	})
}
