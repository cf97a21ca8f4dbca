package conv

import (
	"unsafe"

	"modelbook/dl/internal/vec"
)

// depth is one call of a kernel of depthwise convolutions, for the first vecs vectors of channels of pixels side by side.
// Distances are in bytes. The assembly reads the fields by their offsets: keep the order.
type depth struct {
	x, w, y, bias *float32
	count, vecs   int64 // pixels, or blocks of them
	xStep, yStep  int64 // from a pixel to the next
	kh, kw        int64
	xRow, xTap    int64 // from a tap to the next, down and across
	wRow, wTap    int64
	relu          int64
	xAt, yAt      int64 // where a kernel is
}

// depthKernels are the kernels of an instruction set.
type depthKernels struct {
	width                              int
	row8, row4, row1                   func(d *byte) // by the pixels of a block
	taps3x3, taps1x5, taps1x3, taps1x1 func(d *byte)
}

// A strip is some pixels of a depthwise convolution side by side: where they, and the taps of their windows, lie, in
// elements.
type strip struct {
	x, w, y         []float32
	xAt, wAt, yAt   int
	bias            []float32 // nil: none
	relu            bool
	channels, count int
	xStep, yStep    int
	kh, kw          int
	xRow, xTap      int
	wRow, wTap      int
}

// kernel describes a strip to a kernel, from a channel and a pixel on.
func (t *strip) kernel(d *depth, from, vecs, pixel int) *byte {
	// Field by field: a whole struct would wait for the stores before it.
	d.x, d.w, d.y = &t.x[t.xAt+pixel*t.xStep+from], &t.w[t.wAt+from], &t.y[t.yAt+pixel*t.yStep+from]
	d.count, d.vecs = int64(t.count), int64(vecs)
	d.xStep, d.yStep = int64(4*t.xStep), int64(4*t.yStep)
	d.kh, d.kw, d.xRow, d.xTap = int64(t.kh), int64(t.kw), int64(4*t.xRow), int64(4*t.xTap)
	d.wRow, d.wTap = int64(4*t.wRow), int64(4*t.wTap)
	d.bias, d.relu, d.xAt, d.yAt = nil, 0, 0, 0
	if t.bias != nil {
		d.bias = &t.bias[from]
	}
	if t.relu {
		d.relu = 1
	}
	return (*byte)(unsafe.Pointer(d))
}

// row writes to y, for each pixel, the sum of x*w over the taps, plus bias, and applies ReLU.
func (t *strip) row(d *depth) {
	from := 0
	for i := range best.depth {
		k := &best.depth[i]
		v := (t.channels - from) / k.width
		if v == 0 {
			continue
		}
		// A block may begin before the last one's end: its pixels are computed again.
		blocks := func(f func(*byte), pixel, count int) {
			p := t.kernel(d, from, v, pixel)
			d.count = int64(count)
			f(p)
		}
		if n := t.count / 8; n > 0 {
			blocks(k.row8, 0, n)
		}
		switch rest := t.count % 8; {
		case rest == 0:
		case t.count < 4:
			blocks(k.row1, 0, t.count)
		case rest <= 4:
			blocks(k.row4, t.count-4, 1)
		case t.count > 8:
			blocks(k.row8, t.count-8, 1)
		default:
			blocks(k.row4, 0, 1)
			blocks(k.row4, t.count-4, 1)
		}
		from += v * k.width
	}
	if from < t.channels {
		t.rowFrom(from)
	}
}

// rowFrom is row for the channels from from on: the oracle.
func (t *strip) rowFrom(from int) {
	n := t.channels - from
	for i := range t.count {
		y := t.y[t.yAt+i*t.yStep+from:][:n]
		if clear(y); t.bias != nil {
			copy(y, t.bias[from:])
		}
		for ky := range t.kh {
			for kx := range t.kw {
				x, w := t.x[t.xAt+i*t.xStep+ky*t.xRow+kx*t.xTap+from:][:n], t.w[t.wAt+ky*t.wRow+kx*t.wTap+from:][:n]
				mulAdd(y, x, w)
			}
		}
		if t.relu {
			vec.Relu(y, y)
		}
	}
}

// taps adds to w, for each tap, the sum over pixels of x*y.
func (t *strip) taps(d *depth) {
	from := 0
	for i := range best.depth {
		k := &best.depth[i]
		v := (t.channels - from) / k.width
		if v == 0 {
			continue
		}
		if t.kh == 3 && t.kw == 3 {
			k.taps3x3(t.kernel(d, from, v, 0))
			from += v * k.width
			continue
		}
		part := *t
		for range t.kh {
			part.xAt, part.wAt = t.xAt, t.wAt
			for left := t.kw; left > 0; {
				f, n := k.taps1x1, 1
				if left >= 5 {
					f, n = k.taps1x5, 5
				} else if left >= 3 {
					f, n = k.taps1x3, 3
				}
				f(part.kernel(d, from, v, 0))
				part.xAt, part.wAt, left = part.xAt+n*t.xTap, part.wAt+n*t.wTap, left-n
			}
			t.xAt, t.wAt = t.xAt+t.xRow, t.wAt+t.wRow
		}
		t.xAt, t.wAt = t.xAt-t.kh*t.xRow, t.wAt-t.kh*t.wRow
		from += v * k.width
	}
	if from < t.channels {
		t.tapsFrom(from)
	}
}

// tapsFrom is taps for the channels from from on: the oracle.
func (t *strip) tapsFrom(from int) {
	n := t.channels - from
	for ky := range t.kh {
		for kx := range t.kw {
			w := t.w[t.wAt+ky*t.wRow+kx*t.wTap+from:][:n]
			for i := range t.count {
				mulAdd(w, t.x[t.xAt+i*t.xStep+ky*t.xRow+kx*t.xTap+from:][:n], t.y[t.yAt+i*t.yStep+from:][:n])
			}
		}
	}
}

// mulAdd adds x*y to dst.
func mulAdd(dst, x, y []float32) {
	if len(dst) >= 8 {
		vec.MulAdd(dst, x, y)
		return
	}
	for i, v := range x {
		dst[i] += v * y[i]
	}
}
