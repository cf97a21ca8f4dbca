package conv

// A convolution with as many groups as channels and filters is depthwise: each channel has a kernel of its own. There is
// no product of matrices in it; the kernels go over taps with vectors of channels.
func (g *Geometry) depthwise() bool { return g.G == g.C && g.F == g.C && g.C > 1 }

func (j *job) forwardDepth(s *scratch, _, n0, n1 int) {
	for n := n0; n < n1; n++ {
		img, width := j.image(s, j.x, n)
		t := j.strip(img, width)
		t.w, t.y, t.bias, t.relu = j.w, j.y, j.bias, j.clip
		for oy := range j.OH {
			t.xAt, t.yAt = oy*j.SH*width*j.C, (n*j.OH+oy)*j.OW*j.C
			t.row(&s.d)
		}
	}
}

// strip describes a row of windows over an image.
func (j *job) strip(img []float32, width int) strip {
	return strip{x: img, channels: j.C, count: j.OW, xStep: j.SW * j.C, yStep: j.C, kh: j.KH, kw: j.KW,
		xRow: j.DH * width * j.C, xTap: j.DW * j.C, wRow: j.KW * j.C, wTap: j.C}
}

// backwardDepth computes image n of dx, and adds its part of dw. The gradients of the windows are surrounded by zeros, so
// that the pixels of a phase are the result of a depthwise convolution of them. On the way there they go through a norm.
func (j *job) backwardDepth(s *scratch, n int, dy []float32, norm *Norm, dw []float32) {
	top, height := margins(j.H, j.OH, j.KH, j.SH, j.DH, j.PadTop)
	left, width := margins(j.W, j.OW, j.KW, j.SW, j.DW, j.PadLeft)
	row, wide := j.OW*j.C, width*j.C
	s.patch = grow(s.patch, height*wide)
	surround(s.patch, row, j.OH, wide, top, left*j.C, func(dst []float32, r int) {
		if norm.X == nil {
			copy(dst, dy[r*row:])
		} else {
			norm.gradient(dst, dy[r*row:], (n*j.OH+r)*row)
		}
	})
	if len(dw) > 0 {
		img, imgWidth := j.image(s, j.x, n)
		t := j.strip(img, imgWidth)
		t.w, t.y = dw, s.patch
		for oy := range j.OH {
			t.xAt, t.yAt = oy*j.SH*imgWidth*j.C, (oy+top)*wide+left*j.C
			t.taps(&s.d)
		}
	}
	if j.dx != nil {
		j.inputDepth(s, n, top, left, width)
	}
}

// A phase is one of the pixels of an axis of dx to which the same taps lead: those q for which (q+pad) % stride is the
// same. From the first tap on, every step-th leads there from the gradient before.
type phase struct {
	first, count int // the first q, and how many follow, each a stride further
	tap, taps    int // the first tap, and how many there are
	step         int // from a tap to the next
	from, back   int // the place of the gradient that the first tap of the first q comes from; how far the next one is before that
}

// phaseOf works out the phase with q+pad = r modulo stride.
func phaseOf(r, size, kernel, stride, dilation, pad int) (p phase) {
	p.first = ((r-pad)%stride + stride) % stride
	if p.first < size {
		p.count = (size-p.first-1)/stride + 1
	}
	common := divisor(stride, dilation)
	p.step, p.back = stride/common, dilation/common
	for p.tap < kernel && (p.tap*dilation-r)%stride != 0 {
		p.tap++
	}
	if p.tap < kernel {
		p.taps = (kernel-p.tap-1)/p.step + 1
		p.from = (p.first + pad - p.tap*dilation) / stride // divides without a rest
	}
	return p
}

// divisor is the greatest common one.
func divisor(a, b int) int {
	for b != 0 {
		a, b = b, a%b
	}
	return a
}

// inputDepth computes image n of dx from the surrounded gradients in s.patch.
func (j *job) inputDepth(s *scratch, n, top, left, width int) {
	dx := j.dx[n*j.H*j.W*j.C : (n+1)*j.H*j.W*j.C]
	if j.SH > j.KH || j.SW > j.KW || divisor(j.SH, j.DH) > 1 || divisor(j.SW, j.DW) > 1 {
		clear(dx) // no tap leads to some of it
	}
	t := strip{x: s.patch, w: j.w, y: dx, channels: j.C, xStep: j.C, yStep: j.SW * j.C}
	for ry := range j.SH {
		down := phaseOf(ry, j.H, j.KH, j.SH, j.DH, j.PadTop)
		for rx := range j.SW {
			across := phaseOf(rx, j.W, j.KW, j.SW, j.DW, j.PadLeft)
			if down.taps == 0 || across.taps == 0 || across.count == 0 {
				continue
			}
			t.count, t.kh, t.kw = across.count, down.taps, across.taps
			t.xRow, t.xTap = -down.back*width*j.C, -across.back*j.C
			t.wAt, t.wRow, t.wTap = (down.tap*j.KW+across.tap)*j.C, down.step*j.KW*j.C, across.step*j.C
			for i := range down.count {
				t.xAt = ((down.from+i+top)*width + across.from + left) * j.C
				t.yAt = ((down.first+i*j.SH)*j.W + across.first) * j.C
				t.row(&s.d)
			}
		}
	}
}

// margins are the zeros before the gradients of an axis, and the size of the whole.
func margins(size, out, kernel, stride, dilation, pad int) (before, whole int) {
	reach := (kernel - 1) * dilation
	before = max(0, (reach-pad+stride-1)/stride)
	return before, before + max(out, (size-1+pad)/stride+1)
}
