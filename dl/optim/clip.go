package optim

import (
	"math"

	"modelbook/dl"
	"modelbook/dl/internal/gradient"
)

// Clip bounds gradients before a step. It is part of every optimizer; its zero value changes nothing. A step whose
// gradients cannot be bounded, because one is NaN or their norm is infinite, panics with a *dl.ValueError and changes
// nothing.
type Clip struct {
	Norm          float64 // scale all gradients together so that their common norm is at most this (Keras: global_clipnorm)
	Value         float64 // bound every value of a gradient to ± this (Keras: clipvalue)
	ParameterNorm float64 `since:"2"` // scale each gradient so that its own norm is at most this (Keras: clipnorm)
}

// clip bounds the gradients of a step: those of groups with a Clip of their own by themselves.
func (m *memory) clip(c Clip, groups []Group) {
	of := func(own *Group) []*dl.Tensor {
		m.clipped = m.clipped[:0]
		for i, e := range m.current {
			group := e.group
			if group != nil && group.Clip == (Clip{}) {
				group = nil
			}
			if group == own {
				m.clipped = append(m.clipped, m.tensors[i])
			}
		}
		return m.clipped
	}
	c.apply(of(nil))
	for g := range groups {
		if own := groups[g].Clip; own != (Clip{}) {
			own.apply(of(&groups[g]))
		}
	}
	clear(m.clipped[:cap(m.clipped)]) // a parameter that is no more is not kept alive
}

func (c Clip) apply(parameters []*dl.Tensor) {
	if !(c.Value > 0 || c.Norm > 0 || c.ParameterNorm > 0) {
		return
	}
	for i, p := range parameters { // before anything is changed
		if norm := gradientNorm(p); math.IsNaN(norm) || math.IsInf(norm, 0) && (c.Norm > 0 || c.ParameterNorm > 0) && !(c.Value > 0) {
			dl.PanicValue("optim.Clip", "the gradient of parameter %d, of shape %v, has the norm %v; no parameter was changed", i, p.Shape(), norm)
		}
	}
	for _, p := range parameters {
		if c.Value > 0 {
			limit(p, c.Value)
		}
		if c.ParameterNorm > 0 {
			scaleTo(gradientNorm(p), c.ParameterNorm, p)
		}
	}
	if c.Norm > 0 {
		scaleTo(GradientNorm(parameters), c.Norm, parameters...)
	}
}

// scaleTo scales gradients of a norm to at most the largest one allowed.
func scaleTo(norm, largest float64, parameters ...*dl.Tensor) {
	if !(norm > largest) {
		return
	}
	scale := largest / (norm + 1e-6) // 1e-6 as in PyTorch's clip_grad_norm_
	for _, p := range parameters {
		single, double := elements(p)
		for i := range single {
			single[i] *= float32(scale)
		}
		for i := range double {
			double[i] *= scale
		}
	}
}

func limit(p *dl.Tensor, most float64) {
	single, double := elements(p)
	for i, v := range single {
		single[i] = min(max(v, float32(-most)), float32(most))
	}
	for i, v := range double {
		double[i] = min(max(v, -most), most)
	}
}

// GradientNorm is the Euclidean norm of all gradients together.
func GradientNorm(parameters []*dl.Tensor) float64 {
	sum := 0.0
	for _, p := range parameters {
		norm := gradientNorm(p)
		sum += norm * norm
	}
	return math.Sqrt(sum)
}

// gradientNorm is the norm of one gradient, 0 before Backward.
func gradientNorm(p *dl.Tensor) float64 {
	single, double := elements(p)
	sum := 0.0
	for _, v := range single {
		sum += float64(v) * float64(v)
	}
	for _, v := range double {
		sum += v * v
	}
	return math.Sqrt(sum)
}

// elements is the storage of a parameter's gradient by its type, nil before Backward. Of one of rows it is what is not 0.
func elements(p *dl.Tensor) ([]float32, []float64) {
	p.Shape() // refuses nil
	if rows := gradient.NonZero(p); rows != nil {
		return rows, nil
	}
	g := p.Grad()
	switch {
	case g == nil:
		return nil, nil
	case g.DType() == dl.Float64:
		return nil, g.Float64s()
	}
	return g.Float32s(), nil
}
