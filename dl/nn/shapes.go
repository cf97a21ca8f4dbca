package nn

import (
	"fmt"
	"slices"

	"modelbook/dl"
)

func init() {
	addKinds(map[string]kind{"Reshape": kindOf[Reshape](), "Permute": kindOf[Permute](), "RepeatVector": kindOf[RepeatVector]()})
}

// Reshape gives samples another shape with as many values; one size may be -1, for what is left. It is PyTorch's
// Unflatten, too.
type Reshape struct {
	Shape []int
}

// Build makes the layer for inputs of a shape: see [Layer].
func (r Reshape) Build(in dl.Shape, _ *Builder) (Module, dl.Shape, error) {
	known, left := 1, -1
	out := append(dl.Shape{}, r.Shape...)
	for i, n := range out {
		switch {
		case n == -1 && left < 0:
			left = i
		case n < 1 || n > maxVolume || known > maxVolume/n:
			return nil, nil, fmt.Errorf("Shape %v has a size that is not possible; one may be -1", r.Shape)
		default:
			known *= n
		}
	}
	size := volume(in)
	if left >= 0 && size%known == 0 {
		out[left] = size / known
		known = size
	}
	if known != size {
		return nil, nil, fmt.Errorf("Shape %v does not hold the %d values of %v", r.Shape, size, in)
	}
	return &r, out, nil
}

// Forward computes the outputs for a batch.
func (r *Reshape) Forward(x *dl.Tensor) *dl.Tensor {
	if x.Rank() == 0 {
		dl.PanicShape("nn.Reshape.Forward", "a batch of samples is needed", x)
	}
	var shape [8]int // most have fewer axes: nothing is allocated
	return x.Reshape(append(append(shape[:0], x.Dim(0)), r.Shape...)...)
}

// Parameters returns the parameters of the layer.
func (r *Reshape) Parameters() []*Parameter { return nil }

// Permute puts the axes of samples into another order. Axes counts from 0, without the batch: {1, 0} turns samples
// [T, C] into [C, T]. (Keras counts from 1.)
type Permute struct {
	Axes []int
}

// Build makes the layer for inputs of a shape: see [Layer].
func (p Permute) Build(in dl.Shape, _ *Builder) (Module, dl.Shape, error) {
	sorted := slices.Sorted(slices.Values(p.Axes))
	out := make(dl.Shape, len(sorted))
	for i, a := range sorted {
		if a != i || len(sorted) != len(in) {
			return nil, nil, fmt.Errorf("Axes %v must hold each of the %d axes of %v once, counted from 0", p.Axes, len(in), in)
		}
	}
	if len(sorted) != len(in) {
		return nil, nil, fmt.Errorf("Axes is empty; it must hold each of the %d axes of %v once, counted from 0", len(in), in)
	}
	for i, a := range p.Axes {
		out[i] = in[a]
	}
	return &p, out, nil
}

// Forward computes the outputs for a batch.
func (p *Permute) Forward(x *dl.Tensor) *dl.Tensor {
	axes := make([]int, len(p.Axes)+1)
	for i, a := range p.Axes {
		axes[i+1] = a + 1
	}
	return x.Permute(axes...)
}

// Parameters returns the parameters of the layer.
func (p *Permute) Parameters() []*Parameter { return nil }

// RepeatVector makes a sequence of Times equal steps of each sample: [N, C] becomes [N, Times, C].
type RepeatVector struct {
	Times int
}

// Build makes the layer for inputs of a shape: see [Layer].
func (r RepeatVector) Build(in dl.Shape, _ *Builder) (Module, dl.Shape, error) {
	if r.Times < 1 {
		return nil, nil, fmt.Errorf("Times is %d; give the number of steps", r.Times)
	}
	return &r, append(dl.Shape{r.Times}, in...), nil
}

// Forward computes the outputs for a batch.
func (r *RepeatVector) Forward(x *dl.Tensor) *dl.Tensor {
	if x.Rank() == 0 {
		dl.PanicShape("nn.RepeatVector.Forward", "a batch of samples is needed", x)
	}
	var shape [8]int // most have fewer axes: nothing is allocated
	return x.Unsqueeze(1).Expand(append(append(shape[:0], x.Dim(0), r.Times), x.Shape()[1:]...)...)
}

// Parameters returns the parameters of the layer.
func (r *RepeatVector) Parameters() []*Parameter { return nil }
