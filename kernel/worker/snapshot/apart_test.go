package snapshot

import (
	"slices"
	"testing"
)

// What shares memory and does not when it comes back is told, and nothing else.
func TestWhatComesBackApartIsTold(t *testing.T) {
	type C struct{ M, N int }
	type one struct{ A int }
	c, array, list := &C{1, 2}, [4]int{}, []int{1, 2, 3, 4}
	inner := struct {
		C   *C
		Sub *int
	}{&C{}, nil}
	inner.Sub = &inner.C.N
	wrapped := &one{}
	first := &node{Value: 1}
	first.Next = &node{Next: first}
	for name, test := range map[string]struct {
		vars map[string]any
		want []string
	}{
		"a field":             {map[string]any{"c": &c, "x": ptr(&c.N), "y": ptr(c)}, []string{"c and x"}},
		"the first field":     {map[string]any{"c": &c, "x": ptr(&c.M)}, []string{"c and x"}},
		"the only field":      {map[string]any{"c": &wrapped, "x": ptr(&wrapped.A)}, []string{"c and x"}},
		"of a variable":       {map[string]any{"c": c, "x": ptr(&c.M)}, []string{"c and x"}},
		"an element":          {map[string]any{"a": &array, "x": ptr(&array[2])}, []string{"a and x"}},
		"a slice of an array": {map[string]any{"a": &array, "x": ptr(array[1:])}, []string{"a and x"}},
		"parts of a slice":    {map[string]any{"l": &list, "m": ptr(list[:2]), "n": ptr(list[2:])}, []string{"l and m", "l and n"}},
		"inside one variable": {map[string]any{"v": &inner}, []string{"v"}},
		"what comes back":     {map[string]any{"c": c, "p": &c, "l": &list, "m": ptr(list[:4]), "n": &first, "o": ptr(first.Next)}, nil},
		"beside one another":  {map[string]any{"l": ptr(list[:2]), "m": ptr(list[2:])}, nil},
		"nothing":             {map[string]any{"l": ptr([]int{}), "m": ptr((*int)(nil)), "z": ptr(struct{}{})}, nil},
		"what is not written": {map[string]any{"c": ptr(struct {
			c *C
			f func()
		}{c, func() {}}), "x": ptr(&c.M)}, nil},
	} {
		if _, wrote, _ := trip(t, test.vars); !slices.Equal(wrote.Apart, test.want) {
			t.Errorf("%s: %q, want %q", name, wrote.Apart, test.want)
		}
	}
}
