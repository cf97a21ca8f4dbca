package nn

import (
	"fmt"
	"slices"
	"strings"

	"modelbook/dl"
)

func init() { addKinds(map[string]kind{"EinsumDense": kindOf[EinsumDense]()}) }

// EinsumDense multiplies its inputs with weights as an equation of [dl.Einsum] says: activation(Einsum(Equation, x,
// Weight) + Bias). The equation has the indices of the inputs, with the batch first, those of the weights, and those of
// the outputs:
//
//	nn.EinsumDense{Equation: "ab,bc->ac", OutputShape: []int{64}, BiasAxes: "c"}              // nn.Dense{Units: 64}
//	nn.EinsumDense{Equation: "...b,bc->...c", OutputShape: []int{64}, BiasAxes: "c"}          // of any number of axes
//	nn.EinsumDense{Equation: "abc,cde->abde", OutputShape: []int{0, 8, 64}, BiasAxes: "de"}   // 8 heads of 64 values
//	nn.EinsumDense{Equation: "abde,dec->abc", OutputShape: []int{0, 512}, BiasAxes: "c"}      // and back
//
// It is Keras's EinsumDense, with one difference: what initialisers are told of the weights are the sizes of the indices
// that are summed over, and of those that the inputs do not have. In Keras it is the sizes of the last two axes.
type EinsumDense struct {
	Equation    string
	OutputShape []int  // of one sample, without what "..." stands for; 0 (Keras's None): as in the inputs
	BiasAxes    string // the indices of the outputs for which there are biases; "": no bias
	Activation  Activation
	WeightInit  Initializer `json:"-"` // nil: GlorotUniform
	BiasInit    Initializer `json:"-"` // nil: Zeros

	Weight *Parameter `json:"-"` // set by Build: an axis for each index of the weights
	Bias   *Parameter `json:"-"` // set by Build: an axis for each index of the outputs from the first of BiasAxes on, of size 1 where BiasAxes has it not
}

// An einsumPlan is an equation whose every index is a letter, with the size of each. That of the batch is 0.
type einsumPlan struct {
	in, weight, out string
	size            map[rune]int
}

// Build makes the layer for inputs of a shape: see [Layer].
func (l EinsumDense) Build(in dl.Shape, b *Builder) (Module, dl.Shape, error) {
	if err := l.Activation.check(); err != nil {
		return nil, nil, err
	}
	p, err := l.plan(in)
	if err != nil {
		return nil, nil, fmt.Errorf("Equation %.80q: %w", l.Equation, err)
	}
	out, weight := p.sizes(p.out[1:]), p.sizes(p.weight)
	if err := checkShape(weight); err != nil {
		return nil, nil, fmt.Errorf("the weights: %w", err)
	}
	bias, err := p.bias(l.BiasAxes)
	if err != nil {
		return nil, nil, err
	}
	fanIn, fanOut := 1, 1
	for _, i := range p.weight {
		if !strings.ContainsRune(p.out, i) {
			fanIn *= p.size[i]
		}
		if !strings.ContainsRune(p.in, i) {
			fanOut *= p.size[i]
		}
	}
	l.Weight = b.Parameter("weight", l.WeightInit, GlorotUniform, fanIn, fanOut, weight...)
	if l.Bias = nil; bias != nil {
		l.Bias = b.Parameter("bias", l.BiasInit, Zeros, fanIn, fanOut, bias...)
	}
	return &l, out, nil
}

// plan reads the equation for inputs of a shape.
func (l *EinsumDense) plan(in dl.Shape) (*einsumPlan, error) {
	left, out, arrow := strings.Cut(strings.ReplaceAll(l.Equation, " ", ""), "->")
	inputs, weight, comma := strings.Cut(left, ",")
	if !arrow || !comma || strings.ContainsAny(weight+out, ",>") {
		return nil, fmt.Errorf(`it has the indices of the inputs, the weights and the outputs, such as "abc,cd->abd"`)
	}
	// Letters that are not used stand for "...".
	dots := max(len(in)+1-len(strings.ReplaceAll(inputs, "...", "")), 0)
	if !strings.Contains(inputs, "...") {
		dots = 0
	}
	var letters []rune
	for i := 'Z'; len(letters) < dots && i >= 'A'; i-- {
		if !strings.ContainsRune(l.Equation, i) {
			letters = append(letters, i)
		}
	}
	if len(letters) < dots {
		return nil, fmt.Errorf("there are not enough letters for the %d axes of samples %v", len(in), in)
	}
	p := &einsumPlan{strings.Replace(inputs, "...", string(letters), 1), weight, strings.Replace(out, "...", string(letters), 1), map[rune]int{}}
	if err := p.check(in); err != nil {
		return nil, err
	}
	for i, letter := range p.in[1:] {
		p.size[letter] = in[i]
	}
	given := slices.DeleteFunc([]rune(p.out[1:]), func(i rune) bool { return slices.Contains(letters, i) })
	if len(given) != len(l.OutputShape) {
		return nil, fmt.Errorf("OutputShape %v must have a size for each of the indices %q of a sample of outputs", l.OutputShape, string(given))
	}
	for i, letter := range given {
		n, known := l.OutputShape[i], p.size[letter]
		switch {
		case known == 0 && n < 1:
			return nil, fmt.Errorf("OutputShape %v must say how large index %q is, which the inputs do not have", l.OutputShape, letter)
		case known != 0 && n != 0 && n != known:
			return nil, fmt.Errorf("OutputShape %v has %d for index %q, which is %d in inputs %v; 0 takes it from there", l.OutputShape, n, letter, known, in)
		case known == 0:
			p.size[letter] = n
		}
	}
	for _, i := range p.weight {
		if p.size[i] == 0 {
			return nil, fmt.Errorf("index %q of the weights is in neither the inputs nor the outputs, so that it has no size", i)
		}
	}
	return p, nil
}

// check says whether the indices are those of a layer of samples with a shape.
func (p *einsumPlan) check(in dl.Shape) error {
	for _, part := range []string{p.in, p.weight, p.out} {
		for i, letter := range part {
			switch {
			case letter < 'A' || letter > 'z' || letter > 'Z' && letter < 'a':
				return fmt.Errorf(`%q is no index: these are letters, and "..." once in the inputs and in the outputs`, letter)
			case strings.ContainsRune(part[:i], letter):
				return fmt.Errorf("index %q is twice in %q", letter, part)
			}
		}
	}
	switch {
	case len(p.in) != len(in)+1:
		return fmt.Errorf("the inputs have %d indices; a batch of samples %v has %d axes", len(p.in), in, len(in)+1)
	case p.out == "" || p.out[0] != p.in[0] || strings.ContainsRune(p.weight, rune(p.in[0])):
		return fmt.Errorf("the first index of the inputs is the batch; it must be the first of the outputs, too, and none of the weights")
	case p.weight == "":
		return fmt.Errorf("the weights have no index")
	}
	for _, i := range p.out {
		if !strings.ContainsRune(p.in+p.weight, i) {
			return fmt.Errorf("index %q of the outputs is in neither the inputs nor the weights", i)
		}
	}
	return nil
}

// sizes are those of indices.
func (p *einsumPlan) sizes(indices string) dl.Shape {
	s := dl.Shape{}
	for _, i := range indices {
		s = append(s, p.size[i])
	}
	return s
}

// bias is the shape of biases for some of the outputs' indices, nil for none.
func (p *einsumPlan) bias(axes string) (shape dl.Shape, err error) {
	for _, i := range axes {
		if !strings.ContainsRune(p.out[1:], i) {
			return nil, fmt.Errorf("BiasAxes is %.40q; index %q is none of a sample of outputs, %q", axes, i, p.out[1:])
		}
	}
	for _, i := range p.out[1:] {
		switch {
		case strings.ContainsRune(axes, i):
			shape = append(shape, p.size[i])
		case shape != nil:
			shape = append(shape, 1)
		}
	}
	return shape, nil
}

// Forward computes the outputs for a batch.
func (l *EinsumDense) Forward(x *dl.Tensor) *dl.Tensor { return l.Activation.Apply(l.Logits(x)) }

// Head is the activation with which the layer ends: see [Headed].
func (l *EinsumDense) Head() Activation { return l.Activation }

// Logits computes the outputs without that activation: see [Headed].
func (l *EinsumDense) Logits(x *dl.Tensor) *dl.Tensor {
	y := dl.Einsum(l.Equation, x, l.Weight.tensor("nn.EinsumDense"))
	if b := l.Bias.optional(); b != nil {
		y = y.Add(b)
	}
	return y
}

// Parameters returns the parameters of the layer.
func (l *EinsumDense) Parameters() []*Parameter { return present(l.Weight, l.Bias) }

func (l *EinsumDense) detail() string { return l.Equation }
