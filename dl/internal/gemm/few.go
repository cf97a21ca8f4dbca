package gemm

import (
	"modelbook/dl/internal/parallel"
	"modelbook/dl/internal/vec"
	"modelbook/internal/freelist"
)

// A fewProduct is C = A*B for a few rows of A and a B that comes from memory, as in the steps of a language model: the time
// is that of reading B, once and in order. Tiles would read it panel by panel, and pack one that is transposed.
type fewProduct struct {
	m, n, k       int
	a, b, c       []float32
	lda, ldb, ldc int
	transB, add   bool
	e             Epilogue
	parts         int
	rows          *vec.List // of B, the others count nothing; nil: all count
}

const (
	// fewRows is the most rows of A: with more the arithmetic of one vector after the other takes longer than the memory.
	fewRows = 4
	// fewFrom is the size of B from which it pays.
	fewFrom = 1 << 14
)

func isFew(m, n, k int, transA bool) bool { return m <= fewRows && !transA && n*k >= fewFrom }

func multiplyFew(a, b, c Matrix[float32], add bool, e Epilogue, rows *vec.List) {
	m, n, k := sizes(a, b, c)
	p := fewProducts.Take()
	*p = fewProduct{m, n, k, a.Data, b.Data, c.Data, a.Stride, b.Stride, c.Stride, b.Transposed, add, e, 1, rows}
	if threads := parallel.Threads(); threads > 1 && m*n*k >= small {
		p.parts = threads // long pieces of rows of B, which the processor fetches ahead
		if p.transB {
			p.parts = 4 * threads
		}
	}
	p.parts = max(1, min(p.parts, n/fewColumns))
	parallel.Run(p.parts, 1, p)
	*p = fewProduct{}
	fewProducts.Put(p)
}

// fewColumns is what a part has at least, and what its columns are a multiple of.
const fewColumns = 32

var fewProducts freelist.List[fewProduct]

// Range computes parts of the columns of C.
func (p *fewProduct) Range(lo, hi int) {
	units := (p.n + fewColumns - 1) / fewColumns
	for part := lo; part < hi; part++ {
		j, end := units*part/p.parts*fewColumns, min(p.n, units*(part+1)/p.parts*fewColumns)
		if j == end {
			continue
		}
		if p.transB {
			p.dots(j, end)
		} else {
			p.sums(j, end)
		}
		for i := range p.m {
			c := p.c[i*p.ldc+j : i*p.ldc+end]
			if p.e.Bias != nil {
				vec.Add(c, c, p.e.Bias[j:end])
			}
			if p.e.ReLU {
				vec.Relu(c, c)
			}
			if p.e.Finish != nil {
				p.e.Finish.Finish(i, j, c)
			}
		}
	}
}

// dots is for rows of B^T, each of which is multiplied by all rows of A while it is in the first cache.
func (p *fewProduct) dots(j, end int) {
	if p.m == 1 {
		vec.DotRows(p.c[j:end], p.a[:p.k], p.b[j*p.ldb:], p.ldb, p.add)
		return
	}
	for ; j < end; j++ {
		b := p.b[j*p.ldb:][:p.k]
		i := 0
		for ; i+1 < p.m; i += 2 {
			v, w := vec.Dot2(b, p.a[i*p.lda:][:p.k], p.a[(i+1)*p.lda:][:p.k])
			p.put(i, j, v)
			p.put(i+1, j, w)
		}
		if i < p.m {
			p.put(i, j, vec.Dot(b, p.a[i*p.lda:][:p.k]))
		}
	}
}

func (p *fewProduct) put(i, j int, v float64) {
	if c := &p.c[i*p.ldc+j]; p.add {
		*c += float32(v)
	} else {
		*c = float32(v)
	}
}

// fewValues is how many values of B, some rows of it, are multiplied by all rows of A while they are in the first cache.
const fewValues = 4096

// sums adds up rows of B, while those of C stay in the first cache.
func (p *fewProduct) sums(j, end int) {
	if !p.add {
		for i := range p.m {
			clear(p.c[i*p.ldc+j : i*p.ldc+end])
		}
	}
	if p.rows != nil {
		vec.AxpyListed(p.rows, p.b[j:], p.ldb, p.c[j:end])
		return
	}
	rows := max(4, fewValues/(end-j)&^3)
	for r := 0; r < p.k; r += rows {
		n := min(rows, p.k-r)
		for i := range p.m {
			vec.AxpyRows(p.a[i*p.lda+r:][:n], p.b[r*p.ldb+j:], p.ldb, p.c[i*p.ldc+j:i*p.ldc+end])
		}
	}
}
