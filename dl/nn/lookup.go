package nn

import (
	"fmt"
	"math"

	"modelbook/dl"
)

// A tokenLayer takes integers as they are.
type tokenLayer interface{ takesTokens() }

// takesTokens says whether a layer, or the first one inside of it, takes integers as they are.
func takesTokens(m Module) bool {
	switch m := m.(type) {
	case tokenLayer:
		return true
	case *Model:
		return m != nil && len(m.Layers) > 0 && takesTokens(m.Layers[0])
	case *GraphLayer:
		return m.Graph != nil && len(m.Graph.inputs) == 1 && m.Graph.takesTokens(m.Graph.inputs[0])
	case *TimeDistributed:
		return takesTokens(m.Body)
	case *Parallel:
		for _, body := range m.Bodies {
			if takesTokens(body) {
				return true
			}
		}
	case interface{ inner() Forwarder }:
		return takesTokens(m.inner())
	}
	return false
}

// takesTokens says whether an input is looked up.
func (g *Graph) takesTokens(in *Node) bool {
	for _, n := range g.nodes {
		if n.layer >= 0 && n.from[0] == in && takesTokens(g.layers[n.layer].module) {
			return true
		}
	}
	return false
}

// A lookup is how rows of a table are looked up.
type lookup struct {
	maxNorm, normType float64
	padding           []*dl.Tensor // the tokens that stand for none
	zero              *dl.Tensor
	shared            bool // others may read the table at the same time: it is left as it is
}

// buildLookup checks the settings of an embedding and makes its table.
func buildLookup(vocabulary, units int, padding []int, maxNorm, normType float64, init Initializer, b *Builder) (*Parameter, lookup, error) {
	l := lookup{maxNorm: maxNorm, normType: normType, zero: dl.New(dl.Int64)}
	if normType == 0 {
		l.normType = 2
	}
	if vocabulary < 1 || units < 1 {
		return nil, l, fmt.Errorf("Vocabulary is %d and Units %d; give the number of tokens and of values for each", vocabulary, units)
	}
	if err := checkShape(dl.Shape{vocabulary, units}); err != nil {
		return nil, l, err
	}
	if !(maxNorm >= 0) || !(l.normType > 0) {
		return nil, l, fmt.Errorf("MaxNorm is %v and NormType %v; give a largest norm above 0, or 0 for none, and the p of the norm", maxNorm, normType)
	}
	for _, p := range padding {
		if p < 0 || p >= vocabulary {
			return nil, l, fmt.Errorf("Padding names token %d; tokens are 0 to %d", p, vocabulary-1)
		}
		l.padding = append(l.padding, dl.Of([]int64{int64(p)}, dl.Shape{}...))
	}
	weight := b.Parameter("weight", init, Uniform{}, vocabulary, units, vocabulary, units)
	if b.stored == nil && !b.reuse {
		for _, p := range padding {
			clear(weight.Value.Float32s()[p*units : (p+1)*units])
		}
	}
	return weight, l, nil
}

// counts tells which tokens stand for some, nil if all do.
func (l *lookup) counts(x *dl.Tensor) (counts *dl.Tensor) {
	for _, p := range l.padding {
		if own := x.Ne(p); counts == nil {
			counts = own
		} else {
			counts = counts.And(own)
		}
	}
	return counts
}

// lookUp looks up the vectors of tokens.
func (l *lookup) lookUp(table, x *dl.Tensor) *dl.Tensor {
	if l.maxNorm > 0 && !l.shared {
		l.shorten(table, x)
	}
	y := dl.Embedding(table, x)
	if l.maxNorm > 0 && l.shared {
		norm := dl.KeepDim(func(axes ...int) *dl.Tensor { return y.Norm(l.normType, axes...) }, -1)
		y = y.Mul(norm.AddScalar(1e-7).Reciprocal().MulScalar(l.maxNorm).Clip(0, 1))
	}
	if counts := l.counts(x); counts != nil && y.RequiresGrad() {
		y = dl.Where(counts.Unsqueeze(-1), y, y.Detach()) // nothing flows to padding
	}
	return y
}

// shorten brings the vectors that are looked up to the largest norm.
func (l *lookup) shorten(table, x *dl.Tensor) {
	if x.DType().IsFloat() || x.DType() == dl.Bool || table.Rank() != 2 {
		return // a mistake of which dl.Embedding tells
	}
	changed := false
	if table.DType() == dl.Float64 {
		changed = shorten(table.Float64s(), table.Dim(0), x, l.maxNorm, l.normType)
	} else {
		changed = shorten(table.Float32s(), table.Dim(0), x, l.maxNorm, l.normType)
	}
	if changed {
		table.Changed()
	}
}

func shorten[F float32 | float64](table []F, rows int, x *dl.Tensor, most, p float64) (changed bool) {
	size := len(table) / rows
	each := func(token int) {
		if token < 0 || token >= rows {
			return
		}
		row, norm := table[token*size:(token+1)*size], 0.0
		if p == 2 {
			for _, v := range row {
				norm += float64(v) * float64(v)
			}
			norm = math.Sqrt(norm)
		} else {
			for _, v := range row {
				norm += math.Pow(math.Abs(float64(v)), p)
			}
			norm = math.Pow(norm, 1/p)
		}
		if !(norm > most) {
			return
		}
		changed = true
		for i := range row {
			row[i] *= F(most / (norm + 1e-7)) // 1e-7 as in PyTorch
		}
	}
	if x = x.Contiguous(); x.DType() == dl.Int32 {
		for _, token := range x.Int32s() {
			each(int(token))
		}
		return changed
	}
	for _, token := range x.To(dl.Int64).Int64s() {
		each(int(token))
	}
	return changed
}
