package compress

import (
	"fmt"
	"math"
	"slices"

	"modelbook/dl"
	"modelbook/dl/nn"
)

// RemoveUnits returns a model without the filters and neurons whose weights have the smallest absolute sums, a share of each
// convolution and dense layer but the last one (Li et al., 2017), with the remaining weights of m: a model that is really
// smaller and faster, to be trained a little more. skip, which may be nil, says of a layer, by its name as in nn.Model.Names,
// that it keeps all. m stays as it is, and shares nothing with the result.
//
// The layers of m are Conv2D without groups, Dense, BatchNorm, activations, Dropout, pooling, and Flatten, one after the other; of
// others the error says which.
func RemoveUnits(m *nn.Model, share float64, skip func(name string) bool) (*nn.Model, error) {
	const op = "compress.RemoveUnits"
	if m == nil || !(share >= 0 && share < 1) {
		return nil, fmt.Errorf("%s: the share is %v; it is from 0 to below 1, of a model that is not nil", op, share)
	}
	names, shapes, last := m.Names(), m.Shapes(), -1
	for i, l := range m.Layers {
		switch l.(type) {
		case *nn.Conv2D, *nn.Dense:
			last = i
		}
	}
	var layers []nn.Layer
	var fill []func(made nn.Forwarder)
	var alive []int // channels of the input of the next layer that are left; nil: all
	for i, l := range m.Layers {
		left := func(w *dl.Tensor) []int { // of the units of a layer, the last axis of its weights
			if i == last || skip != nil && skip(names[i]) {
				return nil
			}
			return largest(w, share)
		}
		set := func(f func(made nn.Forwarder)) { fill = append(fill, f) }
		switch l := l.(type) {
		case *nn.Conv2D:
			if l.Groups > 1 {
				return nil, fmt.Errorf("%s: layer %s has groups", op, names[i])
			}
			in, w := alive, l.Weight.Value.Detach()
			alive = left(w)
			w, b, c := pick(pick(w, 2, in), 3, alive), pickParameter(l.Bias, alive), *l
			c.Filters, c.Weight, c.Bias = w.Dim(3), nil, nil
			layers = append(layers, c)
			set(func(made nn.Forwarder) { put(made.(*nn.Conv2D).Weight, w); put(made.(*nn.Conv2D).Bias, b) })
		case *nn.Dense:
			in, w := alive, l.Weight.Value.Detach()
			alive = left(w)
			w, b, c := pick(pick(w, 0, in), 1, alive), pickParameter(l.Bias, alive), *l
			c.Units, c.Weight, c.Bias = w.Dim(1), nil, nil
			layers = append(layers, c)
			set(func(made nn.Forwarder) { put(made.(*nn.Dense).Weight, w); put(made.(*nn.Dense).Bias, b) })
		case *nn.BatchNorm:
			in := alive
			layers = append(layers, nn.BatchNorm{Momentum: l.Momentum, Epsilon: l.Epsilon})
			set(func(made nn.Forwarder) {
				n := made.(*nn.BatchNorm)
				put(n.Gamma, pickParameter(l.Gamma, in))
				put(n.Beta, pickParameter(l.Beta, in))
				put(n.Mean, pickParameter(l.Mean, in))
				put(n.Variance, pickParameter(l.Variance, in))
			})
		case *nn.Flatten:
			before := m.Input
			if i > 0 {
				before = shapes[i-1]
			}
			alive = flattened(alive, before)
			layers = append(layers, nn.Flatten{})
			set(func(nn.Forwarder) {})
		case *nn.Dropout:
			layers = append(layers, nn.Dropout{Rate: l.Rate})
			set(func(nn.Forwarder) {})
		case *nn.ActivationLayer, *nn.MaxPool2D, *nn.AvgPool2D, *nn.GlobalAvgPool2D, *nn.GlobalMaxPool2D:
			layers = append(layers, l.(nn.Layer)) // has nothing that could be shared
			set(func(nn.Forwarder) {})
		default:
			return nil, fmt.Errorf("%s: layer %s is a %T; there are rules for Conv2D, Dense, BatchNorm, activations, Dropout, pooling and Flatten", op, names[i], l)
		}
	}
	small, err := nn.Sequential(m.Input, layers...)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", op, err)
	}
	for i, f := range fill {
		f(small.Layers[i])
	}
	return small, nil
}

// largest are the units with the largest absolute sums of weights, in their order, at least one.
func largest(w *dl.Tensor, share float64) []int {
	n := w.Dim(w.Rank() - 1)
	sums := dl.Values[float64](w.Reshape(-1, n).Abs().Sum(0).To(dl.Float64))
	order := make([]int, n)
	for i := range order {
		order[i] = i
	}
	slices.SortStableFunc(order, func(a, b int) int {
		switch {
		case sums[a] > sums[b]:
			return -1
		case sums[a] < sums[b]:
			return 1
		}
		return 0
	})
	order = order[:max(1, n-int(math.Round(share*float64(n))))]
	slices.Sort(order)
	return order
}

// flattened are the places of channels in a sample that was flattened.
func flattened(alive []int, before dl.Shape) []int {
	if alive == nil || len(before) == 0 {
		return alive
	}
	channels := before[len(before)-1]
	var all []int
	for p := range before.Size() / channels {
		for _, c := range alive {
			all = append(all, p*channels+c)
		}
	}
	return all
}

// pick keeps some places of an axis; nil: all.
func pick(t *dl.Tensor, axis int, at []int) *dl.Tensor {
	if at == nil {
		return t
	}
	if axis == 0 {
		return t.Rows(at)
	}
	return t.SwapAxes(0, axis).Contiguous().Rows(at).SwapAxes(0, axis).Contiguous()
}

func pickParameter(p *nn.Parameter, at []int) *dl.Tensor {
	if p == nil {
		return nil
	}
	return pick(p.Value.Detach(), 0, at)
}

func put(p *nn.Parameter, v *dl.Tensor) {
	if p != nil && v != nil {
		p.Value.CopyFrom(v)
	}
}
