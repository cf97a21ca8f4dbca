package dl

import (
	"slices"
	"sync/atomic"
)

// A record is what an operation leaves behind so that gradients can flow back
// through it: a struct of its own with what it read and what its backward
// function needs. It stands in the file of its operation, embeds a node, and
// comes from a kind, whose memory an arena uses again.
//
// Two optional methods make an operation differentiable more than once, see
// [GradOptions].CreateGraph: gradients, or compose.
type record interface {
	head() *node
	// operands appends what the operation read and carries gradients to.
	// Operands that were left out are nil.
	operands(list []*Tensor) []*Tensor
	// backward adds to the gradients of the operands, through b. dy is the
	// gradient of the result. It ends here: the function may overwrite it, or
	// hand it on as an operand's gradient with b.hand.
	backward(b *sweep, dy *Tensor)
}

// A derivable record has its gradients as recorded operations: gradients
// returns one for each of the operands, or nil for none.
type derivable interface {
	gradients(dy *Tensor) []*Tensor
}

// A composed record's operation can be written in others: compose computes its
// result again, recorded, and the higher derivatives are those of that.
type composed interface {
	compose() *Tensor
}

// A node is the part that all records have.
type node struct {
	op   string  // its name, "MatMul"
	seq  uint64  // order of creation
	seen uint64  // the sweep that visited it
	out  *Tensor // the result
	grad *Tensor // of the result, as far as it is added up in a sweep
	kept [5]kept // what backward reads
	// While anomalies are looked for: the line of the caller, and the layers
	// it was in.
	line   string
	layers []string

	// For a sweep: whether the gradient of out, and those of the operands, are
	// asked for, and whether that of out is shown to somebody.
	wanted, deeper, shown bool

	// A ReLU may be fused into an operation (see fuseReLU): relu says that one
	// is, masked that the gradient of out is that in front of the ReLU already.
	relu, masked bool

	// Unless it is nil, a norm is behind the operation, and grad is the gradient behind that: see normgrad.go.
	norm *normInput
	// summed says that the sums of a norm's gradient were taken by who wrote grad, and that nobody has added to it since.
	summed bool
}

func (n *node) head() *node { return n }

var (
	sequence atomic.Uint64
	sweeps   atomic.Uint64
)

// recording reports whether the gradient of an operation on these operands may
// be asked for.
func recording(in ...*Tensor) bool {
	if !slices.ContainsFunc(in, func(t *Tensor) bool { return t != nil && t.requires }) {
		return false
	}
	s := currentScope()
	if s == nil || s.noGrad == 0 {
		return true
	}
	if s.replay != nil {
		s.replay.needed = true
	}
	return false
}

// attach makes r the record of how out was made.
func attach(out *Tensor, op string, r record) {
	h := r.head()
	h.op, h.seq, h.out = op, sequence.Add(1), out
	out.requires, out.from = true, r
	if o := observing(); o != nil {
		o.forward(r)
	}
	if lookForAnomalies() {
		h.line = caller()
		checkForward(r)
	}
}

// spent is the record of a result whose own was used by a Backward.
type spent struct{ node }

func (*spent) operands(list []*Tensor) []*Tensor { return list }
func (*spent) backward(*sweep, *Tensor)          {}

var spentRecord record = &spent{}

// A kind makes the records of one type. In an Arena they are used again, so
// that recording allocates nothing.
type kind[R any] int

// recordKinds makes the memory for each kind that an arena keeps.
var recordKinds []func() recordMemory

type recordMemory interface{ reset() }

// recordChunk is the memory of a kind of records.
type recordChunk[R any, P interface {
	*R
	record
}] struct{ chunk[R] }

func (c *recordChunk[R, P]) reset() {
	for _, r := range c.all[:c.used] {
		P(r).head().drop() // of those that no Backward used
	}
	c.chunk.reset()
}

func (c *chunk[R]) chunkOf() *chunk[R] { return c }

func newKind[R any, P interface {
	*R
	record
}]() kind[R] {
	recordKinds = append(recordKinds, func() recordMemory { return new(recordChunk[R, P]) })
	return kind[R](len(recordKinds) - 1)
}

// new returns a zero record.
func (k kind[R]) new() *R {
	a := currentArena()
	if a == nil {
		return new(R)
	}
	if a.records == nil {
		a.records = make([]recordMemory, len(recordKinds))
	}
	if a.records[k] == nil {
		a.records[k] = recordKinds[k]()
	}
	return a.records[k].(interface{ chunkOf() *chunk[R] }).chunkOf().take()
}
