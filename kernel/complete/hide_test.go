package complete

import (
	"slices"
	"strings"
	"testing"
)

// Names that hide others mean to Tab and inspection what they mean when the
// cell runs.
func TestCompleteNamesThatHideOthers(t *testing.T) {
	c := opened(t, append(slices.Clone(earlier),
		"func pick(s map[int]string) int { return 1 }\nstring := p",
		"func made() point { return point{} }",
		"point := list[int]{}",
		"func later() int { return len(point.items) }",
		"strings := []float64{1}",
		"import \"strings\"")...)
	for _, test := range []struct {
		name, code string
		want       []string
		not        []string
	}{
		{"a variable named like a type", "point.¦", []string{"First", "items"}, []string{"Norm"}},
		{"what the type still means", "made().N¦", []string{"Norm"}, nil},
		{"and to older variables", "points[0].N¦", []string{"Norm"}, nil},
		{"a variable named like a predeclared type", "string.N¦", []string{"Norm"}, nil},
		{"values of that type go on", "name[0] == 1; strings.Spl¦", []string{"SplitN"}, nil},
		{"an import that hides a variable", "strings.Has¦", []string{"HasPrefix"}, nil},
		{"by its name", "poin¦", []string{"point", "points"}, nil},
	} {
		code, at := cursor(t, test.code)
		got := texts(c.Complete(code, at))
		words := strings.Fields(got)
		for _, w := range test.want {
			if !slices.Contains(words, w) {
				t.Errorf("%s: %q lacks %s: %s", test.name, test.code, w, got)
			}
		}
		for _, w := range test.not {
			if slices.Contains(words, w) {
				t.Errorf("%s: %q has %s: %s", test.name, test.code, w, got)
			}
		}
		if strings.Contains(got, "__") {
			t.Errorf("%s: %q offers %s", test.name, test.code, got)
		}
	}
	for code, want := range map[string]string{"¦point": "list[int]", "¦string": "point", "¦made": "func made() point", "¦strings": "package strings"} {
		text, at := cursor(t, code)
		page, ok := c.Inspect(text, at, false, func(string) string { return "" })
		if !ok || !strings.Contains(page.Plain, want) || strings.Contains(page.Plain, "__") {
			t.Errorf("%s: %q, want %q", code, page.Plain, want)
		}
	}
}
