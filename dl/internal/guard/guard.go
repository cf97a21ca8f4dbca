// Package guard keeps a model's weights still while they are read: a training
// changes them a step at a time, and a prediction beside it waits for the end of
// the step, and the next step for the end of the prediction.
package guard

import (
	"context"
	"slices"
	"sync"

	"modelbook/dl/internal/goroutine"
)

// A Lock belongs to a tensor. Many goroutines may share it, or one has it alone.
// A goroutine that has it may take it again: a step of a training may predict
// with the model that it trains.
type Lock struct {
	owner   uintptr   // the goroutine that has it alone, or 0
	depth   int       // how often
	readers []uintptr // a goroutine as often as it shares it
	waiting int       // goroutines that wait to have it alone
	queued  int       // goroutines that wait to share it
	due     int       // of these, who waited when one gave it back: they come before the next one that wants it alone

	training bool // see Set.Training
}

// Of returns the lock of a *dl.Tensor, which its views share. Package dl sets it.
var Of func(tensor any) *Lock

// A Set is the locks of all tensors of a model. They are taken together or not
// at all, so that nobody has some and waits for others.
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
			state.changed.Broadcast() // to those that let this one go first
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

// Unlock gives back what Lock took.
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

// RLock waits until no other goroutine has one of the locks alone, or has waited
// longer for that, and shares them. A goroutine that has a set already does not let others
// go first: they may wait for it.
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
		state.changed.Broadcast() // what was due is less
	}
}

// RUnlock gives back what RLock took, in the same goroutine.
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

// left notes that this goroutine has given back a set.
func left() {
	me := goroutine.ID()
	if state.holders[me]--; state.holders[me] == 0 {
		delete(state.holders, me)
	}
	state.changed.Broadcast()
}

// SetTraining notes whether the modules that the tensors belong to are switched
// to training.
func (s Set) SetTraining(on bool) {
	state.Lock()
	defer state.Unlock()
	for _, l := range s {
		l.training = on
	}
}

// Training is what SetTraining noted, of any of the tensors.
func (s Set) Training() bool {
	state.Lock()
	defer state.Unlock()
	return slices.ContainsFunc(s, func(l *Lock) bool { return l.training })
}
