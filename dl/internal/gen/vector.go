package main

import (
	. "github.com/mmcloughlin/avo/build"
	. "github.com/mmcloughlin/avo/operand"
	"github.com/mmcloughlin/avo/reg"
)

// A vector kernel handles n elements, n a multiple of the vector width; the
// few that are left over are done in Go. Constants come as arguments: cells
// are linked so that assembly must not touch globals.

func vec(s isa) reg.VecVirtual {
	if s.width == 16 {
		return ZMM()
	}
	return YMM()
}

func zeroed(s isa) reg.VecVirtual {
	v := vec(s)
	if s.width == 16 {
		VPXORD(v, v, v)
	} else {
		VXORPS(v, v, v)
	}
	return v
}

// loop runs body for n elements, advancing the pointers.
func loop(s isa, name string, n reg.GPVirtual, body func(at func(p reg.Register) Mem), pointers ...reg.Register) {
	i := GP64()
	XORQ(i, i)
	JMP(LabelRef(name + "_test"))
	Label(name + "_loop")
	body(func(p reg.Register) Mem { return Mem{Base: p, Index: i, Scale: 4} })
	ADDQ(Imm(uint64(s.width)), i)
	Label(name + "_test")
	CMPQ(i, n)
	JL(LabelRef(name + "_loop"))
	VZEROUPPER()
	RET()
}

// binary writes dst = f(x, y) for three slices.
func binary(s isa, op string, f func(x, y, z reg.VecVirtual)) {
	name := op + s.name
	TEXT(name, NOSPLIT, "func(dst, x, y *float32, n int64)")
	Pragma("noescape")
	dst, x, y, n := Load(Param("dst"), GP64()), Load(Param("x"), GP64()), Load(Param("y"), GP64()), Load(Param("n"), GP64())
	loop(s, name, n.(reg.GPVirtual), func(at func(reg.Register) Mem) {
		a, b := vec(s), vec(s)
		VMOVUPS(at(x), a)
		VMOVUPS(at(y), b)
		f(a, b, a)
		VMOVUPS(a, at(dst))
	})
}

// scalar writes dst = f(x, alpha, dst).
func scalar(s isa, op string, f func(x, alpha, old, z reg.VecVirtual), readsDst bool) {
	name := op + s.name
	TEXT(name, NOSPLIT, "func(dst, x *float32, alpha float32, n int64)")
	Pragma("noescape")
	dst, x, n := Load(Param("dst"), GP64()), Load(Param("x"), GP64()), Load(Param("n"), GP64())
	alpha := vec(s)
	m, _ := Param("alpha").Resolve()
	VBROADCASTSS(m.Addr, alpha)
	loop(s, name, n.(reg.GPVirtual), func(at func(reg.Register) Mem) {
		a, old := vec(s), vec(s)
		VMOVUPS(at(x), a)
		if readsDst {
			VMOVUPS(at(dst), old)
		}
		f(a, alpha, old, a)
		VMOVUPS(a, at(dst))
	})
}

// reluGrad writes dst = y > 0 ? dy : 0.
func reluGrad(s isa) {
	name := "reluGrad" + s.name
	TEXT(name, NOSPLIT, "func(dst, dy, y *float32, n int64)")
	Pragma("noescape")
	dst, dy, y, n := Load(Param("dst"), GP64()), Load(Param("dy"), GP64()), Load(Param("y"), GP64()), Load(Param("n"), GP64())
	zero := zeroed(s)
	loop(s, name, n.(reg.GPVirtual), func(at func(reg.Register) Mem) {
		a, b := vec(s), vec(s)
		VMOVUPS(at(y), a)
		if s.width == 16 {
			k := K()
			VCMPPS(Imm(0x1E), zero, a, k) // a > 0
			VMOVUPS_Z(at(dy), k, b)
		} else {
			VCMPPS(Imm(0x1E), zero, a, a)
			VANDPS(at(dy), a, b)
		}
		VMOVUPS(b, at(dst))
	})
}

// sum returns the sum in eight accumulating vectors' order; reduce is done in Go.
func sum(s isa) {
	name := "sum" + s.name
	TEXT(name, NOSPLIT, "func(acc, x *float32, n int64)")
	Pragma("noescape")
	Doc(name + " adds x to the lanes of acc; n is a multiple of four vectors.")
	acc, x, n := Load(Param("acc"), GP64()), Load(Param("x"), GP64()), Load(Param("n"), GP64())
	var a [4]reg.VecVirtual
	for i := range a {
		a[i] = zeroed(s)
	}
	end := GP64()
	LEAQ(Mem{Base: x, Index: n, Scale: 4}, end)
	JMP(LabelRef(name + "_test"))
	Label(name + "_loop")
	for i := range a {
		VADDPS(Mem{Base: x, Disp: i * s.width * 4}, a[i], a[i])
	}
	ADDQ(Imm(uint64(4*s.width*4)&0x7f), x)
	if 4*s.width*4 > 127 {
		ADDQ(U32(uint32(4*s.width*4-(4*s.width*4)&0x7f)), x)
	}
	Label(name + "_test")
	CMPQ(x, end)
	JL(LabelRef(name + "_loop"))
	VADDPS(a[1], a[0], a[0])
	VADDPS(a[3], a[2], a[2])
	VADDPS(a[2], a[0], a[0])
	VMOVUPS(a[0], Mem{Base: acc})
	VZEROUPPER()
	RET()
}

// dot is sum of x*y.
func dot(s isa) {
	name := "dot" + s.name
	TEXT(name, NOSPLIT, "func(acc, x, y *float32, n int64)")
	Pragma("noescape")
	Doc(name + " writes the lanes of the sum of x*y to acc; n is a multiple of four vectors.")
	acc, x, y, n := Load(Param("acc"), GP64()), Load(Param("x"), GP64()), Load(Param("y"), GP64()), Load(Param("n"), GP64())
	var a [4]reg.VecVirtual
	for i := range a {
		a[i] = zeroed(s)
	}
	i := GP64()
	XORQ(i, i)
	JMP(LabelRef(name + "_test"))
	Label(name + "_loop")
	for k := range a {
		v := vec(s)
		VMOVUPS(Mem{Base: x, Index: i, Scale: 4, Disp: k * s.width * 4}, v)
		VFMADD231PS(Mem{Base: y, Index: i, Scale: 4, Disp: k * s.width * 4}, v, a[k])
	}
	ADDQ(Imm(uint64(4*s.width)), i)
	Label(name + "_test")
	CMPQ(i, n)
	JL(LabelRef(name + "_loop"))
	VADDPS(a[1], a[0], a[0])
	VADDPS(a[3], a[2], a[2])
	VADDPS(a[2], a[0], a[0])
	VMOVUPS(a[0], Mem{Base: acc})
	VZEROUPPER()
	RET()
}

// adam updates weights p and moments m and v from the gradient d, in one pass.
// k holds: beta1, 1-beta1, beta2, 1-beta2, step size, epsilon, decay factor, 1/sqrt(1-beta2^t).
func adam(s isa) {
	name := "adam" + s.name
	TEXT(name, NOSPLIT, "func(p, d, m, v, k *float32, n int64)")
	Pragma("noescape")
	p, d, m, v := Load(Param("p"), GP64()), Load(Param("d"), GP64()), Load(Param("m"), GP64()), Load(Param("v"), GP64())
	kp, n := Load(Param("k"), GP64()), Load(Param("n"), GP64())
	var k [8]reg.VecVirtual
	for i := range k {
		k[i] = vec(s)
		VBROADCASTSS(Mem{Base: kp, Disp: 4 * i}, k[i])
	}
	loop(s, name, n.(reg.GPVirtual), func(at func(reg.Register) Mem) {
		g, mm, vv := vec(s), vec(s), vec(s)
		VMOVUPS(at(d), g)
		VMULPS(at(m), k[0], mm)
		VFMADD231PS(g, k[1], mm)
		VMOVUPS(mm, at(m))
		VMULPS(g, g, g)
		VMULPS(at(v), k[2], vv)
		VFMADD231PS(g, k[3], vv)
		VMOVUPS(vv, at(v))
		VSQRTPS(vv, vv)
		VMULPS(k[7], vv, vv)
		VADDPS(k[5], vv, vv)
		VMULPS(k[4], mm, mm)
		VDIVPS(vv, mm, mm)
		w := vec(s)
		VMULPS(at(p), k[6], w)
		VSUBPS(mm, w, w)
		VMOVUPS(w, at(p))
	})
}

func vectors() {
	for _, s := range []isa{avx512, avx2} {
		binary(s, "add", func(x, y, z reg.VecVirtual) { VADDPS(y, x, z) })
		binary(s, "sub", func(x, y, z reg.VecVirtual) { VSUBPS(y, x, z) })
		binary(s, "mul", func(x, y, z reg.VecVirtual) { VMULPS(y, x, z) })
		binary(s, "div", func(x, y, z reg.VecVirtual) { VDIVPS(y, x, z) })
		scalar(s, "scale", func(x, a, _, z reg.VecVirtual) { VMULPS(a, x, z) }, false)
		scalar(s, "addScalar", func(x, a, _, z reg.VecVirtual) { VADDPS(a, x, z) }, false)
		scalar(s, "axpy", func(x, a, old, z reg.VecVirtual) { VFMADD132PS(a, old, x); _ = z }, true)
		scalar(s, "maxScalar", func(x, a, _, z reg.VecVirtual) { VMAXPS(x, a, z) }, false)
		reluGrad(s)
		sum(s)
		dot(s)
		adam(s)
	}
}
