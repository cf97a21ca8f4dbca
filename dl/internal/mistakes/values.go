package mistakes

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"math"
	"reflect"

	"modelbook/dl"
)

func of[T any](name string, f func() T) item {
	return item{name, func() reflect.Value {
		v := reflect.New(reflect.TypeFor[T]()).Elem()
		v.Set(reflect.ValueOf(f()))
		return v
	}}
}

// null is the zero value of a type.
func null(name string, t reflect.Type) item {
	return item{name, func() reflect.Value { return reflect.Zero(t) }}
}

func numbered(shape ...int) *dl.Tensor {
	x := dl.New(dl.Float32, shape...)
	for i, v := range dl.Arange(x.Size()).Float32s() {
		x.Float32s()[i] = v/8 + 0.125
	}
	return x
}

// ended is a tensor of a training step that has ended.
func ended() (x *dl.Tensor) {
	dl.NewArena().Run(func() { x = dl.Ones(2, 3).MulScalar(2) })
	return x
}

var tensors = struct{ good, bad []item }{
	good: []item{
		of("", func() *dl.Tensor { return numbered(4, 3) }), of("", func() *dl.Tensor { return numbered(3) }),
		of("", func() *dl.Tensor { return dl.Of([]int32{0, 1, 2, 1}) }), of("", func() *dl.Tensor { return numbered(3, 3).Add(dl.Eye(3)) }),
		of("", func() *dl.Tensor { return numbered(2, 4, 6) }), of("", func() *dl.Tensor { return numbered(2, 4, 4, 3) }),
		of("", func() *dl.Tensor { return dl.Of([]bool{true, false, true}) }), of("", func() *dl.Tensor { return numbered(2, 3, 3, 3, 2) }),
		of("", func() *dl.Tensor { return numbered(1) }), of("", func() *dl.Tensor { return dl.Scalar(0.5) }),
		of("", func() *dl.Tensor { return numbered(4) }),
	},
	bad: []item{
		of("nil", func() *dl.Tensor { return nil }), of("ended", ended), of("scalar", func() *dl.Tensor { return dl.Scalar(1) }),
		of("[0]", func() *dl.Tensor { return dl.Zeros(0) }), of("[0 3]", func() *dl.Tensor { return dl.Zeros(0, 3) }),
		of("[3 0]", func() *dl.Tensor { return dl.Zeros(3, 0) }), of("[2 0 0 3]", func() *dl.Tensor { return dl.Zeros(2, 0, 0, 3) }),
		of("[7]", func() *dl.Tensor { return numbered(7) }), of("[5 7]", func() *dl.Tensor { return numbered(5, 7) }),
		of("[7 5] view", func() *dl.Tensor { return numbered(5, 7).T() }), of("[2 3 5]", func() *dl.Tensor { return numbered(2, 3, 5) }),
		of("[1 2 1 2 1 2]", func() *dl.Tensor { return numbered(1, 2, 1, 2, 1, 2) }),
		of("bool", func() *dl.Tensor { return dl.Of([]bool{true, false, true, true}) }),
		of("int64 of -1, 9", func() *dl.Tensor { return dl.Of([]int64{0, -1, 9, math.MaxInt64}) }),
		of("float64", func() *dl.Tensor { return dl.Full(0.5, 4, 3).To(dl.Float64) }), of("float16", func() *dl.Tensor { return dl.Full(0.5, 4, 3).To(dl.Float16) }),
		of("NaN", func() *dl.Tensor { return dl.Full(math.NaN(), 4, 3) }), of("labels of NaN", func() *dl.Tensor { return dl.Full(math.NaN(), 4) }),
		of("inf", func() *dl.Tensor { return dl.Full(math.Inf(1), 4, 3) }),
	},
}

var cancelled = func() context.Context {
	c, stop := context.WithCancel(context.Background())
	stop()
	return c
}()

type broken struct{}

func (broken) Write(p []byte) (int, error)             { return 0, errors.New("the disk is full") }
func (broken) Read(p []byte) (int, error)              { return 0, errors.New("the disk is broken") }
func (broken) ReadAt(p []byte, off int64) (int, error) { return 0, errors.New("the disk is broken") }

const depth = 4 // of values within values

// goods are right values of a type, the most likely ones first.
func (s *Surface) goods(t reflect.Type, level int) (items []item) {
	if level > depth {
		return nil
	}
	items = append(items, s.good[t]...)
	switch t {
	case reflect.TypeFor[*dl.Tensor]():
		return append(items, tensors.good...)
	case reflect.TypeFor[dl.Shape]():
		return append(items, of("", func() dl.Shape { return dl.Shape{4, 4, 3} }), of("", func() dl.Shape { return dl.Shape{3} }), of("", func() dl.Shape { return dl.Shape{4, 6} }))
	case reflect.TypeFor[*dl.Rand]():
		return append(items, of("", func() *dl.Rand { return dl.NewRand(1) }))
	case reflect.TypeFor[context.Context]():
		return append(items, of("", func() context.Context { return context.Background() }))
	case reflect.TypeFor[io.Writer]():
		return append(items, of("", func() io.Writer { return io.Discard }))
	case reflect.TypeFor[io.Reader]():
		return append(items, of("", func() io.Reader { return bytes.NewReader([]byte("1,2\n3,4\n")) }))
	case reflect.TypeFor[error]():
		return append(items, of("", func() error { return errors.New("x") }))
	case reflect.TypeFor[any]():
		return append(items, of("", func() any { return 1.0 }), of("", func() any { return "a" }))
	}
	if len(items) > 0 && t.Kind() != reflect.Pointer {
		return items
	}
	constant := func(vs ...any) {
		for _, v := range vs {
			items = append(items, item{"", func() reflect.Value { return reflect.ValueOf(v).Convert(t) }})
		}
	}
	switch t.Kind() {
	case reflect.Bool:
		constant(false, true)
	case reflect.Int, reflect.Int64:
		constant(1, 2, 0, 3, 4)
	case reflect.Int8, reflect.Int16, reflect.Int32, reflect.Uint, reflect.Uint8, reflect.Uint16, reflect.Uint32, reflect.Uint64, reflect.Uintptr:
		constant(0, 1, 2)
	case reflect.Float32, reflect.Float64:
		constant(0.5, 1.0, 2.0)
	case reflect.Complex64, reflect.Complex128:
		constant(1i)
	case reflect.String:
		constant("a", "b")
	case reflect.Slice:
		for _, e := range s.goods(t.Elem(), level+1)[:min(3, len(s.goods(t.Elem(), level+1)))] {
			items = append(items, s.slice("", t, e))
		}
		if e := s.goods(t.Elem(), level+1); len(e) > 1 {
			items = append(items, s.slice("", t, e[0], e[0]), s.slice("", t, e[0], e[1]))
		}
		items = append(items, s.slice("", t))
	case reflect.Array:
		for _, e := range s.goods(t.Elem(), level+1) {
			items = append(items, filled("", t, e, e))
		}
	case reflect.Map:
		keys, values := s.goods(t.Key(), level+1), s.goods(t.Elem(), level+1)
		if len(keys) > 0 && len(values) > 0 {
			items = append(items, mapOf("", t, keys[0], values[0]))
		}
		items = append(items, item{"", func() reflect.Value { return reflect.MakeMap(t) }})
	case reflect.Func:
		items = append(items, s.callback("", t, true, level))
	case reflect.Pointer:
		if len(items) == 0 || t.Elem().Kind() == reflect.Struct && len(s.good[t.Elem()]) > 0 {
			for _, e := range s.goods(t.Elem(), level+1) {
				items = append(items, item{"", func() reflect.Value {
					p := reflect.New(t.Elem())
					p.Elem().Set(e.value())
					return p
				}})
			}
		}
	case reflect.Struct:
		items = append(items, null("", t))
	case reflect.Interface:
		for _, other := range s.Types {
			for _, v := range []reflect.Type{other, reflect.PointerTo(other)} {
				if other.Kind() != reflect.Interface && v.Implements(t) {
					for _, g := range s.goods(v, level+1) {
						items = append(items, as("", t, g))
					}
					break
				}
			}
		}
	}
	return items
}

// bads are wrong values of a type, and those that are at its edges.
func (s *Surface) bads(t reflect.Type, level int) (items []item) {
	if level > depth {
		return nil
	}
	if only := s.only[t]; only != nil {
		return only
	}
	items = append(items, s.bad[t]...)
	switch t {
	case reflect.TypeFor[*dl.Tensor]():
		if level > 1 {
			return append(items, tensors.bad[0], tensors.bad[1], tensors.bad[3], tensors.bad[8])
		}
		return append(items, tensors.bad...)
	case reflect.TypeFor[*dl.Rand]():
		return append(items, null("nil", t), of("zero", func() *dl.Rand { return &dl.Rand{} }))
	case reflect.TypeFor[context.Context]():
		return append(items, null("nil", t), of("cancelled", func() context.Context { return cancelled }))
	case reflect.TypeFor[io.Writer]():
		return append(items, null("nil", t), of("broken", func() io.Writer { return broken{} }))
	case reflect.TypeFor[io.Reader]():
		return append(items, null("nil", t), of("broken", func() io.Reader { return broken{} }), of("empty", func() io.Reader { return bytes.NewReader(nil) }),
			of("garbage", func() io.Reader { return bytes.NewReader([]byte("\x93NUMPY\x01\x00\xff\xff{garbage")) }))
	case reflect.TypeFor[io.ReaderAt]():
		return append(items, null("nil", t), of("broken", func() io.ReaderAt { return broken{} }), of("empty", func() io.ReaderAt { return bytes.NewReader(nil) }))
	case reflect.TypeFor[any]():
		return append(items, null("nil", t), of("struct", func() any { return struct{}{} }), of("[]int(nil)", func() any { return []int(nil) }),
			of("channel", func() any { return make(chan int) }), of("NaN", func() any { return math.NaN() }), of("func", func() any { return func() {} }),
			of("ragged", func() any { return [][]float64{{1}, {2, 3}} }), of("nil pointer", func() any { return (*int)(nil) }))
	}
	constant := func(named ...any) {
		for i := 0; i < len(named); i += 2 {
			v := reflect.ValueOf(named[i+1]).Convert(t)
			items = append(items, item{named[i].(string), func() reflect.Value { return v }})
		}
	}
	switch t.Kind() {
	case reflect.Int, reflect.Int64:
		constant("-1", -1, "0", 0, "19", 19, "1<<40", 1<<40, "1<<62", 1<<62, "-1<<62", -1<<62)
	case reflect.Int32:
		constant("-1", -1, "max", math.MaxInt32, "min", math.MinInt32)
	case reflect.Int8, reflect.Int16:
		constant("-1", -1)
	case reflect.Uint8:
		constant("99", 99)
	case reflect.Uint64:
		constant("max", uint64(math.MaxUint64))
	case reflect.Float32, reflect.Float64:
		constant("0", 0.0, "-1", -1.0, "NaN", math.NaN(), "+Inf", math.Inf(1), "-Inf", math.Inf(-1), "1e300", 1e300)
	case reflect.String:
		constant("empty", "", "odd", "é\x00\xff/../ ,\"{", "long", string(bytes.Repeat([]byte("x"), 5000)))
	case reflect.Slice:
		items = append(items, null("nil", t), s.slice("[]", t))
		var good item
		if g := s.goods(t.Elem(), level+1); len(g) > 0 {
			good = g[0]
			items = append(items, s.slice("5 of them", t, good, good, good, good, good))
		}
		for _, b := range s.bads(t.Elem(), level+1) {
			items = append(items, s.slice("["+b.name+"]", t, b))
			if good.value != nil {
				items = append(items, s.slice("[.. "+b.name+"]", t, good, b))
			}
		}
		if t.Elem().Kind() == reflect.Int {
			items = append(items, item{"[1<<33 1<<33]", func() reflect.Value { return reflect.ValueOf([]int{1 << 33, 1 << 33}).Convert(t) }})
		}
	case reflect.Array:
		if g := s.goods(t.Elem(), level+1); len(g) > 0 {
			for _, b := range s.bads(t.Elem(), level+1) {
				items = append(items, filled("["+b.name+" ..]", t, b, g[0]), filled("["+b.name+" all]", t, b, b))
			}
		}
	case reflect.Map:
		items = append(items, null("nil", t))
		keys, values := s.goods(t.Key(), level+1), s.goods(t.Elem(), level+1)
		for _, b := range s.bads(t.Elem(), level+1) {
			if len(keys) > 0 {
				items = append(items, mapOf("{"+b.name+"}", t, keys[0], b))
			}
		}
		for _, b := range s.bads(t.Key(), level+1) {
			if len(values) > 0 {
				items = append(items, mapOf("{key "+b.name+"}", t, b, values[0]))
			}
		}
	case reflect.Func:
		items = append(items, null("nil", t))
		if t.NumOut() > 0 {
			items = append(items, s.callback("of zeros", t, false, level))
		}
	case reflect.Pointer:
		items = append(items, null("nil", t))
		if t.Elem().Kind() == reflect.Struct {
			items = append(items, item{"zero", func() reflect.Value { return reflect.New(t.Elem()) }})
			var wrong []item
			if right := s.good[t]; len(right) > 0 && level > 0 {
				// it is called by itself with wrong parts
			} else if len(right) > 0 { // what a function made, with one wrong part
				wrong = s.parts(t.Elem(), item{"", func() reflect.Value { return right[0].value().Elem() }}, level+1)
			} else {
				wrong = s.bads(t.Elem(), level+1)
			}
			for _, b := range wrong {
				items = append(items, item{b.name, func() reflect.Value {
					p := reflect.New(t.Elem())
					p.Elem().Set(b.value())
					return p
				}})
			}
		}
	case reflect.Struct:
		items = append(items, null("{}", t))
		if bases := s.goods(t, level); len(bases) > 0 {
			items = append(items, s.parts(t, bases[0], level)...)
		}
	case reflect.Interface:
		items = append(items, null("nil", t))
	}
	return items
}

// parts are structs with one wrong field each.
func (s *Surface) parts(t reflect.Type, right item, level int) (items []item) {
	for i := range t.NumField() {
		f := t.Field(i)
		if !f.IsExported() {
			continue
		}
		for _, b := range s.bads(f.Type, level+1) {
			items = append(items, item{fmt.Sprintf("{%s: %s}", f.Name, b.name), func() reflect.Value {
				v := reflect.New(t).Elem()
				v.Set(right.value())
				v.Field(i).Set(b.value())
				return v
			}})
		}
	}
	return items
}

func as(name string, t reflect.Type, g item) item {
	return item{name, func() reflect.Value {
		v := reflect.New(t).Elem()
		v.Set(g.value())
		return v
	}}
}

func (s *Surface) slice(name string, t reflect.Type, elements ...item) item {
	return item{name, func() reflect.Value {
		v := reflect.MakeSlice(t, 0, len(elements))
		for _, e := range elements {
			v = reflect.Append(v, e.value())
		}
		return v
	}}
}

func filled(name string, t reflect.Type, first, rest item) item {
	return item{name, func() reflect.Value {
		v := reflect.New(t).Elem()
		for i := range t.Len() {
			if i == 0 {
				v.Index(i).Set(first.value())
			} else {
				v.Index(i).Set(rest.value())
			}
		}
		return v
	}}
}

func mapOf(name string, t reflect.Type, key, value item) item {
	return item{name, func() reflect.Value {
		m := reflect.MakeMap(t)
		m.SetMapIndex(key.value(), value.value())
		return m
	}}
}

// callback is a function that returns what it was given, where that is of the right type, otherwise right values; or
// zeros.
func (s *Surface) callback(name string, t reflect.Type, right bool, level int) item {
	return item{name, func() reflect.Value {
		return reflect.MakeFunc(t, func(args []reflect.Value) (out []reflect.Value) {
		results:
			for i := range t.NumOut() {
				if right && t.Out(i) != reflect.TypeFor[error]() {
					for _, a := range args {
						if a.Type() == t.Out(i) {
							out = append(out, a)
							continue results
						}
						if a.Kind() == reflect.Slice && a.Type().Elem() == t.Out(i) && a.Len() > 0 {
							out = append(out, a.Index(0))
							continue results
						}
					}
					if g := s.goods(t.Out(i), level+1); len(g) > 0 {
						out = append(out, g[0].value())
						continue
					}
				}
				out = append(out, reflect.Zero(t.Out(i)))
			}
			return out
		})
	}}
}
