package display

import (
	"fmt"
	"image"
	"reflect"
	"strings"
)

// Shape is the shape of a value for listings: "3×4" for what has dimensions
// (tensors, matrices, arrays of arrays), the number of elements of a slice,
// map, string or channel, and "" for everything else.
func Shape(v any) string {
	if v == nil {
		return ""
	}
	return patiently(func() string { return shape(v) }, "", "")
}

func shape(v any) string {
	r, held := v.(reflect.Value) // see bundle
	if !held || !r.IsValid() {
		r, held = reflect.ValueOf(v), false
	}
	if !held && !isNil(r) {
		switch v := v.(type) {
		case image.Image:
			return fmt.Sprintf("%d×%d", v.Bounds().Dx(), v.Bounds().Dy())
		case interface{ Dims() (r, c int) }:
			rows, columns := v.Dims()
			return fmt.Sprintf("%d×%d", rows, columns)
		case interface{ Len() int }:
			return fmt.Sprint(v.Len())
		}
		// A method Shape that returns whole numbers, like that of tensors.
		if m := r.MethodByName("Shape"); m.IsValid() && m.Type().NumIn() == 0 && m.Type().NumOut() == 1 {
			if t := m.Type().Out(0); t.Kind() == reflect.Slice && t.Elem().Kind() == reflect.Int {
				return times(m.Call(nil)[0])
			}
		}
	}
	switch r.Kind() {
	case reflect.Array:
		n := []string{}
		for t := r.Type(); t.Kind() == reflect.Array; t = t.Elem() {
			n = append(n, fmt.Sprint(t.Len()))
		}
		return strings.Join(n, "×")
	case reflect.Slice, reflect.Map, reflect.String, reflect.Chan:
		return fmt.Sprint(r.Len())
	}
	return ""
}

func times(dims reflect.Value) string {
	if dims.Len() == 0 {
		return "scalar"
	}
	n := make([]string, dims.Len())
	for i := range n {
		n[i] = fmt.Sprint(dims.Index(i).Int())
	}
	return strings.Join(n, "×")
}
