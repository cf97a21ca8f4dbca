package data

import (
	"errors"
	"math"
	"slices"
	"testing"

	"modelbook/dl"
)

// scikit-learn: compute_class_weight("balanced", classes=[0, 1, 3], y=[0, 0, 0, 0, 1, 1, 3, 0]) is
// [0.53333333, 1.33333333, 2.66666667].
func TestClassWeights(t *testing.T) {
	labels := []int32{0, 0, 0, 0, 1, 1, 3, 0}
	d := FromTensors(dl.Zeros(8, 2), dl.Of(labels))
	weights, err := ClassWeights(d)
	if err != nil {
		t.Fatal(err)
	}
	want := []float64{0.53333333, 1.33333333, 0, 2.66666667}
	if len(weights) != 4 {
		t.Fatal(weights)
	}
	for i, w := range want {
		if math.Abs(weights[i]-w) > 1e-8 {
			t.Errorf("class %d: %v, want %v", i, weights[i], w)
		}
	}
	if got := SampleWeights(labels, weights); got[4] != weights[1] || got[6] != weights[3] {
		t.Errorf("sample weights %v", got)
	}
}

func TestWithWeights(t *testing.T) {
	d := FromColumns(Column{"x", Input, dl.Of([]float32{1, 2, 3}, 3, 1)}, Column{"y", Target, dl.Of([]int32{0, 1, 1})},
		Column{"id", Other, dl.Of([]int64{7, 8, 9})})
	w := WithWeights(d, []float64{1, 0.5, 2})
	loader := Loader{Dataset: Subset(w, []int{2, 0, 1}), BatchSize: 2}
	var weights []float32
	var ids []int64
	for _, b := range loader.Batches() {
		weights = append(weights, b.Of(Weight).Float32s()...)
		ids = append(ids, b.Get("id").Int64s()...)
	}
	if err := loader.Err(); err != nil || !slices.Equal(weights, []float32{2, 1, 0.5}) || !slices.Equal(ids, []int64{9, 7, 8}) {
		t.Errorf("%v %v %v", weights, ids, err)
	}
	labels, err := Labels(w)
	if err != nil || !slices.Equal(labels, []int32{0, 1, 1}) || d.Spec().More[0].Name != "id" || len(d.Spec().More) != 1 {
		t.Errorf("%v, %v", labels, err)
	}
	for name, f := range map[string]func(){
		"too few":       func() { WithWeights(d, []float64{1}) },
		"negative":      func() { WithWeights(d, []float64{1, -1, 1}) },
		"infinite":      func() { WithWeights(d, []float64{1, math.Inf(1), 1}) },
		"twice":         func() { WithWeights(w, []float64{1, 1, 1}) },
		"no such class": func() { SampleWeights([]int32{2}, []float64{1, 1}) },
		"a class of -1": func() { ClassWeights(FromTensors(dl.Zeros(1, 1), dl.Of([]int32{-1}))) },
	} {
		var value *dl.ValueError
		if err := dl.Try(f); !errors.As(err, &value) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// Samples of different length keep being padded.
func TestWeightsOfSequences(t *testing.T) {
	d := varying{}
	w := WithWeights(d, []float64{1, 2})
	if !varies(w) || varies(WithWeights(FromTensors(dl.Zeros(2, 1), nil), []float64{1, 2})) {
		t.Error("whether the batches differ in shape")
	}
}

// varying is a dataset of sequences.
type varying struct{}

func (varying) Len() int   { return 2 }
func (varying) Spec() Spec { return Spec{X: dl.Shape{1}, YType: NoTarget} }
func (varying) BatchSpec(samples []int) Spec {
	return Spec{X: dl.Shape{samples[0] + 1}, YType: NoTarget}
}
func (varying) Read(Batch, []int) error { return nil }
