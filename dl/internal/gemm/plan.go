package gemm

// A plan says how the threads share a product: each computes its own rows and
// columns of C over its own part of the depth. A quarter of many rows is spare: small parts
// for those that are done first, because other programs slow a core down at any time, and not all
// cores of a processor are equally fast.
type plan struct {
	rows, cols, depths int
	spare, spareRows   int // parts of so many rows, the last ones
}

func (p plan) parts() int { return (p.rows + p.spare) * p.cols * p.depths }

// part returns which rows, columns and depth are those of part i.
func (p plan) part(i int) (row, col, d int) {
	return i / p.depths / p.cols, i / p.depths % p.cols, i % p.depths
}

// bounds returns where the rows of a part begin and end, of m rows.
func (p plan) bounds(row, m int) (lo, hi int) {
	shared := m - p.spare*p.spareRows
	if row < p.rows {
		return shared * row / p.rows, shared * (row + 1) / p.rows
	}
	lo = shared + (row-p.rows)*p.spareRows
	return lo, lo + p.spareRows
}

// withSpare sets rows aside, if there are so many that packing B, or reading it, once more is little beside them.
func (k *Kernel) withSpare(p plan, transB bool, m, n, kk int) plan {
	least := k.Rows
	if transB || m > packedB || n*kk > blockB {
		least *= 4
	}
	if p.rows > 1 && m >= 4*p.rows*least {
		p.spare = 2 * p.rows
		p.spareRows = max(least, m/(8*p.rows)/k.Rows*k.Rows)
	}
	return p
}

// What a thread does beside multiplying, in the time that one multiply-add
// takes (a sixteenth of a cycle with AVX-512). Measured on Zen 4.
const (
	costPack = 4 // packing an element of B
	costRead = 3 // reading an element of A or B into the near caches
	costAdd  = 8 // adding up an element of C, which one thread does for all
	// costEdge is for a row of C that two threads write, in each pass over the
	// depth: the processor's prefetcher runs from one part into the other.
	// With 784 x 512 x 128 it is a third of the time.
	costEdge = 12000
)

const (
	// small products are not worth a second thread.
	small = 1 << 17
	// minDepth is the least depth of a part of a product split by depth.
	minDepth = 256
)

// plan returns the split among threads that takes the least time, with at most so
// many parts of the depth; it depends on its arguments alone.
func (k *Kernel) plan(transB bool, m, n, kk, threads, most int) (best plan) {
	best = plan{rows: 1, cols: 1, depths: 1}
	if threads == 1 || m*n*kk < small {
		return best
	}
	least := 0.0
	for depths := 1; depths <= most && (depths == 1 || kk/depths >= minDepth); depths++ {
		for rows := 1; rows*depths <= threads; rows++ {
			for cols := 1; rows*cols*depths <= threads; cols++ {
				p := plan{rows: rows, cols: cols, depths: depths}
				if cost := k.cost(p, transB, m, n, kk); least == 0 || cost < least {
					least, best = cost, p
				}
			}
		}
	}
	return k.withSpare(best, transB, m, n, kk)
}

// cost is the time of the largest part of a plan, and of what follows.
func (k *Kernel) cost(p plan, transB bool, m, n, kk int) float64 {
	half := k.Cols / 2 // the least that a panel computes
	panels := (n + k.Cols - 1) / k.Cols
	m1 := (m + p.rows - 1) / p.rows
	n1 := min((n+half-1)/half*half, (panels+p.cols-1)/p.cols*k.Cols)
	k1 := (kk + p.depths - 1) / p.depths
	ofB := costRead
	if transB || m1 > packedB {
		ofB = costPack
	}
	units := m1*n1*k1 + ofB*n1*k1 + costRead*m1*k1
	if p.cols > 1 {
		units += costEdge * m1 * ((k1 + depth - 1) / depth)
	}
	return float64(units + costAdd*m*n*(p.depths-1))
}
