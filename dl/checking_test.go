//go:build checked

package dl

import (
	"fmt"
	"strings"
	"testing"
)

// The checking backend finds what it is there for.
func TestTheCheckingBackendFinds(t *testing.T) {
	for _, c := range []struct {
		name, want string
		f          func()
	}{
		{"overlap", "a copy: result 0 overlaps operand 1", func() {
			x := Zeros(4)
			move(x.storage, layout{Shape{3}, Shape{1}, 1}, x.storage, layout{Shape{3}, Shape{1}, 0}, false)
		}},
		{"outside", "Add: places 0 to 5 of 4 elements", func() {
			x := Zeros(4)
			long := region{x.storage, layout{Shape{5}, Shape{1}, 0}}.tensor()
			device.pair(pair{rule: &addRule, a: long, b: long, y: Zeros(5)})
		}},
		{"margin", "zeros: something is written at place 4 of 4 elements", func() {
			x := Zeros(4)
			bytesOf(x.data, Float32, 4, 1)[0] = 0
			x.clear()
		}},
		{"before the margin", "zeros: something is written at place -1 of 4 elements", func() {
			x := Zeros(4)
			bytesOf(x.data, Float32, -1, 1)[3] = 0
			x.clear()
		}},
		{"read undefined", "Exp: it reads element 0 of shape [2], which nobody has written", func() { result(Float32, Shape{2}).Exp() }},
		{"left undefined", "MatMul: it leaves element 1 of shape [2 1], which nobody has written", func() {
			x, y := Ones(2, 1), result(Float32, Shape{2, 1})
			real := device.(*checking)
			real.do(use{op: "MatMul", writes: tensors{y}, reads: tensors{x}}, func() { put(y, 0, 1) })
		}},
		{"a view", "Softmax: operand 1 of shape [3 2] is a view", func() {
			device.softmax(softmax{x: Zeros(2, 3).T(), y: Zeros(3, 2), n: 2, inner: 1})
		}},
		{"a row too many", "Rows: row 2 of 2 elements in shape [2 2]", func() { device.take(Zeros(2, 2), Zeros(1, 2), []int{2}, 2) }},
		{"an element too many", "an element: places 3 to 4 of 3 elements", func() { device.put(Zeros(3).storage, 3, 1) }},
	} {
		t.Run(c.name, func(t *testing.T) {
			defer func() {
				if got := fmt.Sprint(recover()); !strings.Contains(got, c.want) {
					t.Errorf("%s\nwant %s", got, c.want)
				}
			}()
			c.f()
		})
	}
}

// It tells which operation made a NaN of none, not those that pass it on.
func TestTheCheckingBackendTracesNaN(t *testing.T) {
	c := device.(*checking)
	c.born = nil
	New(Float64, 2).Div(New(Float64, 2)).AddScalar(1).Add(New(Float64, 2))
	Full(-1, 3).Log().Sum()
	if got := fmt.Sprint(c.born); got != "[Div Log]" {
		t.Errorf("NaN born in %v", got)
	}
}
