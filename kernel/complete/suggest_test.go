package complete

import (
	"strings"
	"testing"
)

func TestSuggest(t *testing.T) {
	c := opened(t, "type Point struct{ Width, height int }\nfunc (Point) Area() int { return 0 }\nfunc helper() {}\ntotal := 1\npt := Point{}")
	for _, tt := range []struct{ code, want string }{
		{"¦totla + 1", "total"},
		{"¦Total", "total"},
		{"x := 1\n\ty := \"é😀\"; ¦totall", "total"},
		{"¦strngs.ToUpper(\"\")", "strings"},
		{"fmt.¦Printn()", "Print Printf Println"},
		{"pt.¦Widht", "Width"},
		{"pt.¦area()", "Area"},
		{"Point{¦Widt: 1}", "Width"},
		{"¦helpr()", "helper"},
		{"count := 2\nif true {\n\t¦cuont++\n}", "count"},
		{"dl.¦Zeroes(2)", "Zeros"},
		{"¦xy", ""},
		{"¦somethingElse", ""},
		{"pt.¦Perimeter", ""},
		{"%%bash\n¦totla", ""},
		{"%time ¦totla", "total"},
	} {
		code, at := cursor(t, tt.code)
		before := string([]rune(code)[:at])
		line, col := strings.Count(before, "\n")+1, len(before)-strings.LastIndexByte(before, '\n')
		if got := suggested(c.Suggest(code, line, col)); got != tt.want {
			t.Errorf("%s: %q, want %q", tt.code, got, tt.want)
		}
	}
	if got := suggested(c.Suggest("x", 5, 900)); got != "" {
		t.Errorf("a position that is not there: %q", got)
	}
	if got := strings.Join(c.NearestPackage("strngs"), " "); got != "strings" {
		t.Errorf("nearest package %q", got)
	}
}

func suggested(names []string, here string) string { return strings.Join(names, " ") + here }
