package gemm

import "testing"

// The parts of a plan are all of C, each row once, and where rows are spare the small parts come last.
func TestPlansCoverAllRows(t *testing.T) {
	spare := 0
	for _, k := range Kernels() {
		for _, threads := range []int{1, 2, 3, 8, 16} {
			for _, m := range []int{1, 64, 128, 500, 2048, 4099} {
				for _, n := range []int{32, 512} {
					p := k.plan(false, m, n, 300, threads, threads)
					covered, end := 0, 0
					for i := range p.parts() {
						row, col, d := p.part(i)
						lo, hi := p.bounds(row, m)
						if col < 0 || col >= p.cols || d < 0 || d >= p.depths || lo < 0 || hi > m || lo >= hi {
							t.Fatalf("%s, %d threads, %d x %d: part %d of %+v is rows %d to %d, columns %d, depth %d", k.Name, threads, m, n, i, p, lo, hi, col, d)
						}
						if row >= p.rows && hi-lo > m/p.rows/4 {
							t.Errorf("%s, %d threads, %d x %d: %d rows of %+v are spare", k.Name, threads, m, n, hi-lo, p)
						}
						if col == 0 && d == 0 {
							if lo != end {
								t.Fatalf("%s, %d threads, %d x %d: part %d of %+v begins at row %d, not %d", k.Name, threads, m, n, i, p, lo, end)
							}
							end = hi
						}
						covered += hi - lo
					}
					if end != m || covered != m*p.cols*p.depths {
						t.Errorf("%s, %d threads, %d x %d: %+v covers rows to %d, %d in all", k.Name, threads, m, n, p, end, covered)
					}
					spare += p.spare
				}
			}
		}
	}
	if spare == 0 {
		t.Error("no plan has spare rows")
	}
}
