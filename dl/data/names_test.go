package data_test

import (
	"testing"

	"modelbook/dl"
	"modelbook/dl/data"
)

// The first input and the first target are found by their names, too, in whole and smaller batches, and of datasets that
// are made of others.
func TestColumnsAreFoundByTheirNames(t *testing.T) {
	columns := data.FromColumns(
		data.Column{Name: "image", Role: data.Input, Values: dl.Arange(5).Reshape(5, 1)},
		data.Column{Name: "class", Role: data.Target, Values: dl.ArangeOf(dl.Int32, 5)},
		data.Column{Name: "more", Role: data.Input, Values: dl.Arange(5)})
	for name, d := range map[string]data.Dataset{
		"columns": columns,
		"part":    data.Skip(columns, 0),
		"mapped":  data.Map(columns, func(s data.Sample) data.Sample { return s }),
		"batches": data.MapBatches(columns, 1, func(b data.Batch, _ *dl.Rand) data.Batch { return b }),
		"weights": data.WithWeights(columns, []float64{1, 1, 1, 1, 1}),
		"zip":     data.Zip(columns, []string{"other"}, columns),
		"saved":   restored(t, columns),
	} {
		loader := data.Loader{Dataset: d, BatchSize: 3}
		for _, b := range loader.Batches() {
			if b.Get("image") != b.X || b.Get("class") != b.Y || b.Get("more") == nil || b.Get("x") != b.X || b.Get("y") != b.Y || b.Get("") != nil {
				t.Errorf("%s: %v", name, b)
			}
		}
		if err := loader.Err(); err != nil {
			t.Error(name, err)
		}
	}
	if err := dl.Try(func() {
		data.FromColumns(data.Column{Name: "a", Role: data.Input, Values: dl.Ones(2)}, data.Column{Name: "a", Role: data.Target, Values: dl.Ones(2)})
	}); err == nil {
		t.Error("two columns have one name")
	}
}

// restored is a dataset as a saved session gives it back.
func restored(t *testing.T, d *data.Tensors) *data.Tensors {
	again := &data.Tensors{}
	if err := again.SetState(d.State()); err != nil {
		t.Fatal(err)
	}
	return again
}

// Sequences of different lengths beside their labels, which are others: what a CTC loss needs.
func TestZipOfWhatDiffersInShape(t *testing.T) {
	sounds := &data.Ragged{X: []*dl.Tensor{dl.Ones(2, 3), dl.Ones(5, 3), dl.Ones(1, 3)}}
	labels := &data.Ragged{X: []*dl.Tensor{dl.Ones(1), dl.Ones(2), dl.Ones(4)}}
	d := data.Zip(sounds, []string{"labels", "number"}, labels, data.FromTensors(dl.Arange(3), nil))
	loader := data.Loader{Dataset: d, BatchSize: 2}
	for i, b := range loader.Batches() {
		x, y, mask := b.X.Shape(), b.Get("labels").Shape(), b.Get("labels_mask")
		if want := [2][2]int{{5, 2}, {1, 4}}[i]; x[1] != want[0] || y[1] != want[1] || mask.Sum().Item() != []float64{3, 4}[i] || b.Get("number").At(0) != float64(2*i) {
			t.Errorf("batch %d: %v and %v", i, x, y)
		}
	}
	if err := loader.Err(); err != nil {
		t.Error(err)
	}
	if all, err := data.All(data.Take(d, 2)); err != nil || all.X.Dim(1) != 5 || all.Get("labels").Dim(1) != 2 {
		t.Error(all, err)
	}
}
