package quantized

import (
	"encoding/binary"
	"unsafe"
)

// kernels are the assembly of an instruction set; the zero value is Go.
type kernels struct {
	name       string
	dot        [2][most]func(a *byte)                          // by format, and the number of rows of activations less one
	quantize   [2]func(packed *byte, x *float32, blocks int64) //
	dequantize [2]func(out *float32, w *byte, blocks int64)    //
	filters    [2]func(a *byte)                                // by the number of windows less one
	bytes      func(q *byte, x *float32, n int64, inverse float32, zero int32)
}

// most is how many rows of activations a kernel multiplies at once.
const most = 4

// best is what this machine runs; sets holds all it can, the best first and Go last.
var best = sets[0]

// args are those of a dot kernel: for each row of weights it writes its products with all rows of activations. The
// assembly reads the fields by their offsets: keep the order.
type args struct {
	w      *byte
	x      *byte // packed rows
	y      *float32
	rows   int64 // of weights
	blocks int64 // of a row
	xStep  int64 // bytes from one row of activations to the next
	yStep  int64 // bytes from the results of one to those of the next
}

// dots writes the products of the rows of weights from lo to hi and m packed rows of activations; those of row i begin at
// y[i*step].
func (w *Matrix) dots(a *args, y []float32, step int, packed []byte, m, lo, hi int) {
	n := w.Cols / Block
	size := packedSize(w.Format, n)
	if best.dot[0][0] == nil || n == 0 {
		w.dotsInGo(y, step, packed, m, lo, hi)
		return
	}
	_, _ = packed[m*size-1], y[(m-1)*step+hi-lo-1]
	rows := hi - lo
	if m > most { // as many as stay in the first cache while all activations pass by
		rows = min(rows, 1+near/(n*w.Format.Size()))
	}
	for j := lo; j < hi; j += rows {
		end := min(hi, j+rows)
		weights := w.row(j, end)
		for i := 0; i < m; i += most {
			*a = args{&weights[0], &packed[i*size], &y[i*step+j-lo], int64(end - j), int64(n), int64(size), int64(4 * step)}
			best.dot[w.Format][min(most, m-i)-1]((*byte)(unsafe.Pointer(a)))
		}
	}
	*a = args{}
}

// near is how many bytes of weights stay in a near cache.
const near = 1 << 15

func (w *Matrix) dotsInGo(y []float32, step int, packed []byte, m, lo, hi int) {
	n, size := w.Cols/Block, w.Format.Size()
	bytes := packedSize(w.Format, n)
	for j := range hi - lo {
		for i := range m {
			y[i*step+j] = 0
		}
		row := w.row(lo+j, lo+j+1)
		var q [Block]int8
		for b := range n {
			block := row[b*size:]
			w.Format.unpack(&q, block)
			d := half(block)
			for i := range m {
				x, sum := packed[i*bytes:], int32(0)
				for k, v := range q {
					sum += int32(v) * int32(byteAt(w.Format, x, n, b, k))
				}
				y[i*step+j] += float32(sum) * (d * scaleAt(w.Format, x, n, b))
			}
		}
	}
}

func put32(b []byte, v uint32) { binary.LittleEndian.PutUint32(b, v) }

func get32(b []byte) uint32 { return binary.LittleEndian.Uint32(b) }
