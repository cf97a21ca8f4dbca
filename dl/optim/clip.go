package optim

import (
	"math"

	"modelbook/dl"
)

// Clip bounds gradients before a step. It is part of every optimizer; its zero value changes nothing.
type Clip struct {
	Norm  float64 // scale all gradients together so that their common norm is at most this (Keras: global_clipnorm)
	Value float64 // bound every value of a gradient to ± this (Keras: clipvalue)
}

func (c Clip) apply(parameters []*dl.Tensor) {
	if c.Value > 0 {
		limit := float32(c.Value)
		for _, p := range parameters {
			g := gradient(p)
			for i, v := range g {
				g[i] = min(max(v, -limit), limit)
			}
		}
	}
	if c.Norm > 0 {
		if norm := GradientNorm(parameters); norm > c.Norm {
			scale := float32(c.Norm / (norm + 1e-6)) // 1e-6 as in PyTorch's clip_grad_norm_
			for _, p := range parameters {
				g := gradient(p)
				for i := range g {
					g[i] *= scale
				}
			}
		}
	}
}

// GradientNorm is the Euclidean norm of all gradients together.
func GradientNorm(parameters []*dl.Tensor) float64 {
	sum := 0.0
	for _, p := range parameters {
		for _, v := range gradient(p) {
			sum += float64(v) * float64(v)
		}
	}
	return math.Sqrt(sum)
}

// gradient is the storage of a parameter's gradient, nil before Backward.
func gradient(p *dl.Tensor) []float32 {
	if g := p.Grad(); g != nil {
		return g.Float32s()
	}
	return nil
}
