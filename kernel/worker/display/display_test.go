package display

import (
	"bytes"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"image"
	"image/color"
	"image/png"
	"io/fs"
	"math"
	"math/big"
	"reflect"
	"strings"
	"testing"
	"time"

	"modelbook/kernel/worker/rt"
)

type point struct {
	X, Y int
	name string
}

type item struct {
	point
	Weight float64
	Took   time.Duration
	Err    error
}

type list struct {
	Next  *list
	Value int
}

type nested []any

type celsius float64

func (c celsius) String() string { return fmt.Sprintf("%.1f °C", float64(c)) }

type pointed struct{ n int }

func (p *pointed) String() string { return fmt.Sprint("pointed ", p.n) }

type angry struct{ N int }

func (angry) String() string { panic("no") }

type furious struct{ N int }

func (furious) Error() string { panic(furious{}) }

type formatted struct{}

func (formatted) Format(f fmt.State, verb rune) { fmt.Fprint(f, "as I like it") }

func TestText(t *testing.T) {
	cycle := &list{Value: 1}
	cycle.Next = cycle
	self := nested{nil, 1}
	self[0] = self
	ring := map[string]any{"a": 1}
	ring["ring"] = ring
	var nilPoint *point
	var nilFunc func()
	for _, test := range []struct {
		v    any
		want string
	}{
		{nil, "nil"},
		{42, "42"},
		{uint8(200), "200"},
		{true, "true"},
		{3.0, "3"},
		{0.1, "0.1"},
		{float32(0.1), "0.1"},
		{1e6, "1e+06"},
		{math.NaN(), "NaN"},
		{1 + 2i, "(1+2i)"},
		{"two\nlines \"quoted\"", `"two\nlines \"quoted\""`},
		{'x', "120"},
		{nilPoint, "(*display.point)(nil)"},
		{map[string]int(nil), "map[string]int(nil)"},
		{[]int(nil), "[]int(nil)"},
		{nilFunc, "(func())(nil)"},
		{func(int) string { return "" }, "func(int) string {…}"},
		{make(chan int, 3), "chan int (0 of 3 buffered)"},
		{[]int{}, "[]int{}"},
		{[]int{1, 2, 3}, "[]int{1, 2, 3}"},
		{[3]bool{true}, "[3]bool{true, false, false}"},
		{[]string{"a", "b c"}, `[]string{"a", "b c"}`},
		{[]any{1, "x", nil, []int{2}}, `[]any{1, "x", nil, []int{2}}`},
		{point{1, 2, "p"}, `display.point{X: 1, Y: 2, name: "p"}`},
		{&point{1, 2, "p"}, `&display.point{X: 1, Y: 2, name: "p"}`},
		{struct{ A []string }{[]string{"q"}}, `struct { A []string }{A: {"q"}}`},
		{item{point{1, 2, "p"}, 2.5, time.Second, errors.New("bad")},
			"display.item{\n    point: {X: 1, Y: 2, …},\n    Weight: 2.5,\n    Took: 1s,\n    Err: *errors.errorString(\"bad\"),\n}"},
		{[]time.Duration{1, 2e9}, "[]time.Duration{1ns, 2s}"},
		{[]error{errors.New("x"), nil}, `[]error{*errors.errorString("x"), nil}`},
		{[]byte("hello"), `[]byte("hello")`},
		{[]byte{0x89, 0, 1}, "[]byte of 3 bytes\n00000000  89 00 01                                          |...|"},
		{cycle, "&display.list{Next: …, Value: 1}"},
		{self, "display.nested{…, 1}"},
		{new(int), "&0"},
		{errors.New("boom"), "boom"},
		{&fs.PathError{Op: "open", Path: "x", Err: errors.New("no")}, "open x: no"},
		{celsius(20), "20.0 °C"},
		{pointed{3}, "pointed 3"},
		{*big.NewInt(77), "77"},
		{time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC), "2026-01-02 03:04:05 +0000 UTC"},
		{formatted{}, "as I like it"},
		{reflect.ValueOf(3), "3"},
		{reflect.TypeOf(3), "int"},
		{angry{1}, "display.angry{N: 1} (String panicked: no)"},
		{furious{1}, "display.furious{N: 1} (Error panicked: a display.furious)"},
		{[]angry{{1}}, "[]display.angry{{N: 1}}"},
	} {
		data, _ := Bundle(test.v)
		if got := data["text/plain"]; got != test.want {
			t.Errorf("%T: %q, want %q", test.v, got, test.want)
		}
		if len(data) != 1 {
			t.Errorf("%T: more than text: %v", test.v, data)
		}
	}
	if data, _ := Bundle(ring); !strings.Contains(data["text/plain"].(string), "…") {
		t.Errorf("a map in itself: %v", data["text/plain"])
	}
}

func TestSessionTypesHaveNoQualifier(t *testing.T) {
	defer func(name, path string) { sessionName, sessionPath = name, path }(sessionName, sessionPath)
	sessionName, sessionPath = "display", reflect.TypeFor[point]().PkgPath()
	for _, test := range []struct {
		v    any
		want string
	}{
		{point{1, 2, "p"}, `point{X: 1, Y: 2, name: "p"}`},
		{[]any{item{point: point{1, 2, "p"}}.point}, `[]any{point{X: 1, Y: 2, name: "p"}}`},
		{(*point)(nil), "(*point)(nil)"},
		{map[string]*point(nil), "map[string]*point(nil)"},
		{new(strings.Builder), `*strings.Builder("")`},
	} {
		if data, _ := Bundle(test.v); data["text/plain"] != test.want {
			t.Errorf("%v, want %v", data["text/plain"], test.want)
		}
	}
	if got := typeName(reflect.TypeFor[func(map[string][]*point, fs.FileInfo) point]()); got != "func(map[string][]*point, fs.FileInfo) point" {
		t.Error(got)
	}
}

func TestLongTextIsBrokenAndCut(t *testing.T) {
	long := make([]int, 1000)
	data, _ := Bundle(long)
	text := data["text/plain"].(string)
	for line := range strings.Lines(text) {
		if len(line) > lineWidth+10 {
			t.Errorf("a line of %d: %q", len(line), line)
		}
	}
	if !strings.HasPrefix(text, "[]int{\n    0, 0,") || !strings.HasSuffix(text, "… 900 more,\n}") {
		t.Errorf("%q", text)
	}
	data, _ = Bundle([]any{strings.Repeat("a", 100), point{1, 2, "p"}, map[string]int{"b": 1, "a": 2}})
	want := "[]any{\n    \"" + strings.Repeat("a", 100) + "\",\n    display.point{X: 1, Y: 2, name: \"p\"},\n    map[string]int{\"a\": 2, \"b\": 1},\n}"
	if data["text/plain"] != want {
		t.Errorf("%s\nwant\n%s", data["text/plain"], want)
	}
	data, _ = Bundle(strings.Repeat("x", 10<<20))
	if n := len(data["text/plain"].(string)); n > maxText+100 {
		t.Errorf("%d bytes of a long string", n)
	}
	wide := make([][]map[string][]point, 100)
	for i := range wide {
		wide[i] = make([]map[string][]point, 100)
		for j := range wide[i] {
			wide[i][j] = map[string][]point{"a": make([]point, 100)}
		}
	}
	start := time.Now()
	data, _ = Bundle(wide)
	if n := len(data["text/plain"].(string)); n > maxText || time.Since(start) > 5*time.Second {
		t.Errorf("%d bytes in %v", n, time.Since(start))
	}
}

func TestImages(t *testing.T) {
	img := image.NewRGBA(image.Rect(10, 10, 13, 12))
	img.Set(11, 11, color.RGBA{255, 0, 0, 255})
	data, metadata := Bundle(img)
	raw, err := base64.StdEncoding.DecodeString(data["image/png"].(string))
	if err != nil {
		t.Fatal(err)
	}
	back, err := png.Decode(bytes.NewReader(raw))
	if err != nil || back.Bounds().Size() != image.Pt(48, 32) { // a small image is enlarged, its pixels stay sharp
		t.Fatalf("%v, %v", back, err)
	}
	for _, c := range []struct{ x, y, red int }{{16, 16, 0xffff}, {31, 31, 0xffff}, {15, 16, 0}, {32, 31, 0}} {
		if r, _, _, _ := back.At(c.x, c.y).RGBA(); int(r) != c.red {
			t.Errorf("the point %d,%d is %v", c.x, c.y, back.At(c.x, c.y))
		}
	}
	if data["text/plain"] != "*image.RGBA 3×2" || !reflect.DeepEqual(metadata, map[string]any{"image/png": map[string]any{"width": 48, "height": 32}}) {
		t.Errorf("%v, %v", data["text/plain"], metadata)
	}
	if _, metadata := Bundle(image.NewGray(image.Rect(0, 0, 100, 50))); !reflect.DeepEqual(metadata, map[string]any{"image/png": map[string]any{"width": 100, "height": 50}}) {
		t.Errorf("an image of 100×50 is shown as %v", metadata)
	}
	for _, img := range []image.Image{image.NewGray(image.Rectangle{}), image.NewUniform(color.Black), (*image.Gray)(nil)} {
		data, _ := Bundle(img)
		if data["image/png"] != nil || data["text/plain"] == "" {
			t.Errorf("%T: %v", img, data)
		}
	}
}

type figure struct{}

func (figure) MimeBundle() map[string]any {
	return map[string]any{"image/png": []byte("\x89PNG"), "image/svg+xml": []byte("<svg/>"), "text/html": "<b>", "application/json": []byte(`{"a":1}`),
		"application/x+json": map[string]any{"b": 2}, "bad/thing": func() {}, "none": nil}
}
func (figure) MimeMetadata() map[string]any {
	return map[string]any{"image/png": map[string]int{"width": 2}}
}

type brokenFigure struct{ N int }

func (brokenFigure) MimeBundle() map[string]any { panic(errors.New("no picture")) }

type page struct{}

func (*page) HTML() string     { return "<p>" }
func (*page) Markdown() string { return "*p*" }
func (page) String() string    { return "a page" }

func TestMethods(t *testing.T) {
	data, metadata := Bundle(figure{})
	want := map[string]any{"image/png": "iVBORw==", "image/svg+xml": "<svg/>", "text/html": "<b>", "application/json": json.RawMessage(`{"a":1}`),
		"application/x+json": map[string]any{"b": 2}, "text/plain": "display.figure"}
	if !reflect.DeepEqual(data, want) || !reflect.DeepEqual(metadata, map[string]any{"image/png": map[string]int{"width": 2}}) {
		t.Errorf("%#v\nwant\n%#v\nmetadata %v", data, want, metadata)
	}
	for _, v := range []any{page{}, &page{}} {
		if data, _ := Bundle(v); !reflect.DeepEqual(data, map[string]any{"text/html": "<p>", "text/markdown": "*p*", "text/plain": "a page"}) {
			t.Errorf("%T: %v", v, data)
		}
	}
	if data, _ := Bundle(brokenFigure{1}); !reflect.DeepEqual(data, map[string]any{"text/plain": "display.brokenFigure (MimeBundle panicked: no picture)"}) {
		t.Errorf("%v", data)
	}
	if data, _ := Bundle((*figure)(nil)); data["text/plain"] != "(*display.figure)(nil)" {
		t.Errorf("a nil pointer: %v", data)
	}
	if data, _ := Bundle(json.RawMessage(`{"a": [1]}`)); string(data["application/json"].(json.RawMessage)) != `{"a": [1]}` {
		t.Errorf("%v", data)
	}
}

func TestValues(t *testing.T) {
	if data, _ := Values(1, "a", []int{2}); data["text/plain"] != "1\n\"a\"\n[]int{2}" {
		t.Errorf("%v", data)
	}
	if data, _ := Values(image.NewGray(image.Rect(0, 0, 1, 1))); data["image/png"] == nil {
		t.Errorf("a single value shows as itself: %v", data)
	}
}

// fuzzNode can hold itself, and values whose methods panic.
type fuzzNode struct {
	A    any
	Next *fuzzNode
	M    map[string]any
	S    []any
	b    []byte
}

// FuzzBundle builds values from bytes, cycles among them, and checks that each
// of them is shown as data that encodes as JSON.
func FuzzBundle(f *testing.F) {
	for _, s := range []string{"", "0123456789", "aaaabbbb", "\x09\x0a\x0b\x0c\x0d\x0e\x0f", "zyxwvut"} {
		f.Add([]byte(s))
	}
	f.Fuzz(func(t *testing.T, program []byte) {
		if len(program) > 4096 {
			return
		}
		root := &fuzzNode{M: map[string]any{}}
		values := []any{root}
		for i, op := range program {
			last := values[len(values)-1]
			pick := values[int(op)*7%len(values)]
			switch op % 20 {
			case 0:
				values = append(values, int(op))
			case 1:
				values = append(values, string(program[i:]))
			case 2:
				root.S = append(root.S, pick)
			case 3:
				root.M[fmt.Sprint(op)] = pick
			case 4:
				n := &fuzzNode{A: pick, Next: root, M: root.M, b: program}
				root.Next = n
				values = append(values, n)
			case 5:
				values = append(values, []any{last, pick})
			case 6:
				values = append(values, angry{i}, furious{i})
			case 7:
				values = append(values, map[any]any{op: pick, "s": root})
			case 8:
				values = append(values, []point{{i, int(op), string(program[:i])}})
			case 9:
				values = append(values, [][]any{{pick, last}, {root}})
			case 10:
				values = append(values, []map[string]any{root.M, {"x": pick}})
			case 11:
				values = append(values, math.Inf(int(op)-128), brokenFigure{i})
			case 12:
				values = append(values, &values)
			case 13:
				values = append(values, []fuzzNode{*root, {A: last}})
			case 14:
				values = append(values, reflect.ValueOf(pick), time.Unix(int64(op), 0))
			case 15:
				root.A = root.S
			case 16:
				values = append(values, map[string]fuzzNode{string(program[i:]): *root})
			case 17:
				values = append(values, &dense{int(op), i, []float64{1, 2, 3}})
			case 18:
				values = append(values, program[:i])
			default:
				values = append(values, struct{ a, b any }{pick, last})
			}
		}
		for _, v := range []any{root, values, values[len(values)-1]} {
			data, metadata := Bundle(v)
			if _, ok := data["text/plain"].(string); !ok {
				t.Fatalf("no text: %v", data)
			}
			if _, err := json.Marshal(data); err != nil {
				t.Fatal(err)
			}
			if _, err := json.Marshal(metadata); err != nil {
				t.Fatal(err)
			}
		}
	})
}

func TestShort(t *testing.T) {
	self := nested{nil}
	self[0] = self
	for _, test := range []struct {
		v    any
		want string
	}{
		{nil, "nil"},
		{"a\nb", `"a\nb"`},
		{make([]int, 1000), "1000: {0, 0, 0, 0, 0…"},
		{image.NewGray(image.Rect(0, 0, 3, 2)), "3×2"},
		{point{1, 2, "p"}, `{X: 1, Y: 2, name: "…`},
		{self, "{…}"},
		{3 * time.Second, "3s"},
		{errors.New("bad"), `*errors.errorString(…`},
		{angry{1}, "{N: 1}"},
	} {
		if got := Short(test.v, 21); got != test.want {
			t.Errorf("%T: %q, want %q", test.v, got, test.want)
		}
	}
}

type tensor struct{ shape []int }

func (t *tensor) Shape() []int { return t.shape }

func TestShape(t *testing.T) {
	for _, test := range []struct {
		v    any
		want string
	}{
		{nil, ""}, {3, ""}, {"abc", "3"}, {[]int{1, 2}, "2"}, {[]int(nil), "0"}, {[2][3]int{}, "2×3"},
		{map[string]int{"a": 1}, "1"}, {&dense{r: 2, c: 3, data: make([]float64, 6)}, "2×3"}, {(*dense)(nil), ""},
		{&tensor{[]int{64, 28, 28}}, "64×28×28"}, {&tensor{}, "scalar"}, {image.NewGray(image.Rect(0, 0, 4, 5)), "4×5"},
		{bytes.NewBufferString("ab"), "2"}, {struct{ A int }{1}, ""}, {slow{}, ""},
	} {
		if got := Shape(test.v); got != test.want {
			t.Errorf("Shape(%T) = %q, want %q", test.v, got, test.want)
		}
	}
}

func TestShortOfAMatrix(t *testing.T) {
	if got := Short(&dense{r: 2, c: 2, data: []float64{1, 2.5, 3, 4}}, 80); got != "[1 2.5; 3 4]" {
		t.Error(got)
	}
}

func TestSize(t *testing.T) {
	shared := make([]float64, 1000)
	cycle := &list{}
	cycle.Next = cycle
	for _, test := range []struct {
		v    any
		want int64
	}{
		{nil, 0},
		{1, 8},
		{"abc", 16 + 3},
		{make([]float64, 10, 20), 24 + 160},
		{[][]float64{shared, shared}, 24 + 2*24 + 8000},
		{cycle, 8 + 16},
		{&[1000]string{}, 8 + 16000},
		{map[int32]int32{1: 2}, 8 + 8},
		{make([][]int, 1_000_000), 24 + 24_000_000},
	} {
		if got := Size(test.v); got != test.want {
			t.Errorf("%T takes %d bytes, want %d", test.v, got, test.want)
		}
	}
}

type stopped struct{}

func (stopped) String() string { panic(rt.Interrupted{Cell: 3}) }

type slow struct{}

func (slow) String() string { select {} }

func TestInterruptGoesOnItsWay(t *testing.T) {
	for _, v := range []any{stopped{}, []any{stopped{}}, map[string]stopped{"a": {}}} {
		func() {
			defer func() {
				if p := recover(); p != (rt.Interrupted{Cell: 3}) {
					t.Errorf("%T: recovered %v", v, p)
				}
			}()
			Bundle(v)
		}()
	}
	if got := Short(stopped{}, 20); got != "?" {
		t.Errorf("short form %q", got)
	}
}

func TestShortDoesNotWait(t *testing.T) {
	if got := Short(slow{}, 20); got != "…" {
		t.Errorf("%q", got)
	}
}
