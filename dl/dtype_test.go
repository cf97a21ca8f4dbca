package dl

import (
	"bytes"
	"encoding/gob"
	"encoding/json"
	"math"
	"os"
	"reflect"
	"slices"
	"testing"
)

// Every dtype has a name of its own, a size, a type in files, and all functions that are ever called for it.
func TestEveryDTypeIsWhole(t *testing.T) {
	names, files := map[string]bool{}, map[string]bool{}
	for d := range places {
		row := dtypes[d]
		if names[row.name] || files[row.safetensors] || row.name == "" || row.safetensors == "" || row.size == 0 {
			t.Errorf("dtype %d: name %q, in files %q, %d bytes", d, row.name, row.safetensors, row.size)
		}
		names[row.name], files[row.safetensors] = true, true
		k := reflect.ValueOf(cpuTypes[d])
		for i := range k.NumField() {
			name := k.Type().Field(i).Name
			if name == "order" && d == Bool {
				continue
			}
			if computed := name == "pair" || name == "compare" || name == "extreme" || name == "order"; k.Field(i).IsNil() == (row.compute == d || !computed) {
				t.Errorf("%v: %s", d, name)
			}
		}
		if x := New(d, 2); x.DType() != d || int(reflect.TypeOf(x.data).Elem().Size()) != d.Bytes() {
			t.Errorf("%v: made as %v with %d bytes", d, x.DType(), d.Bytes())
		}
	}
	for i, d := range []DType{dtypeOf[float32](), dtypeOf[float64](), dtypeOf[int32](), dtypeOf[int64](), dtypeOf[uint8](), dtypeOf[bool](), dtypeOf[F16](), dtypeOf[BF16](), dtypeOf[int16](), dtypeOf[int8](), dtypeOf[uint16]()} {
		if int(d) != i {
			t.Errorf("Go type %d has dtype %v", i, d)
		}
	}
}

// Types promote as testdata/promote.py recorded it from PyTorch and NumPy, and operations have that type.
func TestPromotion(t *testing.T) {
	b, err := os.ReadFile("testdata/promote.json")
	if err != nil {
		t.Fatal(err)
	}
	var recorded struct{ Types map[string]map[string]string }
	if err := json.Unmarshal(b, &recorded); err != nil {
		t.Fatal(err)
	}
	for a := range places {
		for b := range places {
			want := recorded.Types[a.String()][b.String()]
			if got := Promote(a, b).String(); got != want {
				t.Errorf("%v and %v: %v, want %v", a, b, got, want)
			}
			x, y := New(a, 2, 1), New(b, 3)
			for name, z := range map[string]*Tensor{"Add": x.Add(y), "Maximum": x.Maximum(y), "Where": Where(New(Bool, 3), x, y), "Concat": Concat(0, x.Reshape(2), y)} {
				if z.DType().String() != want {
					t.Errorf("%s of %v and %v: %v, want %v", name, a, b, z.DType(), want)
				}
			}
			if d := x.Div(y).DType(); d.IsFloat() != true || Promote(a, b).IsFloat() && d.String() != want {
				t.Errorf("Div of %v and %v: %v", a, b, d)
			}
			if d := x.Eq(y).DType(); d != Bool {
				t.Errorf("Eq of %v and %v: %v", a, b, d)
			}
		}
	}
}

// Every type converts to every other, also where values do not fit: floats stop at an integer type's limits, integers
// lose their upper bits.
func TestConversions(t *testing.T) {
	for from := range places {
		for to := range places {
			for _, v := range []float64{0, 1, 5, 100} {
				x := New(from, 3)
				x.Fill(v)
				want := v
				if from == Bool || to == Bool {
					want = min(v, 1)
				}
				if got := x.To(to); got.DType() != to || got.At(1) != want {
					t.Errorf("%v as %v is %v as %v", v, from, got, to)
				}
			}
		}
	}
	big := []float64{300, -1, -1.9, 2.9, 1e30, math.Inf(-1), math.NaN()}
	for _, c := range []struct {
		d    DType
		want []float64
	}{
		{Uint8, []float64{255, 0, 0, 2, 255, 0, 0}}, {Int8, []float64{127, -1, -1, 2, 127, -128, 0}},
		{Uint16, []float64{300, 0, 0, 2, 65535, 0, 0}}, {Int16, []float64{300, -1, -1, 2, 32767, -32768, 0}},
		{Int32, []float64{300, -1, -1, 2, 1<<31 - 1, -1 << 31, 0}}, {Int64, []float64{300, -1, -1, 2, 1<<63 - 1, -1 << 63, 0}},
	} {
		for _, from := range []DType{Float32, Float64, BFloat16} {
			if got := Values[float64](Of(big).To(from).To(c.d)); from != BFloat16 && !slices.Equal(got, c.want) || !slices.Equal(got[1:3], c.want[1:3]) || !slices.Equal(got[4:], c.want[4:]) {
				t.Errorf("%v as %v: %v, want %v", from, c.d, got, c.want)
			}
		}
		x := New(c.d, 1)
		for i, v := range big {
			if x.Set(v, 0); x.At(0) != c.want[i] {
				t.Errorf("Set(%v) of %v: %v, want %v", v, c.d, x.At(0), c.want[i])
			}
		}
	}
	if x := New(Int64, 1); true {
		x.Set(math.MaxInt64, 0)
		if got := x.Int64s()[0]; got != math.MaxInt64 {
			t.Errorf("Set(MaxInt64): %d", got)
		}
	}
	if got := Values[int64](Of([]int64{1<<53 + 1, -1 << 63}).To(Int64)); got[0] != 1<<53+1 || got[1] != -1<<63 {
		t.Errorf("int64 became %v", got)
	}
	if got := Values[int8](Of([]int64{300, -129, 128})); !slices.Equal(got, []int8{44, 127, -128}) {
		t.Errorf("int64 as int8: %v", got)
	}
	if got, want := Values[float32](Of([]int64{1<<40 + 1<<16 + 1})), []float32{1<<40 + 1<<17}; !slices.Equal(got, want) {
		t.Errorf("int64 as float32: %v, want %v", got, want) // rounded once
	}
}

// Every half-precision number is what its bits say, and a float32 becomes the nearest one.
func TestHalfPrecision(t *testing.T) {
	for i := range 1 << 16 {
		h, b := F16(i), BF16(i)
		want, wantB := minifloat(uint16(i), 5, 10, true), math.Float32frombits(uint32(i)<<16)
		if got := h.Float32(); math.Float32bits(got) != math.Float32bits(want) && got == got {
			t.Fatalf("F16 %#x: %v, want %v", i, got, want)
		}
		if got := b.Float32(); got != wantB && got == got {
			t.Fatalf("BF16 %#x: %v, want %v", i, got, wantB)
		}
		if want == want && ToF16(want) != h || want != want && ToF16(want)&0x7fff <= 0x7c00 {
			t.Fatalf("%v: F16 %#x, want %#x", want, ToF16(want), i)
		}
		if wantB == wantB && ToBF16(wantB) != b || wantB != wantB && ToBF16(wantB)&0x7fff <= 0x7f80 {
			t.Fatalf("%v: BF16 %#x, want %#x", wantB, ToBF16(wantB), i)
		}
		// Between it and the next larger one: the nearer, the even one in the middle, as if there were a number
		// after the largest.
		if i&0x7fff >= 0x7bff {
			continue
		}
		next := F16(i + 1)
		middle := (want + next.Float32()) / 2
		even := h + h&1
		away := math.Float32frombits(math.Float32bits(middle) + 1)
		near := math.Float32frombits(math.Float32bits(middle) - 1)
		if ToF16(middle) != even || ToF16(away) != next || ToF16(near) != h {
			t.Fatalf("around %v: %#x %#x %#x between %#x and %#x", middle, ToF16(near), ToF16(middle), ToF16(away), h, next)
		}
	}
	for v, want := range map[float32]F16{65519: 0x7bff, 65520: 0x7c00, -1e10: 0xfc00, 0x1p-25: 0, 0x1.8p-25: 1} {
		if got := ToF16(v); got != want {
			t.Errorf("%v: %#x, want %#x", v, got, want)
		}
	}
	for v, want := range map[float32]BF16{1 + 0x1p-8: 0x3f80, 1 + 0x1.8p-8: 0x3f81, 1 + 0x1.8p-7: 0x3f82, math.MaxFloat32: 0x7f80} {
		if got := ToBF16(v); got != want {
			t.Errorf("%v: %#x, want %#x", v, got, want)
		}
	}
}

// Integers are computed with as Go's are, and compared with all of their bits.
func TestIntegerArithmetic(t *testing.T) {
	const big = 1 << 53
	a, b := Of([]int64{big, big + 1, -7, math.MaxInt64}), Of([]int64{big + 1})
	for name, c := range map[string]struct {
		got  *Tensor
		want []int64
	}{
		"Add":          {a.Add(b), []int64{2*big + 1, 2*big + 2, big - 6, math.MinInt64 + big}},
		"Sub":          {a.Sub(b), []int64{-1, 0, -big - 8, math.MaxInt64 - big - 1}},
		"Mul":          {Of([]int64{big + 1, 3}).Mul(Of([]int64{3, -5})), []int64{3*big + 3, -15}},
		"Maximum":      {a.Maximum(b), []int64{big + 1, big + 1, big + 1, math.MaxInt64}},
		"Minimum":      {a.Minimum(b), []int64{big, big + 1, -7, big + 1}},
		"Neg":          {a.Neg(), []int64{-big, -big - 1, 7, -math.MaxInt64}},
		"Abs":          {a.Abs(), []int64{big, big + 1, 7, math.MaxInt64}},
		"ReLU":         {a.ReLU(), []int64{big, big + 1, 0, math.MaxInt64}},
		"Square":       {Of([]int64{3, -4}).Square(), []int64{9, 16}},
		"AddScalar":    {a.AddScalar(2), []int64{big + 2, big + 3, -5, math.MinInt64 + 1}},
		"MulScalar":    {Of([]int64{big + 1}).MulScalar(3), []int64{3*big + 3}},
		"Clip":         {a.Clip(0, 10), []int64{10, 10, 0, 10}},
		"Sum":          {Of([]int64{big, 1, big, 2}, 2, 2).Sum(1), []int64{big + 1, big + 2}},
		"Sum of uint8": {Of([]uint8{200, 100, 1}).Sum(), []int64{301}},
		"Sum of bool":  {Of([]bool{true, false, true}).Sum(), []int64{2}},
		"Max":          {Of([]int64{big + 1, big, -1, -2}, 2, 2).Max(1), []int64{big + 1, -1}},
		"Max, last":    {Of([]int64{big, big + 1}).Max(), []int64{big + 1}},
		"Min":          {Of([]int64{big + 1, big}).Min(), []int64{big}},
		"ArgMax":       {Of([]int64{big, big + 1, big + 1, big}, 2, 2).ArgMax(1), []int64{1, 0}},
		"MatMul sizes": {Of([]int64{1, 2, 3, 4}, 2, 2).T().Add(Of([]int64{10})).Reshape(4), []int64{11, 13, 12, 14}},
		"Where":        {Where(Of([]bool{true, false}), Of([]int64{big + 1}), Of([]int64{3, 5}, 2, 1)).Reshape(4), []int64{big + 1, 3, big + 1, 5}},
	} {
		if c.got.DType() != Int64 || !slices.Equal(c.got.Int64s(), c.want) {
			t.Errorf("%s: %v, want %v", name, c.got, c.want)
		}
	}
	for name, c := range map[string]struct {
		got  *Tensor
		want []bool
	}{
		"Eq": {a.Eq(b), []bool{false, true, false, false}}, "Ne": {a.Ne(b), []bool{true, false, true, true}},
		"Lt": {a.Lt(b), []bool{true, false, true, false}}, "Le": {a.Le(b), []bool{true, true, true, false}},
		"Gt": {a.Gt(b), []bool{false, false, false, true}}, "Ge": {a.Ge(b), []bool{false, true, false, true}},
		"bools": {Of([]bool{true, false}).Gt(Of([]bool{false})), []bool{true, false}},
		"or":    {Of([]bool{true, false}).Add(Of([]bool{false})), []bool{true, false}},
		"and":   {Of([]bool{true, false}).Mul(Of([]bool{true})), []bool{true, false}},
		"NaN":   {Of([]float64{math.NaN()}).Eq(Of([]float64{math.NaN()})), []bool{false}},
	} {
		if !slices.Equal(c.got.Bools(), c.want) {
			t.Errorf("%s: %v, want %v", name, c.got, c.want)
		}
	}
	for d, want := range map[DType]float64{Uint8: 44, Int8: 44, Int16: 300, Uint16: 300, Int32: 300, Float16: 300, BFloat16: 300} {
		x := New(d, 2)
		x.Fill(100)
		if got := x.Add(x).Add(x); got.DType() != d || got.At(1) != want {
			t.Errorf("three times 100 in %v: %v", d, got)
		}
	}
	if got := Of([]uint8{1}).Div(Of([]uint8{2})); got.DType() != Float32 || got.At(0) != 0.5 {
		t.Errorf("1/2: %v", got)
	}
	if got := Of([]int32{4}).Sqrt(); got.DType() != Float32 || got.At(0) != 2 {
		t.Errorf("root of 4: %v", got)
	}
	for name, f := range map[string]func(){
		"half an integer":       func() { Of([]int32{1}).AddScalar(0.5) },
		"a difference of bools": func() { Of([]bool{true}).Sub(Of([]bool{true})) },
		"a mean of integers":    func() { Of([]int32{1}).Mean() },
		"a layer of integers":   func() { Affine(New(Int32, 1, 1), New(Int32, 1, 1), nil, NoFusion) },
	} {
		if err := Try(f); err == nil {
			t.Errorf("%s: no error", name)
		}
	}
}

// Gradients flow through half precision, in float32.
func TestHalfPrecisionGradients(t *testing.T) {
	for _, d := range []DType{Float16, BFloat16} {
		a, b := input(1, 3, 4), input(2, 4)
		f := func(x, y *Tensor) *Tensor {
			z := Concat(0, x.Mul(y).Slice(0, 1, 3).T().Softmax(0).T(), x.MatMul(x.T()).MatMul(x)).Square()
			return z.Max(1).Sum().Add(z.Sum()).Add(x.Unsqueeze(0).Expand(2, 3, 4).Rows([]int{1, 1}).Sum())
		}
		x, y := a.To(d).RequireGrad(), b.To(d).RequireGrad()
		want := Grad(f(a.RequireGrad(), b.RequireGrad()), a, b)
		z := f(x, y)
		if z.DType() != d {
			t.Errorf("computed as %v", z.DType())
		}
		for i, g := range Grad(z, x, y) {
			if g.DType() != Float32 {
				t.Errorf("gradient of type %v", g.DType())
			}
			if err := agree(want[i], g, 0.1); err != nil {
				t.Errorf("%v: %v", d, err)
			}
		}
		f(x, y).Backward()
		if x.Grad().DType() != Float32 {
			t.Error(x.Grad())
		}
	}
}

// Tensors of every type go through files and gob with all of their bits.
func TestEveryDTypeGoesThroughGob(t *testing.T) {
	for d := range places {
		x := numbered(3, 5).AddScalar(-3).To(d)
		var b bytes.Buffer
		var y *Tensor
		if err := gob.NewEncoder(&b).Encode(x.T()); err != nil {
			t.Fatal(err)
		}
		if err := gob.NewDecoder(&b).Decode(&y); err != nil {
			t.Fatal(err)
		}
		if y.DType() != d || y.String() != x.T().String() {
			t.Errorf("%v became %v", x.T(), y)
		}
	}
}

// Elementwise functions broadcast as NumPy does, in both operands, over views, with gradients.
func TestBroadcasting(t *testing.T) {
	shapes := []Shape{{}, {1}, {4}, {3, 1}, {3, 4}, {2, 1, 4}, {2, 3, 1}, {1, 3, 4}, {2, 3, 4}, {5, 1, 1, 1}}
	rules := map[string]func(x, y *Tensor) *Tensor{"Add": (*Tensor).Add, "Sub": (*Tensor).Sub, "Mul": (*Tensor).Mul, "Div": (*Tensor).Div,
		"Maximum": (*Tensor).Maximum, "Minimum": (*Tensor).Minimum, "Where": func(x, y *Tensor) *Tensor { return Where(x.Detach().Gt(Scalar(0)), x, y) }}
	for _, sa := range shapes {
		for _, sb := range shapes {
			a, b := input(1, sa...), input(2, sb...)
			for name, f := range rules {
				want := f(a, b)
				shape, _ := broadcastShapes(sa, sb)
				ea, eb := a.Expand(shape...).Contiguous(), b.Expand(shape...).Contiguous()
				if err := agree(f(ea, eb), want, 0); err != nil {
					t.Errorf("%s of %v and %v: %v", name, sa, sb, err)
				}
				if err := agree(want, f(a.To(Float32), b.To(Float32)), 1e-6); err != nil {
					t.Errorf("%s of %v and %v, float32: %v", name, sa, sb, err)
				}
				if err := CheckGradients(func(xs ...*Tensor) *Tensor { return weigh(f(xs[0], xs[1])) }, a.Clone(), b.Clone()); err != nil {
					t.Errorf("%s of %v and %v: %v", name, sa, sb, err)
				}
				if len(sa) > 1 {
					if err := agree(want, f(a.T().Contiguous().T(), b), 0); err != nil {
						t.Errorf("%s of a view %v and %v: %v", name, sa, sb, err)
					}
				}
			}
		}
	}
}
