package lm

import (
	"fmt"
	"slices"
	"syscall"
	"testing"
	"time"

	"modelbook/dl"
)

// fast draws weights fast: what they are is not measured.
type fast struct{}

func (fast) tensor(_ string, _ begin, shape dl.Shape) (*dl.Tensor, error) {
	t := dl.Zeros(shape...)
	for i, v := 0, t.Float32s(); i < len(v); i++ {
		v[i] = float32(i%13-6) * 0.004
	}
	return t, nil
}

func gpt124M(b *testing.B) *GPT2 {
	var c GPT2Config
	if err := c.defaults(); err != nil {
		b.Fatal(err)
	}
	m, err := c.build(fast{})
	if err != nil {
		b.Fatal(err)
	}
	return m
}

// used is the processor's time that the program has used: on a busy machine it says more than the clock's.
func used() time.Duration {
	var r syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &r); err != nil {
		return 0
	}
	return time.Duration(r.Utime.Nano() + r.Stime.Nano())
}

// measure runs f and reports the least time of the processor that one run took.
func measure(b *testing.B, f func() error) {
	least := time.Hour
	for b.Loop() {
		before := used()
		if err := f(); err != nil {
			b.Fatal(err)
		}
		least = min(least, used()-before)
	}
	b.ReportMetric(least.Seconds()*1e3, "least-cpu-ms")
}

// BenchmarkSpeed is GPT-2 124M in one thread, what testdata/speed.py measures with PyTorch: a prompt of 128 tokens, one token
// behind it, and one token of each of four samples, in the processor's time. Sum reads as many bytes as a token does.
//
//	go test ./dl/lm -run - -bench Speed -benchtime 20x -cpu 1; python3 dl/lm/testdata/speed.py
func BenchmarkSpeed(b *testing.B) {
	dl.SetThreads(1)
	defer dl.SetThreads(0)
	m := gpt124M(b)
	for _, rows := range []int{1, 4} {
		s := NewSession(m, rows, 256)
		prompts := slices.Repeat([][]int{make([]int, 128)}, rows)
		b.Run(fmt.Sprintf("prompt/rows=%d", rows), func(b *testing.B) {
			measure(b, func() error {
				s.Truncate(0)
				return s.Prompt(prompts)
			})
		})
		b.Run(fmt.Sprintf("token/rows=%d", rows), func(b *testing.B) {
			next := make([]int, rows)
			measure(b, func() error {
				s.Truncate(128)
				return s.Step(next)
			})
		})
	}
	all := dl.Ones(124_439_808)
	b.Run("Sum", func(b *testing.B) { measure(b, func() error { all.Sum(); return nil }) })
}

// BenchmarkLoad is the time until a folder of 500 MB can be used, and the logits of one token.
func BenchmarkLoad(b *testing.B) {
	dir := b.TempDir()
	if err := Save(dir, gpt124M(b)); err != nil {
		b.Fatal(err)
	}
	for b.Loop() {
		if _, _, err := LoadGPT2(dir, LoadOptions{}); err != nil {
			b.Fatal(err)
		}
	}
}
