package display

import (
	"errors"
	"fmt"
	"math"
	"strings"
	"testing"
	"time"
)

func TestTables(t *testing.T) {
	for _, test := range []struct {
		name string
		v    any
		want string
	}{
		{"structs", []point{{1, -20, "a"}, {3, 4, "b <i>"}}, "   X    Y  name\n0  1  -20  a\n1  3    4  b <i>"},
		{"pointers to structs", []*point{nil, {1, 2, "q"}}, "   X  Y  name\n0\n1  1  2  q"},
		{"embedded structs are opened", []item{{point{1, 2, "z"}, 2.5, time.Second, errors.New("bad")}, {Weight: 1.0 / 3}},
			"   X  Y  name    Weight  Took  Err\n0  1  2  z     2.500000    1s  bad\n1  0  0        0.333333    0s  nil"},
		{"a map", map[string]int{"b": 20, "a": 1}, "key  value\na        1\nb       20"},
		{"numbers as keys in their order", map[int]string{10: "x", 9: "y"}, "key  value\n  9  y\n 10  x"},
		{"a map of structs", map[int]point{3: {1, 2, "w"}}, "key  X  Y  name\n  3  1  2  w"},
		{"a map of lists", map[string][]float64{"x": {1, 2}}, "key  value\nx    {1, 2}"},
		{"lists of numbers", [][]float64{{1, 2.5}, {3}}, "   0    1\n0  1  2.5\n1  3"},
		{"records", []map[string]any{{"a": 1, "b": "x"}, {"a": 2.5}}, "     a  b\n0  1.0  x\n1  2.5"},
		{"a pointer to a table", &[]point{{1, 2, ""}}, "   X  Y  name\n0  1  2"},
	} {
		data, _ := Bundle(test.v)
		if got := data["text/plain"]; got != test.want {
			t.Errorf("%s:\n%s\nwant\n%s", test.name, got, test.want)
		}
		if html, ok := data["text/html"].(string); !ok || !strings.HasPrefix(html, "<table>") || strings.Contains(html, "<i>") {
			t.Errorf("%s: HTML %q", test.name, html)
		}
	}
}

func TestTableHTML(t *testing.T) {
	data, _ := Bundle([]struct {
		N int
		S string
	}{{1, "<&>"}})
	want := `<table>
<thead><tr><th style="text-align:right"></th><th style="text-align:right">N</th><th style="text-align:left">S</th></tr></thead>
<tbody>
<tr><th style="text-align:right">0</th><td style="text-align:right">1</td><td style="text-align:left">&lt;&amp;&gt;</td></tr>
</tbody>
</table>`
	if data["text/html"] != want {
		t.Errorf("%s\nwant\n%s", data["text/html"], want)
	}
}

func TestLongTablesTellWhatIsMissing(t *testing.T) {
	data, _ := Bundle(make([]point, 12345))
	for _, mime := range []string{"text/plain", "text/html"} {
		if s := data[mime].(string); !strings.Contains(s, "... 12,315 more rows") || len(s) > 20_000 {
			t.Errorf("%s of %d bytes: %.300s", mime, len(s), s)
		}
	}
	wide := make([][]int, 1)
	wide[0] = make([]int, 21)
	if data, _ := Bundle(wide); !strings.HasSuffix(data["text/plain"].(string), "... 1 more column") {
		t.Errorf("%s", data["text/plain"])
	}
}

type dense struct {
	r, c int
	data []float64
}

func (m *dense) Dims() (int, int)       { return m.r, m.c }
func (m *dense) At(i, j int) float64    { return m.data[i*m.c+j] }
func (m *dense) Format(fmt.State, rune) { panic("matrices are tables") }

func TestMatrices(t *testing.T) {
	data, _ := Bundle(&dense{2, 2, []float64{1, 2.5, -3, 1e-9}})
	if want := "*display.dense 2×2\n    0      1\n0   1    2.5\n1  -3  1e-09"; data["text/plain"] != want {
		t.Errorf("%s\nwant\n%s", data["text/plain"], want)
	}
	if _, ok := data["text/html"]; !ok {
		t.Error("no HTML")
	}
	if data, _ := Bundle(&dense{}); data["text/plain"] != "*display.dense 0×0" {
		t.Errorf("an empty matrix: %v", data)
	}
	if data, _ := Bundle(&dense{3, 3, nil}); !strings.Contains(data["text/plain"].(string), "dense") {
		t.Errorf("a broken matrix: %v", data)
	}
}

// The numbers of a column have the same decimals.
func TestColumnsAreAlike(t *testing.T) {
	type house struct {
		Size, Price float64
		Rooms       int
		Tiny        float64
	}
	data, _ := Bundle([]house{{145, 1.25, 3, 1e-9}, {96, 2, 2, 0.5}, {132.8, math.NaN(), 4, 1}})
	want := "    Size  Price  Rooms   Tiny\n0  145.0   1.25      3  1e-09\n1   96.0   2.00      2    0.5\n2  132.8    NaN      4      1"
	if data["text/plain"] != want {
		t.Errorf("got\n%s\nwant\n%s", data["text/plain"], want)
	}
}
