package gemm

import "unsafe"

// A Tile is one call of the micro-kernel: for rows i < the kernel's rows and
// any number of columns j,
//
//	C[i*Ldc+j] = (Add ? C[i*Ldc+j] : 0) + sum over p < K of A[i*AI+p*AK] * B[p*BK+j], + Bias[j], ReLU
//
// Columns are taken a panel of Cols at a time. In memory the panels of B lie
// BN apart; BN is Cols, or for a packed B the size of a panel. Strides are in
// elements. Because A has a stride in both directions, a transposed operand,
// the window of a convolution, and a column of ones are all read where they
// lie, without packing. The assembly reads the fields by their offsets: keep
// the order.
type Tile struct {
	K      int64
	A      *float32
	AI, AK int64
	B      *float32
	BK, BN int64
	C      *float32
	Ldc    int64
	panels int64  // with all columns
	mask   uint32 // a bit for each column of one more panel, if it has some
	rest   uint32 // the number of these columns
	masks  *int32 // a lane mask for each of them (AVX2)
	Bias   *float32
	Flags  uint64
	next   unsafe.Pointer // what will be needed soon is fetched meanwhile,
	nextK  int64          // a line every nextK bytes for each p
	nextN  int64          // from next, which moves nextN bytes for each panel
}

// Flags of a Tile.
const (
	Add      = 1 << iota // add to what C holds
	ReLU                 // clip what is negative to zero, last of all
	Prefetch             // C is not in a near cache
	Flush                // take denormal numbers of float32 for zero; on amd64, where it takes some 40 cycles a call
)

// A Kernel is the micro-kernel of an instruction set.
type Kernel struct {
	Name string
	Rows int             // of the largest tile
	Cols int             // of a panel
	run  []func(t *byte) // by rows
	far  func(t *byte)   // of Rows rows, fetches two lines every nextK bytes, into the second cache; or nil

	pairs  *Kernel // multiplies pairs of bfloat16 in the same way, or nil
	double *Kernel // multiplies float64, each two columns, or nil
	dot    bool    // is one of pairs
	long   bool    // is one of float64
}

// unit is the number of float32 that an element takes.
func (k *Kernel) unit() int {
	if k.long {
		return 2
	}
	return 1
}

// Run computes rows x cols of C, rows <= Rows. Where cols > Cols the tile needs
// its BN.
func (k *Kernel) Run(t *Tile, rows, cols int) {
	if k.run == nil {
		t.reference(rows, cols, k.Cols)
		return
	}
	k.columns(t, cols)
	k.run[rows-1]((*byte)(unsafe.Pointer(t)))
}

// runFetching is Run where what is fetched meanwhile may be more than a line with each step along the depth.
func (k *Kernel) runFetching(t *Tile, rows, cols int) {
	if k.far == nil || rows < k.Rows || t.nextK <= line {
		k.Run(t, rows, cols)
		return
	}
	k.columns(t, cols)
	k.far((*byte)(unsafe.Pointer(t)))
}

// line is the size of a line of the caches in bytes.
const line = 64

// columns tells the assembly about so many columns.
func (k *Kernel) columns(t *Tile, cols int) {
	t.panels = int64(cols / k.Cols)
	cols %= k.Cols
	t.mask, t.rest = uint32(1<<uint(cols)-1), uint32(cols)
	if t.next == nil {
		t.next = unsafe.Pointer(t.A)
	}
	t.masks = &laneMasks[len(laneMasks)/2-cols]
}

// laneMasks holds 32 set lanes and 32 clear ones: from position 32-n on, n are set.
var laneMasks = func() (m [64]int32) {
	for i := range 32 {
		m[i] = -1
	}
	return
}()

// reference is the micro-kernel in Go, the oracle for all others.
func (t *Tile) reference(rows, cols, width int) {
	for j := 0; j < cols; j += width {
		p := *t
		p.B = (*float32)(unsafe.Add(unsafe.Pointer(t.B), 4*int64(j/width)*t.BN))
		p.C = (*float32)(unsafe.Add(unsafe.Pointer(t.C), 4*j))
		if t.Bias != nil {
			p.Bias = (*float32)(unsafe.Add(unsafe.Pointer(t.Bias), 4*j))
		}
		p.panel(rows, min(width, cols-j))
	}
}

// panel computes the columns of one panel.
func (t *Tile) panel(rows, cols int) {
	for i := range rows {
		c := unsafe.Slice((*float32)(unsafe.Add(unsafe.Pointer(t.C), 4*int64(i)*t.Ldc)), cols)
		if t.Flags&Add == 0 {
			clear(c)
		}
		for p := range t.K { // each place from the first: a pointer behind the last would be none
			x := *(*float32)(unsafe.Add(unsafe.Pointer(t.A), 4*(int64(i)*t.AI+p*t.AK)))
			for j, y := range unsafe.Slice((*float32)(unsafe.Add(unsafe.Pointer(t.B), 4*p*t.BK)), cols) {
				c[j] += x * y
			}
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
