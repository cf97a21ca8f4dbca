package freelist

import (
	"sync"
	"testing"
)

func TestList(t *testing.T) {
	var l List[[]int]
	a, b := l.Take(), l.Take()
	if a == b || *a != nil {
		t.Fatalf("new values: %v, %v", a, b)
	}
	*a = make([]int, 3)
	l.Put(a)
	l.Put(b)
	if got := l.Take(); got != b {
		t.Error("the value that was put back last is not taken first")
	}
	if got := l.Take(); got != a || len(*got) != 3 {
		t.Errorf("a value comes back as %v", *got)
	}
}

func TestNew(t *testing.T) {
	l := List[[]int]{New: func() *[]int { return &[]int{7} }}
	v := l.Take()
	if len(*v) != 1 || (*v)[0] != 7 {
		t.Fatalf("a new value is %v", *v)
	}
	l.Put(v)
	if got := l.Take(); got != v {
		t.Error("a value was made although one was kept")
	}
}

func TestTakeDoesNotAllocate(t *testing.T) {
	var l List[[64]int]
	l.Put(l.Take())
	if n := testing.AllocsPerRun(100, func() { l.Put(l.Take()) }); n > 0 {
		t.Errorf("%v allocations", n)
	}
}

// No two goroutines have the same value at a time.
func TestListSideBySide(t *testing.T) {
	var l List[int]
	var wg sync.WaitGroup
	for range 8 {
		wg.Go(func() {
			for range 1000 {
				v := l.Take()
				if *v++; *v != 1 {
					t.Errorf("a value is in use %d times", *v)
				}
				*v--
				l.Put(v)
			}
		})
	}
	wg.Wait()
}
