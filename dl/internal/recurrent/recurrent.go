// Package recurrent does the steps of recurrent layers: simple ones, LSTM (Hochreiter and Schmidhuber,
// 1997) and GRU (Cho et al., 2014), over a batch of sequences, forwards and backwards in time.
//
// What the inputs contribute to the gates is computed before, for all steps in one product; a step
// multiplies the state by the recurrent weights, which are packed once for all steps, and applies the
// cell to each row. Rows of the batch do not know of each other: threads share them, each for all steps,
// and results do not depend on the number of threads. Sequences are [Steps, Batch, ...], so that what a
// step reads and writes lies together.
//
// It imports packages gemm, parallel and vec. Float64 takes the same path with plain loops, which are
// the oracle of the kernels. Its tests are those of the operations in package dl.
package recurrent

import (
	"sync"

	"modelbook/dl/internal/gemm"
	"modelbook/dl/internal/parallel"
)

// A Kind is a cell.
type Kind uint8

const (
	Tanh      Kind = iota // h = tanh(a)
	ReLU                  // h = max(a, 0)
	LSTM                  // gates i, f, g, o
	GRU                   // gates r, z, n; n = tanh(a + r*(h U + b)): PyTorch's, and Keras's reset_after
	GRUBefore             // n = tanh(a + (r*h) U): the paper's
)

// Gates is the number of blocks of Units that the gates of a cell have.
func (k Kind) Gates() int {
	switch k {
	case LSTM:
		return 4
	case GRU, GRUBefore:
		return 3
	}
	return 1
}

// A Pass is a layer in one direction over a batch of sequences. G is Kind.Gates.
type Pass[F float] struct {
	Kind                Kind
	Steps, Batch, Units int
	Reverse             bool   // from the last step to the first
	Mask                []bool // [Steps, Batch]: where it is false a state stays and the output is 0; nil: nowhere

	U     []F // recurrent weights [Units, G*Units]
	Bias  []F // GRU: what is added to h U, [3*Units], or nil
	Gates []F // [Steps, Batch, G*Units]: what inputs and bias contribute, then the gates
	// Hidden and Cells (LSTM) are the states before and after each step, [Steps+1, Batch, Units]: the
	// first of them, with Reverse the last, are given.
	Hidden, Cells []F
	FromZero      bool // the state to begin with is zero, and is not multiplied
	Out           []F  // with a Mask the outputs [Steps, Batch, Units]; they are Hidden otherwise
	// Extra [Steps, Batch, Units] is h U + b of the last gate of a GRU, or r*h of a GRUBefore.
	Extra []F
	Work  []F // [Batch, 2*Units], undefined
}

// Gradients are what the steps take back: those of outputs and last states come in.
type Gradients[F float] struct {
	Out    []F  // [Steps, Batch, Units]; nil: zeros
	H, C   []F  // of the last states [Batch, Units], then of the first ones
	ToLast bool // H and C of the first ones are not needed, and undefined
	Gates  []F  // [Steps, Batch, G*Units], of what inputs and bias contribute; may be the Pass's Gates
	Extra  []F  // GRU: of h U + b of the last gate; may be the Pass's Extra
	Shared []F  // GRUBefore: of r*h, [Batch, Units], undefined
}

// A job is a Pass under way, and its packed weights.
type job[F float] struct {
	Pass[F]
	g        Gradients[F]
	packed   [2]gemm.Packed // of all gates, or of the first two and the last of a GRU; turned to go back
	backward bool
}

var (
	singles = sync.Pool{New: func() any { return new(job[float32]) }}
	doubles = sync.Pool{New: func() any { return new(job[float64]) }}
)

// Forward does all steps.
func Forward[F float](p *Pass[F]) { start(p, nil) }

// Backward does them back from the last one.
func Backward[F float](p *Pass[F], g *Gradients[F]) { start(p, g) }

func start[F float](p *Pass[F], g *Gradients[F]) {
	if p.Batch == 0 || p.Units == 0 {
		return
	}
	pool := &doubles
	var zero F
	if _, ok := any(zero).(float32); ok {
		pool = &singles
	}
	j := pool.Get().(*job[F])
	j.Pass, j.g, j.backward = *p, Gradients[F]{}, g != nil
	if g != nil {
		j.g = *g
	}
	j.pack()
	parallel.Run(p.Batch, rowsOfThread(p.Batch), j)
	j.Pass, j.g = Pass[F]{}, Gradients[F]{}
	pool.Put(j)
}

// rowsOfThread is how many rows are worth a thread: with fewer, the weights are read for little.
func rowsOfThread(batch int) int { return max(8, (batch+parallel.Threads()-1)/parallel.Threads()) }

// Range does all steps of the rows lo to hi of the batch.
func (j *job[F]) Range(lo, hi int) {
	for i := range j.Steps {
		t := i
		if j.Reverse != j.backward {
			t = j.Steps - 1 - i
		}
		if j.backward {
			j.back(t, lo, hi, i == j.Steps-1 && j.g.ToLast)
		} else {
			j.step(t, lo, hi, i == 0 && j.FromZero)
		}
	}
}

// states are the numbers of the states before and after a step.
func (p *Pass[F]) states(t int) (before, after int) {
	if p.Reverse {
		return t + 1, t
	}
	return t, t + 1
}

// row returns the r-th row of block t of x, which has n elements a row.
func (p *Pass[F]) row(x []F, t, r, n int) []F {
	at := (t*p.Batch + r) * n
	return x[at : at+n : at+n]
}

// masked reports whether a step of a row does not count.
func (p *Pass[F]) masked(t, r int) bool { return p.Mask != nil && !p.Mask[t*p.Batch+r] }

// step does one step of some rows; zero says that the state before it is.
func (j *job[F]) step(t, lo, hi int, zero bool) {
	h, gates := j.Units, j.Kind.Gates()
	before, after := j.states(t)
	rows := hi - lo
	state := block[F]{j.Hidden[(before*j.Batch+lo)*h:], rows, h, h}
	sums := block[F]{j.Gates[(t*j.Batch+lo)*gates*h:], rows, gates * h, gates * h}
	next := j.ahead(t, lo, hi)
	switch {
	case zero && j.Kind != GRUBefore:
		if j.Kind == GRU {
			clear(j.Extra[(t*j.Batch+lo)*h:][:rows*h])
		}
	case j.Kind == GRU:
		j.times(0, state, sums.columns(0, 2*h), true, next)
		j.times(1, state, block[F]{j.Extra[(t*j.Batch+lo)*h:], rows, h, h}, false, nil)
	case j.Kind == GRUBefore:
		if !zero {
			j.times(0, state, sums.columns(0, 2*h), true, nil)
		}
		for r := lo; r < hi; r++ {
			g := j.row(j.Gates, t, r, 3*h)
			sigmoid(g[:2*h])
			mul(j.row(j.Extra, t, r, h), g[:h], j.row(j.Hidden, before, r, h))
		}
		if !zero {
			j.times(1, block[F]{j.Extra[(t*j.Batch+lo)*h:], rows, h, h}, sums.columns(2*h, 3*h), true, nil)
		}
	default:
		j.times(0, state, sums, true, next)
	}
	for r := lo; r < hi; r++ {
		g, old, new := j.row(j.Gates, t, r, gates*h), j.row(j.Hidden, before, r, h), j.row(j.Hidden, after, r, h)
		if j.masked(t, r) {
			copy(new, old)
			if j.Kind == LSTM {
				copy(j.row(j.Cells, after, r, h), j.row(j.Cells, before, r, h))
			}
			clear(j.row(j.Out, t, r, h))
			continue
		}
		j.cell(t, r, g, old, new)
		if j.Mask != nil {
			copy(j.row(j.Out, t, r, h), new)
		}
	}
}

// ahead are the gates of some rows in the step that comes next after t: in the third cache by now, or in memory.
func (j *job[F]) ahead(t, lo, hi int) []F {
	if j.Reverse != j.backward {
		t--
	} else {
		t++
	}
	if t < 0 || t >= j.Steps {
		return nil
	}
	n := j.Kind.Gates() * j.Units
	return j.Gates[(t*j.Batch+lo)*n : (t*j.Batch+hi)*n]
}

// back takes one step of some rows back: g.H becomes the gradient of the state before it, unless this is the last one.
func (j *job[F]) back(t, lo, hi int, last bool) {
	h, gates, g := j.Units, j.Kind.Gates(), &j.g
	before, _ := j.states(t)
	rows := hi - lo
	state := block[F]{g.H[lo*h:], rows, h, h}
	sums := block[F]{g.Gates[(t*j.Batch+lo)*gates*h:], rows, gates * h, gates * h}
	for r := lo; r < hi; r++ {
		dh := g.H[r*h : (r+1)*h]
		if !j.masked(t, r) {
			if g.Out != nil {
				add(dh, j.row(g.Out, t, r, h))
			}
			j.cellGrad(t, r, before, dh)
			continue
		}
		clear(j.row(g.Gates, t, r, gates*h))
		if j.Kind == GRU {
			clear(j.row(g.Extra, t, r, h))
		}
	}
	next := j.ahead(t, lo, hi)
	switch {
	case last && j.Kind != GRUBefore:
	case j.Kind == GRU:
		j.times(0, sums.columns(0, 2*h), state, true, next)
		j.times(1, block[F]{g.Extra[(t*j.Batch+lo)*h:], rows, h, h}, state, true, nil)
	case j.Kind == GRUBefore:
		j.times(1, sums.columns(2*h, 3*h), block[F]{g.Shared[lo*h:], rows, h, h}, false, nil)
		for r := lo; r < hi; r++ {
			if !j.masked(t, r) {
				j.resetGrad(t, r, before)
			}
		}
		if !last {
			j.times(0, sums.columns(0, 2*h), state, true, nil)
		}
	default:
		j.times(0, sums, state, j.Mask != nil, next)
	}
}
