package vec

import "unsafe"

// Choose writes a where cond is true and b elsewhere. The elements of a and b lie their steps apart: 1, or 0 when there
// is one for all. It has no branches: conditions are hard to foresee.
func Choose(dst []float32, cond []bool, a, b []float32, stepA, stepB int) {
	n := len(dst)
	if n == 0 {
		return
	}
	y, on := bitsOf(dst), unsafe.Slice((*uint8)(unsafe.Pointer(unsafe.SliceData(cond))), len(cond))[:n]
	switch {
	case stepA == 1 && stepB == 1:
		x, z := bitsOf(a[:n])[:len(on)], bitsOf(b[:n])[:len(on)]
		for i, c := range on {
			y[i] = z[i] ^ -uint32(c)&(x[i]^z[i])
		}
	case stepA == 1:
		x, z := bitsOf(a[:n])[:len(on)], bitsOf(b[:1])[0]
		for i, c := range on {
			y[i] = z ^ -uint32(c)&(x[i]^z)
		}
	case stepB == 1:
		x, z := bitsOf(a[:1])[0], bitsOf(b[:n])[:len(on)]
		for i, c := range on {
			y[i] = z[i] ^ -uint32(c)&(x^z[i])
		}
	default:
		x, z := bitsOf(a[:1])[0], bitsOf(b[:1])[0]
		for i, c := range on {
			y[i] = z ^ -uint32(c)&(x^z)
		}
	}
}

func bitsOf(x []float32) []uint32 {
	return unsafe.Slice((*uint32)(unsafe.Pointer(unsafe.SliceData(x))), len(x))
}
