package quantized

import (
	"bytes"
	"encoding/binary"
	"math"
	"math/rand/v2"
	"testing"

	"modelbook/dl/internal/parallel"
)

// force makes a set the one in use, until undo.
func force(k kernels) (undo func()) {
	old := best
	best = k
	return func() { best = old }
}

func eachSet(t *testing.T, f func(t *testing.T)) {
	for _, k := range sets {
		t.Run(k.name, func(t *testing.T) {
			defer force(k)()
			f(t)
		})
	}
}

// random makes weights, with the scale of each block by scale.
func random(r *rand.Rand, f Format, rows, cols int, scale func() uint16) *Matrix {
	w := &Matrix{f, rows, cols, make([]byte, rows*cols/Block*f.Size())}
	for i := range w.Blocks {
		w.Blocks[i] = byte(r.Uint32())
	}
	for at := 0; at < len(w.Blocks); at += f.Size() {
		binary.LittleEndian.PutUint16(w.Blocks[at:], scale())
	}
	return w
}

// integer is weight i of a row, by the definition of the blocks.
func (w *Matrix) integer(row, i int) int {
	b := w.row(row, row+1)[i/Block*w.Format.Size():]
	if i %= Block; w.Format == Q8_0 {
		return int(int8(b[2+i]))
	} else if i < 16 {
		return int(b[2+i]&15) - 8
	} else {
		return int(b[2+i-16]>>4) - 8
	}
}

var formats = map[string]Format{"Q8_0": Q8_0, "Q4_0": Q4_0}

// With scales of one all sums are integers, and each set has them exactly.
func TestIntegerSumsAreExact(t *testing.T) {
	eachSet(t, func(t *testing.T) {
		r := rand.New(rand.NewPCG(1, 2))
		for name, f := range formats {
			for _, blocks := range []int{1, 2, 3, 4, 5, 7, 8, 12, 17} {
				for _, m := range []int{1, 2, 3, 4, 5, 8} {
					rows, cols := 1+r.IntN(5), blocks*Block
					w := random(r, f, rows, cols, func() uint16 { return 0x3c00 })
					x, y := make([]float32, m*cols), make([]float32, m*rows)
					for i := range x {
						x[i] = float32(r.IntN(255) - 127)
						if i%Block == 5 {
							x[i] = float32(127 - 254*r.IntN(2)) // so that its scale is 1, too
						}
					}
					Multiply(y, x, w, nil, m)
					for i := range m {
						for j := range rows {
							want := 0
							for k := range cols {
								want += w.integer(j, k) * int(x[i*cols+k])
							}
							if y[i*rows+j] != float32(want) {
								t.Fatalf("%s, %d blocks, %d rows: %v, want %d", name, blocks, m, y[i*rows+j], want)
							}
						}
					}
				}
			}
		}
	})
}

// All sets quantize activations to the same bytes.
func TestActivationsAreTheSameOnEachSet(t *testing.T) {
	r := rand.New(rand.NewPCG(3, 4))
	x := make([]float32, 40*Block)
	for b := range 40 {
		size := math.Exp(r.NormFloat64() * 8)
		for i := range Block {
			x[b*Block+i] = float32(r.NormFloat64() * size)
		}
	}
	for i, most := range []float32{0, 0.9e-30, 1.1e-30, 1e-40, math.MaxFloat32, 254} { // of the last one every other is halfway
		for k := range Block {
			x[i*Block+k] = most * (float32(k-Block/2) / (Block / 2))
		}
	}
	for name, f := range formats {
		want := make([]byte, packedSize(f, 40))
		undo := force(kernels{})
		quantize(f, want, x)
		undo()
		for b := range 40 {
			scale := scaleAt(f, want, 40, b)
			for i := range Block {
				if got := float64(scale) * float64(byteAt(f, want, 40, b, i)); math.Abs(got-float64(x[b*Block+i])) > 0.5001*float64(scale)+1e-30 {
					t.Fatalf("%s: block %d: %v became %v", name, b, x[b*Block+i], got)
				}
			}
		}
		eachSet(t, func(t *testing.T) {
			got := make([]byte, len(want))
			quantize(f, got, x)
			if !bytes.Equal(got, want) {
				t.Errorf("%s: the packed row is another one", name)
			}
		})
	}
}

// reference is the product with activations as they are.
func reference(w *Matrix, x []float32, i, j int) (sum, size float64) {
	for k := range w.Cols {
		d := float64(half(w.row(j, j+1)[k/Block*w.Format.Size():]))
		v := d * float64(w.integer(j, k)) * float64(x[i*w.Cols+k])
		sum, size = sum+v, size+math.Abs(v)
	}
	return sum, size
}

func TestProducts(t *testing.T) {
	eachSet(t, func(t *testing.T) {
		r := rand.New(rand.NewPCG(5, 6))
		scale := func() uint16 { return uint16(0x2000 + r.IntN(0x1800) | r.IntN(2)<<15) }
		for _, threads := range []int{1, 3} {
			old := parallel.Threads()
			parallel.SetThreads(threads)
			for name, f := range formats {
				for _, m := range []int{1, 3, 8, chunk + 3} {
					w := random(r, f, 70, 160, scale)
					x, y, bias := make([]float32, m*w.Cols), make([]float32, m*w.Rows), make([]float32, w.Rows)
					for i := range x {
						x[i] = float32(r.NormFloat64())
					}
					for i := range bias {
						bias[i] = float32(i)
					}
					Multiply(y, x, w, bias, m)
					for i := range m {
						for j := range w.Rows {
							want, size := reference(w, x, i, j)
							if got := float64(y[i*w.Rows+j] - bias[j]); math.Abs(got-want) > 0.02*size {
								t.Fatalf("%s, %d rows: row %d, column %d: %v, want %v", name, m, i, j, got, want)
							}
						}
					}
				}
			}
			parallel.SetThreads(old)
		}
	})
}

// Halves of all kinds become what they are.
func TestDequantize(t *testing.T) {
	eachSet(t, func(t *testing.T) {
		r := rand.New(rand.NewPCG(7, 8))
		for name, f := range formats {
			w := random(r, f, 64, 96, func() uint16 { return uint16(r.Uint32()) &^ 0x4000 })
			got := make([]float32, w.Rows*w.Cols)
			w.Dequantize(got)
			for j := range w.Rows {
				for k := range w.Cols {
					d := half(w.row(j, j+1)[k/Block*f.Size():])
					if want := d * float32(w.integer(j, k)); got[j*w.Cols+k] != want {
						t.Fatalf("%s: row %d, column %d: %v, want %v", name, j, k, got[j*w.Cols+k], want)
					}
				}
			}
		}
	})
}

// What is no number stays none.
func TestNotANumber(t *testing.T) {
	eachSet(t, func(t *testing.T) {
		r := rand.New(rand.NewPCG(9, 10))
		for name, f := range formats {
			for _, bad := range []float32{float32(math.NaN()), float32(math.Inf(1)), float32(math.Inf(-1))} {
				for _, m := range []int{1, 9} {
					w := random(r, f, 3, 64, func() uint16 { return 0x3c00 })
					x, y := make([]float32, m*64), make([]float32, m*3)
					x[40] = bad
					Multiply(y, x, w, nil, m)
					if v := float64(y[1]); !math.IsNaN(v) && !math.IsInf(v, 0) && w.integer(1, 40) != 0 {
						t.Errorf("%s: %v among %d rows became %v", name, bad, m, v)
					}
				}
			}
		}
	})
}

func TestNoMemoryIsTaken(t *testing.T) {
	r := rand.New(rand.NewPCG(11, 12))
	for name, f := range formats {
		for _, m := range []int{1, 5, 16} {
			w := random(r, f, 512, 256, func() uint16 { return 0x3c00 })
			x, y := make([]float32, m*w.Cols), make([]float32, m*w.Rows)
			if n := testing.AllocsPerRun(20, func() { Multiply(y, x, w, nil, m) }); n > 0 && !underRace {
				t.Errorf("%s, %d rows: %v allocations", name, m, n)
			}
		}
	}
}
