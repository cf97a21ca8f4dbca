package data

import (
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"sync"
	"testing"

	"modelbook/dl"
)

// Several readers of one dataset: a training and an evaluation of the same part, or the workers of a loader.
func TestDatasetsHaveManyReaders(t *testing.T) {
	part := Subset(numbered(200), sequence(180))
	for name, d := range map[string]Dataset{"part": part, "one-hot": OneHot(numbered(200), 200), "part of one-hot": Take(OneHot(numbered(200), 200), 150)} {
		var wait sync.WaitGroup
		for reader := range 4 {
			wait.Go(func() {
				for pass := range 20 {
					l := Loader{Dataset: d, BatchSize: 5 + 30*reader, Shuffle: dl.NewRand(uint64(pass)), Workers: 1 + reader%2}
					for _, b := range l.Batches() {
						for row := range b.Len() {
							number := int(b.X.At(row, 0))
							label := -1
							if b.Y.DType() == dl.Int32 {
								label = int(b.Y.Int32s()[row])
							} else {
								y := b.Y.Float32s()[row*200 : (row+1)*200]
								label = slices.Index(y, 1)
							}
							if label != number {
								t.Errorf("%s: sample %d came with the label %d", name, number, label)
								return
							}
						}
					}
					if l.Err() != nil {
						t.Errorf("%s: %v", name, l.Err())
					}
				}
			})
		}
		wait.Wait()
	}
}

func TestWorkersChangeNothing(t *testing.T) {
	pass := func(workers int) []int {
		return classes(t, &Loader{Dataset: numbered(103), BatchSize: 4, Workers: workers, Shuffle: dl.NewRand(5)})
	}
	one := pass(0)
	for _, n := range []int{1, 2, 7} {
		if !slices.Equal(pass(n), one) {
			t.Errorf("%d workers give other batches", n)
		}
	}
	l := &Loader{Dataset: faulty{numbered(10), true}, BatchSize: 2, Workers: 3}
	n := 0
	for range l.Batches() {
		n++
	}
	if n != 2 || l.Err() == nil {
		t.Errorf("a fault in the third batch: %d batches, error %v", n, l.Err())
	}
	for range 20 { // passes that end early
		for range l.Batches() {
			break
		}
	}
}

func TestALoaderIsUsedAgain(t *testing.T) {
	l := &Loader{Dataset: numbered(10), BatchSize: 4, Shuffle: dl.NewRand(1)}
	classes(t, l)
	l.Shuffle = nil
	if got := classes(t, l); !slices.Equal(got, sequence(10)) {
		t.Errorf("without Shuffle the order is %v", got)
	}
	l.Dataset = numbered(23)
	if got := classes(t, l); !slices.Equal(got, sequence(23)) {
		t.Errorf("another dataset: %v", got)
	}
	l.Dataset = FromTensors(dl.Zeros(5, 7, 7), nil)
	for _, b := range l.Batches() {
		if b.Y != nil || b.X.Rank() != 3 {
			t.Errorf("a dataset of another shape: %v", b)
		}
	}
}

func TestIntegersStayWhatTheyAre(t *testing.T) {
	x := dl.Of([]int64{1, 2, 3, 1 << 30}, 2, 2)
	b, err := All(FromTensors(x, nil))
	if err != nil || b.X.DType() != dl.Int32 || b.X.Int32s()[3] != 1<<30 {
		t.Errorf("%v %v", b.X, err)
	}
	for _, label := range []int64{1<<32 + 1, 1 << 40, -1 << 33} {
		err := dl.Try(func() { FromTensors(dl.Zeros(2, 1), dl.Of([]int64{0, label})) })
		if err == nil || !strings.Contains(err.Error(), fmt.Sprint(label)) {
			t.Errorf("label %d: %v", label, err)
		}
	}
}

func TestColumns(t *testing.T) {
	d := FromColumns(
		Column{"tokens", Input, dl.Of([]int32{1, 2, 3, 4}, 2, 2)},
		Column{"types", Input, dl.Of([]uint8{5, 6, 7, 8}, 2, 2)},
		Column{"next", Target, dl.Of([]int32{2, 3, 4, 5}, 2, 2)},
		Column{"importance", Weight, dl.Of([]float32{0.5, 2})})
	l := &Loader{Dataset: Subset(d, []int{1, 0}), BatchSize: 2}
	for _, b := range l.Batches() {
		if !slices.Equal(b.X.Int32s(), []int32{3, 4, 1, 2}) || !slices.Equal(b.Y.Int32s(), []int32{4, 5, 2, 3}) ||
			!slices.Equal(b.Get("types").Uint8s(), []uint8{7, 8, 5, 6}) || !slices.Equal(b.Of(Weight).Float32s(), []float32{2, 0.5}) ||
			b.Get("x") != b.X || b.Get("none") != nil || b.Of(Mask) != nil {
			t.Errorf("%v", b)
		}
	}
	if l.Err() != nil {
		t.Error(l.Err())
	}
	var again Tensors
	if err := again.SetState(d.State()); err != nil || again.Spec().More[1].Role != Weight || again.Len() != 2 {
		t.Errorf("through a saved session: %v %v", again.Spec(), err)
	}
	for name, f := range map[string]func(){
		"two of a name": func() {
			FromColumns(Column{"", Input, dl.Zeros(2, 1)}, Column{"a", Other, dl.Zeros(2)}, Column{"a", Other, dl.Zeros(2)})
		},
		"other lengths": func() { FromColumns(Column{"", Input, dl.Zeros(2, 1)}, Column{"", Target, dl.Zeros(3)}) },
		"no input":      func() { FromColumns(Column{"", Target, dl.Zeros(3)}) },
	} {
		if dl.Try(f) == nil {
			t.Errorf("%s are taken", name)
		}
	}
}

func TestSequencesArePadded(t *testing.T) {
	s := &Sequences{Tokens: [][]int32{{1, 2, 3}, {4}, {5, 6}, {7, 8, 9, 10}}, Labels: []int32{0, 1, 0, 1}, Pad: 99}
	var lengths []int
	l := &Loader{Dataset: Subset(s, []int{1, 2, 0, 3}), BatchSize: 2}
	for _, b := range l.Batches() {
		lengths = append(lengths, b.X.Dim(1))
		if b.X.Dim(1) == 2 && (!slices.Equal(b.X.Int32s(), []int32{4, 99, 5, 6}) || !slices.Equal(b.Of(Mask).Float32s(), []float32{1, 0, 1, 1}) ||
			!slices.Equal(b.Y.Int32s(), []int32{1, 0})) {
			t.Errorf("%v %v", b.X, b.Of(Mask))
		}
	}
	if l.Err() != nil || !slices.Equal(lengths, []int{2, 4}) {
		t.Errorf("lengths %v, error %v", lengths, l.Err())
	}
	s.Labels, s.Targets = nil, [][]int32{{1, 2}, {4}, {5, 6}, {7, 8, 9, 10}}
	if _, err := All(s); err == nil || !strings.Contains(err.Error(), "sequence 0 has 3 tokens") {
		t.Errorf("a target too few: %v", err)
	}
}

// counting is a stream of n numbers, each the input and the class.
func counting(n int, fault error) *Stream {
	return &Stream{Sample: Spec{X: dl.Shape{2}, Y: dl.Shape{}, YType: dl.Int32}, Open: func() (Source, error) {
		return &counter{n: n, fault: fault}, nil
	}}
}

type counter struct {
	at, n int
	fault error
}

func (c *counter) Next(b Batch) (int, error) {
	for row := range b.Len() {
		if c.at == c.n {
			return row, c.fault
		}
		b.X.Set(float64(c.at), row, 0)
		b.X.Set(float64(-c.at), row, 1)
		b.Y.Set(float64(c.at), row)
		c.at++
	}
	return b.Len(), nil
}

func TestStreams(t *testing.T) {
	for _, n := range []int{0, 3, 4, 7, 8} {
		l := &Loader{Dataset: counting(n, nil), BatchSize: 4}
		for range 2 {
			if got := classes(t, l); !slices.Equal(got, sequence(n)) {
				t.Errorf("of %d: %v", n, got)
			}
		}
	}
	l := &Loader{Dataset: counting(6, io.ErrUnexpectedEOF), BatchSize: 4}
	n := 0
	for range l.Batches() {
		n++
	}
	if n != 1 || !errors.Is(l.Err(), io.ErrUnexpectedEOF) {
		t.Errorf("a broken stream: %d batches, error %v", n, l.Err())
	}
	if err := dl.Try(func() { All(counting(3, nil)) }); err == nil {
		t.Error("All reads a stream")
	}
}

func TestSamplers(t *testing.T) {
	labels := make([]int32, 100)
	for i := 90; i < 100; i++ {
		labels[i] = 1
	}
	d := FromTensors(dl.Zeros(100, 1), dl.Of(labels))
	w, err := Balance(d)
	if err != nil {
		t.Fatal(err)
	}
	w.Samples = 10000
	ones := 0
	l := &Loader{Dataset: d, BatchSize: 64, Sampler: w, Shuffle: dl.NewRand(3)}
	total := 0
	for _, b := range l.Batches() {
		for _, class := range b.Y.Int32s() {
			ones += int(class)
			total++
		}
	}
	if l.Err() != nil || total != 10000 || ones < 4800 || ones > 5200 {
		t.Errorf("%d of %d are of the rare class, error %v", ones, total, l.Err())
	}
	never := Weighted{Weights: []float64{0, 1, 0, 2, 0}}
	for _, i := range never.Order(5, dl.NewRand(1)) {
		if i != 1 && i != 3 {
			t.Errorf("sample %d of weight 0 is taken", i)
		}
	}
	l = &Loader{Dataset: d, Sampler: Weighted{Weights: []float64{1}}}
	for range l.Batches() {
	}
	if l.Err() == nil {
		t.Error("too few weights are taken")
	}
}

func TestSettingsThatMeanNothingAreRefused(t *testing.T) {
	var value *dl.ValueError
	for name, f := range map[string]func(){
		"Take":   func() { Take(numbered(3), -1) },
		"Subset": func() { Subset(numbered(3), []int{3}) },
		"Split":  func() { Split(numbered(3), 1.5) },
	} {
		if err := dl.Try(f); !errors.As(err, &value) {
			t.Errorf("%s: %v", name, err)
		}
	}
	numbers := []int{0, 1}
	s := Subset(numbered(3), numbers)
	numbers[0] = 2
	if got := classes(t, &Loader{Dataset: s}); !slices.Equal(got, []int{0, 1}) {
		t.Errorf("the subset follows its argument: %v", got)
	}
}
