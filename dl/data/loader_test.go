package data

import (
	"errors"
	"runtime"
	"slices"
	"strings"
	"testing"
	"time"

	"modelbook/dl"
)

// numbered is a dataset whose sample i has the input [i, -i] and the class i.
func numbered(n int) *Tensors {
	x := dl.Zeros(n, 2)
	y := make([]int32, n)
	for i := range n {
		x.Set(float64(i), i, 0)
		x.Set(float64(-i), i, 1)
		y[i] = int32(i)
	}
	return FromTensors(x, dl.Of(y))
}

// classes runs a pass and returns the classes in the order they came, having checked that inputs belong to them.
func classes(t *testing.T, l *Loader) (all []int) {
	t.Helper()
	number := 0
	for i, b := range l.Batches() {
		if i != number {
			t.Fatalf("batch %d came as number %d", i, number)
		}
		number++
		for j, class := range b.Y.Int32s() {
			if got := int(b.X.At(j, 1)); got != -int(class) {
				t.Fatalf("class %d came with the input of %d", class, -got)
			}
			all = append(all, int(class))
		}
	}
	if err := l.Err(); err != nil {
		t.Fatal(err)
	}
	return all
}

func TestBatchesComeInOrder(t *testing.T) {
	l := &Loader{Dataset: numbered(10), BatchSize: 4}
	for range 2 {
		if got := classes(t, l); !slices.Equal(got, sequence(10)) {
			t.Errorf("got %v", got)
		}
	}
	if l.Steps() != 3 {
		t.Errorf("%d steps", l.Steps())
	}
	l = &Loader{Dataset: numbered(10), BatchSize: 4, DropLast: true}
	if got := classes(t, l); !slices.Equal(got, sequence(8)) || l.Steps() != 2 {
		t.Errorf("DropLast: got %v", got)
	}
}

func TestShuffleIsAPermutationThatTheSeedDecides(t *testing.T) {
	pass := func(seed uint64) []int {
		return classes(t, &Loader{Dataset: numbered(100), BatchSize: 7, Shuffle: dl.NewRand(seed)})
	}
	a, b, c := pass(1), pass(1), pass(2)
	if !slices.Equal(a, b) {
		t.Error("the same seed gives another order")
	}
	if slices.Equal(a, c) || slices.IsSorted(a) {
		t.Error("another seed gives the same order, or none")
	}
	slices.Sort(a)
	if !slices.Equal(a, sequence(100)) {
		t.Errorf("not a permutation: %v", a)
	}
	l := &Loader{Dataset: numbered(100), BatchSize: 7, Shuffle: dl.NewRand(1)}
	if slices.Equal(classes(t, l), classes(t, l)) {
		t.Error("the second pass has the order of the first")
	}
}

func TestAPassMayEndEarly(t *testing.T) {
	before := runtime.NumGoroutine()
	l := &Loader{Dataset: numbered(1000), BatchSize: 1}
	for range 20 {
		for i := range l.Batches() {
			if i == 3 {
				break
			}
		}
	}
	if got := classes(t, l); len(got) != 1000 {
		t.Errorf("a whole pass after broken ones has %d samples", len(got))
	}
	for range 100 { // goroutines take a moment to end
		if runtime.NumGoroutine() <= before {
			return
		}
		time.Sleep(time.Millisecond)
	}
	t.Errorf("%d goroutines, %d before", runtime.NumGoroutine(), before)
}

// faulty fails or panics at its sample 5.
type faulty struct {
	*Tensors
	panics bool
}

var errDisk = errors.New("the disk is on fire")

func (f faulty) Read(b Batch, samples []int) error {
	if slices.Contains(samples, 5) {
		if f.panics {
			panic("index out of range")
		}
		return errDisk
	}
	return f.Tensors.Read(b, samples)
}

func TestAFaultOfTheDatasetEndsThePassWithAnError(t *testing.T) {
	for _, panics := range []bool{false, true} {
		l := &Loader{Dataset: faulty{numbered(10), panics}, BatchSize: 2}
		n := 0
		for range l.Batches() {
			n++
		}
		if n != 2 || l.Err() == nil {
			t.Errorf("panics %v: %d batches, error %v", panics, n, l.Err())
		}
		if !panics && !errors.Is(l.Err(), errDisk) || panics && !strings.Contains(l.Err().Error(), "index out of range") {
			t.Errorf("panics %v: error %v", panics, l.Err())
		}
	}
}

func TestSplitHoldsOutTheLast(t *testing.T) {
	for _, c := range []struct {
		n     int
		share float64
		first int
	}{{10, 0.2, 8}, {60000, 0.2, 48000}, {10, 0, 10}, {10, 1, 0}, {3, 0.5, 1}} {
		first, last := Split(numbered(c.n), c.share)
		if first.Len() != c.first || last.Len() != c.n-c.first {
			t.Errorf("%v of %d: %d and %d", c.share, c.n, first.Len(), last.Len())
		}
	}
	_, last := Split(numbered(10), 0.3)
	if got := classes(t, &Loader{Dataset: last}); !slices.Equal(got, []int{7, 8, 9}) {
		t.Errorf("held out %v", got)
	}
	a, b := RandomSplit(numbered(10), 0.3, dl.NewRand(1))
	all := append(classes(t, &Loader{Dataset: a}), classes(t, &Loader{Dataset: b})...)
	if len(all) != 10 || slices.IsSorted(all) {
		t.Errorf("random split: %v", all)
	}
	slices.Sort(all)
	if !slices.Equal(all, sequence(10)) {
		t.Errorf("random split: %v", all)
	}
}

func TestOneHot(t *testing.T) {
	b, err := All(OneHot(numbered(3), 3))
	if err != nil || !slices.Equal(b.Y.Float32s(), []float32{1, 0, 0, 0, 1, 0, 0, 0, 1}) {
		t.Errorf("%v %v", b.Y, err)
	}
	if _, err := All(OneHot(numbered(4), 3)); err == nil || !strings.Contains(err.Error(), "sample 3 has class 3") {
		t.Errorf("a class too many: %v", err)
	}
}

func TestImages(t *testing.T) {
	m, err := NewImages(2, 2, 1, []uint8{0, 51, 102, 255, 1, 2, 3, 4}, []uint8{1, 0}, []string{"cat", "dog"})
	if err != nil {
		t.Fatal(err)
	}
	b, err := All(m)
	if err != nil {
		t.Fatal(err)
	}
	if got := b.X.Float32s()[:4]; !slices.Equal(got, []float32{0, 0.2, 0.4, 1}) || !slices.Equal(b.X.Shape(), dl.Shape{2, 2, 2, 1}) {
		t.Errorf("inputs %v of shape %v", got, b.X.Shape())
	}
	if m.Class(0) != "dog" || m.Label(1) != 0 || !slices.Equal(m.Of(1), []int{0}) {
		t.Error("classes are mixed up")
	}
	if r, _, _, _ := m.Image(0).At(1, 1).RGBA(); r != 0xffff {
		t.Errorf("the last pixel is %x", r)
	}
	if s := m.Subset([]int{1, 1, 0}); s.Len() != 3 || s.Label(0) != 0 || s.Label(2) != 1 || s.Pixels[0] != 1 {
		t.Errorf("subset %v", s.Pixels)
	}
	if s := m.Take(1); s.Len() != 1 || len(s.Pixels) != 4 || m.Take(9).Len() != 2 {
		t.Errorf("take %v", s.Pixels)
	}
	for _, labels := range [][]uint8{{1}, {1, 2}} {
		if _, err := NewImages(2, 2, 1, make([]uint8, 8), labels, []string{"cat", "dog"}); err == nil {
			t.Errorf("labels %v are taken", labels)
		}
	}
}
