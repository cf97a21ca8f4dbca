package nn

import (
	"fmt"

	"modelbook/dl"
)

func init() {
	addKinds(map[string]kind{"ClassToken": kindOf[ClassToken](), "Step": kindOf[Step]()})
}

// ClassToken puts a learned vector before the first position of sequences, as BERT and vision transformers do, of
// which a classifier then takes what became of it: x [N, T, D], Weight [D], output [N, T+1, D].
type ClassToken struct {
	WeightInit Initializer `json:"-"` // nil: Zeros

	Weight *Parameter `json:"-"` // set by Build
}

// Build makes the layer for inputs of a shape: see [Layer].
func (c ClassToken) Build(in dl.Shape, b *Builder) (Module, dl.Shape, error) {
	if err := sequence(in); err != nil {
		return nil, nil, err
	}
	c.Weight = b.Parameter("weight", c.WeightInit, Zeros, in[1], in[1], in[1])
	return &c, dl.Shape{in[0] + 1, in[1]}, nil
}

// Forward computes the outputs for a batch.
func (c *ClassToken) Forward(x *dl.Tensor) *dl.Tensor {
	w := c.Weight.tensor("nn.ClassToken")
	if x.Rank() != 3 || x.Dim(2) != w.Dim(0) {
		dl.PanicShape("nn.ClassToken.Forward", fmt.Sprintf("sequences [N, T, %d] are needed", w.Dim(0)), x)
	}
	return dl.Concat(1, w.Reshape(1, 1, -1).Expand(x.Dim(0), 1, w.Dim(0)), x)
}

// Parameters returns the parameters of the layer.
func (c *ClassToken) Parameters() []*Parameter { return present(c.Weight) }

// AnySize says whether samples may have other sizes: see [AnySize].
func (c *ClassToken) AnySize() bool { return true }

// Step takes one position of sequences: [N, T, ...] becomes [N, ...].
type Step struct {
	At int // the position, from the end if it is negative: 0 is the first, -1 the last
}

// Build makes the layer for inputs of a shape: see [Layer].
func (s Step) Build(in dl.Shape, _ *Builder) (Module, dl.Shape, error) {
	if len(in) < 2 {
		return nil, nil, fmt.Errorf("the input %v is no sequence [T, ...]", in)
	}
	if s.At < -in[0] || s.At >= in[0] {
		return nil, nil, fmt.Errorf("At is %d; the input %v has %d positions", s.At, in, in[0])
	}
	return &s, in[1:], nil
}

// Forward computes the outputs for a batch.
func (s *Step) Forward(x *dl.Tensor) *dl.Tensor {
	if x.Rank() < 3 || s.At < -x.Dim(1) || s.At >= x.Dim(1) {
		dl.PanicShape("nn.Step.Forward", fmt.Sprintf("sequences [N, T, ...] with a position %d are needed", s.At), x)
	}
	return x.Select(1, (s.At+x.Dim(1))%x.Dim(1))
}

// Parameters returns the parameters of the layer.
func (s *Step) Parameters() []*Parameter { return nil }

// AnySize says whether samples may have other sizes: see [AnySize].
func (s *Step) AnySize() bool { return true }
