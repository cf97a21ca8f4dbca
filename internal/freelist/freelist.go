// Package freelist keeps values that are not in use for their next use, so that
// code that is called often does not allocate.
//
// Any package may use it; it imports the standard library only.
package freelist

import "sync"

// A List keeps values of one type. Its zero value is empty and ready for use, by
// several goroutines at a time. Unlike a sync.Pool, it is not emptied by the
// garbage collector: it is for values of which as many exist as are in use at
// once, such as one for each thread.
type List[T any] struct {
	New    func() *T // makes a value; nil stands for new(T)
	mu     sync.Mutex
	values []*T
}

// Take returns a value that was put back, as it was then, or a new one.
func (l *List[T]) Take() *T {
	l.mu.Lock()
	defer l.mu.Unlock()
	if n := len(l.values); n > 0 {
		v := l.values[n-1]
		l.values = l.values[:n-1]
		return v
	}
	if l.New != nil {
		return l.New()
	}
	return new(T)
}

// Put keeps a value for a later Take. The caller no longer uses it, and has
// removed the references from it that must not keep memory alive.
func (l *List[T]) Put(v *T) {
	l.mu.Lock()
	l.values = append(l.values, v)
	l.mu.Unlock()
}
