package data

import (
	"fmt"
	"iter"

	"modelbook/dl"
)

// Loader hands out a dataset in batches. The next batches are prepared on a goroutine while the current one is used,
// in buffers that are used again for every pass.
//
//	for i, batch := range loader.Batches() { ... }
//	if err := loader.Err(); err != nil { ... }
type Loader struct {
	Dataset   Dataset
	BatchSize int
	Shuffle   *dl.Rand // a new order for every pass is drawn from it; nil keeps the dataset's order
	DropLast  bool     // leave out a last batch that is smaller than BatchSize

	err   error
	slots []*slot
	order []int
}

// prefetch is the number of batches that may be ready in advance.
const prefetch = 2

// slot is a reusable place for a batch; the last batch of a pass is smaller and has its own tensors.
type slot struct {
	full, tail Batch
	current    Batch
	number     int
	err        error
}

// Steps is the number of batches in a pass.
func (l *Loader) Steps() int {
	n, size := l.Dataset.Len(), l.size()
	if l.DropLast {
		return n / size
	}
	return (n + size - 1) / size
}

func (l *Loader) size() int {
	if l.BatchSize <= 0 {
		return 32 // Keras's default
	}
	return l.BatchSize
}

// Err is the error that ended the last pass early, or nil.
func (l *Loader) Err() error { return l.err }

// Batches is one pass over the data: the batches with their numbers from 0. A batch's tensors are valid until the next
// iteration. Passes of one Loader must not overlap.
func (l *Loader) Batches() iter.Seq2[int, Batch] {
	return func(yield func(int, Batch) bool) {
		l.err = nil
		l.prepare()
		free, ready := make(chan *slot, len(l.slots)), make(chan *slot, len(l.slots))
		for _, s := range l.slots {
			free <- s
		}
		done := make(chan struct{})
		go l.fill(free, ready, done)
		// The filling goroutine must have ended when the pass has: it uses the loader's buffers and the dataset.
		defer func() {
			close(done)
			for range ready {
			}
		}()
		for s := range ready {
			if s.err != nil {
				l.err = s.err
				return
			}
			if !yield(s.number, s.current) {
				return
			}
			free <- s
		}
	}
}

// prepare makes buffers and draws the order of a pass.
func (l *Loader) prepare() {
	n := l.Dataset.Len()
	if l.Shuffle != nil {
		l.order = l.Shuffle.Perm(n)
	} else if len(l.order) != n {
		l.order = sequence(n)
	}
	if l.slots == nil {
		for range min(prefetch+1, l.Steps()) {
			l.slots = append(l.slots, &slot{})
		}
	}
}

// fill reads the batches of a pass into free slots, in order, and closes ready after the last.
func (l *Loader) fill(free, ready chan *slot, done chan struct{}) {
	defer close(ready)
	size, n := l.size(), l.Dataset.Len()
	for i := range l.Steps() {
		select {
		case <-done:
			return
		default:
		}
		select {
		case <-done:
			return
		case s := <-free:
			s.number = i
			s.err = l.read(s, l.order[i*size:min((i+1)*size, n)])
			ready <- s // never blocks: there is room for every slot
			if s.err != nil {
				return
			}
		}
	}
}

// read fills a slot. A panic of the dataset becomes an error: on this goroutine it would end the program.
func (l *Loader) read(s *slot, samples []int) (err error) {
	defer func() {
		if p := recover(); p != nil {
			err = fmt.Errorf("data: reading a batch of %d samples (%d first): %v", len(samples), samples[0], p)
		}
	}()
	batch := &s.full
	if len(samples) != l.size() {
		batch = &s.tail
	}
	if batch.X == nil || batch.Len() != len(samples) {
		*batch = newBatch(l.Dataset.Spec(), len(samples))
	}
	s.current = *batch
	return l.Dataset.Read(s.current, samples)
}
