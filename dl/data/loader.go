package data

import (
	"fmt"
	"iter"
	"sync"

	"modelbook/dl"
)

// Loader hands out a dataset in batches. The next batches are prepared on other goroutines while the current one is
// used, in buffers that are used again for every pass.
//
//	for i, batch := range loader.Batches() { ... }
//	if err := loader.Err(); err != nil { ... }
type Loader struct {
	Dataset   Dataset
	BatchSize int      // 0: 32, as in Keras
	Shuffle   *dl.Rand // a new order for every pass is drawn from it; nil keeps the dataset's order
	DropLast  bool     // leave out a last batch that is smaller than BatchSize
	Sampler   Sampler  // says which samples a pass takes, drawing from Shuffle; nil: all of them
	Workers   int      // goroutines that read batches; 0: 1. The batches are the same for any number

	err      error
	slots    []*slot
	order    []int
	groups   [][]int // the samples of each batch, of a BatchSampler
	largest  int     // of these
	shuffled bool    // order is not the dataset's
	spec     Spec    // of the batches of this pass
	varies   bool    // unless they differ
	passes   uint64
}

// prefetch is the number of batches that may be ready in advance, for each worker.
const prefetch = 2

// slot is a reusable place for a batch; the last batch of a pass is smaller and has its own tensors.
type slot struct {
	full, tail Batch
	current    Batch
	number     int
	samples    []int
	err        error
	ready      chan struct{} // has an element when current can be used
}

// Steps is the number of batches in a pass; 0 for a [Stream], where it is unknown.
func (l *Loader) Steps() int {
	mustBeDataset("data.Loader.Steps", l.Dataset)
	n, size := l.Dataset.Len(), l.size()
	if n < 0 {
		return 0
	}
	if s, ok := l.Sampler.(BatchSampler); ok {
		return s.Steps(n)
	}
	if c, ok := l.Sampler.(Counter); ok {
		n = c.Count(n)
	}
	if l.DropLast {
		return n / size
	}
	return batches(n, size)
}

// batches is the number of batches of n samples, the last of which may be smaller.
func batches(n, size int) int {
	if n%size > 0 {
		return n/size + 1
	}
	return n / size
}

func (l *Loader) size() int {
	if l.BatchSize <= 0 {
		return 32
	}
	return l.BatchSize
}

// workers is the number of goroutines that read batches, no more than there are batches.
func (l *Loader) workers() int { return max(min(l.Workers, l.count()), 1) }

// count is the number of batches of this pass.
func (l *Loader) count() int {
	if l.groups != nil {
		return len(l.groups)
	}
	return batches(len(l.order), l.size())
}

// batch is the samples of a batch of this pass.
func (l *Loader) batch(i int) []int {
	if l.groups != nil {
		return l.groups[i]
	}
	return l.order[i*l.size() : min((i+1)*l.size(), len(l.order))]
}

// Err is the error that ended the last pass early, or nil.
func (l *Loader) Err() error { return l.err }

// Batches is one pass over the data: the batches with their numbers from 0. A batch's tensors are valid until the next
// iteration. Passes of one Loader must not overlap.
func (l *Loader) Batches() iter.Seq2[int, Batch] {
	return func(yield func(int, Batch) bool) {
		if l.err = l.prepare(); l.err != nil {
			return
		}
		p := &pass{l: l, free: make(chan *slot, len(l.slots)), due: make(chan *slot, len(l.slots)),
			work: make(chan *slot, len(l.slots)), done: make(chan struct{})}
		for _, s := range l.slots {
			p.free <- s
		}
		p.start()
		// The reading goroutines must have ended when the pass has: they use the loader's buffers and the dataset.
		defer p.end()
		for s := range p.due {
			<-s.ready
			if s.err != nil {
				l.err = s.err
				return
			}
			if s.current.X == nil { // a stream that ended with a whole batch
				return
			}
			if !yield(s.number, s.current) {
				return
			}
			p.free <- s
		}
	}
}

// prepare makes buffers and draws the order of a pass.
func (l *Loader) prepare() error {
	if l.Dataset == nil {
		return fmt.Errorf("data: the Dataset of a Loader is nil")
	}
	n := l.Dataset.Len()
	l.groups, l.largest = nil, 0
	switch {
	case n < 0:
		if l.Sampler != nil {
			return fmt.Errorf("data: a sampler cannot choose from a stream")
		}
	case l.Sampler != nil:
		r := l.Shuffle
		if r == nil {
			r = dl.DefaultRand()
		}
		if err := dl.Try(func() { l.draw(n, r) }); err != nil {
			return err
		}
		for _, i := range l.order {
			if i < 0 || i >= n {
				return fmt.Errorf("data: the sampler %T takes sample %d of %d", l.Sampler, i, n)
			}
		}
		l.shuffled = true
	case l.Shuffle != nil:
		l.order, l.shuffled = l.Shuffle.Perm(n), true
	case l.shuffled || len(l.order) != n:
		l.order, l.shuffled = sequence(n), false
	}
	if changes(l.Dataset) {
		pass := l.passes
		if l.Shuffle != nil {
			pass = l.Shuffle.Uint64()
		}
		l.passes++
		startPass(l.Dataset, pass)
	}
	l.spec, l.varies = l.Dataset.Spec(), varies(l.Dataset)
	slots := prefetch + 1 // a stream is read by one goroutine
	if n >= 0 {
		slots = min(prefetch+l.workers(), l.count())
	}
	for len(l.slots) < slots {
		l.slots = append(l.slots, &slot{ready: make(chan struct{}, 1)})
	}
	for _, s := range l.slots { // a pass that ended early leaves some ready
		select {
		case <-s.ready:
		default:
		}
	}
	return nil
}

// draw asks the sampler for the samples of a pass.
func (l *Loader) draw(n int, r *dl.Rand) {
	s, ok := l.Sampler.(BatchSampler)
	if !ok {
		l.order = l.Sampler.Order(n, r)
		return
	}
	l.order, l.groups = l.order[:0], [][]int{}
	for _, group := range s.Batches(n, r) {
		if l.DropLast && len(group) < l.size() {
			continue
		}
		l.groups, l.order, l.largest = append(l.groups, group), append(l.order, group...), max(l.largest, len(group))
	}
}

// pass is one pass of a loader.
type pass struct {
	l    *Loader
	free chan *slot // to be filled
	due  chan *slot // handed to a worker, in the order of their batches
	work chan *slot // for the workers
	done chan struct{}
	wait sync.WaitGroup
}

func (p *pass) start() {
	if stream, ok := p.l.Dataset.(*Stream); ok {
		p.wait.Go(func() { p.stream(stream) })
		return
	}
	p.wait.Go(p.assign)
	for range p.l.workers() {
		p.wait.Go(func() {
			for s := range p.work {
				s.err = p.l.read(s)
				s.ready <- struct{}{}
			}
		})
	}
}

// end waits until nobody works for the pass any more.
func (p *pass) end() {
	close(p.done)
	p.wait.Wait()
}

// next is a slot to be filled, nil when the pass has ended.
func (p *pass) next() *slot {
	select {
	case <-p.done:
		return nil
	default:
	}
	select {
	case <-p.done:
		return nil
	case s := <-p.free:
		return s
	}
}

// assign gives the batches of a pass to the workers, in order.
func (p *pass) assign() {
	defer close(p.due)
	defer close(p.work)
	for i := range p.l.count() {
		samples := p.l.batch(i)
		if p.l.groups == nil && p.l.DropLast && len(samples) < p.l.size() {
			return
		}
		s := p.next()
		if s == nil {
			return
		}
		s.number, s.samples = i, samples
		p.due <- s // there is room for every slot
		p.work <- s
	}
}

// stream reads the batches of a stream one after the other.
func (p *pass) stream(stream *Stream) {
	defer close(p.due)
	var source Source
	defer func() { // a pass may end before the stream does
		if c, ok := source.(Closer); ok {
			c.Close()
		}
	}()
	for i := 0; ; i++ {
		s := p.next()
		if s == nil {
			return
		}
		s.number, s.current = i, Batch{}
		n := 0
		source, n, s.err = p.l.readNext(stream, source, s)
		p.due <- s
		s.ready <- struct{}{}
		if s.err != nil || n < p.l.size() {
			return
		}
	}
}

// readNext fills a slot with the next samples of a stream, which it opens if source is nil.
func (l *Loader) readNext(stream *Stream, source Source, s *slot) (_ Source, n int, err error) {
	defer func() {
		if p := recover(); p != nil {
			err = fmt.Errorf("data: reading a stream: %v", p)
		}
	}()
	if source == nil {
		if source, err = stream.begin(); err != nil {
			return nil, 0, err
		}
	}
	size := l.size()
	if !s.full.fits(&l.spec, size) {
		s.full = newBatch(l.spec, size)
	}
	if n, err = source.Next(s.full); err != nil {
		return source, n, err
	}
	switch {
	case n < 0 || n > size:
		return source, n, fmt.Errorf("data: a stream read %d samples into a batch of %d", n, size)
	case n == size:
		s.current = s.full
	case n > 0 && !l.DropLast:
		s.current = s.full.first(n)
	}
	return source, n, nil
}

// read fills a slot. A panic of the dataset becomes an error: on this goroutine it would end the program.
func (l *Loader) read(s *slot) (err error) {
	defer func() {
		if p := recover(); p != nil {
			err = fmt.Errorf("data: reading a batch of %d samples (%v first): %v", len(s.samples), s.samples[:min(1, len(s.samples))], p)
		}
	}()
	if l.groups != nil && !l.varies {
		return l.readGroup(s)
	}
	batch, spec := &s.full, l.spec
	if len(s.samples) != l.size() {
		batch = &s.tail
	}
	if l.varies {
		spec = specOf(l.Dataset, s.samples)
	}
	if !batch.fits(&spec, len(s.samples)) {
		*batch = newBatch(spec, len(s.samples))
	}
	s.current = *batch
	return l.Dataset.Read(s.current, s.samples)
}

// readGroup fills a slot with the samples of a batch of a BatchSampler, in memory with room for the largest one.
func (l *Loader) readGroup(s *slot) error {
	n := len(s.samples)
	if n == 0 {
		s.current = newBatch(l.spec, 0)
		return nil
	}
	if s.full.X == nil || s.full.Len() < l.largest || !s.full.fits(&l.spec, s.full.Len()) {
		s.full = newBatch(l.spec, l.largest)
	}
	s.current = s.full.begin(n)
	return l.Dataset.Read(s.current, s.samples)
}

// begin is the first n samples of a batch, in its memory.
func (b Batch) begin(n int) Batch {
	part := Batch{X: b.X.Narrow(0, 0, n), XName: b.XName, YName: b.YName}
	if b.Y != nil {
		part.Y = b.Y.Narrow(0, 0, n)
	}
	for _, v := range b.More {
		part.More = append(part.More, Value{Field: v.Field, Tensor: v.Tensor.Narrow(0, 0, n)})
	}
	return part
}
