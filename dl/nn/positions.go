package nn

import (
	"fmt"
	"math"
	"slices"

	"modelbook/dl"
)

// Rotary are the settings of rotary positions of an attention (Su et al., 2021): see [dl.Rotary]. The zero value is
// Llama's first one.
type Rotary struct {
	Base        float64   `json:",omitempty"` // 0: 10000
	Size        int       `json:",omitempty"` // channels of a head that are turned, from the first on; 0: all
	Interleaved bool      `json:",omitempty"` // pairs are neighbours, as in GPT-J, and not halves of the channels, as in Llama and GPT-NeoX
	Scale       float64   `json:",omitempty"` // positions are divided by it; 0: 1
	Frequencies []float64 `json:",omitempty"` // in place of those of Base: see [dl.Llama3Frequencies]
}

// check says whether the settings fit heads of a size.
func (r *Rotary) check(size int) error {
	turned := r.Size
	if turned == 0 {
		turned = size
	}
	switch {
	case turned < 0 || turned > size || turned%2 != 0:
		return fmt.Errorf("Rotary turns %d of the %d channels of a head; it is an even number of them", turned, size)
	case r.Frequencies != nil && len(r.Frequencies) != turned/2:
		return fmt.Errorf("Rotary has %d Frequencies; %d are needed, one for each pair of channels", len(r.Frequencies), turned/2)
	case slices.ContainsFunc(r.Frequencies, func(f float64) bool { return math.IsNaN(f) || math.IsInf(f, 0) }):
		return fmt.Errorf("Rotary has the Frequencies %v; they are finite numbers", r.Frequencies)
	case !(r.Base >= 0) || math.IsInf(r.Base, 1) || !(r.Scale >= 0) || math.IsInf(r.Scale, 1):
		return fmt.Errorf("Rotary has Base %v and Scale %v; they are above 0, or 0 for the defaults", r.Base, r.Scale)
	}
	return nil
}

func (r *Rotary) options(heads, turned int, offsets []int) dl.RotaryOptions {
	return dl.RotaryOptions{Heads: heads, Turned: turned, Size: r.Size, Interleaved: r.Interleaved, Base: r.Base, Frequencies: r.Frequencies,
		Scale: r.Scale, Offsets: offsets}
}

// ForwardAt is Forward for sequences that begin at the given positions, one for each sample, as in generation with a
// cache: nil is 0 for all.
func (e *PositionalEmbedding) ForwardAt(x *dl.Tensor, offsets []int) *dl.Tensor {
	return addPositions("nn.PositionalEmbedding", x, e.Weight.tensor("nn.PositionalEmbedding"), offsets)
}

// addPositions adds rows of a table to the positions of sequences.
func addPositions(op string, x, table *dl.Tensor, offsets []int) *dl.Tensor {
	rows := table.Dim(0)
	if x.Rank() != 3 || x.Dim(2) != table.Dim(1) {
		dl.PanicShape(op+".ForwardAt", fmt.Sprintf("sequences [N, T, %d] are needed", table.Dim(1)), x, table)
	}
	n, t := x.Dim(0), x.Dim(1)
	if offsets == nil && t <= rows {
		return x.Add(table.Slice(0, 0, t))
	}
	if offsets == nil {
		offsets = make([]int, n)
	}
	if len(offsets) != n {
		dl.PanicValue(op+".ForwardAt", "there are %d offsets for %d samples", len(offsets), n)
	}
	for i, at := range offsets {
		if at < 0 || at > rows-t {
			dl.PanicValue(op+".ForwardAt", "sample %d has the positions %d to %d; there are %d", i, at, at+t-1, rows)
		}
	}
	if n == 0 {
		return x
	}
	if first := offsets[0]; !slices.ContainsFunc(offsets, func(at int) bool { return at != first }) {
		return x.Add(table.Slice(0, first, first+t))
	}
	places := make([]int32, 0, n*t)
	for _, at := range offsets {
		for i := range t {
			places = append(places, int32(at+i))
		}
	}
	return x.Add(dl.Embedding(table, dl.Of(places, n, t)))
}

// SinusoidalEmbedding adds to each position of a sequence sines and cosines of it (Vaswani et al., 2017): x [N, T, D],
// see [dl.Sinusoids]. Sequences may have any length. It is KerasHub's SinePositionEncoding, with the input added.
type SinusoidalEmbedding struct {
	table *dl.Tensor
}

// Build makes the layer for inputs of a shape: see [Layer].
func (e SinusoidalEmbedding) Build(in dl.Shape, _ *Builder) (Module, dl.Shape, error) {
	if err := sequence(in); err != nil {
		return nil, nil, err
	}
	if err := checkShape(in); err != nil {
		return nil, nil, err
	}
	if in[0]*in[1] <= 1<<24 { // others are computed when they are needed
		e.table = dl.Sinusoids(in[0], in[1])
	}
	return &e, in, nil
}

// Forward computes the outputs for a batch.
func (e *SinusoidalEmbedding) Forward(x *dl.Tensor) *dl.Tensor { return e.ForwardAt(x, nil) }

// ForwardAt is Forward for sequences that begin at the given positions, one for each sample; nil is 0 for all.
func (e *SinusoidalEmbedding) ForwardAt(x *dl.Tensor, offsets []int) *dl.Tensor {
	if x.Rank() != 3 || !x.DType().IsFloat() {
		dl.PanicShape("nn.SinusoidalEmbedding.Forward", "sequences [N, T, D] of floats are needed", x)
	}
	need := x.Dim(1)
	if len(offsets) > 0 {
		need += max(0, slices.Max(offsets))
	}
	table := e.table
	if table == nil || table.Dim(0) < need || table.Dim(1) != x.Dim(2) {
		if need > maxVolume/max(1, x.Dim(2)) {
			dl.PanicValue("nn.SinusoidalEmbedding.ForwardAt", "%d positions are too many", need)
		}
		table = dl.Sinusoids(need, x.Dim(2))
	}
	return addPositions("nn.SinusoidalEmbedding", x, table.To(x.DType()), offsets)
}

// Parameters returns the parameters of the layer.
func (e *SinusoidalEmbedding) Parameters() []*Parameter { return nil }

// AnySize says whether samples may have other sizes: see [AnySize].
func (e *SinusoidalEmbedding) AnySize() bool { return true }
