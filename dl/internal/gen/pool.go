package main

import (
	. "github.com/mmcloughlin/avo/build"
	. "github.com/mmcloughlin/avo/operand"
	"github.com/mmcloughlin/avo/reg"
)

// windows are the registers of a loop over windows, their vectors of channels
// and their taps. The fields of the argument are those of conv.windows.
type windows struct {
	s              isa
	name           string
	t              reg.Register
	x, y, where    reg.GPVirtual // of the window at hand; bytes
	vecs, c        reg.GPVirtual
	pixel, row, p  reg.GPVirtual
	kx, ky         reg.GPVirtual
	tap, one, skip reg.VecVirtual
}

func (w *windows) field(i int) Mem { return Mem{Base: w.t, Disp: 8 * i} }

func (w *windows) begin(name string) {
	w.name = name + w.s.name
	TEXT(w.name, NOSPLIT, "func(w *byte)")
	Pragma("noescape")
	w.t = Load(Param("w"), GP64())
	for i, r := range []*reg.GPVirtual{&w.x, &w.y, &w.where, &w.c} {
		*r = GP64()
		MOVQ(w.field([]int{0, 1, 2, 7}[i]), *r)
	}
	w.vecs, w.pixel, w.row, w.p, w.kx, w.ky = GP64(), GP64(), GP64(), GP64(), GP64(), GP64()
	w.tap, w.one, w.skip = vec(w.s), vec(w.s), vec(w.s)
	VPBROADCASTD(Mem{Base: w.t, Disp: 8 * 13}, w.one)
	VPBROADCASTD(Mem{Base: w.t, Disp: 8 * 12}, w.skip)
}

// each runs open for every vector of channels of every window, body for each
// of its taps, whose address is in p and whose number in tap, and close.
func (w *windows) each(open, body, close func()) {
	Label(w.name + "_window")
	MOVQ(w.field(5), w.vecs)
	MOVQ(w.x, w.pixel)
	Label(w.name + "_vector")
	VPBROADCASTD(Mem{Base: w.t, Disp: 8 * 11}, w.tap)
	open()
	MOVQ(w.field(9), w.ky)
	MOVQ(w.pixel, w.row)
	Label(w.name + "_row")
	MOVQ(w.row, w.p)
	MOVQ(w.field(10), w.kx)
	Label(w.name + "_tap")
	body()
	VPADDD(w.one, w.tap, w.tap)
	ADDQ(w.c, w.p)
	DECQ(w.kx)
	JNZ(LabelRef(w.name + "_tap"))
	VPADDD(w.skip, w.tap, w.tap)
	ADDQ(w.field(8), w.row)
	DECQ(w.ky)
	JNZ(LabelRef(w.name + "_row"))
	close()
	width := U32(uint32(4 * w.s.width))
	ADDQ(width, w.pixel)
	ADDQ(width, w.y)
	ADDQ(width, w.where)
	DECQ(w.vecs)
	JNZ(LabelRef(w.name + "_vector"))
	// The channels that are left over are done in Go.
	ADDQ(w.field(14), w.y)
	ADDQ(w.field(14), w.where)
	ADDQ(w.field(6), w.x)
	DECQ(w.field(4))
	JNZ(LabelRef(w.name + "_window"))
	VZEROUPPER()
	RET()
}

// maxPool writes the largest element of each window to y, and the number of
// its tap to where.
func maxPool(s isa) {
	w := &windows{s: s}
	w.begin("maxPool")
	Doc(w.name + " writes the largest elements of windows and the numbers of their taps.")
	low, best, at := vec(s), vec(s), vec(s)
	VBROADCASTSS(Mem{Base: w.t, Disp: 8 * 15}, low)
	w.each(func() {
		move(s, low, best)
		move(s, w.tap, at)
	}, func() {
		v := vec(s)
		VMOVUPS(Mem{Base: w.p}, v)
		if s.width == 16 {
			larger, none := K(), K()
			VCMPPS(Imm(0x1E), best, v, larger) // v > best
			VCMPPS(Imm(0x03), v, v, none)      // NaN
			KORW(larger, none, larger)
			VMOVAPS(v, larger, best)
			VMOVDQA32(w.tap, larger, at)
		} else {
			larger, none := vec(s), vec(s)
			VCMPPS(Imm(0x1E), best, v, larger)
			VCMPPS(Imm(0x03), v, v, none)
			VORPS(larger, none, larger)
			VBLENDVPS(larger, v, best, best)
			VBLENDVPS(larger, w.tap, at, at)
		}
	}, func() {
		VMOVUPS(best, Mem{Base: w.y})
		VMOVUPS(at, Mem{Base: w.where})
	})
}

// move copies a vector.
func move(s isa, from, to reg.VecVirtual) { VMOVAPS(from, to) }

// maxPoolGrad carries the gradients of y back to the taps they came from, and
// writes 0 to the other taps, or adds to what is there.
func maxPoolGrad(s isa) {
	w := &windows{s: s}
	w.begin("maxPoolGrad")
	Doc(w.name + " carries gradients back to the taps that were largest; see maxPoolGrad in Go.")
	flags, value, d, at, zero := GP64(), GP64(), vec(s), vec(s), zeroed(s)
	MOVQ(w.field(16), flags)
	MOVQ(w.field(3), value)
	// value holds the distance from y (the gradient) to the pooled values.
	SUBQ(w.y, value)
	w.each(func() {
		VMOVUPS(Mem{Base: w.y}, d)
		VMOVUPS(Mem{Base: w.where}, at)
		TESTQ(U32(1), flags) // ReLU before the pooling: no gradient where the largest is 0
		JZ(LabelRef(w.name + "_open"))
		v := vec(s)
		VMOVUPS(Mem{Base: w.y, Index: value, Scale: 1}, v)
		if s.width == 16 {
			k := K()
			VCMPPS(Imm(0x1E), zero, v, k)
			VMOVAPS_Z(d, k, d)
		} else {
			VCMPPS(Imm(0x1E), zero, v, v)
			VANDPS(v, d, d)
		}
		Label(w.name + "_open")
	}, func() {
		v := vec(s)
		if s.width == 16 {
			k := K()
			VPCMPEQD(w.tap, at, k)
			VMOVAPS_Z(d, k, v)
		} else {
			VPCMPEQD(w.tap, at, v)
			VANDPS(d, v, v)
		}
		TESTQ(U32(2), flags)
		JZ(LabelRef(w.name + "_store"))
		VADDPS(Mem{Base: w.p}, v, v)
		Label(w.name + "_store")
		VMOVUPS(v, Mem{Base: w.p})
	}, func() {})
}

// convolutions writes the kernels of package conv.
func convolutions() {
	for _, s := range []isa{avx512, avx2} {
		maxPool(s)
		maxPoolGrad(s)
		copyRuns(s, false)
		copyRuns(s, true)
		maskRuns(s)
		for _, pixels := range []int{8, 4, 1} {
			depthRow(s, pixels)
		}
		depthTaps(s, 3, 3, 1)
		depthTaps(s, 1, 5, 2)
		depthTaps(s, 1, 3, 3)
		depthTaps(s, 1, 1, 8)
		for _, k := range winograd {
			lines(s, k)
		}
	}
}
