package goroutine

import (
	"runtime"
	"sync"
	"testing"
)

// Goroutines that live at the same time have different numbers, and each keeps
// its own over calls, growing stacks, garbage collections and other threads.
func TestIDsAreDifferentAndStay(t *testing.T) {
	for name, id := range map[string]func() uintptr{"ID": ID, "number": number} {
		t.Run(name, func(t *testing.T) {
			const n = 200
			var mu sync.Mutex
			seen := map[uintptr]bool{}
			var wg sync.WaitGroup
			all := make(chan bool) // closed when all have their number
			for range n {
				wg.Go(func() {
					first := id()
					mu.Lock()
					if seen[first] || first == 0 {
						t.Errorf("number %d twice", first)
					}
					seen[first] = true
					if len(seen) == n {
						close(all)
					}
					mu.Unlock()
					<-all
					for range 5 {
						runtime.Gosched()
						grow(10)
						if again := id(); again != first {
							t.Errorf("%d became %d", first, again)
						}
					}
				})
			}
			wg.Wait()
			runtime.GC()
		})
	}
}

// grow uses some kilobytes of stack for each n.
func grow(n int) byte {
	var big [4 << 10]byte
	if n > 0 {
		big[n] = grow(n - 1)
	}
	return big[n]
}

func BenchmarkID(b *testing.B) {
	for b.Loop() {
		ID()
	}
}
