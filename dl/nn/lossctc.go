package nn

import (
	"fmt"
	"math"
	"sync"

	"modelbook/dl"
)

// CTC is the loss of sequences whose labels are known but not where they are (Graves et al., 2006): minus the logarithm of
// the probability of all alignments of the labels, with blanks between them. It is computed in logarithms.
//
// The mean is PyTorch's: each sample's value is divided by the number of its labels.
type CTC struct {
	Blank        int  // the class that stands for no label; PyTorch's 0
	ZeroInfinity bool // labels that do not fit into their sequence have the value 0 and no gradient, in place of +Inf and NaN
	Reduction    Reduction
}

// Of is the loss of outputs [N, T, C], logits or logarithms of probabilities (PyTorch takes [T, N, C]), and labels [N, S] of
// an integer type. lengths says how many steps of each sequence count, labelLengths how many labels; nil: all.
func (c CTC) Of(output, labels *dl.Tensor, lengths, labelLengths []int) *dl.Tensor {
	c.Reduction.check("nn.CTC")
	values, sizes := c.values(output, labels, lengths, labelLengths)
	if c.Reduction == Sum {
		return values.Sum()
	}
	shares := make([]float64, len(sizes))
	for i, n := range sizes {
		shares[i] = 1 / float64(max(n, 1))
	}
	return values.Mul(dl.Of(shares, len(shares)).To(values.DType())).Mean()
}

// Values is the loss of each sequence, [N].
func (c CTC) Values(output, labels *dl.Tensor, lengths, labelLengths []int) *dl.Tensor {
	values, _ := c.values(output, labels, lengths, labelLengths)
	return values
}

func (c CTC) values(output, labels *dl.Tensor, lengths, labelLengths []int) (values *dl.Tensor, sizes []int) {
	const name = "nn.CTC"
	if output.Rank() != 3 || !output.DType().IsFloat() {
		dl.PanicShape(name, "outputs are floats [N, T, C]", output)
	}
	n, steps, classes := output.Dim(0), output.Dim(1), output.Dim(2)
	if labels.Rank() != 2 || labels.Dim(0) != n || labels.DType().IsFloat() {
		dl.PanicShape(name, "outputs [N, T, C] need labels [N, S] of an integer type", output, labels)
	}
	if c.Blank < 0 || c.Blank >= classes {
		dl.PanicValue(name, "the Blank %d is not in 0..%d", c.Blank, classes-1)
	}
	f := &ctc{CTC: c, frames: whole(name, "lengths", lengths, n, steps)}
	sizes = whole(name, "labelLengths", labelLengths, n, labels.Dim(1))
	all := dl.Values[int64](labels)
	for i, size := range sizes {
		row := all[i*labels.Dim(1):][:size]
		for k, label := range row {
			if label < 0 || label >= int64(classes) || label == int64(c.Blank) {
				dl.PanicShape(name, fmt.Sprintf("label %d of sequence %d, at %d, is not in 0..%d or is the Blank; labelLengths says how many labels count", label, i, k, classes-1), output, labels)
			}
		}
		f.labels = append(f.labels, row)
	}
	return dl.Apply(f, output.LogSoftmax(-1)), sizes
}

// whole are lengths, all of them most when none are given.
func whole(name, what string, lengths []int, n, most int) []int {
	if lengths == nil {
		lengths = make([]int, n)
		for i := range lengths {
			lengths[i] = most
		}
		return lengths
	}
	if len(lengths) != n {
		dl.PanicValue(name, "%d %s are given for %d sequences", len(lengths), what, n)
	}
	for i, l := range lengths {
		if l < 0 || l > most {
			dl.PanicValue(name, "the length %d of sequence %d in %s is not in 0..%d", l, i, what, most)
		}
	}
	return lengths
}

// ctc is the operation on logarithms of probabilities.
type ctc struct {
	CTC
	frames []int
	labels [][]int64
	grad   []float64 // of each sequence's value by the logarithms
	shape  dl.Shape
	dtype  dl.DType
}

// Forward computes the values and their gradients.
func (f *ctc) Forward(xs ...*dl.Tensor) *dl.Tensor {
	x := xs[0]
	f.shape, f.dtype = x.Shape(), x.DType()
	n, size := x.Dim(0), x.Dim(1)*x.Dim(2)
	logs, values := dl.Values[float64](x), make([]float64, n)
	f.grad = make([]float64, len(logs))
	var all sync.WaitGroup
	threads := min(n, dl.Threads())
	for first := range threads {
		all.Go(func() {
			for i := first; i < n; i += threads {
				values[i] = f.sequence(logs[i*size:(i+1)*size], f.grad[i*size:(i+1)*size], f.frames[i], f.labels[i])
			}
		})
	}
	all.Wait()
	return dl.Of(values, n).To(x.DType())
}

// Backward gives each sequence its share.
func (f *ctc) Backward(dy *dl.Tensor) []*dl.Tensor {
	g := dl.Of(f.grad, f.shape...).To(f.dtype)
	return []*dl.Tensor{g.Mul(dy.Reshape(-1, 1, 1))}
}

// sequence computes one sequence's value, and the gradient by its logarithms: minus the share of each class in each step.
func (f *ctc) sequence(logs, grad []float64, frames int, labels []int64) float64 {
	classes, places := f.shape[2], 2*len(labels)+1 // blanks before, between and after
	class := func(s int) int {
		if s%2 == 0 {
			return f.Blank
		}
		return int(labels[s/2])
	}
	// jumps says whether a path may come from two places before, over a blank.
	jumps := func(s int) bool { return s%2 == 1 && s > 1 && labels[s/2] != labels[s/2-1] }
	infinity := math.Inf(1)
	if frames == 0 {
		if len(labels) == 0 {
			return 0
		}
		return f.none(grad, infinity)
	}
	forward, backward := make([]float64, frames*places), make([]float64, frames*places)
	for i := range forward {
		forward[i], backward[i] = -infinity, -infinity
	}
	for s := range min(2, places) {
		forward[s] = logs[class(s)]
		backward[frames*places-1-s] = logs[(frames-1)*classes+class(places-1-s)]
	}
	for t := 1; t < frames; t++ {
		before, now, row := forward[(t-1)*places:], forward[t*places:], logs[t*classes:]
		for s := range places {
			sum := before[s]
			if s > 0 {
				sum = logAdd(sum, before[s-1])
			}
			if jumps(s) {
				sum = logAdd(sum, before[s-2])
			}
			now[s] = sum + row[class(s)]
		}
	}
	for t := frames - 2; t >= 0; t-- {
		after, now, row := backward[(t+1)*places:], backward[t*places:], logs[t*classes:]
		for s := range places {
			sum := after[s]
			if s+1 < places {
				sum = logAdd(sum, after[s+1])
			}
			if s+2 < places && jumps(s+2) {
				sum = logAdd(sum, after[s+2])
			}
			now[s] = sum + row[class(s)]
		}
	}
	all := forward[frames*places-1]
	if places > 1 {
		all = logAdd(all, forward[frames*places-2])
	}
	if math.IsInf(all, -1) {
		return f.none(grad, infinity)
	}
	for t := range frames {
		row := logs[t*classes:]
		for s := range places {
			k := class(s)
			if v := forward[t*places+s] + backward[t*places+s]; !math.IsInf(v, -1) {
				grad[t*classes+k] -= math.Exp(v - row[k] - all)
			}
		}
	}
	return -all
}

// none is the value of labels that fit in no way.
func (f *ctc) none(grad []float64, infinity float64) float64 {
	if f.ZeroInfinity {
		return 0
	}
	for i := range grad {
		grad[i] = math.NaN()
	}
	return infinity
}

// logAdd is ln(e^a + e^b).
func logAdd(a, b float64) float64 {
	if a < b {
		a, b = b, a
	}
	if math.IsInf(b, -1) {
		return a
	}
	return a + math.Log1p(math.Exp(b-a))
}
