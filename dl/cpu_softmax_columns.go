package dl

import "modelbook/dl/internal/vec"

// Softmax along another axis than the last goes over blocks of columns: the rows of a block are read one after the
// other, and what is known of the columns stays in the first cache.

// softmaxBlock is how many columns go together, softmaxRun how many rows are added up in float32 before their sums are.
const softmaxBlock, softmaxRun = 256, 64

// softmaxColumns calls f, which gets the number of the first element of each block and its width.
func softmaxColumns(s softmax, p pass) {
	p.n, p.m, p.flag = s.n, s.inner, s.logarithm
	blocks := (s.inner + softmaxBlock - 1) / softmaxBlock
	share(len(p.a)/(s.n*s.inner)*blocks, max(1, elementGrain/(4*s.n*min(s.inner, softmaxBlock))), p)
}

// columns returns where block k begins and how wide it is.
func (p *pass) columns(k int) (first, width int) {
	blocks := (p.m + softmaxBlock - 1) / softmaxBlock
	from := k % blocks * softmaxBlock
	return k/blocks*p.n*p.m + from, min(softmaxBlock, p.m-from)
}

func softmaxColumnPass(p *pass, lo, hi int) {
	room := takePart(3 * softmaxBlock)
	for k := lo; k < hi; k++ {
		first, width := p.columns(k)
		top, sum, part := room[:width], room[softmaxBlock:][:width], room[2*softmaxBlock:][:width]
		x, y := p.a[first:], p.dst[first:]
		copy(top, x)
		for i := 1; i < p.n; i++ {
			vec.Maximum(top, top, x[i*p.m:][:width])
		}
		clear(sum)
		clear(part)
		for i := range p.n {
			row := y[i*p.m:][:width]
			vec.Sub(row, x[i*p.m:][:width], top)
			vec.Exp(row, row)
			if vec.Add(part, part, row); i%softmaxRun == softmaxRun-1 || i == p.n-1 {
				vec.Add(sum, sum, part)
				clear(part)
			}
		}
		if p.flag {
			vec.Log(sum, sum)
			for i := range p.n {
				row := y[i*p.m:][:width]
				vec.Sub(row, x[i*p.m:][:width], top)
				vec.Sub(row, row, sum)
			}
			continue
		}
		for i := range part {
			part[i] = 1 / sum[i]
		}
		for i := range p.n {
			row := y[i*p.m:][:width]
			vec.Mul(row, row, part)
		}
	}
	releasePart(room)
}

func softmaxColumnGradPass(p *pass, lo, hi int) {
	room := takePart(2 * softmaxBlock)
	for k := lo; k < hi; k++ {
		first, width := p.columns(k)
		sum, part := room[:width], room[softmaxBlock:][:width]
		y, dy, dx := p.a[first:], p.b[first:], p.dst[first:]
		clear(sum)
		clear(part)
		for i := range p.n {
			if d := dy[i*p.m:][:width]; p.flag {
				vec.Add(part, part, d)
			} else {
				vec.MulAdd(part, d, y[i*p.m:][:width])
			}
			if i%softmaxRun == softmaxRun-1 || i == p.n-1 {
				vec.Add(sum, sum, part)
				clear(part)
			}
		}
		for i := range p.n {
			row, d, v := dx[i*p.m:][:width], dy[i*p.m:][:width], y[i*p.m:][:width]
			if p.flag { // y is the logarithm
				vec.Exp(row, v)
				vec.Mul(row, row, sum)
				vec.Sub(row, d, row)
			} else {
				vec.Sub(row, d, sum)
				vec.Mul(row, row, v)
			}
		}
	}
	releasePart(room)
}
