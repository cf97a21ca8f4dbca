package dist

// #include "calls.h"
import "C"

import (
	"fmt"
	"slices"
	"sync"
	"time"
	"unsafe"

	"modelbook/dl"
	"modelbook/dl/train"
)

// bucketSize is how many values are sent together: of fewer, the waiting for the network would take longer than the
// sending; of more, little would be left to compute meanwhile.
const bucketSize = 1 << 18

// gradients adds up the gradients of parameters over the ranks while Backward goes on. The order in which buckets are sent
// is the same on all ranks, and with it the sums.
type gradients struct {
	c       *Comm
	buckets []*bucket // in the order of sending: the last layers first. The last one also has notes: who stops, how many ranks have which gradient, and the samples of each bucket and rank
	noted   int       // values of the notes
	of      map[*dl.Tensor]*member
	remove  []func() // the hooks

	armed bool // the gradients of this Backward are complete
	next  int  // bucket to be sent
	sent  sync.WaitGroup

	passed time.Time // for a trace: the end of what was done last
}

// bucket is what is sent together: copies of the gradients of some parameters, or the gradient of one as it is.
type bucket struct {
	name    string // for a trace
	members []*member
	values  []float32 // the copies; nil for one as it is
	waits   int       // for so many members
	share   *share    // of one whose ranks share the optimizer's work
	half    []uint16  // the values as bfloat16
}

// member is the place of a parameter's gradient.
type member struct {
	parameter *dl.Tensor
	bucket    *bucket
	start     int // in values
	number    int // among all parameters
	here      bool
}

// Gradients adds up the gradients of parameters, of float32 or float64, over the ranks, for a Trainer: see [train.Ranks].
func (c *Comm) Gradients(parameters []*dl.Tensor) train.Gradients {
	c.check("Gradients")
	for i, p := range parameters {
		if d := p.DType(); d != dl.Float32 && d != dl.Float64 {
			dl.PanicValue("Comm.Gradients", "parameter %d is %v; ranks add up gradients of float32 and float64", i, d)
		}
	}
	g := &gradients{c: c, of: map[*dl.Tensor]*member{}}
	open, size := &bucket{}, 0
	finish := func(more int) {
		open.values = make([]float32, size+more)
		g.buckets = append(g.buckets, open)
		open, size = &bucket{}, 0
	}
	for i, p := range slices.Backward(parameters) {
		m := &member{parameter: p, number: i}
		g.of[p] = m
		g.remove = append(g.remove, p.AfterGrad(g.complete))
		if p.Size() >= bucketSize || p.DType() == dl.Float64 {
			m.bucket = &bucket{members: []*member{m}}
			g.buckets = append(g.buckets, m.bucket)
			continue
		}
		if size+p.Size() > bucketSize {
			finish(0)
		}
		m.bucket, m.start = open, size
		open.members = append(open.members, m)
		size += p.Size()
	}
	g.noted = 1 + len(g.of) + len(g.buckets)*c.size
	finish(g.noted)
	for i, b := range g.buckets {
		b.name = fmt.Sprint(i+1, " of ", len(g.buckets))
	}
	return g
}

// Close removes the hooks.
func (g *gradients) Close() {
	g.Separate()
	for _, remove := range g.remove {
		remove()
	}
	g.remove = nil
}

// Begin says that gradients are complete after the next Backward: see [train.Gradients].
func (g *gradients) Begin() {
	g.passes("Forward")
	g.armed, g.next = true, 0
	for _, b := range g.buckets {
		b.waits = len(b.members)
		if b.share != nil {
			b.share.begin()
		}
		for _, m := range b.members {
			m.here = false
		}
	}
}

// complete takes the gradient of a parameter and sends the buckets that are full.
func (g *gradients) complete(p *dl.Tensor) {
	m := g.of[p]
	if !g.armed || m.here || !m.take() {
		return
	}
	m.bucket.waits--
	for g.next < len(g.buckets)-1 && g.buckets[g.next].waits == 0 {
		if b := g.buckets[g.next]; !b.near() {
			g.send(b)
		}
		g.next++
	}
}

// near reports whether nothing of a bucket need be sent, but how many samples its factors have.
func (b *bucket) near() bool { return b.share != nil && b.share.near() }

// take copies a gradient into its bucket and reports whether there is one.
func (m *member) take() bool {
	if s := m.bucket.share; s != nil {
		m.here = s.take()
		return m.here
	}
	grad := m.parameter.Grad()
	if m.here = grad != nil; m.here && m.bucket.values != nil {
		copy(m.bucket.values[m.start:], grad.Float32s())
	}
	return m.here
}

// Wait sends what is left and waits for the sums: see [train.Gradients].
func (g *gradients) Wait(stop bool) (stops bool) {
	if !g.armed {
		g.Begin()
	}
	g.passes("Backward")
	g.armed = false
	last := g.buckets[len(g.buckets)-1]
	notes := last.values[len(last.values)-g.noted:]
	clear(notes)
	if stop {
		notes[0] = 1
	}
	have, samples := notes[1:], notes[1+len(g.of):]
	for i, b := range g.buckets {
		for _, m := range b.members {
			switch {
			case m.here || i >= g.next && m.take():
				have[m.number] = 1
			case b.share != nil:
			case b.values == nil:
				m.zero()
			default:
				clear(b.values[m.start : m.start+m.parameter.Size()])
			}
		}
	}
	g.sent.Wait()
	for i, b := range g.buckets {
		if b.near() {
			samples[i*g.c.size+g.c.rank] = float32(b.share.samples)
		} else if i >= g.next {
			g.sum(b)
		}
	}
	for i, b := range g.buckets {
		if b.near() {
			b.share.find(samples[i*g.c.size:][:g.c.size])
		}
		if b.share != nil {
			b.share.finish()
		}
	}
	for _, m := range g.of {
		switch {
		case m.bucket.share != nil:
		case have[m.number] == 0: // on no rank
			m.parameter.ZeroGrad()
		case m.bucket.values != nil:
			if !m.here {
				m.zero()
			}
			copy(m.parameter.Grad().Float32s(), m.bucket.values[m.start:])
		}
	}
	g.passes("wait for sums")
	return notes[0] > 0
}

// zero makes a gradient of zeros, that of zero times the parameter, where a rank has none and others do.
func (m *member) zero() { m.parameter.MulScalar(0).Sum().Backward() }

// send adds up a bucket while others compute, after those that were sent before.
func (g *gradients) send(b *bucket) {
	g.sent.Add(1)
	g.c.work <- func() {
		g.sum(b)
		g.sent.Done()
	}
}

// sum adds up a bucket.
func (g *gradients) sum(b *bucket) {
	const name = "AllReduce of gradients"
	defer g.c.traced(sums, "sum "+b.name, g.c.now())
	if b.share != nil {
		b.share.exchange()
		return
	}
	values := b.values
	if values == nil {
		grad := b.members[0].parameter.Grad()
		if grad.DType() == dl.Float64 {
			reduce(g.c, name, grad.Float64s(), C.dist_float64)
			return
		}
		values = grad.Float32s()
	}
	if !g.c.BFloat16 {
		reduce(g.c, name, values, C.dist_float32)
		return
	}
	if b.half == nil {
		b.half = make([]uint16, len(values))
	}
	n, wide, half := C.size_t(len(values)), (*C.float)(unsafe.Pointer(&values[0])), (*C.ushort)(unsafe.Pointer(&b.half[0]))
	C.dist_narrow(wide, half, n)
	reduce(g.c, name, b.half, C.dist_bfloat16)
	C.dist_widen(half, wide, n)
}
