package gemm

// A plan says how the threads share a product: each computes its own rows and
// columns of C over its own part of the depth.
type plan struct{ rows, cols, depths int }

func (p plan) parts() int { return p.rows * p.cols * p.depths }

// What a thread does beside multiplying, in the time that one element of a
// product of depth 1 takes: it packs its part of B, reads its part of A into
// the near caches, and adds up parts of the depth. Measured on Zen 4.
const (
	costB   = 6
	costA   = 3
	costAdd = 12
)

// plan returns the split among threads that takes the least time; it depends
// on the shape and the number of threads alone.
func (k *Kernel) plan(m, n, depth, threads int) (best plan) {
	best = plan{1, 1, 1}
	if m*n*depth < small {
		return best
	}
	least := 0.0
	for depths := 1; depths <= threads; depths++ {
		if depths > 1 && depth/depths < minDepth {
			break
		}
		for rows := 1; rows*depths <= threads; rows++ {
			for cols := 1; rows*cols*depths <= threads; cols++ {
				// the largest part
				pm := (m + rows - 1) / rows
				pn := min(n, ((n+k.Cols-1)/k.Cols+cols-1)/cols*k.Cols)
				pk := (depth + depths - 1) / depths
				tiles := (pm + k.Rows - 1) / k.Rows
				work := float64(max(pm, 4*tiles)) * float64((pn+k.Cols/2-1)/(k.Cols/2)*(k.Cols/2)) * float64(pk)
				cost := work + costB*float64(pn)*float64(pk) + costA*float64(pm)*float64(pk)
				if depths > 1 {
					cost += costAdd * float64(m) * float64(n) * float64(depths-1)
				}
				if least == 0 || cost < least {
					least, best = cost, plan{rows, cols, depths}
				}
			}
		}
	}
	return best
}

const (
	// small products are not worth a second thread.
	small = 1 << 17
	// minDepth is the least depth of a part of a product split by depth.
	minDepth = 256
)
