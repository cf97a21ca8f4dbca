package conv

import "unsafe"

// kernels are the assembly of an instruction set; the zero value is Go.
type kernels struct {
	width                       int // of a vector
	maxPool, maxPoolGrad        func(w *byte)
	copyRuns, addRuns, maskRuns func(r *byte)
	depth                       []depthKernels // the widest first
	lines                       [lineCount]func(l *byte)
}

// best is what this machine runs; sets holds all it can, the best first.
var best = sets[0]

// vecs is the number of vectors in n elements, 0 without assembly.
func vecs(n int) int {
	if best.width == 0 {
		return 0
	}
	return n / best.width
}

// runs is one call of a kernel for rows of vectors. Distances are in bytes.
// The assembly reads the fields by their offsets: keep the order.
type runs struct {
	dst, src, y, sums *float32
	count             int64 // rows
	vecs              int64 // vectors in a row
	dstStep, srcStep  int64 // from a row to the next
	flags             int64
}

// copyRuns copies count runs of n elements from src to dst, or adds them;
// their distances are in elements.
func (s *scratch) copyRuns(dst []float32, dstStep int, src []float32, srcStep, count, n int, add bool) {
	from := 0
	if v := vecs(n); v > 0 {
		r := &s.r // field by field: a whole struct would wait for the stores before it
		r.dst, r.src, r.count, r.vecs = &dst[0], &src[0], int64(count), int64(v)
		r.dstStep, r.srcStep = int64(4*dstStep), int64(4*srcStep)
		if add {
			best.addRuns((*byte)(unsafe.Pointer(r)))
		} else {
			best.copyRuns((*byte)(unsafe.Pointer(r)))
		}
		from = v * best.width
	}
	if from == n {
		return
	}
	for i := range count {
		d, x := dst[i*dstStep+from:i*dstStep+n], src[i*srcStep+from:i*srcStep+n]
		if !add {
			copy(d, x)
			continue
		}
		for k, v := range x {
			d[k] += v
		}
	}
}

// mask adds the count rows of src, each len(sums) long, to sums. Unless y is
// nil it writes them to dst, with zeros where y is not positive, and sums that.
func (s *scratch) mask(dst, src, y, sums []float32, count int) {
	n, from := len(sums), 0
	if v := vecs(n); v > 0 {
		r := &s.r // field by field, too
		r.src, r.sums, r.count, r.vecs, r.srcStep, r.flags = &src[0], &sums[0], int64(count), int64(v), int64(4*n), 0
		if y != nil {
			r.dst, r.y, r.flags = &dst[0], &y[0], 1
		}
		best.maskRuns((*byte)(unsafe.Pointer(r)))
		from = v * best.width
	}
	for f := from; f < n; f++ {
		sum := float32(0)
		for i := f; i < count*n; i += n {
			v := src[i]
			if y != nil {
				if !(y[i] > 0) {
					v = 0
				}
				dst[i] = v
			}
			sum += v
		}
		sums[f] += sum
	}
}
