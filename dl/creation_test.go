package dl

import (
	"image"
	"image/color"
	"math"
	"reflect"
	"strings"
	"testing"

	"gonum.org/v1/gonum/mat"
)

// Nested slices and arrays of any depth become tensors of their elements' type, and come back.
func TestFromSlices(t *testing.T) {
	for _, c := range []struct {
		nested any
		want   *Tensor
	}{
		{[][]float32{{1, 2, 3}, {4, 5, 6}}, Of([]float32{1, 2, 3, 4, 5, 6}, 2, 3)},
		{[][][]float64{{{1}, {2}}, {{3}, {4}}}, Of([]float64{1, 2, 3, 4}, 2, 2, 1)},
		{[]int{1, -2}, Of([]int64{1, -2})},
		{[]int64{1<<60 + 1}, Of([]int64{1<<60 + 1})},
		{[2][2]bool{{true, false}, {false, true}}, Of([]bool{true, false, false, true}, 2, 2)},
		{[]uint16{65535}, Of([]uint16{65535})},
		{[]int8{-128}, Of([]int8{-128})},
		{[]F16{ToF16(0.5)}, Of([]F16{ToF16(0.5)})},
		{[]BF16{ToBF16(-2)}, Of([]BF16{ToBF16(-2)})},
		{2.5, Of([]float64{2.5}, Shape{}...)},
		{[][]float32{}, New(Float32, 0, 0)},
		{[][]float32{{}, {}}, New(Float32, 2, 0)},
		{[][]float64{{math.Inf(1), math.NaN()}}, Of([]float64{math.Inf(1), math.NaN()}, 1, 2)},
	} {
		got := FromSlices(c.nested)
		if got.DType() != c.want.DType() || got.String() != c.want.String() {
			t.Errorf("%v became %v, want %v", c.nested, got, c.want)
		}
		typ := reflect.TypeOf(c.nested)
		if back := got.Slices(); typ.Kind() == reflect.Slice && typ.Elem().Kind() != reflect.Int && got.String() != FromSlices(back).String() {
			t.Errorf("%v came back as %v", c.nested, back)
		}
	}
	if got, ok := Arange(6).Reshape(2, 3).T().Slices().([][]float32); !ok || !reflect.DeepEqual(got, [][]float32{{0, 3}, {1, 4}, {2, 5}}) {
		t.Error(got)
	}
	for says, f := range map[string]func(){
		"slices of 2 and of 1 elements stand beside each other along axis 1": func() { FromSlices([][]int{{1, 2}, {3}}) },
		"a []string has no elements":                                         func() { FromSlices([]string{"a"}) },
		"a <nil> has no elements":                                            func() { FromSlices(nil) },
		"a [][]uint64 has no element":                                        func() { FromSlices([][]uint64{{1}}) },
		"a []interface {} has no":                                            func() { FromSlices([]any{1, 2}) },
	} {
		if err := Try(f); err == nil || !strings.Contains(err.Error(), says) {
			t.Errorf("%v, want %q", err, says)
		}
	}
}

// Matrices of gonum and images share their memory with tensors, both ways, where their elements lie as these need it.
func TestConversionsShareMemory(t *testing.T) {
	m := mat.NewDense(3, 4, []float64{0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11})
	part := m.Slice(1, 3, 1, 3).(*mat.Dense)
	x := FromMatrix(part)
	near(t, "a part of a matrix", x, 0, 5, 6, 9, 10)
	x.Set(50, 0, 0)
	if m.At(1, 1) != 50 {
		t.Error("the matrix is a copy")
	}
	back := x.Matrix()
	back.Set(1, 1, 100)
	if m.At(2, 2) != 100 || !mat.Equal(back, part) {
		t.Errorf("the tensor's matrix is a copy: %v", back)
	}
	if got := x.T().Matrix(); got.At(0, 1) != x.At(1, 0) || got.At(1, 0) != x.At(0, 1) {
		t.Errorf("transposed: %v", got)
	}
	near(t, "a symmetric one", FromMatrix(mat.NewSymDense(2, []float64{1, 2, 2, 3})), 0, 1, 2, 2, 3)
	v := mat.NewVecDense(3, []float64{1, 2, 3})
	y := FromMatrix(v)
	near(t, "a vector", y, 0, 1, 2, 3)
	y.Set(9, 1, 0)
	column := FromMatrix(m.ColView(1))
	near(t, "a column", column, 0, 1, 50, 9)
	if v.AtVec(1) != 9 || !y.Shape().Equal(Shape{3, 1}) {
		t.Error("the vector is a copy")
	}
	if got := Of([]float32{1, 2}).Matrix(); got.At(1, 0) != 2 {
		t.Errorf("a vector of float32: %v", got)
	}
	if err := Try(func() { Zeros(2, 2, 2).Matrix() }); err == nil || !strings.Contains(err.Error(), "Matrix: shape [2 2 2]") {
		t.Error(err)
	}

	gray := image.NewGray(image.Rect(0, 0, 3, 2))
	g := FromImage(gray.SubImage(image.Rect(1, 0, 3, 2)))
	g.Set(7, 1, 0, 0)
	if gray.GrayAt(1, 1).Y != 7 || !g.Shape().Equal(Shape{2, 2, 1}) {
		t.Errorf("the grey image is a copy: %v", g.Shape())
	}
	rgba := image.NewNRGBA(image.Rect(0, 0, 2, 2))
	c := FromImage(rgba)
	c.Select(2, 3).Fill(255)
	c.Set(200, 0, 1, 0)
	if rgba.NRGBAAt(1, 0) != (color.NRGBA{200, 0, 0, 255}) {
		t.Errorf("the image has %v", rgba.NRGBAAt(1, 0))
	}
	shown := c.Image().(*image.NRGBA)
	shown.SetNRGBA(0, 0, color.NRGBA{1, 2, 3, 4})
	if c.At(0, 0, 2) != 3 {
		t.Error("the tensor's image is a copy")
	}
	other := image.NewYCbCr(image.Rect(0, 0, 2, 1), image.YCbCrSubsampleRatio444)
	other.Y[0], other.Cb[0], other.Cr[0], other.Cb[1], other.Cr[1] = 255, 128, 128, 128, 128
	near(t, "another kind of image", FromImage(other), 0, 255, 255, 255, 255, 0, 0, 0, 255)

	values := []int32{1, 2, 3}
	w := Wrap(values)
	w.Set(8, 2)
	if values[2] != 8 || w.DType() != Int32 {
		t.Error("Wrap copies")
	}
}

// Grids and steps that lead nowhere are mistakes.
func TestImpossibleRanges(t *testing.T) {
	for says, f := range map[string]func(){
		"Range: steps of 0 never lead from 0 to 1":      func() { Range(0, 1, 0) },
		"Range: steps of NaN":                           func() { Range(0, 1, math.NaN()) },
		"Range: steps of 1e-300":                        func() { Range(0, 1, 1e-300) },
		"Linspace: -1 numbers are impossible":           func() { Linspace(0, 1, -1) },
		"Meshgrid: shape [2 2]: operand 1 is no vector": func() { Meshgrid(Zeros(2), Zeros(2, 2)) },
	} {
		if err := Try(f); err == nil || !strings.Contains(err.Error(), says) {
			t.Errorf("%v, want %q", err, says)
		}
	}
	if Range(0, -1, 1).Size() != 0 || Linspace(3, 4, 1).At(0) != 3 || Linspace(0, 1, 0).Size() != 0 {
		t.Error("empty ranges")
	}
}
