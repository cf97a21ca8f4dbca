package dl

import "testing"

// The operations at the speed of memory beside PyTorch's: testdata/memoryspeed.py measures the same ones by the same
// names. With gradients the time is that of both ways. On a busy machine compare the least times of each.
//
//	go test -run - -bench MemorySpeed -benchtime 3x -count 7 ./dl; python3 dl/testdata/memoryspeed.py
func BenchmarkMemorySpeed(b *testing.B) {
	SetThreads(1)
	defer SetThreads(0)
	r := NewRand(1)
	images, rows, scores := r.Normals(0, 1, 32, 32, 32, 64), r.Normals(0, 1, 4096, 512), r.Normals(0, 1, 4096, 1000)
	ones, zeros := Ones(64), Zeros(64)
	wide, wideZeros := Ones(512), Zeros(512)
	matrix, numbers := r.Normals(0, 1, 2048, 2048), r.Normals(0, 1, 256, 4096)
	places := r.Integers(0, 2048, 2048, 2048)
	for _, c := range []struct {
		name string
		x    *Tensor
		grad bool
		f    func(x *Tensor) *Tensor
	}{
		{"BatchNorm", images, true, func(x *Tensor) *Tensor {
			return BatchNorm(x, ones, zeros, Zeros(64), Ones(64), BatchNormOptions{Training: true})
		}},
		{"GroupNorm", images, true, func(x *Tensor) *Tensor { return GroupNorm(x, ones, zeros, 32, 1e-5) }},
		{"LayerNorm", rows, true, func(x *Tensor) *Tensor { return LayerNorm(x, wide, wideZeros, 1e-5) }},
		{"RMSNorm", rows, true, func(x *Tensor) *Tensor { return RMSNorm(x, wide, 1e-5) }},
		{"Softmax", scores, true, func(x *Tensor) *Tensor { return x.Softmax(-1) }},
		{"GELU", rows, true, (*Tensor).GELU},
		{"SiLU", rows, true, (*Tensor).SiLU},
		{"Mish", rows, true, (*Tensor).Mish},
		{"Sum", rows, false, func(x *Tensor) *Tensor { return x.Sum() }},
		{"Sum0", rows, false, func(x *Tensor) *Tensor { return x.Sum(0) }},
		{"Sum1", rows, false, func(x *Tensor) *Tensor { return x.Sum(1) }},
		{"Max1", rows, false, func(x *Tensor) *Tensor { return x.Max(1) }},
		{"Transpose", matrix, false, func(x *Tensor) *Tensor { return x.T().Contiguous() }},
		{"Sort", numbers, false, func(x *Tensor) *Tensor { return x.Sort(1) }},
		{"Gather", matrix, false, func(x *Tensor) *Tensor { return x.Gather(1, places) }},
	} {
		b.Run(c.name, func(b *testing.B) {
			arena := NewArena()
			x := c.x.Clone()
			dy := OnesLike(x)
			if c.grad {
				x.RequireGrad()
			}
			for b.Loop() {
				arena.Run(func() {
					y := c.f(x)
					if c.grad {
						y.BackwardWith(BackwardOptions{Gradient: dy})
					}
				})
				x.ZeroGrad()
			}
		})
	}
}
