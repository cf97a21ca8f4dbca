package vec

import "unsafe"

// gathering is what a kernel of gathers is called with: it writes y[i] = x[index[i]*stride + i*step], eight elements at
// once, while places are below size, negative ones counted from the end. The assembly reads the fields by their offsets:
// keep the order.
type gathering struct {
	y               *float32
	index           *int64
	x               *float32
	n, size, stride int64 // n is a multiple of 8; size and stride take 32 bits at most
	done            int64 // how many elements were written
	offsets         [8]int64
}

// Gather writes y[i] = x[index[i]*stride + i*step], where 0 <= index[i] < size or, counted from the end,
// -size <= index[i] < 0. It returns the first place of the index that has none of these, or -1.
func Gather(y []float32, index []int64, x []float32, size, stride, step int) int {
	n := len(y)
	if n == 0 {
		return -1
	}
	index = index[:n]
	done := 0
	if most := (size-1)*stride + (n-1)*step; best.masks && n >= 8 && size > 0 && most < len(x) && uint64(size|stride)>>32 == 0 {
		g := gathering{y: &y[0], index: &index[0], x: &x[0], n: int64(n &^ 7), size: int64(size), stride: int64(stride)}
		if stride == 1 && step == 0 {
			gatherRow(hideGathering(&g))
		} else {
			for i := range g.offsets {
				g.offsets[i] = int64(i * step)
			}
			gatherStrided(hideGathering(&g))
		}
		done = int(g.done)
	}
	for i, v := range index[done:] {
		if v < 0 {
			v += int64(size)
		}
		if uint64(v) >= uint64(size) {
			return done + i
		}
		y[done+i] = x[int(v)*stride+(done+i)*step]
	}
	return -1
}

// hideGathering is hide for this argument.
//
//go:nosplit
//go:nocheckptr
func hideGathering(g *gathering) *byte {
	p := uintptr(unsafe.Pointer(g))
	return *(**byte)(unsafe.Pointer(&p))
}
