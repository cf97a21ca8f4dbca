package data_test

import (
	"fmt"
	"os"
	"path/filepath"

	"modelbook/dl"
	"modelbook/dl/data"
)

// six is a dataset of six samples with the inputs 0 to 5, in two classes.
func six() data.Dataset {
	return data.FromTensors(dl.Arange(6).To(dl.Float32).Reshape(6, 1), dl.Of([]int32{0, 0, 0, 0, 1, 1}))
}

// inputs reads all inputs of a dataset.
func inputs(d data.Dataset) []float32 {
	b, err := data.All(d)
	if err != nil {
		panic(err)
	}
	return b.X.Float32s()
}

func ExampleKFold() {
	for i, fold := range (data.KFold{K: 3}).Folds(6) {
		train, test := fold.Of(six())
		fmt.Println(i, inputs(train), inputs(test))
	}
	// Output:
	// 0 [2 3 4 5] [0 1]
	// 1 [0 1 4 5] [2 3]
	// 2 [0 1 2 3] [4 5]
}

func ExampleStratifiedKFold() {
	labels, err := data.Labels(six())
	if err != nil {
		panic(err)
	}
	for _, fold := range (data.StratifiedKFold{K: 2, Labels: labels}).Folds(6) {
		fmt.Println(fold.Train, fold.Test)
	}
	// Output:
	// [2 3 5] [0 1 4]
	// [0 1 4] [2 3 5]
}

func ExampleGroupKFold() {
	patients := []int{7, 7, 7, 8, 8, 9}
	for _, fold := range (data.GroupKFold{K: 2, Groups: patients}).Folds(6) {
		fmt.Println(fold.Train, fold.Test)
	}
	// Output:
	// [3 4 5] [0 1 2]
	// [0 1 2] [3 4 5]
}

// Of each patient all pictures are on one side, and both sides have sick and healthy ones.
func ExampleStratifiedGroupKFold() {
	patients := []int{7, 7, 8, 8, 9, 9, 10, 10}
	sick := []int32{1, 1, 1, 1, 0, 0, 0, 0}
	for _, fold := range (data.StratifiedGroupKFold{K: 2, Groups: patients, Labels: sick}).Folds(8) {
		fmt.Println(fold.Train, fold.Test)
	}
	// Output:
	// [2 3 6 7] [0 1 4 5]
	// [0 1 4 5] [2 3 6 7]
}

func ExampleTimeSeriesSplit() {
	for _, fold := range (data.TimeSeriesSplit{K: 2}).Folds(6) {
		fmt.Println(fold.Train, fold.Test)
	}
	// Output:
	// [0 1] [2 3]
	// [0 1 2 3] [4 5]
}

func ExampleStratifiedSplit() {
	train, test, err := data.StratifiedSplit(six(), 0.5, dl.NewRand(1))
	if err != nil {
		panic(err)
	}
	count := func(d data.Dataset) (n [2]int) {
		labels, _ := data.Labels(d)
		for _, class := range labels {
			n[class]++
		}
		return n
	}
	fmt.Println(count(train), count(test))
	// Output: [2 1] [2 1]
}

func ExampleMap() {
	noisy := data.Map(six(), func(s data.Sample) data.Sample {
		s.X = s.X.AddScalar(s.Rand.Float64()) // other noise in each pass, the same for any number of workers
		return s
	})
	loader := data.Loader{Dataset: noisy, BatchSize: 6, Workers: 2, Shuffle: dl.NewRand(1)}
	var passes [2]float64
	for i := range passes {
		for _, b := range loader.Batches() {
			passes[i] = b.X.Sum().Item()
		}
	}
	fmt.Println(passes[0] > 15, passes[0] != passes[1], loader.Err())
	// Output: true true <nil>
}

func ExampleConcat() {
	few, err := data.Filter(data.Skip(six(), 1), func(s data.Batch) bool { return s.Y.Int32s()[0] == 1 })
	if err != nil {
		panic(err)
	}
	fmt.Println(inputs(data.Concat(data.Take(six(), 2), data.Repeat(few, 2))))
	// Output: [0 1 4 5 4 5]
}

func ExampleZip() {
	left, right := six(), data.Subset(six(), []int{5, 4, 3, 2, 1, 0})
	b, err := data.All(data.Zip(left, []string{"right"}, right))
	fmt.Println(b.X.Float32s(), b.Get("right").Float32s(), err)
	// Output: [0 1 2 3 4 5] [5 4 3 2 1 0] <nil>
}

func ExampleWindows() {
	series := dl.Arange(6).To(dl.Float32)
	b, err := data.All(data.Windows{Series: series, Size: 3}.Dataset())
	fmt.Println(b.X.Reshape(3, 3).Slices(), b.Y.Float32s(), err)
	// Output: [[0 1 2] [1 2 3] [2 3 4]] [3 4 5] <nil>
}

func ExamplePad() {
	batch, mask := data.Pad(0, dl.Of([]float32{1, 2, 3}), dl.Of([]float32{4}))
	fmt.Println(batch.Slices(), mask.Slices())
	// Output: [[1 2 3] [4 0 0]] [[1 1 1] [1 0 0]]
}

func ExampleShard() {
	for rank := range 2 { // of two programs, each with a source of the same seed
		s := data.Shard{Rank: rank, Size: 2, InOrder: true}
		fmt.Println(s.Order(5, dl.NewRand(1)))
	}
	// Output:
	// [0 2 4]
	// [1 3]
}

func ExampleByLength() {
	s := &data.Sequences{Tokens: [][]int32{{1, 2, 3, 4}, {5}, {6, 7, 8}, {9}}, Labels: []int32{0, 1, 0, 1}}
	loader := data.Loader{Dataset: s, BatchSize: 2, Sampler: data.ByLength{Lengths: s.Lengths(), BatchSize: 2}, Shuffle: dl.NewRand(3)}
	lengths := 0
	for _, b := range loader.Batches() {
		lengths += b.X.Dim(1)
	}
	fmt.Println(lengths) // 1 and 4: no short sequence is filled up to a long one
	// Output: 5
}

func ExampleStream_ShuffleBuffer() {
	numbers := &data.Stream{Sample: data.Spec{X: dl.Shape{1}, YType: data.NoTarget}, Open: func() (data.Source, error) {
		return &countingSource{n: 1000}, nil
	}}
	loader := data.Loader{Dataset: numbers.ShuffleBuffer(100, dl.NewRand(1)), BatchSize: 500}
	sum, sorted := 0.0, true
	for _, b := range loader.Batches() {
		sum += b.X.Sum().Item()
		sorted = sorted && b.X.At(0, 0) < b.X.At(1, 0) && b.X.At(1, 0) < b.X.At(2, 0)
	}
	fmt.Println(sum, sorted, loader.Err())
	// Output: 499500 false <nil>
}

// countingSource is a pass over a stream of the numbers below n.
type countingSource struct{ at, n int }

func (s *countingSource) Next(b data.Batch) (int, error) {
	for row := range b.Len() {
		if s.at == s.n {
			return row, nil
		}
		b.X.Float32s()[row] = float32(s.at)
		s.at++
	}
	return b.Len(), nil
}

func ExampleCacheOnDisk() {
	dir, err := os.MkdirTemp("", "cache")
	if err != nil {
		panic(err)
	}
	defer os.RemoveAll(dir)
	cached, err := data.CacheOnDisk(six(), dir, "six, version 1", 0)
	if err != nil {
		panic(err)
	}
	fmt.Println(inputs(cached), inputs(cached)) // the second time from files
	// Output: [0 1 2 3 4 5] [0 1 2 3 4 5]
}

func ExampleTextFolder() {
	dir, err := os.MkdirTemp("", "reviews")
	if err != nil {
		panic(err)
	}
	defer os.RemoveAll(dir)
	for name, text := range map[string]string{"bad/1.txt": "a bore", "good/1.txt": "a joy"} {
		os.MkdirAll(filepath.Join(dir, filepath.Dir(name)), 0o755)
		os.WriteFile(filepath.Join(dir, name), []byte(text), 0o644)
	}
	reviews, err := data.TextFolder(dir)
	if err != nil {
		panic(err)
	}
	samples := reviews.Sequences(func(text string) (tokens []int32) {
		for _, b := range []byte(text) {
			tokens = append(tokens, int32(b))
		}
		return tokens
	})
	fmt.Println(reviews.Classes, reviews.Texts, samples.Lengths())
	// Output: [bad good] [a bore a joy] [6 5]
}
