package dl

import (
	"encoding/hex"
	"encoding/json"
	"math"
	"os"
	"testing"
)

// A recordedProduct is one of testdata/quantized.json: see the script beside it.
type recordedProduct struct {
	Format        string
	Rows, Out, In int
	Blocks        string
	X, B, Y, Grad []float32
}

func (c *recordedProduct) operands(t *testing.T) (x *Tensor, w *QuantizedMatrix, b *Tensor) {
	blocks, err := hex.DecodeString(c.Blocks)
	if err != nil {
		t.Fatal(err)
	}
	w = &QuantizedMatrix{Out: c.Out, In: c.In, Blocks: blocks}
	if c.Format == Q4_0.String() {
		w.Format = Q4_0
	}
	return Of(c.X, c.Rows, c.In), w, Of(c.B, c.Out)
}

func recordedProducts(t *testing.T) []recordedProduct {
	text, err := os.ReadFile("testdata/quantized.json")
	if err != nil {
		t.Fatal(err)
	}
	var all struct{ Cases []recordedProduct }
	if err := json.Unmarshal(text, &all); err != nil || len(all.Cases) != 4 {
		t.Fatal(len(all.Cases), err)
	}
	return all.Cases
}

func TestQuantizedLinearIsRecorded(t *testing.T) {
	for _, c := range recordedProducts(t) {
		x, w, b := c.operands(t)
		want := Of(c.Y, c.Rows, c.Out)
		for how, x := range map[string]*Tensor{"plain": x, "a view": sparse(x), "of three axes": x.Reshape(c.Rows, 1, c.In)} {
			if err := closeTo(QuantizedLinear(x, w, b).Reshape(c.Rows, c.Out), want, 1e-5); err != nil {
				t.Errorf("%s, %d rows, %s: %v", c.Format, c.Rows, how, err)
			}
		}
		// Activations of whole numbers up to 127 are not rounded: the weights are those that they become as float32.
		whole := Of([]float32{127, -127, 3, 0}, 4).Tile(3*c.In/4).Reshape(3, c.In)
		if err := closeTo(QuantizedLinear(whole, w, b), whole.MatMul(w.Dequantize().T()).Add(b), 2e-3); err != nil {
			t.Errorf("%s, whole numbers: %v", c.Format, err)
		}
		if err := closeTo(QuantizedLinear(x, w, nil).Add(b), want, 1e-5); err != nil {
			t.Errorf("%s, without a bias: %v", c.Format, err)
		}
	}
}

// The gradient is the one recorded, that of differences between whole numbers, and can be differentiated again.
func TestQuantizedLinearGradient(t *testing.T) {
	for _, c := range recordedProducts(t) {
		x, w, b := c.operands(t)
		x, b = x.RequireGrad(), b.RequireGrad()
		QuantizedLinear(x, w, b).Sum().Backward()
		if err := closeTo(x.Grad(), Of(c.Grad, c.Rows, c.In), 1e-5); err != nil {
			t.Errorf("%s: %v", c.Format, err)
		}
		if err := closeTo(b.Grad(), Full(float64(c.Rows), c.Out), 1e-6); err != nil {
			t.Errorf("%s: the bias: %v", c.Format, err)
		}
		many := Of([]float32{127, -127, 3, 0}, 4).Tile(9*c.In/4).Reshape(9, c.In).RequireGrad()
		by := Randn(9, c.Out)
		loss := func(x *Tensor) *Tensor { return QuantizedLinear(x, w, nil).Mul(by).Sum() }
		loss(many).Backward()
		for _, i := range []int{2, 43, 9*c.In - 1} {
			at := func(step float64) float64 {
				moved := many.Detach().Clone()
				moved.set(i, moved.at(i)+step)
				return loss(moved).at(0)
			}
			if got, want := many.Grad().at(i), (at(64)-at(-64))/128; math.Abs(got-want) > 1e-2*(1+math.Abs(want)) {
				t.Errorf("%s: the derivative by element %d is %v, differences say %v", c.Format, i, got, want)
			}
		}
		// The gradient of the sum of squares is 2 x W^T W, whose product with v has the gradient 2 v W^T W.
		full, v := w.Dequantize(), Randn(9, c.In)
		first := GradWith(GradOptions{CreateGraph: true}, QuantizedLinear(many, w, nil).Square().Sum(), many)[0]
		second := Grad(first.Mul(v).Sum(), many)[0]
		if err := closeTo(second, v.MatMul(full.T()).MatMul(full).MulScalar(2), 1e-3); err != nil {
			t.Errorf("%s: the second derivative: %v", c.Format, err)
		}
	}
}

// A step of inference takes no memory.
func TestQuantizedLinearAllocatesNothing(t *testing.T) {
	if !countable() {
		t.Skip("allocations are not the operation's own")
	}
	w := &QuantizedMatrix{Format: Q4_0, Out: 64, In: 64, Blocks: make([]byte, 64*36)}
	x, b, arena := Ones(1, 1, 64), Ones(64), NewArena()
	step := func() { QuantizedLinear(x, w, b) }
	run := func() { arena.Run(step) }
	run()
	if n := testing.AllocsPerRun(20, run); n > 1 {
		t.Errorf("%v allocations", n)
	}
}
