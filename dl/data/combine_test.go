package data

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync/atomic"
	"testing"

	"modelbook/dl"
)

func TestCombinedDatasets(t *testing.T) {
	even, err := Filter(numbered(10), func(s Batch) bool { return s.Y.Int32s()[0]%2 == 0 })
	if err != nil {
		t.Fatal(err)
	}
	for name, c := range map[string]struct {
		d    Dataset
		want []int
	}{
		"skip": {Skip(numbered(5), 2), []int{2, 3, 4}}, "skip all": {Skip(numbered(5), 9), nil}, "repeat": {Repeat(numbered(3), 2), []int{0, 1, 2, 0, 1, 2}},
		"filter": {even, []int{0, 2, 4, 6, 8}}, "concat": {Concat(numbered(3), numbered(0), numbered(4)), []int{0, 1, 2, 0, 1, 2, 3}},
		"part of concat": {Subset(Concat(numbered(3), numbered(4)), []int{6, 0, 3, 2}), []int{3, 0, 0, 2}},
		"map": {Map(numbered(3), func(s Sample) Sample {
			s.X, s.Y = s.X.MulScalar(2), dl.Full(float64(s.Y.Int32s()[0]*2)).To(dl.Int32)
			return s
		}), []int{0, 2, 4}},
	} {
		for _, size := range []int{1, 4, 100} {
			if got := classes(t, &Loader{Dataset: c.d, BatchSize: size, Workers: 2}); !slices.Equal(got, c.want) {
				t.Errorf("%s in batches of %d: %v, want %v", name, size, got, c.want)
			}
		}
	}
	z := Zip(numbered(5), []string{"other"}, Map(numbered(5), func(s Sample) Sample {
		s.X = s.X.MulScalar(10)
		return s
	}))
	b, err := All(Subset(z, []int{3, 1}))
	if err != nil || b.Get("other").At(0, 0) != 30 || b.X.At(0, 0) != 3 || b.Get("other_y").Int32s()[1] != 1 || b.Of(Input) != b.Get("other") {
		t.Errorf("zip: %v %v", b, err)
	}
}

// What is random in Map depends on the seed, the pass and the sample, and on nothing else.
func TestMapIsTheSameForAnyNumberOfWorkers(t *testing.T) {
	random := func(d Dataset) Dataset {
		return MapSeeded(d, 3, func(s Sample) Sample {
			s.X = dl.Of([]float32{s.X.Float32s()[0], float32(s.Rand.Float64())})
			return s
		})
	}
	passes := func(d Dataset, workers int, shuffle *dl.Rand) (all [][]float32) {
		l := &Loader{Dataset: d, BatchSize: 7, Workers: workers, Shuffle: shuffle}
		for range 2 {
			var values []float32
			for _, b := range l.Batches() {
				values = append(values, b.X.Float32s()...)
			}
			if l.Err() != nil {
				t.Fatal(l.Err())
			}
			all = append(all, values)
		}
		return all
	}
	for name, d := range map[string]Dataset{
		"map": random(numbered(60)), "part": Subset(random(numbered(60)), sequence(50)), "concat": Concat(random(numbered(30)), random(numbered(30))),
		"one-hot": OneHot(random(numbered(60)), 60), "twice": random(random(numbered(60))),
		"batches": MapBatches(numbered(60), 3, func(b Batch, r *dl.Rand) Batch {
			b.X.Set(r.Float64(), 0, 1)
			return b
		}),
	} {
		one := passes(d, 1, dl.NewRand(1))
		for _, workers := range []int{1, 2, 5} {
			if got := passes(d, workers, dl.NewRand(1)); !slices.EqualFunc(got, one, slices.Equal) {
				t.Errorf("%s: %d workers change something", name, workers)
			}
		}
		if slices.Equal(one[0], one[1]) {
			t.Errorf("%s: the second pass is the first", name)
		}
		ordered := passes(d, 2, nil)
		if slices.Equal(ordered[0], ordered[1]) {
			t.Errorf("%s: without shuffling, the second pass is the first", name)
		}
	}
}

func TestMapSaysWhatDoesNotFit(t *testing.T) {
	d := Map(numbered(5), func(s Sample) Sample {
		if s.Y.Int32s()[0] == 3 {
			s.X = dl.Zeros(7)
		}
		return s
	})
	if _, err := All(d); err == nil || !strings.Contains(err.Error(), "sample 3 becomes") {
		t.Error(err)
	}
	if _, err := All(Map(faulty{numbered(9), false}, func(s Sample) Sample { return s })); !errors.Is(err, errDisk) {
		t.Error(err)
	}
	b := MapBatches(numbered(8), 0, func(b Batch, r *dl.Rand) Batch {
		if b.Len() > 2 {
			b.X = dl.Zeros(1, 2)
		}
		return b
	})
	if _, err := All(b); err == nil || !strings.Contains(err.Error(), "a batch of 8 samples becomes 1") {
		t.Error(err)
	}
}

func TestWindows(t *testing.T) {
	d := Windows{Series: dl.Arange(10).To(dl.Float32), Size: 3, Ahead: 2, Stride: 2}.Dataset()
	b, err := All(d)
	if err != nil || d.Len() != 3 || !slices.Equal(b.X.Float32s(), []float32{0, 1, 2, 2, 3, 4, 4, 5, 6}) || !slices.Equal(b.Y.Float32s(), []float32{3, 4, 5, 6, 7, 8}) {
		t.Errorf("%v %v %v", b.X, b.Y, err)
	}
	d = Windows{Series: dl.Arange(12).To(dl.Float32).Reshape(6, 2), Size: 2, Target: []int{1}}.Dataset()
	b, err = All(d)
	if err != nil || d.Len() != 4 || b.X.At(3, 1, 0) != 8 || b.Y.At(3, 0, 0) != 11 {
		t.Errorf("%v %v %v", b.X, b.Y, err)
	}
}

func TestRaggedSamplesAreFilledUp(t *testing.T) {
	r := &Ragged{X: []*dl.Tensor{dl.Ones(2, 3), dl.Ones(1, 3), dl.Ones(4, 3)}, Labels: []int32{5, 6, 7}, Pad: -1}
	l := Loader{Dataset: r, BatchSize: 2, Sampler: ByLength{Lengths: r.Lengths(), BatchSize: 2, Window: 1}, Shuffle: dl.NewRand(1)}
	seen := 0
	for _, b := range l.Batches() {
		mask := b.Of(Mask)
		for row, label := range b.Y.Int32s() {
			n := r.X[label-5].Dim(0)
			for i := range b.X.Dim(1) {
				want, m := -1.0, 0.0
				if i < n {
					want, m = 1, 1
				}
				if b.X.At(row, i, 2) != want || mask.At(row, i) != m {
					t.Errorf("sample %d at %d: %v, mask %v", label, i, b.X.At(row, i, 2), mask.At(row, i))
				}
			}
			seen++
		}
	}
	if l.Err() != nil || seen != 3 {
		t.Errorf("%d samples, %v", seen, l.Err())
	}
	batch, mask := Pad(9, dl.Of([]int32{1, 2}), dl.Of([]int32{3}))
	if !slices.Equal(batch.Int32s(), []int32{1, 2, 3, 9}) || !slices.Equal(mask.Float32s(), []float32{1, 1, 1, 0}) {
		t.Errorf("%v %v", batch, mask)
	}
	r.X[1] = dl.Ones(1, 2)
	if _, err := All(r); err == nil {
		t.Error("samples that are not alike are taken")
	}
}

func TestStreamsAreShuffledMappedAndChained(t *testing.T) {
	l := &Loader{Dataset: counting(200, nil).ShuffleBuffer(50, dl.NewRand(1)), BatchSize: 16}
	first, second := classes(t, l), classes(t, l)
	if slices.IsSorted(first) || slices.Equal(first, second) {
		t.Errorf("a pass is not shuffled, or as the one before: %v", first)
	}
	for i, s := range first {
		if s > i+50 {
			t.Errorf("sample %d came at place %d, from beyond the buffer", s, i)
		}
	}
	if again := classes(t, &Loader{Dataset: counting(200, nil).ShuffleBuffer(50, dl.NewRand(1)), BatchSize: 16}); !slices.Equal(again, first) {
		t.Error("the same seed gives another order")
	}
	for _, size := range []int{1, 64, 200, 1000} {
		got := classes(t, &Loader{Dataset: counting(200, nil).ShuffleBuffer(size, dl.NewRand(1)), BatchSize: 16})
		slices.Sort(got)
		if !slices.Equal(got, sequence(200)) {
			t.Errorf("a buffer of %d loses samples", size)
		}
	}
	even := counting(100, nil).Map(counting(1, nil).Sample, 0, func(s Sample) Sample {
		if s.Y.Int32s()[0]%2 == 1 {
			s.X = nil
		}
		return s
	})
	got := classes(t, &Loader{Dataset: Chain(even, counting(3, nil), counting(0, nil), counting(70, nil)), BatchSize: 8})
	want := append(sequence(3), sequence(70)...)
	for i := 98; i >= 0; i -= 2 {
		want = append([]int{i}, want...)
	}
	if !slices.Equal(got, want) {
		t.Errorf("%v", got)
	}
	broken := &Loader{Dataset: counting(70, errDisk).ShuffleBuffer(5, dl.NewRand(1)), BatchSize: 8}
	for range broken.Batches() {
	}
	if !errors.Is(broken.Err(), errDisk) {
		t.Errorf("a broken stream: %v", broken.Err())
	}
}

// counted counts how often samples are read.
type counted struct {
	*Tensors
	reads *atomic.Int64
}

func (c counted) Read(b Batch, samples []int) error {
	c.reads.Add(int64(len(samples)))
	return c.Tensors.Read(b, samples)
}

func TestCacheOnDisk(t *testing.T) {
	dir := t.TempDir()
	var reads atomic.Int64
	open := func(key string, n int, most int64) *Cached {
		c, err := CacheOnDisk(counted{numbered(n), &reads}, dir, key, most)
		if err != nil {
			t.Fatal(err)
		}
		return c
	}
	pass := func(c *Cached) {
		t.Helper()
		if got := classes(t, &Loader{Dataset: c, BatchSize: 4, Workers: 2}); !slices.Equal(got, sequence(c.Len())) {
			t.Errorf("got %v", got)
		}
	}
	read := func(what string, want int, f func()) {
		t.Helper()
		reads.Store(0)
		if f(); reads.Load() != int64(want) {
			t.Errorf("%s: %d samples were read, want %d", what, reads.Load(), want)
		}
	}
	c := open("a", 10, 0)
	read("first", 10, func() { pass(c) })
	read("second", 0, func() { pass(c) })
	read("by another program", 0, func() { pass(open("a", 10, 0)) })
	read("another key", 10, func() { pass(open("b", 10, 0)) })
	read("another length", 11, func() { pass(open("a", 11, 0)) })
	content, err := os.ReadFile(c.path(3))
	if err != nil {
		t.Fatal(err)
	}
	content[len(content)-1] ^= 1
	os.WriteFile(c.path(3), content, 0o644)
	os.WriteFile(c.path(4), content[:20], 0o644)
	os.WriteFile(c.path(5), nil, 0o644)
	read("three files are damaged", 3, func() { pass(c) })
	read("they are mended", 0, func() { pass(c) })
	if err := c.Clear(); err != nil {
		t.Fatal(err)
	}
	read("cleared", 10, func() { pass(c) })

	// Room for two samples, beside nothing of other keys.
	small := open("c", 10, 2*int64(len(content)))
	read("a small cache", 10, func() { pass(small) })
	read("keeps what it has room for", 8, func() { pass(small) })
	total := int64(0)
	files, _ := filepath.Glob(filepath.Join(dir, "*", "*"))
	for _, f := range files {
		info, _ := os.Stat(f)
		total += info.Size()
	}
	if total > 2*int64(len(content)) {
		t.Errorf("%d bytes are kept, in %v", total, files)
	}
	other := filepath.Join(dir, "notes.txt")
	os.WriteFile(other, []byte("mine"), 0o644)
	open("d", 10, 1)
	if _, err := os.Stat(other); err != nil {
		t.Error("the cache removes a file that is not its own")
	}
}

func TestSamplersTakeWhatTheySay(t *testing.T) {
	labels := make([]int32, 100)
	for i := 80; i < 100; i++ {
		labels[i] = 1
	}
	order := Stratified{Labels: labels}.Order(100, dl.NewRand(1))
	for batch := range slices.Chunk(order, 10) {
		rare := 0
		for _, i := range batch {
			rare += int(labels[i])
		}
		if rare < 1 || rare > 3 {
			t.Errorf("a batch of 10 has %d of a class with a fifth", rare)
		}
	}
	all := map[string][]int{"stratified": order}
	lengths := make([]int, 103)
	for i := range lengths {
		lengths[i] = i * 7919 % 103
	}
	byLength := ByLength{Lengths: lengths, BatchSize: 8, Window: 100}.Order(103, dl.NewRand(1))
	all["by length"] = byLength
	for batch := range slices.Chunk(byLength, 8) {
		lo, hi := 1000, 0
		for _, i := range batch {
			lo, hi = min(lo, lengths[i]), max(hi, lengths[i])
		}
		if hi-lo > 7 {
			t.Errorf("a batch has lengths from %d to %d", lo, hi)
		}
	}
	all["by length in windows"] = ByLength{Lengths: lengths, BatchSize: 8, Window: 2}.Order(103, dl.NewRand(1))
	for _, inOrder := range []bool{false, true} {
		var together []int
		for rank := range 4 {
			s := Shard{Rank: rank, Size: 4, InOrder: inOrder}
			own := s.Order(103, dl.NewRand(5))
			if len(own) != s.Count(103) || len(own) != 26 && rank < 3 || rank == 3 && len(own) != 25 {
				t.Errorf("rank %d takes %d, says %d", rank, len(own), s.Count(103))
			}
			if even := (Shard{Rank: rank, Size: 4, DropLast: true}); len(even.Order(103, dl.NewRand(5))) != 25 || even.Count(103) != 25 {
				t.Errorf("rank %d takes %d", rank, even.Count(103))
			}
			together = append(together, own...)
		}
		all[fmt.Sprint("shards in order ", inOrder)] = together
	}
	all["random"] = Random{}.Order(103, dl.NewRand(1))
	for name, order := range all {
		if slices.IsSorted(order) {
			t.Errorf("%s: not shuffled", name)
		}
		if got := slices.Sorted(slices.Values(order)); !slices.Equal(got, sequence(len(order))) || len(got) < 100 {
			t.Errorf("%s: a sample is taken twice or not at all", name)
		}
	}
	if n := len(Random{Samples: 500, Replace: true}.Order(10, dl.NewRand(1))); n != 500 {
		t.Errorf("%d draws", n)
	}
	l := Loader{Dataset: numbered(100), BatchSize: 10, Sampler: Shard{Rank: 0, Size: 3, Sampler: Random{Samples: 40}}, Shuffle: dl.NewRand(1)}
	if n := len(classes(t, &l)); n != 14 || l.Steps() != 2 {
		t.Errorf("%d samples in %d steps", n, l.Steps())
	}
}

func TestTexts(t *testing.T) {
	dir := t.TempDir()
	for name, text := range map[string]string{"neg/b.txt": "bad", "neg/a.txt": "worse\n", "pos/a.txt": "good", "pos/.hidden": "x", "readme": "no class"} {
		os.MkdirAll(filepath.Join(dir, filepath.Dir(name)), 0o755)
		os.WriteFile(filepath.Join(dir, name), []byte(text), 0o644)
	}
	texts, err := TextFolder(dir)
	if err != nil || !slices.Equal(texts.Texts, []string{"worse\n", "bad", "good"}) || !slices.Equal(texts.Labels, []int32{0, 0, 1}) || !slices.Equal(texts.Classes, []string{"neg", "pos"}) {
		t.Errorf("%+v %v", texts, err)
	}
	s := texts.Sequences(func(text string) []int32 { return make([]int32, len(text)) })
	if s.Len() != 3 || !slices.Equal(s.Lengths(), []int{6, 3, 4}) {
		t.Errorf("%v", s.Lengths())
	}
	os.WriteFile(filepath.Join(dir, "pos", "z.txt"), []byte("fine\ncaf\xe9"), 0o644)
	if _, err := TextFolder(dir); err == nil || !strings.Contains(err.Error(), "z.txt: is not UTF-8: line 2 has 0xe9 as byte 4") {
		t.Error(err)
	}
	if _, err := TextFolder(filepath.Join(dir, "neg")); err == nil || !strings.Contains(err.Error(), "a folder for each class") {
		t.Error(err)
	}
	a, b := filepath.Join(dir, "neg", "a.txt"), filepath.Join(dir, "two")
	os.WriteFile(b, []byte("one\r\ntwo"), 0o644)
	lines, err := ReadLines(a, b)
	if err != nil || !slices.Equal(lines, []string{"worse", "one", "two"}) {
		t.Errorf("%q %v", lines, err)
	}
	for range Lines(b) { // a loop may be left
		break
	}
	if _, err := ReadLines(a, filepath.Join(dir, "none")); !errors.Is(err, os.ErrNotExist) || !strings.Contains(err.Error(), "none") {
		t.Error(err)
	}
	if _, err := ReadLines(filepath.Join(dir, "pos", "z.txt")); err == nil || !strings.Contains(err.Error(), "line 2 is not UTF-8: its byte 4 is 0xe9") {
		t.Error(err)
	}
}

func TestCombinationsThatCannotBe(t *testing.T) {
	stream := counting(3, nil)
	r := dl.NewRand(1)
	for name, f := range map[string]func(){
		"Skip": func() { Skip(numbered(3), -1) }, "Repeat": func() { Repeat(numbered(3), 1<<40) }, "Concat": func() { Concat() },
		"Concat kinds": func() { Concat(numbered(3), FromTensors(dl.Zeros(3, 5), nil)) }, "Concat stream": func() { Concat(stream) },
		"Concat varying": func() { Concat(&Sequences{}) }, "Zip": func() { Zip(numbered(3), nil, numbered(3)) }, "Zip length": func() { Zip(numbered(3), []string{"a"}, numbered(4)) },
		"Zip name": func() { Zip(numbered(3), []string{"x"}, numbered(3)) }, "Map": func() { Map(stream, nil) }, "MapBatches": func() { MapBatches(stream, 0, nil) },
		"Map nothing": func() { Map(numbered(3), func(Sample) Sample { return Sample{} }) }, "Filter": func() { Filter(stream, nil) },
		"Windows": func() { Windows{Series: dl.Zeros(5), Size: 5}.Dataset() }, "Windows size": func() { Windows{Series: dl.Zeros(5)}.Dataset() },
		"Windows feature": func() { Windows{Series: dl.Zeros(5), Size: 1, Target: []int{1}}.Dataset() }, "Windows series": func() { Windows{Size: 1}.Dataset() },
		"Pad": func() { Pad(0) }, "Pad shapes": func() { Pad(0, dl.Zeros(2, 2), dl.Zeros(2, 3)) }, "Pad types": func() { Pad(0, dl.Zeros(2), dl.Of([]int32{1})) },
		"buffer": func() { stream.ShuffleBuffer(0, r) }, "Chain": func() { Chain() }, "Cache": func() { CacheOnDisk(stream, t.TempDir(), "", 0) },
		"Cache of random": func() { CacheOnDisk(Map(numbered(3), func(s Sample) Sample { return s }), t.TempDir(), "", 0) },
		"Stratified":      func() { Stratified{}.Order(3, r) }, "ByLength": func() { ByLength{}.Order(3, r) }, "ByLength size": func() { ByLength{Lengths: []int{1}, BatchSize: -1}.Order(1, r) },
		"Shard": func() { Shard{Rank: 2, Size: 2}.Order(3, r) }, "Random": func() { Random{Samples: -1}.Order(3, r) },
		"WithClasses": func() { FromTensors(dl.Zeros(1, 1), nil).WithClasses("a") },
	} {
		err := dl.Try(f)
		var value *dl.ValueError
		var shape *dl.ShapeError
		var dtype *dl.DTypeError
		if !errors.As(err, &value) && !errors.As(err, &shape) && !errors.As(err, &dtype) {
			t.Errorf("%s: %v", name, err)
		}
	}
}
