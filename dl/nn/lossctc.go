package nn

import (
	"fmt"
	"math"
	"slices"
	"sync"

	"modelbook/dl"
	"modelbook/dl/internal/persample"
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
	values, f := c.values(output, labels, lengths, labelLengths)
	defer f.done()
	if c.Reduction == Sum {
		return values.Sum()
	}
	shares := undefinedVector(values, len(f.sizes), dl.Float64)
	for i, n := range f.sizes {
		shares.Float64s()[i] = 1 / float64(max(n, 1))
	}
	return values.Mul(shares.To(values.DType())).Mean()
}

// Values is the loss of each sequence, [N].
func (c CTC) Values(output, labels *dl.Tensor, lengths, labelLengths []int) *dl.Tensor {
	values, f := c.values(output, labels, lengths, labelLengths)
	f.done()
	return values
}

func (c CTC) values(output, labels *dl.Tensor, lengths, labelLengths []int) (*dl.Tensor, *ctc) {
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
	f := ctcs.Get().(*ctc)
	f.CTC, f.steps, f.classes = c, steps, classes
	f.frames = whole(f.frames, name, "lengths", lengths, n, steps)
	f.sizes = whole(f.sizes, name, "labelLengths", labelLengths, n, labels.Dim(1))
	f.labels, f.most = integers(labels), labels.Dim(1)
	for i := range n {
		for k, label := range f.labelsOf(i) {
			if label < 0 || label >= int64(classes) || label == int64(c.Blank) {
				dl.PanicShape(name, fmt.Sprintf("label %d of sequence %d, at %d, is not in 0..%d or is the Blank; labelLengths says how many labels count", label, i, k, classes-1), output, labels)
			}
		}
	}
	x := output.LogSoftmax(-1)
	values, grad := undefinedVector(x, n, dl.Float64), undefinedLike(x, dl.Float64)
	f.logs, f.values, f.grad = doubles(x), values.Float64s(), grad.Float64s()
	clear(f.grad)
	persample.Each(n, f)
	return persample.Known("CTC", x, values.To(x.DType()), grad.To(x.DType())).(*dl.Tensor), f
}

// whole are lengths in the memory of a list, all of them most when none are given.
func whole(list []int, name, what string, lengths []int, n, most int) []int {
	list = list[:0]
	if lengths == nil {
		for range n {
			list = append(list, most)
		}
		return list
	}
	if len(lengths) != n {
		dl.PanicValue(name, "%d %s are given for %d sequences", len(lengths), what, n)
	}
	for i, l := range lengths {
		if l < 0 || l > most {
			dl.PanicValue(name, "the length %d of sequence %d in %s is not in 0..%d", l, i, what, most)
		}
	}
	return append(list, lengths...)
}

// ctc computes the values of sequences, and their gradients by the logarithms of probabilities. Its memory is used again.
type ctc struct {
	CTC
	steps, classes int
	frames, sizes  []int // of each sequence: steps, labels
	labels         []int64
	most           int // labels of a sequence
	logs           []float64
	values, grad   []float64
}

var ctcs = sync.Pool{New: func() any { return new(ctc) }}

// done says that the struct is of no more use.
func (f *ctc) done() {
	*f = ctc{frames: f.frames, sizes: f.sizes}
	ctcs.Put(f)
}

func (f *ctc) labelsOf(i int) []int64 { return f.labels[i*f.most:][:f.sizes[i]] }

// Range computes some sequences.
func (f *ctc) Range(lo, hi int) {
	p := paths.Get().(*pathTables)
	defer paths.Put(p)
	size := f.steps * f.classes
	for i := lo; i < hi; i++ {
		f.values[i] = f.sequence(p, f.logs[i*size:][:size], f.grad[i*size:][:size], f.frames[i], f.labelsOf(i))
	}
}

// pathTables are logarithms of the probabilities of the paths to each place of each step, and from there on.
type pathTables struct{ forward, backward []float64 }

var paths = sync.Pool{New: func() any { return new(pathTables) }}

// of makes the tables as large as is needed, without paths.
func (p *pathTables) of(size int) (forward, backward []float64) {
	p.forward, p.backward = slices.Grow(p.forward[:0], size)[:size], slices.Grow(p.backward[:0], size)[:size]
	for i := range size {
		p.forward[i], p.backward[i] = math.Inf(-1), math.Inf(-1)
	}
	return p.forward, p.backward
}

// sequence computes one sequence's value, and the gradient by its logarithms: minus the share of each class in each step.
func (f *ctc) sequence(p *pathTables, logs, grad []float64, frames int, labels []int64) float64 {
	classes, places := f.classes, 2*len(labels)+1 // blanks before, between and after
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
	forward, backward := p.of(frames * places)
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
