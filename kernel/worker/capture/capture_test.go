package capture

import (
	"context"
	"fmt"
	"runtime/pprof"
	"sync"
	"testing"
)

// Two captures at a time, one within the other, and goroutines: each text goes
// where its goroutine belongs.
func TestCapture(t *testing.T) {
	var mu sync.Mutex
	got := map[string]string{}
	to := func(name string) func(fd int, text []byte) {
		return func(fd int, text []byte) {
			mu.Lock()
			defer mu.Unlock()
			got[fmt.Sprint(name, fd)] += string(text)
		}
	}
	print := func(fd int, text string) {
		if !Take(fd, []byte(text)) {
			to("none")(fd, []byte(text))
		}
	}
	outer, inner := New(to("outer")), New(to("inner"))
	print(1, "a")
	var wg sync.WaitGroup
	later := make(chan bool)
	outer(func() {
		print(1, "b")
		print(2, "c")
		inner(func() { print(1, "d") })
		print(1, "e")
		wg.Go(func() {
			<-later
			print(1, "f")
		})
		func() {
			defer func() { recover() }()
			inner(func() { panic("out of it") })
		}()
		print(1, "g")
	})
	print(1, "h")
	close(later)
	wg.Wait()
	pprof.Do(context.Background(), pprof.Labels("of", "others"), func(context.Context) { print(2, "i") })
	for name, want := range map[string]string{"none1": "ah", "none2": "i", "outer1": "begf", "outer2": "c", "inner1": "d"} {
		if got[name] == "" || len(got[name]) != len(want) {
			t.Errorf("%s has %q, want %q", name, got[name], want)
		}
	}
	if got["outer1"] != "begf" {
		t.Errorf("outer has %q", got["outer1"])
	}
}

func BenchmarkTakeNothing(b *testing.B) {
	for b.Loop() {
		Take(1, nil)
	}
}
