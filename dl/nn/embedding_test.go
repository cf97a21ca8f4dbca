package nn

import (
	"strings"
	"testing"

	"modelbook/dl"
)

// In use a table with a MaxNorm is read and left as it is: what is looked up is as short as in training.
func TestMaxNormLeavesTheTableInUse(t *testing.T) {
	m, err := Sequential(dl.Shape{3}, Embedding{Vocabulary: 5, Units: 4, MaxNorm: 1, WeightInit: Normal{StdDev: 2}})
	if err != nil {
		t.Fatal(err)
	}
	x, table := dl.Of([]int32{1, 3, 1, 0, 4, 2}, 2, 3), m.Parameter("embedding.weight").Value
	before := table.Clone()
	used := m.Predict(x)
	if !table.Equal(before) {
		t.Error("Predict has changed the table")
	}
	y := m.Forward(x)
	if table.Equal(before) || !y.AllClose(used, 1e-5, 1e-6) {
		t.Errorf("training looks up %v, use %v", y, used)
	}
	if norm := y.Norm(2, -1).Max().Item(); norm > 1.00001 {
		t.Errorf("a vector has the norm %v", norm)
	}
}

// A step in an arena, where gradients of tables are kept by rows, leaves padding and other tokens alone.
func TestPaddingIsNotTrained(t *testing.T) {
	e := Build(Embedding{Vocabulary: 100, Units: 2, Padding: []int{3, 0}}, 2)
	x, table := dl.Of([]int32{3, 5, 7, 0}, 2, 2), e.Weight.Value
	if got := table.Rows([]int{0, 3}).Abs().Sum().Item(); got != 0 {
		t.Errorf("vectors of padding begin as %v", table)
	}
	dl.NewArena().Run(func() { e.Forward(x).Sum().Backward() })
	for i := range 100 {
		want := 0.0
		if i == 5 || i == 7 {
			want = 2
		}
		if got := table.Grad().Index(i).Sum().Item(); got != want {
			t.Errorf("the gradient of token %d is %v, want %v", i, got, want)
		}
	}
}

// Token 0 is padding with MaskZero: what is behind it does not hear of it.
func TestMaskZero(t *testing.T) {
	m, err := Sequential(dl.Shape{4}, Embedding{Vocabulary: 9, Units: 3, MaskZero: true}, Bidirectional{Layer: LSTM{Units: 2, ReturnSequences: true}}, GRU{Units: 2})
	if err != nil {
		t.Fatal(err)
	}
	if got, want := m.Forward(dl.Of([]int64{4, 7, 0, 0}, 1, 4)), m.Forward(dl.Of([]int64{4, 7}, 1, 2)); !got.AllClose(want, 1e-5, 1e-6) {
		t.Errorf("with zeros behind %v, without %v", got, want)
	}
}

func TestEmbeddingMistakes(t *testing.T) {
	for want, layer := range map[string]Layer{
		"Padding names token 5":     Embedding{Vocabulary: 5, Units: 2, Padding: []int{5}},
		"MaxNorm is -1":             Embedding{Vocabulary: 5, Units: 2, MaxNorm: -1},
		"give the number of tokens": EmbeddingBag{},
		"there are MeanBag, SumBag": EmbeddingBag{Vocabulary: 5, Units: 2, Mode: 9},
		"Padding names token -1":    EmbeddingBag{Vocabulary: 5, Units: 2, Padding: []int{-1}},
	} {
		if _, err := Sequential(dl.Shape{4}, layer); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%T: %v, want %q", layer, err, want)
		}
	}
	for want, layer := range map[string]Layer{
		"give an nn.LSTM":        Bidirectional{Layer: Dense{Units: 2}},
		"they must be alike":     Bidirectional{Layer: GRU{Units: 2}, Backward: GRU{Units: 3}},
		"a cell takes one step":  LSTMCell{Units: 2},
		"there is no Merge":      Bidirectional{Layer: GRU{Units: 2}, Merge: 9},
		"give the number of val": GRUCell{},
	} {
		in := dl.Shape{4, 3}
		if _, isCell := layer.(GRUCell); isCell {
			in = dl.Shape{3}
		}
		if _, err := Sequential(in, layer); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%T: %v, want %q", layer, err, want)
		}
	}
	bag := Build(EmbeddingBag{Vocabulary: 5, Units: 2}, 3)
	x := dl.Of([]int32{1, 2, 3}, 1, 3)
	if err := dl.Try(func() { bag.Weighted(x, dl.Ones(1, 3)) }); err == nil || !strings.Contains(err.Error(), "a SumBag") {
		t.Errorf("weights for a mean: %v", err)
	}
}
