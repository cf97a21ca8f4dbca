package compress

import (
	"fmt"

	"modelbook/dl"
	"modelbook/dl/nn"
)

// LowRank returns a model in which each dense layer has two in its place, the first with so few units, rank, that the product of
// their weights is the best approximation of the layer's: by the singular value decomposition (Sainath et al., 2013; Denton et
// al., 2014). Layers that would not become smaller stay, and those of which skip, which may be nil, says so by name. m stays as
// it is, but shares the layers that stay with the result.
func LowRank(m *nn.Model, rank int, skip func(name string) bool) (*nn.Model, error) {
	const op = "compress.LowRank"
	if m == nil || rank < 1 {
		return nil, fmt.Errorf("%s: the rank is %d; it is 1 or more, of a model that is not nil", op, rank)
	}
	var layers []nn.Layer
	fill := map[int]*dl.Tensor{} // by layer
	bias := map[int]*nn.Parameter{}
	names := m.Names()
	for i, l := range m.Layers {
		d, ok := l.(*nn.Dense)
		if !ok || skip != nil && skip(names[i]) {
			layer, ok := l.(nn.Layer)
			if !ok {
				return nil, fmt.Errorf("%s: layer %s is a %T, of which no model can be made again", op, names[i], l)
			}
			layers = append(layers, layer)
			continue
		}
		w := d.Weight.Value.Detach()
		if in, out := w.Dim(0), w.Dim(1); rank*(in+out) >= in*out {
			layers = append(layers, d)
			continue
		}
		u, s, vt := w.SVD()
		fill[len(layers)] = u.Slice(1, 0, rank).Mul(s.Slice(0, 0, rank)).Contiguous()
		fill[len(layers)+1], bias[len(layers)+1] = vt.Slice(0, 0, rank).Contiguous(), d.Bias
		second := *d
		second.Weight, second.Bias = nil, nil
		layers = append(layers, nn.Dense{Units: rank, NoBias: true}, second)
	}
	small, err := nn.Sequential(m.Input, layers...)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", op, err)
	}
	for i, w := range fill {
		d := small.Layers[i].(*nn.Dense)
		put(d.Weight, w)
		if b := bias[i]; b != nil {
			put(d.Bias, b.Value.Detach())
		}
	}
	return small, nil
}
