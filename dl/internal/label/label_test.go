package label

import (
	"context"
	"runtime/pprof"
	"testing"
)

// What a goroutine had is put back, whatever was set in between, and others keep theirs.
func TestLabels(t *testing.T) {
	if Of() != (Labels{}) {
		t.Fatal("the goroutine of a test has labels")
	}
	pprof.SetGoroutineLabels(pprof.WithLabels(context.Background(), pprof.Labels("layer", "dense")))
	own := Of()
	if own == (Labels{}) {
		t.Fatal("labels of package pprof are not seen")
	}
	Labels{}.Use()
	inherited := make(chan Labels)
	own.Use()
	go func() { inherited <- Of() }()
	if got := <-inherited; got != own {
		t.Error("a goroutine has not the labels of the one that started it")
	}
	pprof.SetGoroutineLabels(context.Background())
	if Of() != (Labels{}) {
		t.Error("the labels stay")
	}
	own.Use()
	if Of() != own {
		t.Error("other labels than those used")
	}
	Labels{}.Use()
}

func TestSharing(t *testing.T) {
	one, two := Share(), Share()
	if one(); !Shared() {
		t.Error("the second does not hold")
	}
	if two(); Shared() {
		t.Error("it holds after its end")
	}
}

func BenchmarkUse(b *testing.B) {
	l := Of()
	for b.Loop() {
		l.Use()
	}
}
