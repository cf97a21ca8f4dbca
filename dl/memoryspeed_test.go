package dl

import (
	"bufio"
	_ "embed"
	"fmt"
	"io"
	"os"
	"os/exec"
	"slices"
	"strings"
	"testing"
	"time"
)

//go:embed testdata/memoryspeed.py
var memorySpeedPeer string

// BenchmarkMemorySpeed times operations that do little more than to read and write memory, with one thread and with two.
// Where PYTHON is a command that runs a Python with PyTorch, that does the same operations, by the same names, in turn:
//
//	PYTHON=python3 go test -run - -bench MemorySpeed -benchtime 1x ./dl
//
// Times are the least of a round, the metrics are medians of rounds: ns/op, GB/s of what must be read and written (Copy
// is the speed of memory), and x, how many times as long PyTorch takes. With gradients the time is that of both ways.
func BenchmarkMemorySpeed(b *testing.B) {
	peer, stop := startPeer(b, memorySpeedPeer)
	defer stop()
	for _, threads := range []int{1, 2} {
		for _, c := range memorySpeedCases() {
			b.Run(fmt.Sprintf("%s/%d", c.name, threads), func(b *testing.B) {
				SetThreads(threads)
				defer SetThreads(0)
				const rounds = 5
				ours, ratios := make([]float64, rounds), make([]float64, rounds)
				for b.Loop() {
					step := c.step()
					for i := range rounds {
						ours[i] = least(step)
						ratios[i] = peer(c.name, threads) / ours[i]
					}
				}
				slices.Sort(ours)
				slices.Sort(ratios)
				b.ReportMetric(ours[rounds/2]*1e9, "ns/op")
				b.ReportMetric(float64(c.bytes)/ours[rounds/2]/1e9, "GB/s")
				if peer("", 0) != 0 {
					b.ReportMetric(ratios[rounds/2], "x")
				}
			})
		}
	}
}

// least is the time of the fastest of the steps that fit into a fifth of a second, three at least, in seconds.
func least(step func()) float64 {
	best := time.Hour
	for n, start := 0, time.Now(); n < 3 || time.Since(start) < time.Second/5; n++ {
		begun := time.Now()
		step()
		best = min(best, time.Since(begun))
	}
	return best.Seconds()
}

// startPeer starts PyTorch, if there is one, with a script, and returns a function that lets it do an operation and returns the least
// time, in seconds, 0 without a peer.
func startPeer(b *testing.B, script string) (measure func(name string, threads int) float64, stop func()) {
	command := strings.Fields(os.Getenv("PYTHON"))
	if len(command) == 0 {
		return func(string, int) float64 { return 0 }, func() {}
	}
	cmd := exec.Command(command[0], append(command[1:], "-c", script)...)
	cmd.Env = append(slices.DeleteFunc(os.Environ(), func(s string) bool { return strings.HasPrefix(s, "OPENBLAS_") }),
		"MALLOC_MMAP_THRESHOLD_=1073741824", "MALLOC_TRIM_THRESHOLD_=4294967296") // its memory, too, is used again
	cmd.Stderr = os.Stderr
	in, err := cmd.StdinPipe()
	if err != nil {
		b.Fatal(err)
	}
	out, err := cmd.StdoutPipe()
	if err != nil {
		b.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		b.Fatal(err)
	}
	answers := bufio.NewReader(out)
	measure = func(name string, threads int) (seconds float64) {
		if name == "" {
			return 1
		}
		fmt.Fprintln(in, name, threads)
		if _, err := fmt.Fscanln(answers, &seconds); err != nil {
			b.Fatal(name, ": ", err)
		}
		return seconds
	}
	return measure, func() {
		in.Close()
		io.Copy(io.Discard, out)
		cmd.Wait()
	}
}

// A memorySpeedCase is an operation on x, forward, or both ways with a gradient of ones.
type memorySpeedCase struct {
	name  string
	x     *Tensor
	grad  bool
	bytes int // that must be read and written at least
	f     func(x *Tensor) *Tensor
}

// step returns a function that does the operation once.
func (c memorySpeedCase) step() func() {
	arena := NewArena()
	x := c.x.Clone()
	var dy *Tensor
	if c.grad {
		dy = OnesLike(c.f(x))
		x.RequireGrad()
	}
	return func() {
		arena.Run(func() {
			y := c.f(x)
			if c.grad {
				y.BackwardWith(BackwardOptions{Gradient: dy})
			}
		})
		x.ZeroGrad()
	}
}

func memorySpeedCases() []memorySpeedCase {
	r := NewRand(1)
	images, rows, scores := r.Normals(0, 1, 32, 32, 32, 64), r.Normals(0, 1, 4096, 512), r.Normals(0, 1, 4096, 1000)
	wide, wideZeros := Ones(512), Zeros(512)
	gamma, beta, scale, shift := Ones(512).RequireGrad(), Zeros(512).RequireGrad(), Ones(64).RequireGrad(), Zeros(64).RequireGrad()
	matrix, numbers := r.Normals(0, 1, 2048, 2048), r.Normals(0, 1, 256, 4096)
	whole, blocks := r.Integers(-1000000, 1000000, 256, 4096), matrix.Reshape(64, 256, 256)
	places, order := r.Integers(0, 2048, 2048, 2048), r.Perm(4096)
	mask, other := rows.Gt(New(Float32)), r.Normals(0, 1, 4096, 512)
	column, first := r.Normals(0, 1, 4096, 1), r.Integers(0, 4096, 1024, 512)
	table, tokens := r.Normals(0, 1, 50257, 768), r.Integers(0, 50257, 2048)
	const both = 4 // reads and writes of elements in a step with gradients, at least: x, y, dy, dx
	size := func(t *Tensor, times int) int { return 4 * t.Size() * times }
	return []memorySpeedCase{
		{"Copy", matrix, false, size(matrix, 2), func(x *Tensor) *Tensor {
			y := result(Float32, x.Shape())
			device.copy(x, y)
			return y
		}},
		{"BatchNorm", images, true, size(images, both), func(x *Tensor) *Tensor {
			return BatchNorm(x, scale, shift, Zeros(64), Ones(64), BatchNormOptions{Training: true})
		}},
		{"GroupNorm", images, true, size(images, both), func(x *Tensor) *Tensor { return GroupNorm(x, scale, shift, 32, 1e-5) }},
		{"LocalResponseNorm", images, true, size(images, both), func(x *Tensor) *Tensor { return LocalResponseNorm(x, 5, 1e-4, 0.75, 1) }},
		{"LayerNorm", rows, true, size(rows, both), func(x *Tensor) *Tensor { return LayerNorm(x, gamma, beta, 1e-5) }},
		{"LayerNormForward", rows, false, size(rows, 2), func(x *Tensor) *Tensor { return LayerNorm(x, wide, wideZeros, 1e-5) }},
		{"RMSNorm", rows, true, size(rows, both), func(x *Tensor) *Tensor { return RMSNorm(x, gamma, 1e-5) }},
		{"Softmax", scores, true, size(scores, both), func(x *Tensor) *Tensor { return x.Softmax(-1) }},
		{"LogSoftmax", scores, true, size(scores, both), func(x *Tensor) *Tensor { return x.LogSoftmax(-1) }},
		{"SoftmaxFirst", rows, true, size(rows, both), func(x *Tensor) *Tensor { return x.Softmax(0) }},
		{"GELU", rows, true, size(rows, both), (*Tensor).GELU},
		{"GELUTanh", rows, true, size(rows, both), (*Tensor).GELUTanh},
		{"SiLU", rows, true, size(rows, both), (*Tensor).SiLU},
		{"Mish", rows, true, size(rows, both), (*Tensor).Mish},
		{"Sigmoid", rows, true, size(rows, both), (*Tensor).Sigmoid},
		{"Tanh", rows, true, size(rows, both), (*Tensor).Tanh},
		{"ReLU", rows, true, size(rows, both), (*Tensor).ReLU},
		{"Exp", rows, false, size(rows, 2), (*Tensor).Exp},
		{"Sum", rows, false, size(rows, 1), func(x *Tensor) *Tensor { return x.Sum() }},
		{"SumFirst", rows, false, size(rows, 1), func(x *Tensor) *Tensor { return x.Sum(0) }},
		{"SumLast", rows, false, size(rows, 1), func(x *Tensor) *Tensor { return x.Sum(1) }},
		{"SumMiddle", blocks, false, size(blocks, 1), func(x *Tensor) *Tensor { return x.Sum(1) }},
		{"SumOuter", blocks, false, size(blocks, 1), func(x *Tensor) *Tensor { return x.Sum(0, 2) }},
		{"SumGradient", rows, true, size(rows, 2), func(x *Tensor) *Tensor { return x.Sum(1) }},
		{"Std", rows, false, size(rows, 1), func(x *Tensor) *Tensor { return x.StdUnbiased(1) }},
		{"StdAll", rows, false, size(rows, 1), func(x *Tensor) *Tensor { return x.StdUnbiased() }},
		{"LogSumExp", rows, false, size(rows, 1), func(x *Tensor) *Tensor { return x.LogSumExp(1) }},
		{"Norm", rows, false, size(rows, 1), func(x *Tensor) *Tensor { return x.Norm(2, 1) }},
		{"Prod", rows, false, size(rows, 1), func(x *Tensor) *Tensor { return x.Prod(1) }},
		{"CumSum", rows, false, size(rows, 2), func(x *Tensor) *Tensor { return x.CumSum(1) }},
		{"CumSumFirst", rows, false, size(rows, 2), func(x *Tensor) *Tensor { return x.CumSum(0) }},
		{"Max", rows, false, size(rows, 1), func(x *Tensor) *Tensor { return x.Max() }},
		{"MaxFirst", rows, false, size(rows, 1), func(x *Tensor) *Tensor { return x.Max(0) }},
		{"MaxLast", rows, false, size(rows, 1), func(x *Tensor) *Tensor { return x.Max(1) }},
		{"MaxGradient", rows, true, size(rows, 2), func(x *Tensor) *Tensor { return x.Max(1) }},
		{"ArgMaxFirst", rows, false, size(rows, 1), func(x *Tensor) *Tensor { return x.ArgMax(0) }},
		{"ArgMaxLast", rows, false, size(rows, 1), func(x *Tensor) *Tensor { return x.ArgMax(1) }},
		{"Transpose", matrix, false, size(matrix, 2), func(x *Tensor) *Tensor { return x.T().Contiguous() }},
		{"ChannelsFirst", images, false, size(images, 2), func(x *Tensor) *Tensor { return x.Permute(0, 3, 1, 2).Contiguous() }},
		{"SwapFirst", blocks, false, size(blocks, 2), func(x *Tensor) *Tensor { return x.Permute(1, 0, 2).Contiguous() }},
		{"Sort", numbers, false, size(numbers, 2), func(x *Tensor) *Tensor { return x.Sort(1) }},
		{"SortFirst", numbers, false, size(numbers, 2), func(x *Tensor) *Tensor { return x.Sort(0) }},
		{"SortInts", whole, false, 2 * size(numbers, 2), func(x *Tensor) *Tensor { return x.Sort(1) }},
		{"ArgSort", numbers, false, size(numbers, 3), func(x *Tensor) *Tensor { return x.ArgSort(1) }},
		{"TopK", numbers, false, size(numbers, 1), func(x *Tensor) *Tensor { values, _ := x.TopK(10, 1); return values }},
		{"Gather", matrix, false, size(matrix, 4), func(x *Tensor) *Tensor { return x.Gather(1, places) }},
		{"GatherFirst", rows, false, size(first, 4), func(x *Tensor) *Tensor { return x.Gather(0, first) }},
		{"GatherGradient", matrix, true, size(matrix, 7), func(x *Tensor) *Tensor { return x.Gather(1, places) }},
		{"Rows", rows, false, size(rows, 2), func(x *Tensor) *Tensor { return x.Rows(order) }},
		{"Where", rows, true, size(rows, 5), func(x *Tensor) *Tensor { return Where(mask, x, other) }},
		{"MaskedFill", rows, true, size(rows, both), func(x *Tensor) *Tensor { return x.MaskedFill(mask, 0) }},
		{"Greater", rows, false, size(rows, 2), func(x *Tensor) *Tensor { return x.Gt(other) }},
		{"AddRow", rows, true, size(rows, 3), func(x *Tensor) *Tensor { return x.Add(beta) }},
		{"MulColumn", rows, true, size(rows, both), func(x *Tensor) *Tensor { return x.Mul(column) }},
		{"DivColumn", rows, true, size(rows, both), func(x *Tensor) *Tensor { return x.Div(column) }},
		{"Mul", rows, true, size(rows, 6), func(x *Tensor) *Tensor { return x.Mul(other) }},
		{"Embedding", table, false, size(table, 2) * 2048 / 50257, func(x *Tensor) *Tensor { return Embedding(x, tokens) }},
	}
}
