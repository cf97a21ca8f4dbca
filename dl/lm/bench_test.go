package lm

import (
	"context"
	"fmt"
	"testing"

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

// BenchmarkGenerate is one token of GPT-2 124M behind 128: bytes are those of the weights, to be seen beside
// BenchmarkCopy. For a comparison with PyTorch run testdata/speed.py at the same time.
func BenchmarkGenerate(b *testing.B) {
	m := gpt124M(b)
	for _, rows := range []int{1, 4} {
		b.Run(fmt.Sprintf("rows=%d", rows), func(b *testing.B) {
			s := NewSession(m, rows, 256)
			prompts := make([][]int, rows)
			for i := range prompts {
				prompts[i] = make([]int, 128)
			}
			if err := s.Prompt(prompts); err != nil {
				b.Fatal(err)
			}
			next := make([]int, rows)
			b.SetBytes(4 * 124_439_808)
			b.ReportAllocs()
			for b.Loop() {
				if err := s.Step(next); err != nil {
					b.Fatal(err)
				}
				s.Truncate(128)
			}
		})
	}
}

// BenchmarkPrompt is a prompt of 128 tokens.
func BenchmarkPrompt(b *testing.B) {
	m := gpt124M(b)
	s := NewSession(m, 1, 256)
	prompt := [][]int{make([]int, 128)}
	for b.Loop() {
		if err := s.Prompt(prompt); err != nil {
			b.Fatal(err)
		}
		s.Truncate(0)
	}
}

// BenchmarkGreedy is generation with all that belongs to it.
func BenchmarkGreedy(b *testing.B) {
	m := gpt124M(b)
	for b.Loop() {
		if _, err := Generate(context.Background(), m, [][]int{make([]int, 128)}, Options{MaxNew: 16, Stop: []int{}}); err != nil {
			b.Fatal(err)
		}
	}
}
