package gemm

import "unsafe"

// A Tile is one call of the micro-kernel: for rows i < the kernel's rows and
// columns j < Cols,
//
//	C[i*Ldc+j] = (Add ? C[i*Ldc+j] : 0) + sum over p < K of A[i*AI+p*AK] * B[p*BK+j], + Bias[j], ReLU
//
// Strides are in elements. Because A has a stride in both directions, a
// transposed operand, the window of a convolution, and a column of ones are
// all read where they lie, without packing. The assembly reads the fields by
// their offsets: keep the order.
type Tile struct {
	K      int64
	A      *float32
	AI, AK int64
	B      *float32
	BK     int64
	C      *float32
	Ldc    int64
	mask   uint32 // a bit for each column (AVX-512)
	full   uint32 // not 0: all columns of the tile are there
	Flags  uint64
	masks  *int32 // a lane mask for each column (AVX2)
	Bias   *float32
}

// Flags of a Tile.
const (
	Add  = 1 << iota // add to what C holds
	ReLU             // clip what is negative to zero, last of all
)

// A Kernel is the micro-kernel of an instruction set.
type Kernel struct {
	Name string
	Rows int // of the largest tile
	Cols int
	run  []func(t *byte) // by rows
}

// Run computes rows x cols of a tile, rows <= Rows and cols <= Cols.
func (k *Kernel) Run(t *Tile, rows, cols int) {
	if k.run == nil {
		t.reference(rows, cols)
		return
	}
	t.mask = uint32(1<<uint(cols) - 1)
	t.full = 0
	if cols == k.Cols {
		t.full = 1
	}
	t.masks = &laneMasks[len(laneMasks)/2-cols]
	k.run[rows-1]((*byte)(unsafe.Pointer(t)))
}

// laneMasks holds 32 set lanes and 32 clear ones: from position 32-n on, n are set.
var laneMasks = func() (m [64]int32) {
	for i := range 32 {
		m[i] = -1
	}
	return
}()

// reference is the micro-kernel in Go, the oracle for all others.
func (t *Tile) reference(rows, cols int) {
	for i := range rows {
		c := unsafe.Slice((*float32)(unsafe.Add(unsafe.Pointer(t.C), 4*int64(i)*t.Ldc)), cols)
		if t.Flags&Add == 0 {
			clear(c)
		}
		a := unsafe.Add(unsafe.Pointer(t.A), 4*int64(i)*t.AI)
		b := unsafe.Pointer(t.B)
		for range t.K {
			x := *(*float32)(a)
			for j, y := range unsafe.Slice((*float32)(b), cols) {
				c[j] += x * y
			}
			a, b = unsafe.Add(a, 4*t.AK), unsafe.Add(b, 4*t.BK)
		}
		if t.Bias != nil {
			for j, y := range unsafe.Slice(t.Bias, cols) {
				c[j] += y
			}
		}
		if t.Flags&ReLU != 0 {
			for j, y := range c {
				if y < 0 {
					c[j] = 0
				}
			}
		}
	}
}
