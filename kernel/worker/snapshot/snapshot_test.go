package snapshot

import (
	"bytes"
	"errors"
	"fmt"
	"image"
	"math"
	"math/big"
	"os"
	"reflect"
	"strings"
	"sync"
	"testing"
	"time"

	"gonum.org/v1/gonum/mat"

	"modelbook/kernel/worker/control"
)

type node struct {
	Value int
	Next  *node
	Peers map[string]*node
}

type shape interface{ Area() float64 }

type Square struct{ Side float64 }

func (s Square) Area() float64 { return s.Side * s.Side }

type guarded struct {
	Lock  sync.Mutex
	Count int
}

// Event has time.Time's methods, which write the time and nothing else.
type Event struct {
	time.Time
	Name string
}

type hidden struct{ secret int }

// trip writes variables and reads them into fresh ones of the same types.
func trip(t *testing.T, vars map[string]any, types ...reflect.Type) (again map[string]any, wrote, read *control.Saved) {
	t.Helper()
	var b bytes.Buffer
	wrote, err := Write(&b, vars, nil)
	if err != nil {
		t.Fatal(err)
	}
	again = map[string]any{}
	for name, p := range vars {
		again[name] = reflect.New(reflect.TypeOf(p).Elem()).Interface()
	}
	known := map[string]reflect.Type{}
	for _, ref := range wrote.Types {
		for _, typ := range types {
			if strings.HasSuffix(ref.Text, typ.Name()) {
				known[ref.Key] = typ
			}
		}
	}
	if read, err = Read(b.Bytes(), again, known, nil); err != nil {
		t.Fatal(err)
	}
	return again, wrote, read
}

func ptr[T any](v T) any { return &v }

func TestValuesSurvive(t *testing.T) {
	when := time.Date(2026, 11, 24, 12, 0, 0, 5, time.UTC)
	for _, v := range []any{
		ptr(true), ptr(-5), ptr(uint8(200)), ptr(math.Inf(-1)), ptr(float32(0.1)), ptr(complex(1, -2)), ptr("é\x00"),
		ptr([]int(nil)), ptr([]int{}), ptr([]float32{1, 2, 3}), ptr([][]string{{"a"}, nil, {}}), ptr([3]uint16{1, 2, 3}), ptr([2]bool{true, false}),
		ptr(map[string][]float64(nil)), ptr(map[string][]float64{"a": {1}, "b": nil}), ptr(map[[2]int]bool{{1, 2}: true}),
		ptr(Square{2}), ptr(struct{ A, B any }{A: nil}), ptr(when), ptr(map[string]time.Time{"x": when}), ptr(Event{when, "tea"}), ptr(&struct {
			*big.Int
			N int
		}{big.NewInt(7), 8}), ptr(big.NewInt(1 << 62)),
		ptr(image.Point{3, 4}), ptr(image.NewGray(image.Rect(0, 0, 3, 2))), ptr(mat.NewDense(2, 2, []float64{1, 2, 3, 4})),
		ptr((*int)(nil)), ptr((func())(nil)), ptr((chan int)(nil)), ptr(error(nil)), ptr(struct{}{}), ptr([]struct{}{{}, {}}),
	} {
		again, wrote, read := trip(t, map[string]any{"x": v})
		if len(wrote.Skipped)+len(read.Skipped) > 0 {
			t.Errorf("%T: %v %v", v, wrote.Skipped, read.Skipped)
		} else if !reflect.DeepEqual(again["x"], v) {
			t.Errorf("%T: %v became %v", v, reflect.ValueOf(v).Elem(), reflect.ValueOf(again["x"]).Elem())
		}
	}
}

func TestWhatIsSharedStaysShared(t *testing.T) {
	ring := &node{Value: 1, Peers: map[string]*node{}}
	ring.Next = &node{Value: 2, Next: ring, Peers: ring.Peers}
	ring.Peers["self"] = ring
	xs := []int{1, 2, 3}
	count := 7
	vars := map[string]any{"ring": &ring, "second": ptr(ring.Next), "xs": &xs, "ys": ptr(xs), "count": &count, "p": ptr(&count)}
	again, wrote, read := trip(t, vars)
	if len(wrote.Skipped)+len(read.Skipped) > 0 {
		t.Fatal(wrote.Skipped, read.Skipped)
	}
	r := *again["ring"].(**node)
	if r.Next.Next != r || r.Peers["self"] != r || *again["second"].(**node) != r.Next {
		t.Error("the ring came apart")
	}
	r.Next.Peers["new"] = r
	if r.Peers["new"] != r {
		t.Error("the map came apart")
	}
	(*again["xs"].(*[]int))[0] = 9
	if (*again["ys"].(*[]int))[0] != 9 {
		t.Error("the slices came apart")
	}
	*again["count"].(*int) = 8
	if **again["p"].(**int) != 8 {
		t.Error("the pointer to a variable points elsewhere")
	}
}

func TestInterfaces(t *testing.T) {
	var s shape = Square{3}
	var err error = fmt.Errorf("wrapped: %w", errors.New("inner"))
	again, wrote, read := trip(t, map[string]any{"s": &s, "err": &err, "any": ptr(any([]int{1})), "m": ptr(map[string]any{"a": 1, "b": Square{1}})},
		reflect.TypeFor[Square](), reflect.TypeFor[int]())
	if len(wrote.Skipped) > 0 {
		t.Fatal(wrote.Skipped)
	}
	if got := *again["s"].(*shape); got != s {
		t.Errorf("got %v", got)
	}
	if got := *again["err"].(*error); got == nil || got.Error() != err.Error() {
		t.Errorf("got %v", got)
	}
	if got := *again["m"].(*map[string]any); !reflect.DeepEqual(got, map[string]any{"a": 1, "b": Square{1}}) {
		t.Errorf("got %v", got)
	}
	// []int is not among the types that are known when it is read
	if len(read.Skipped) != 1 || read.Skipped[0].Name != "any" {
		t.Errorf("skipped %v", read.Skipped)
	}
}

func TestWhatCannotBeWrittenIsSaid(t *testing.T) {
	good := 1
	vars := map[string]any{"good": &good, "f": ptr(func() {}), "c": ptr(make(chan int)), "file": ptr(os.Stdout), "h": ptr(hidden{1}),
		"deep": ptr(map[string][]any{"a": {1, func() {}}}), "locked": &guarded{Count: 4}}
	again, wrote, read := trip(t, vars)
	why := map[string]string{}
	for _, s := range wrote.Skipped {
		why[s.Name] = s.Why
	}
	for name, want := range map[string]string{"f": "f: a function", "c": "c: a channel", "file": "hides what it is made of", "h": "hides", "deep": "deep[a][1]"} {
		if !strings.Contains(why[name], want) {
			t.Errorf("%s: %q, want %q", name, why[name], want)
		}
	}
	if len(read.Done) != 2 || *again["good"].(*int) != 1 || again["locked"].(*guarded).Count != 4 {
		t.Errorf("read %v", read.Done)
	}
}

func TestALongListIsRefusedNotCrashed(t *testing.T) {
	var head *node
	for range 2 * maxDepth {
		head = &node{Next: head}
	}
	_, wrote, _ := trip(t, map[string]any{"list": &head})
	if len(wrote.Skipped) != 1 || !strings.Contains(wrote.Skipped[0].Why, "deep") {
		t.Errorf("%v", wrote.Skipped)
	}
}

func TestAnotherTypeIsRefused(t *testing.T) {
	var b bytes.Buffer
	x := 1
	if _, err := Write(&b, map[string]any{"x": &x}, nil); err != nil {
		t.Fatal(err)
	}
	y := "kept"
	r, err := Read(b.Bytes(), map[string]any{"x": &y}, nil, nil)
	if err != nil || len(r.Skipped) != 1 || y != "kept" {
		t.Errorf("%v %v %q", r, err, y)
	}
}

func FuzzRead(f *testing.F) {
	vars := func() map[string]any {
		return map[string]any{"n": new(*node), "m": new(map[string]any), "s": new([]Square), "f": new([]float64), "e": new(error), "d": new(*mat.Dense), "g": new([]guarded)}
	}
	full := vars()
	*full["n"].(**node) = &node{Value: 3, Peers: map[string]*node{"a": {}}}
	*full["m"].(*map[string]any) = map[string]any{"x": 1.5, "y": nil}
	*full["s"].(*[]Square) = []Square{{1}, {2}}
	*full["f"].(*[]float64) = []float64{1, 2, 3}
	*full["e"].(*error) = errors.New("x")
	*full["d"].(**mat.Dense) = mat.NewDense(1, 2, []float64{1, 2})
	*full["g"].(*[]guarded) = make([]guarded, 2)
	var b bytes.Buffer
	r, err := Write(&b, full, nil)
	if err != nil || len(r.Skipped) > 0 {
		f.Fatal(err, r.Skipped)
	}
	types := map[string]reflect.Type{r.Types[0].Key: reflect.TypeFor[float64]()}
	f.Add(b.Bytes())
	f.Fuzz(func(t *testing.T, b []byte) { Read(b, vars(), types, nil) })
}
