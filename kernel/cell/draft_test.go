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
		if got := ParseDraft(test.code); got.Go != test.want || got.Whole != nil {
			t.Errorf("%q: %q, %v, want %q", test.code, got.Go, got.Whole, test.want)
		}
	}
	if d := ParseDraft("%%bash\nls"); d.Whole == nil || d.Whole.Name != "%%bash" || d.Go != "" {
		t.Errorf("%%%%bash: %+v", d)
	}
	for code, want := range map[string]int{"x": 0, "x\n%%\ny": 2, "%exec f\n%main": 1, "%\n%main a b\nx": 2} {
		if got := ParseDraft(code).MainLine; got != want {
			t.Errorf("%q: main begins in line %d, want %d", code, got, want)
		}
	}
}

func FuzzDraft(f *testing.F) {
	for _, s := range []string{"", "%", "!\n%\n!*", "//gonb:%\n\\", "%\\\n", "`%\n", "!\\\n%"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, code string) {
		d := ParseDraft(code)
		text := d.Go
		if d.Whole == nil && (len(text) != len(code) || strings.Count(text, "\n") != strings.Count(code, "\n")) {
			t.Fatalf("%q has other lines than the cell %q", text, code)
		}
	})
}
