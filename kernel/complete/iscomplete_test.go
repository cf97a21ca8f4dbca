package complete

import (
	"strings"
	"testing"
)

func TestIsComplete(t *testing.T) {
	for _, test := range []struct{ code, status, indent string }{
		{"", Complete, ""},
		{"// only a comment", Complete, ""},
		{"x := 1", Complete, ""},
		{"x := 1\nx", Complete, ""},
		{"func f() {", Incomplete, "\t"},
		{"func f() {\n\tfor {", Incomplete, "\t\t"},
		{"func f() {\n\tg()", Incomplete, "\t"},
		{"func f() {\n\tg()\n", Incomplete, "\t"},
		{"func f() {\n\tg()\n}", Complete, ""},
		{"f(1,", Incomplete, "\t"},
		{"f(1,\n\t2,", Incomplete, "\t"},
		{"a +\n\tb +", Incomplete, "\t"},
		{"a := f(b +\n\tc,", Incomplete, "\t"},
		{"if a &&\n\tb {", Incomplete, "\t"},
		{"func f() {\n\tx := a +\n\t\tb", Incomplete, "\t"},
		{"func f() {\n\ts := `\n`", Incomplete, "\t"},
		{"for {\n\tif x {\n\t\ty()\n\t}", Incomplete, "\t"},
		{"if x {\n\ty()\n} else {", Incomplete, "\t"},
		{"f(func() {", Incomplete, "\t"},
		{"i++\nfor {", Incomplete, "\t"},
		{"%%timeit", Incomplete, ""},
		{"%%timeit\nf()", Incomplete, ""},
		{"%%timeit\nf()\n", Complete, ""},
		{"%%capture out", Incomplete, ""},
		{"%timeit f(", Incomplete, "\t"},
		{"%timeit f()", Complete, ""},
		{"strings.Split?", Complete, ""},
		{"f(", Incomplete, "\t"},
		{"x := 1 +", Incomplete, "\t"},
		{"x.", Incomplete, "\t"},
		{"x,", Incomplete, ""},
		{"a, b := f(),", Incomplete, ""},
		{"import", Incomplete, ""},
		{"var x = map[string]int{\n\t\"a\": 1,", Incomplete, "\t"},
		{"import \"fmt", Invalid, ""},
		{"s := `abc", Incomplete, ""},
		{"/* abc", Incomplete, ""},
		{"type T struct { // with a comment", Incomplete, "\t"},
		{"if x", Invalid, ""},
		{"x := := 2", Invalid, ""},
		{"x := := 2\ny := 1 +", Invalid, ""},
		{"}", Invalid, ""},
		{"f(]", Invalid, ""},
		{"func f() {\n\tx := := 1\n}", Invalid, ""},
		{"switch x {\ncase 1:", Incomplete, "\t"},
		{"!ls", Complete, ""},
		{"!ls \\", Incomplete, ""},
		{"!ls \\\n -l", Complete, ""},
		{"%cd", Complete, ""},
		{"%", Invalid, ""},
		{"%%", Incomplete, ""},
		{"%%\nf()", Incomplete, ""},
		{"%%\nf()\n", Complete, ""},
		{"%%\nf(\n", Incomplete, "\t"},
		{"%exec f -v", Complete, ""},
		{"%%bash", Incomplete, ""},
		{"%%bash\nls", Incomplete, ""},
		{"%%bash\nls\n", Complete, ""},
		{"x := `\n%%bash`", Complete, ""},
		{"for i := 0; i < 3; i++ {\n}; y", Complete, ""},
		{"package main\nfunc main() {}", Complete, ""},
		{strings.Repeat("x\n", 1<<20), Unknown, ""},
	} {
		status, indent := IsComplete(test.code)
		if status != test.status || indent != test.indent {
			if len(test.code) > 80 {
				test.code = test.code[:80]
			}
			t.Errorf("%q is %s with indent %q, want %s with %q", test.code, status, indent, test.status, test.indent)
		}
	}
}

// FuzzIsComplete checks that every text has an answer, and that only an
// incomplete one an indent.
func FuzzIsComplete(f *testing.F) {
	for _, s := range []string{"", "f(", "%%bash\n", "x := 1 +", "!a\\", "%%\nf()\n", "`", "case 1:", "import"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, code string) {
		status, indent := IsComplete(code)
		switch status {
		case Complete, Invalid, Unknown:
			if indent != "" {
				t.Fatalf("%s with indent %q", status, indent)
			}
		case Incomplete:
			if strings.Trim(indent, " \t") != "" {
				t.Fatalf("indent %q", indent)
			}
		default:
			t.Fatalf("status %q", status)
		}
	})
}
