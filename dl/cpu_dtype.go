package dl

import (
	"math"

	"modelbook/dl/internal/hugepages"
)

// cpuTypes says of each dtype how its elements are handled.
// TestEveryDTypeIsWhole fails where something is missing.
var cpuTypes [places + 1]kernels

func init() {
	cpuTypes = [places + 1]kernels{
		Float32:  floatKernels(pairFloat32, func(v float32) uint64 { return uint64(math.Float32bits(v)) }, func(b uint64) float32 { return math.Float32frombits(uint32(b)) }),
		Float64:  floatKernels(pairFloat64, math.Float64bits, math.Float64frombits),
		Int32:    intKernels[int32](),
		Int64:    intKernels[int64](),
		Uint8:    intKernels[uint8](),
		Bool:     boolKernels(),
		Float16:  halfKernels[F16](),
		BFloat16: halfKernels[BF16](),
		Int16:    intKernels[int16](),
		Int8:     intKernels[int8](),
		Uint16:   intKernels[uint16](),
		places:   {make: slice[int]},
	}
}

// kernels are the functions that touch elements of a type.
type kernels struct {
	make  func(n int) any
	clear func(t *Tensor)
	get   func(data any, i int) float64
	put   func(data any, i int, v float64)
	read  func(t, from *Tensor)        // converts all elements
	bits  func(data any, i int) uint64 // as they stand in files
	set   func(data any, i int, bits uint64)

	move, moveTiles func(j *loop, lo, hi int)
	take            func(to, from *Tensor, at []int, n int)
	gather          func(j *gatherLoop, lo, hi int)
	choose          func(j *loop, lo, hi int) // Where

	// Of types that are computed with as they are:
	pair    func(j *loop, lo, hi int) // an elementwise function of two operands
	compare func(j *loop, lo, hi int)
	extreme func(w *walk, e *choice) // the largest, or smallest elements
	order   func(s sorting)          // not of bools
}

func slice[T any](n int) any { return hugepages.Make[T](n) }

// common are the kernels that differ in the type alone.
func common[T Element]() kernels {
	return kernels{make: slice[T], clear: clearElements[T], move: moveRows[T], moveTiles: moveTiles[T], take: takeRows[T], gather: gatherRows[T], choose: chooseRows[T]}
}

func floatKernels[T float](pair func(j *loop, lo, hi int), bits func(v T) uint64, value func(bits uint64) T) kernels {
	k := common[T]()
	k.bits = func(data any, i int) uint64 { return bits(data.([]T)[i]) }
	k.set = func(data any, i int, bits uint64) { data.([]T)[i] = value(bits) }
	k.get = func(data any, i int) float64 { return float64(data.([]T)[i]) }
	k.put = func(data any, i int, v float64) { data.([]T)[i] = T(v) }
	k.read = func(t, from *Tensor) { convert(elements[T](t), from) }
	k.move, k.pair, k.compare, k.extreme = moveFloats[T], pair, compareRows[T], extremes[T]
	k.order = orderLanes[T]
	return k
}

func intKernels[T integer]() kernels {
	k := common[T]()
	k.bits = func(data any, i int) uint64 { return uint64(data.([]T)[i]) }
	k.set = func(data any, i int, bits uint64) { data.([]T)[i] = T(bits) }
	k.get = func(data any, i int) float64 { return float64(data.([]T)[i]) }
	k.put = func(data any, i int, v float64) { data.([]T)[i] = saturate[T](v) }
	k.read = func(t, from *Tensor) { convert(elements[T](t), from) }
	k.pair, k.compare, k.extreme = pairInts[T], compareRows[T], extremes[T]
	k.order = orderLanes[T]
	return k
}

func halfKernels[T half]() kernels {
	k := common[T]()
	k.bits = func(data any, i int) uint64 { return uint64(data.([]T)[i]) }
	k.set = func(data any, i int, bits uint64) { data.([]T)[i] = T(bits) }
	k.get = func(data any, i int) float64 { return float64(data.([]T)[i].Float32()) }
	k.put = func(data any, i int, v float64) { data.([]T)[i] = toHalf[T](float32(v)) }
	k.read = func(t, from *Tensor) {
		out := elements[T](t)
		for i := range out {
			out[i] = toHalf[T](float32(get(from, i)))
		}
	}
	return k
}

func boolKernels() kernels {
	k := common[bool]()
	k.bits = func(data any, i int) uint64 {
		if data.([]bool)[i] {
			return 1
		}
		return 0
	}
	k.set = func(data any, i int, bits uint64) { data.([]bool)[i] = bits != 0 }
	k.get = func(data any, i int) float64 {
		if data.([]bool)[i] {
			return 1
		}
		return 0
	}
	k.put = func(data any, i int, v float64) { data.([]bool)[i] = v != 0 }
	k.read = func(t, from *Tensor) {
		out := elements[bool](t)
		for i := range out {
			out[i] = get(from, i) != 0
		}
	}
	k.pair, k.compare, k.extreme = pairBools, compareBools, extremeBools
	return k
}
