package dl

import (
	"cmp"
	"slices"

	"modelbook/dl/internal/gradient"
)

// A laborious record knows how many multiply-adds its operation takes. Those that are made of matrix products do; others,
// of an addition or a function for each element, count as none, as is usual.
type laborious interface {
	macs() int64
}

func (r *matMulRecord) macs() int64 {
	return int64(r.out.size) * int64(r.a.shape[len(r.a.shape)-1])
}

func (r *affineRecord) macs() int64 {
	return int64(r.out.size) * int64(r.x.shape[len(r.x.shape)-1])
}

func (r *convRecord) macs() int64 { return r.geo.macs() }

func (r *convolveRecord) macs() int64 { return r.geo.macs() }

// macs are the multiply-adds of a convolution, or of its gradients: each of them is as many.
func (g *windows) macs() int64 {
	plane := int64(g.OH) * int64(g.OW) * int64(g.F) * int64(g.KH) * int64(g.KW) * int64(g.C/max(g.Groups, 1))
	if g.axes == 3 {
		plane *= int64(g.OD) * int64(g.KD)
	}
	return int64(g.N) * plane
}

func (r *recurrentRecord) macs() int64 {
	return int64(r.steps) * int64(r.batch) * int64(r.w.size+r.u.size)
}

// macs are those that a Function says it has, by a method MACs.
func (r *functionRecord) macs() int64 {
	if f, ok := r.f.(interface{ MACs() int64 }); ok {
		return f.MACs()
	}
	return 0
}

// gradientMACs are the multiply-adds of the gradients of an operation: as many as its own for each operand that is
// multiplied and gets one.
func gradientMACs(r record) int64 {
	l, ok := r.(laborious)
	if !ok {
		return 0
	}
	switch r := r.(type) {
	case *matMulRecord:
		return l.macs() * flowing(r.a, r.b)
	case *affineRecord:
		return l.macs() * flowing(r.x, r.w)
	case *convRecord:
		return l.macs() * flowing(r.x, r.w)
	case *convolveRecord:
		return l.macs() * flowing(r.in[:]...)
	case *recurrentRecord: // those of the states flow in any case
		one := int64(r.steps) * int64(r.batch)
		return one * (flowing(r.x, r.w)*int64(r.w.size) + (1+flowing(r.u))*int64(r.u.size))
	}
	return 2 * l.macs()
}

// flowing is the number of tensors that gradients flow to.
func flowing(ts ...*Tensor) (n int64) {
	for _, t := range ts {
		if t != nil && t.requires {
			n++
		}
	}
	return n
}

func init() {
	gradient.Walk = func(output any) []gradient.Operation { return operationsOf(output.(*Tensor)) }
	gradient.Key = func(t any) any { return t.(*Tensor).body }
}

// operationsOf are the recorded operations by which t was computed, the first one first.
func operationsOf(t *Tensor) (all []gradient.Operation) {
	seen := map[record]bool{}
	var records []record
	var visit []*Tensor
	for visit = append(visit, t); len(visit) > 0; {
		r := visit[len(visit)-1].from
		visit = visit[:len(visit)-1]
		if r == nil || r == spentRecord || seen[r] {
			continue
		}
		seen[r] = true
		records = append(records, r)
		for _, x := range r.operands(nil) {
			if x != nil {
				visit = append(visit, x)
			}
		}
	}
	slices.SortFunc(records, func(a, b record) int { return cmp.Compare(a.head().seq, b.head().seq) })
	for _, r := range records {
		all = append(all, operationOf(r))
	}
	return all
}

func operationOf(r record) gradient.Operation {
	o := gradient.Operation{Name: r.head().op, Output: r.head().out, Result: r.head().out.body}
	for _, x := range r.operands(nil) {
		if x != nil {
			o.Operands = append(o.Operands, x.body)
			o.View = o.View || x.storage == r.head().out.storage
		}
	}
	if l, ok := r.(laborious); ok {
		o.MACs = l.macs()
	}
	return o
}
