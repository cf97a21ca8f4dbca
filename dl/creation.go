package dl

import (
	"fmt"
	"math"
	"reflect"
)

// FromSlices returns a tensor of nested slices or arrays of numbers or bools, of
// any depth, as torch.tensor and numpy.array do of lists:
//
//	dl.FromSlices([][]float32{{1, 2}, {3, 4}})
//
// The dtype is that of the elements, Int64 for int. Slices beside each other
// must have the same length. [Tensor.Slices] goes back.
func FromSlices(nested any) *Tensor {
	v := reflect.ValueOf(nested)
	var shape Shape
	typ := reflect.TypeOf(nested)
	for first := v; typ != nil && (typ.Kind() == reflect.Slice || typ.Kind() == reflect.Array); typ = typ.Elem() {
		n := 0
		if first.IsValid() {
			n = first.Len()
		}
		shape = append(shape, n)
		if n > 0 {
			first = first.Index(0)
		} else {
			first = reflect.Value{}
		}
	}
	d, ok := elementType(typ)
	if !ok {
		PanicValue("FromSlices", "a %T has no elements that a tensor can hold: they are numbers of one type, or bools", nested)
	}
	t := New(d, shape...)
	at := 0
	var fill func(v reflect.Value, axis int)
	fill = func(v reflect.Value, axis int) {
		if axis == len(shape) {
			device.setBits(t.storage, at, bitsOf(v, d))
			at++
			return
		}
		if v.Len() != shape[axis] {
			PanicValue("FromSlices", "slices of %d and of %d elements stand beside each other along axis %d: they must have the same length", shape[axis], v.Len(), axis)
		}
		for i := range v.Len() {
			fill(v.Index(i), axis+1)
		}
	}
	fill(v, 0)
	return t
}

// elementType is the dtype of a Go type.
func elementType(typ reflect.Type) (d DType, ok bool) {
	switch typ {
	case nil:
		return 0, false
	case reflect.TypeFor[F16]():
		return Float16, true
	case reflect.TypeFor[BF16]():
		return BFloat16, true
	}
	d, ok = map[reflect.Kind]DType{reflect.Float32: Float32, reflect.Float64: Float64, reflect.Int: Int64, reflect.Int64: Int64, reflect.Int32: Int32,
		reflect.Int16: Int16, reflect.Int8: Int8, reflect.Uint8: Uint8, reflect.Uint16: Uint16, reflect.Bool: Bool}[typ.Kind()]
	return d, ok
}

// bitsOf are those of an element of a dtype, as they stand in files.
func bitsOf(v reflect.Value, d DType) uint64 {
	switch v.Kind() {
	case reflect.Float32:
		return uint64(math.Float32bits(float32(v.Float())))
	case reflect.Float64:
		return math.Float64bits(v.Float())
	case reflect.Bool:
		if v.Bool() {
			return 1
		}
		return 0
	case reflect.Uint8, reflect.Uint16:
		return v.Uint()
	}
	return uint64(v.Int())
}

// Slices returns a copy of the elements as nested slices of their Go type, one
// level for each axis, as tolist does: x.Slices().([][]float32) of a matrix of
// float32. The element itself is returned of a scalar.
func (t *Tensor) Slices() any {
	t = t.packed()
	flat := reflect.ValueOf(device.host(t.storage)).Slice(t.offset, t.offset+t.size)
	var nest func(from, to, axis int) reflect.Value
	nest = func(from, to, axis int) reflect.Value {
		if axis == len(t.shape)-1 {
			out := reflect.MakeSlice(flat.Type(), to-from, to-from)
			reflect.Copy(out, flat.Slice(from, to))
			return out
		}
		typ := flat.Type()
		for range len(t.shape) - 1 - axis {
			typ = reflect.SliceOf(typ)
		}
		n := t.shape[axis]
		out := reflect.MakeSlice(typ, n, n)
		for i := range n {
			step := (to - from) / n
			out.Index(i).Set(nest(from+i*step, from+(i+1)*step, axis+1))
		}
		return out
	}
	if len(t.shape) == 0 {
		return flat.Index(0).Interface()
	}
	return nest(0, t.size, 0).Interface()
}

// ZerosLike returns zeros of the shape and the dtype of x.
func ZerosLike(x *Tensor) *Tensor { return New(x.DType(), x.shape...) }

// OnesLike returns ones of the shape and the dtype of x.
func OnesLike(x *Tensor) *Tensor { return FullLike(x, 1) }

// FullLike returns a tensor of the shape and the dtype of x with every element v.
func FullLike(x *Tensor, v float64) *Tensor {
	t := ZerosLike(x)
	t.fill(v)
	return t
}

// Range returns the float32 numbers start, start+step, ... below stop, or above
// it when step is negative, as NumPy's arange does. See [Linspace] for a number
// of them.
func Range(start, stop, step float64) *Tensor {
	n := math.Ceil((stop - start) / step)
	if step == 0 || math.IsNaN(n) || n > mostElements {
		PanicValue("Range", "steps of %v never lead from %v to %v", step, start, stop)
	}
	return series(int(max(n, 0)), func(i int) float64 { return start + float64(i)*step })
}

// Linspace returns n float32 numbers from lo to hi, both of them included, at
// equal distances.
func Linspace(lo, hi float64, n int) *Tensor { return linspace("Linspace", lo, hi, n, identity) }

// Logspace returns n float32 numbers from 10^lo to 10^hi, both of them included,
// with equal quotients.
func Logspace(lo, hi float64, n int) *Tensor {
	return linspace("Logspace", lo, hi, n, func(v float64) float64 { return math.Pow(10, v) })
}

func identity(v float64) float64 { return v }

func linspace(op string, lo, hi float64, n int, f func(v float64) float64) *Tensor {
	if n < 0 {
		PanicValue(op, "%d numbers are impossible", n)
	}
	return series(n, func(i int) float64 {
		if i == n-1 && n > 1 {
			return f(hi)
		}
		return f(lo + (hi-lo)*float64(i)/float64(max(1, n-1)))
	})
}

// series returns the float32 tensor of f(0), f(1), ... f(n-1).
func series(n int, f func(i int) float64) *Tensor {
	t := Zeros(n)
	for i := range n {
		t.set(i, f(i))
	}
	return t
}

// Meshgrid returns, for vectors, views of the shape of all of their lengths: the
// k-th one varies along axis k only. Together they are the coordinates of a grid
// (indexing "ij" of PyTorch and NumPy).
func Meshgrid(vectors ...*Tensor) []*Tensor {
	shape := make([]int, len(vectors))
	for i, v := range vectors {
		if v.Rank() != 1 {
			shapePanic("Meshgrid", fmt.Sprintf("operand %d is no vector", i), v)
		}
		shape[i] = v.size
	}
	grids := make([]*Tensor, len(vectors))
	for i, v := range vectors {
		column := make([]int, len(vectors))
		for k := range column {
			column[k] = 1
		}
		column[i] = v.size
		grids[i] = v.Reshape(column...).Expand(shape...)
	}
	return grids
}
