// Package guard keeps a model's weights unchanged while they are read: training
// changes them one step at a time, a concurrent prediction waits for the end of
// the step, and the next step waits for the end of the prediction.
//
// It imports package goroutine. Which tensors have a lock is decided in package dl
// (see Of).
package guard

import (
	"context"
	"slices"
	"sync"

	"modelbook/dl/internal/goroutine"
)

// A Lock belongs to a tensor. It is a readers-writer lock that the goroutine which
// holds it may take again: a training step may predict with the model that it
// trains.
type Lock struct {
	owner   uintptr   // the goroutine that holds it for writing, or 0
	depth   int       // how often
	readers []uintptr // each goroutine as often as it holds it for reading
	waiting int       // goroutines that wait to write
	queued  int       // goroutines that wait to read
	due     int       // of these, the ones that waited when a writer unlocked: they come before the next writer

	training bool // see Set.Training
}

// Of returns the lock of a *dl.Tensor, which its views share. Package dl sets it.
var Of func(tensor any) *Lock

// A Set is the locks of all tensors of a model. They are taken together or not at
// all, so that no goroutine holds some while it waits for others.
type Set []*Lock

// state guards all locks: it is held for some nanoseconds a step.
var state = struct {
	sync.Mutex
	changed sync.Cond
	holders map[uintptr]int // how many sets a goroutine has
}{holders: map[uintptr]int{}}

func init() { state.changed.L = &state.Mutex }

// Lock waits until no other goroutine has one of the locks, and takes them. It
// gives up when ctx ends.
func (s Set) Lock(ctx context.Context) error {
	me := goroutine.ID()
	state.Lock()
	defer state.Unlock()
	others := func(l *Lock) bool {
		return l.owner != 0 && l.owner != me || l.due > 0 && state.holders[me] == 0 ||
			slices.ContainsFunc(l.readers, func(r uintptr) bool { return r != me })
	}
	if slices.ContainsFunc(s, others) {
		defer context.AfterFunc(ctx, func() {
			state.Lock() // not between the look at ctx and the wait
			defer state.Unlock()
			state.changed.Broadcast()
		})()
		for _, l := range s {
			l.waiting++
		}
		for slices.ContainsFunc(s, others) && ctx.Err() == nil {
			state.changed.Wait()
		}
		for _, l := range s {
			l.waiting--
		}
		if err := ctx.Err(); err != nil {
			state.changed.Broadcast() // to those that yielded to this one
			return err
		}
	}
	for _, l := range s {
		l.owner = me
		l.depth++
	}
	state.holders[me]++
	return nil
}

// Unlock releases what Lock took.
func (s Set) Unlock() {
	state.Lock()
	defer state.Unlock()
	for _, l := range s {
		if l.depth--; l.depth == 0 {
			l.owner, l.due = 0, l.queued
		}
	}
	left()
}

// RLock waits until no other goroutine holds one of the locks for writing, or has
// waited longer to do so, and takes them for reading. A goroutine that already
// holds a set does not yield to waiting writers, which may be waiting for it.
func (s Set) RLock() {
	me := goroutine.ID()
	state.Lock()
	defer state.Unlock()
	queued := false
	others := func(l *Lock) bool {
		return l.owner != 0 && l.owner != me || l.waiting > 0 && state.holders[me] == 0 && !(queued && l.due > 0)
	}
	if slices.ContainsFunc(s, others) {
		queued = true
		for _, l := range s {
			l.queued++
		}
		for slices.ContainsFunc(s, others) {
			state.changed.Wait()
		}
	}
	for _, l := range s {
		l.readers = append(l.readers, me)
		if queued {
			l.queued--
			l.due = max(l.due-1, 0)
		}
	}
	state.holders[me]++
	if queued {
		state.changed.Broadcast() // fewer are due
	}
}

// RUnlock releases what RLock took, in the same goroutine.
func (s Set) RUnlock() {
	me := goroutine.ID()
	state.Lock()
	defer state.Unlock()
	for _, l := range s {
		i := slices.Index(l.readers, me)
		l.readers = slices.Delete(l.readers, i, i+1)
	}
	left()
}

// left records that this goroutine has released a set.
func left() {
	me := goroutine.ID()
	if state.holders[me]--; state.holders[me] == 0 {
		delete(state.holders, me)
	}
	state.changed.Broadcast()
}

// SetTraining records whether the modules that the tensors belong to are switched
// to training.
func (s Set) SetTraining(on bool) {
	state.Lock()
	defer state.Unlock()
	for _, l := range s {
		l.training = on
	}
}

// Training is what SetTraining recorded for any of the tensors.
func (s Set) Training() bool {
	state.Lock()
	defer state.Unlock()
	return slices.ContainsFunc(s, func(l *Lock) bool { return l.training })
}
