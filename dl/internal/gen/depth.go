package main

import (
	"fmt"
	"math/bits"

	. "github.com/mmcloughlin/avo/build"
	. "github.com/mmcloughlin/avo/operand"
	"github.com/mmcloughlin/avo/reg"
)

// The fields of the argument are those of conv.depth.
const (
	depthX = 8 * iota
	depthW
	depthY
	depthBias
	depthCount
	depthVecs
	depthXStep
	depthYStep
	depthKH
	depthKW
	depthXRow
	depthXTap
	depthWRow
	depthWTap
	depthReLU
	depthXAt
	depthYAt
)

// A depth is the argument of a kernel of depthwise convolutions.
type depth struct {
	s    isa
	name string
	d    reg.Register
}

func beginDepth(s isa, name, doc string) depth {
	name += s.name
	TEXT(name, NOSPLIT, "func(d *byte)")
	Doc(name + " " + doc)
	Pragma("noescape")
	return depth{s, name, Load(Param("d"), GP64())}
}

func (d depth) field(at int) Mem { return Mem{Base: d.d, Disp: at} }

func (d depth) load(at int) reg.GPVirtual {
	r := GP64()
	MOVQ(d.field(at), r)
	return r
}

// depthRow writes blocks of pixels side by side, each a sum over the taps of its channels, a vector of these after the
// other.
func depthRow(s isa, pixels int) {
	d := beginDepth(s, fmt.Sprintf("depthRow%d", pixels), fmt.Sprintf("writes blocks of %d pixels of a depthwise convolution: see depth.row.", pixels))
	step, step3 := d.load(depthXStep), GP64()
	LEAQ(Mem{Base: step, Index: step, Scale: 2}, step3)
	at, n := GP64(), GP64() // bytes from the first channel; vectors that are left
	p, q, w, row, wrow, kx, ky := GP64(), GP64(), GP64(), GP64(), GP64(), GP64(), GP64()
	zero := zeroed(s)
	acc := make([]reg.VecVirtual, pixels)
	for i := range acc {
		acc[i] = vec(s)
	}

	Label(d.name + "_block")
	MOVQ(d.field(depthVecs), n)
	XORQ(at, at)
	Label(d.name + "_vector")
	VMOVAPS(zero, acc[0])
	MOVQ(d.field(depthBias), w)
	TESTQ(w, w)
	JZ(LabelRef(d.name + "_begin"))
	VMOVUPS(Mem{Base: w, Index: at, Scale: 1}, acc[0])
	Label(d.name + "_begin")
	for _, a := range acc[1:] {
		VMOVAPS(acc[0], a)
	}
	MOVQ(d.field(depthX), row)
	ADDQ(d.field(depthXAt), row)
	ADDQ(at, row)
	MOVQ(d.field(depthW), wrow)
	ADDQ(at, wrow)
	MOVQ(d.field(depthKH), ky)
	Label(d.name + "_row")
	MOVQ(row, p)
	MOVQ(wrow, w)
	MOVQ(d.field(depthKW), kx)
	Label(d.name + "_tap")
	v := vec(s)
	VMOVUPS(Mem{Base: w}, v)
	for i, a := range acc {
		base := p
		if i >= 4 {
			base = q
		}
		if i == 4 {
			LEAQ(Mem{Base: p, Index: step, Scale: 4}, q)
		}
		VFMADD231PS([]Mem{{Base: base}, {Base: base, Index: step, Scale: 1}, {Base: base, Index: step, Scale: 2}, {Base: base, Index: step3, Scale: 1}}[i%4], v, a)
	}
	ADDQ(d.field(depthXTap), p)
	ADDQ(d.field(depthWTap), w)
	DECQ(kx)
	JNZ(LabelRef(d.name + "_tap"))
	ADDQ(d.field(depthXRow), row)
	ADDQ(d.field(depthWRow), wrow)
	DECQ(ky)
	JNZ(LabelRef(d.name + "_row"))
	CMPQ(d.field(depthReLU), Imm(0))
	JE(LabelRef(d.name + "_store"))
	for _, a := range acc {
		VMAXPS(a, zero, a) // a NaN stays one
	}
	Label(d.name + "_store")
	MOVQ(d.field(depthY), w)
	ADDQ(d.field(depthYAt), w)
	ADDQ(at, w)
	MOVQ(d.field(depthYStep), p)
	for i, a := range acc {
		VMOVUPS(a, Mem{Base: w})
		if i < pixels-1 {
			ADDQ(p, w)
		}
	}
	ADDQ(U32(uint32(4*s.width)), at)
	DECQ(n)
	JNZ(LabelRef(d.name + "_vector"))
	// Pointers in memory stay as they are: behind the last pixel they would lead nowhere.
	for _, f := range [][2]int{{depthXStep, depthXAt}, {depthYStep, depthYAt}} {
		MOVQ(d.field(f[0]), p)
		SHLQ(Imm(uint64(bits.Len(uint(pixels))-1)), p)
		ADDQ(p, d.field(f[1]))
	}
	DECQ(d.field(depthCount))
	JNZ(LabelRef(d.name + "_block"))
	VZEROUPPER()
	RET()
}

// depthTaps adds to the gradients of rows x cols weights of each channel the products of a row of gradients, y, and of
// what lies under the weights, unroll pixels at once.
func depthTaps(s isa, rows, cols, unroll int) {
	d := beginDepth(s, fmt.Sprintf("depthTaps%dx%d", rows, cols), fmt.Sprintf("adds a row's part to the gradients of %d x %d weights: see depth.taps.", rows, cols))
	xStep, yStep, tap, tap3 := d.load(depthXStep), d.load(depthYStep), d.load(depthXTap), GP64()
	LEAQ(Mem{Base: tap, Index: tap, Scale: 2}, tap3)
	at, n := GP64(), GP64()
	XORQ(at, at)
	Label(d.name + "_vector")
	// The sums of each unrolled pixel.
	acc := make([][]reg.VecVirtual, unroll)
	for u := range acc {
		for range rows * cols {
			acc[u] = append(acc[u], zeroed(s))
		}
	}
	y := d.load(depthY)
	ADDQ(at, y)
	x := []reg.GPVirtual{d.load(depthX)}
	ADDQ(at, x[0])
	for len(x) < rows {
		p := GP64()
		MOVQ(x[len(x)-1], p)
		ADDQ(d.field(depthXRow), p)
		x = append(x, p)
	}
	pixel := func(u int) {
		v := vec(s)
		VMOVUPS(Mem{Base: y}, v)
		for r, p := range x {
			for c := range cols {
				m := []Mem{{Base: p}, {Base: p, Index: tap, Scale: 1}, {Base: p, Index: tap, Scale: 2}, {Base: p, Index: tap3, Scale: 1}, {Base: p, Index: tap, Scale: 4}}[c]
				VFMADD231PS(m, v, acc[u][r*cols+c])
			}
			ADDQ(xStep, p)
		}
		ADDQ(yStep, y)
	}
	MOVQ(d.field(depthCount), n)
	if unroll > 1 {
		SUBQ(Imm(uint64(unroll)), n)
		JL(LabelRef(d.name + "_few"))
		Label(d.name + "_many")
		for u := range acc {
			pixel(u)
		}
		SUBQ(Imm(uint64(unroll)), n)
		JGE(LabelRef(d.name + "_many"))
		Label(d.name + "_few")
		ADDQ(Imm(uint64(unroll)), n)
		JZ(LabelRef(d.name + "_sum"))
	}
	Label(d.name + "_pixel")
	pixel(0)
	DECQ(n)
	JNZ(LabelRef(d.name + "_pixel"))
	Label(d.name + "_sum")
	w := d.load(depthW)
	ADDQ(at, w)
	for r := range rows {
		cell := GP64()
		MOVQ(w, cell)
		for c := range cols {
			sum := acc[0][r*cols+c]
			for _, more := range acc[1:] {
				VADDPS(more[r*cols+c], sum, sum)
			}
			VADDPS(Mem{Base: cell}, sum, sum)
			VMOVUPS(sum, Mem{Base: cell})
			ADDQ(d.field(depthWTap), cell)
		}
		ADDQ(d.field(depthWRow), w)
	}
	ADDQ(U32(uint32(4*s.width)), at)
	DECQ(d.field(depthVecs))
	JNZ(LabelRef(d.name + "_vector"))
	VZEROUPPER()
	RET()
}
