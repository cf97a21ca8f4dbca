package main

import (
	"fmt"
	"math"

	. "github.com/mmcloughlin/avo/build"
	. "github.com/mmcloughlin/avo/operand"
	"github.com/mmcloughlin/avo/reg"
)

// GELU of t >= 0 and its derivative are computed by polynomials of a degree for each of 32 intervals, whose centers lie a
// sixth apart, those of the derivative a little more: it goes on at its last value, which only there is next to 1. A
// permutation of two registers picks the coefficients of each lane. What is below the last interval, geluLimit and
// geluSlopeLimit of package vec, other kernels compute.
const (
	geluDegree       = 5
	geluIntervals    = 32
	geluPerUnit      = 6
	geluSlopePerUnit = 5.5
)

// A gelu is GELU or its approximation with tanh: at -t it is -t above(t), and its derivative slope(t). At t it is t more,
// and its derivative one less the same.
type gelu struct {
	name         string
	above, slope func(t float64) float64
}

var gelus = []gelu{
	{"gelu", normalAbove, func(t float64) float64 { return normalAbove(t) - t*math.Exp(-t*t/2)/math.Sqrt(2*math.Pi) }},
	{"geluTanh", tanhAbove, func(t float64) float64 {
		s := tanhAbove(t)
		return s - t*s*(1-s)*2*math.Sqrt(2/math.Pi)*(1+3*0.044715*t*t)
	}},
}

// normalAbove is the probability of more than t.
func normalAbove(t float64) float64 { return 0.5 * math.Erfc(t/math.Sqrt2) }

func tanhAbove(t float64) float64 {
	return 1 / (1 + math.Exp(2*math.Sqrt(2/math.Pi)*(t+0.044715*t*t*t)))
}

// coefficients are those of the polynomial in w = t*perUnit - i, from -1/2 to 1/2, that goes through f at the nodes of
// Chebyshev's; the constant one comes first.
func coefficients(f func(float64) float64, perUnit float64, i int) []float64 {
	const n = geluDegree + 1
	var rows [n][n + 1]float64
	for r := range rows {
		w := math.Cos((float64(r)+0.5)*math.Pi/n) / 2
		for c, p := 0, 1.0; c < n; c, p = c+1, p*w {
			rows[r][c] = p
		}
		rows[r][n] = f((float64(i) + w) / perUnit)
	}
	for c := range n { // Gauss and Jordan
		most := c
		for r := c; r < n; r++ {
			if math.Abs(rows[r][c]) > math.Abs(rows[most][c]) {
				most = r
			}
		}
		rows[c], rows[most] = rows[most], rows[c]
		for r := range n {
			if r != c {
				by := rows[r][c] / rows[c][c]
				for k := c; k <= n; k++ {
					rows[r][k] -= by * rows[c][k]
				}
			}
		}
	}
	var all []float64
	for c := range n {
		all = append(all, rows[c][n]/rows[c][c])
	}
	return all
}

// intervals is the data of a function: 32 values of each coefficient.
func intervals(name string, f func(float64) float64, perUnit float64) Mem {
	data := GLOBL(name, RODATA|NOPTR)
	var of [geluIntervals][]float64
	for i := range of {
		of[i] = coefficients(f, perUnit, i)
	}
	for c := range geluDegree + 1 {
		for i := range of {
			DATA(4*(geluIntervals*c+i), bits32(of[i][c]))
		}
	}
	return data
}

// bits32 is a float32 as its bits: Go's assembler takes a 5 for an integer.
func bits32(v float64) U32 { return U32(math.Float32bits(float32(v))) }

// write writes the kernel of the function or, with gradients, of its derivative times them.
func (g gelu) write(gradient bool) {
	name, f, each, args := g.name+"IntervalsAVX512", g.above, float64(geluPerUnit), "dst, x *float32"
	if gradient {
		name, f, each, args = g.name+"GradIntervalsAVX512", g.slope, geluSlopePerUnit, "dst, dy, x *float32"
	}
	last := (geluIntervals - 0.55) / each
	data := intervals(name+"Table", f, each)
	fixed := GLOBL(name+"Constants", RODATA|NOPTR)
	for i, v := range []Constant{U32(0x7fffffff), bits32(last), bits32(-last), bits32(each), bits32(3 << 22), bits32(1)} {
		DATA(4*i, v)
	}
	TEXT(name, NOSPLIT, "func("+args+", vectors int64) int64")
	Pragma("noescape")
	Doc(fmt.Sprintf("%s computes whole vectors, see inIntervals of package vec, and returns how many: it ends at one with an element below -%.2f, or that is not a number.", name, last))
	dst, x := Load(Param("dst"), GP64()), Load(Param("x"), GP64())
	var dy reg.Register
	if gradient {
		dy = Load(Param("dy"), GP64())
	}
	n, left := Load(Param("vectors"), GP64()), GP64()
	MOVQ(n, left)
	var lo, hi []reg.VecVirtual
	for c := range geluDegree + 1 {
		l, h := ZMM(), ZMM()
		VMOVUPS(data.Offset(4*geluIntervals*c), l)
		VMOVUPS(data.Offset(4*geluIntervals*c+64), h)
		lo, hi = append(lo, l), append(hi, h)
	}
	var constants []reg.VecVirtual
	for i := range 6 {
		v := ZMM()
		VBROADCASTSS(fixed.Offset(4*i), v)
		constants = append(constants, v)
	}
	absolute, limit, lowest, perUnit, round, one := constants[0], constants[1], constants[2], constants[3], constants[4], constants[5]
	Label(name + "_loop")
	v, t, at, w := ZMM(), ZMM(), ZMM(), ZMM()
	within := K()
	VMOVUPS(Mem{Base: x}, v)
	VCMPPS(Imm(0x1e), lowest, v, within) // greater
	KORTESTW(within, within)
	JCC(LabelRef(name + "_end")) // not all
	VANDPS(absolute, v, t)
	VMINPS(limit, t, t)
	VMOVAPS(t, at)
	VFMADD213PS(round, perUnit, at) // the number of the interval is in the last bits
	VSUBPS(round, at, w)
	VFMSUB231PS(perUnit, t, w)
	y := ZMM()
	for c := geluDegree; c >= 0; c-- {
		p := ZMM()
		VMOVAPS(at, p)
		VPERMI2PS(hi[c], lo[c], p)
		if c == geluDegree {
			y = p
		} else {
			VFMADD213PS(p, w, y)
		}
	}
	if gradient {
		// 1-y where x is positive, and y where it is negative
		positive := K()
		VPMOVD2M(v, positive)
		KNOTW(positive, positive)
		VSUBPS(y, one, positive, y)
		VMULPS(Mem{Base: dy}, y, y)
		ADDQ(Imm(64), dy)
	} else {
		// x-x*y and x*y
		zero := ZMM()
		VPXORD(zero, zero, zero)
		VMAXPS(v, zero, v)
		VFNMADD213PS(v, t, y)
	}
	VMOVUPS(y, Mem{Base: dst})
	ADDQ(Imm(64), x)
	ADDQ(Imm(64), dst)
	DECQ(left)
	JNZ(LabelRef(name + "_loop"))
	Label(name + "_end")
	SUBQ(left, n)
	VZEROUPPER()
	Store(n, ReturnIndex(0))
	RET()
}
