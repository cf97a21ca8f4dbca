package nn

import (
	"fmt"
	"math"

	"modelbook/dl"
)

// unshaped is what initialisers of shapes do when they are not told one, as by a layer of one's own.
func unshaped(name string) {
	dl.PanicValue("nn."+name+".Fill", "the initialiser must know the shape of the parameter: call FillShape")
}

// fits says whether there is a value for each place of a shape.
func fits(name string, values []float32, shape dl.Shape) error {
	if err := checkShape(shape); err != nil {
		return fmt.Errorf("%s: %w", name, err)
	}
	if volume(shape) != len(values) {
		return fmt.Errorf("%s needs a value for each place of %v, not %d values", name, shape, len(values))
	}
	return nil
}

// isGain says whether a factor of initial weights is possible.
func isGain(name string, gain float64) error {
	if math.IsNaN(gain) || math.IsInf(gain, 0) {
		return fmt.Errorf("the Gain of %s is %v; it is a finite number, or 0 for 1", name, gain)
	}
	return nil
}

// Orthogonal is a random matrix with orthogonal columns of length Gain, or rows where there are fewer of them (Saxe,
// McClelland and Ganguli, 2013). Parameters of more than two axes, such as the kernels of convolutions, are taken as
// matrices [everything else, last axis], as in Keras.
type Orthogonal struct {
	Gain float64 // 0: 1
}

// FillShape sets the values: see [ShapedInitializer].
func (o Orthogonal) FillShape(values []float32, shape dl.Shape, r *dl.Rand) error {
	if len(shape) < 2 {
		return fmt.Errorf("Orthogonal needs at least two axes, not %v", shape)
	}
	if err := fits("Orthogonal", values, shape); err != nil {
		return err
	}
	r = source(r)
	if err := isGain("Orthogonal", o.Gain); err != nil {
		return err
	}
	gain := o.Gain
	if gain == 0 {
		gain = 1
	}
	cols := shape[len(shape)-1]
	rows := volume(shape) / cols
	tall, wide := max(rows, cols), min(rows, cols)
	numbers := make([]float64, tall*wide)
	for i := range numbers {
		numbers[i] = r.Normal()
	}
	q := dl.Values[float64](orthonormal(dl.Of(numbers, tall, wide)))
	for i := range rows {
		for j := range cols {
			a, b := i, j
			if rows < cols {
				a, b = j, i
			}
			values[i*cols+j] = float32(gain * q[a*wide+b])
		}
	}
	return nil
}

// orthonormal returns the Q of a matrix's decomposition QR whose R has a positive diagonal: with that all orthogonal
// matrices are equally likely (Mezzadri, 2007). R is Cholesky's factor of a^T a, which is several times as fast as
// Householder's reflections; the second time takes away the errors of the first.
func orthonormal(a *dl.Tensor) (q *dl.Tensor) {
	if dl.Try(func() {
		q = a
		for range 2 {
			l := q.T().MatMul(q).Cholesky()
			q = q.MatMul(dl.SolveLower(l, dl.Eye(l.Dim(0)).To(dl.Float64)).T())
		}
	}) == nil {
		return q
	}
	q, r := a.QR() // columns that nearly depend on each other
	return q.Mul(dl.Where(r.Diagonal(0).Lt(dl.New(dl.Float64)), dl.Full(-1).To(dl.Float64), dl.Full(1).To(dl.Float64)))
}

// Fill panics: see [ShapedInitializer].
func (o Orthogonal) Fill([]float32, int, int, *dl.Rand) { unshaped("Orthogonal") }

// Eye is a matrix with Gain on its diagonal and 0 elsewhere: a Dense begins as the identity. (Keras calls it Identity.)
type Eye struct {
	Gain float64 // 0: 1
}

// FillShape sets the values: see [ShapedInitializer].
func (e Eye) FillShape(values []float32, shape dl.Shape, _ *dl.Rand) error {
	if len(shape) != 2 {
		return fmt.Errorf("Eye needs a matrix, not %v", shape)
	}
	if err := fits("Eye", values, shape); err != nil {
		return err
	}
	if err := isGain("Eye", e.Gain); err != nil {
		return err
	}
	gain := e.Gain
	if gain == 0 {
		gain = 1
	}
	clear(values)
	for i := range min(shape[0], shape[1]) {
		values[i*shape[1]+i] = float32(gain)
	}
	return nil
}

// Fill panics: see [ShapedInitializer].
func (e Eye) Fill([]float32, int, int, *dl.Rand) { unshaped("Eye") }

// Dirac makes a convolution begin as the identity: the middle of the kernel [..., in, out] copies channel i to channel
// i, for each group. It is PyTorch's dirac_.
type Dirac struct {
	Groups int // 0: 1
}

// FillShape sets the values: see [ShapedInitializer].
func (d Dirac) FillShape(values []float32, shape dl.Shape, _ *dl.Rand) error {
	groups := max(d.Groups, 1)
	if d.Groups < 0 || len(shape) < 3 || shape[len(shape)-1]%groups != 0 {
		return fmt.Errorf("Dirac needs a kernel [..., in, out] with outputs for %d groups, not %v", groups, shape)
	}
	if err := fits("Dirac", values, shape); err != nil {
		return err
	}
	clear(values)
	in, out := shape[len(shape)-2], shape[len(shape)-1]
	at := 0 // of the middle
	for _, n := range shape[:len(shape)-2] {
		at = at*n + n/2
	}
	for g := range groups {
		for i := range min(in, out/groups) {
			values[(at*in+i)*out+g*(out/groups)+i] = 1
		}
	}
	return nil
}

// Fill panics: see [ShapedInitializer].
func (d Dirac) Fill([]float32, int, int, *dl.Rand) { unshaped("Dirac") }

// Sparse is a matrix [in, out] in which a share of each output's weights, chosen at random, is 0 and the others are
// normally distributed (Martens, 2010). It is PyTorch's sparse_.
type Sparse struct {
	Sparsity float64 // share of zeros, rounded up to whole weights
	StdDev   float64 // 0: 0.01
}

// FillShape sets the values: see [ShapedInitializer].
func (s Sparse) FillShape(values []float32, shape dl.Shape, r *dl.Rand) error {
	if len(shape) != 2 || !(s.Sparsity >= 0 && s.Sparsity <= 1) {
		return fmt.Errorf("Sparse needs a matrix, not %v, and a Sparsity from 0 to 1, not %v", shape, s.Sparsity)
	}
	if err := fits("Sparse", values, shape); err != nil {
		return err
	}
	r = source(r)
	deviation := s.StdDev
	if deviation == 0 {
		deviation = 0.01
	}
	if !(deviation >= 0) || math.IsInf(deviation, 0) {
		return fmt.Errorf("the StdDev of Sparse is %v; it is above 0, or 0 for 0.01", s.StdDev)
	}
	rows, cols := shape[0], shape[1]
	for i := range values {
		values[i] = float32(deviation * r.Normal())
	}
	zeros := int(math.Ceil(s.Sparsity * float64(rows)))
	for j := range cols {
		for _, i := range r.Perm(rows)[:zeros] {
			values[i*cols+j] = 0
		}
	}
	return nil
}

// Fill panics: see [ShapedInitializer].
func (s Sparse) Fill([]float32, int, int, *dl.Rand) { unshaped("Sparse") }

// Gain is the factor by which the deviation of weights is multiplied to keep the variance behind an activation, as
// PyTorch's calculate_gain: 5/3 for Tanh, sqrt(2) for ReLU, 3/4 for SELU, 1 for what has no better one.
func (a Activation) Gain() float64 {
	switch a {
	case Tanh:
		return 5.0 / 3
	case ReLU:
		return math.Sqrt2
	case LeakyReLU:
		return math.Sqrt(2 / (1 + 0.01*0.01))
	case SELU:
		return 0.75
	}
	return 1
}
