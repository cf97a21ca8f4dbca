package dl

import (
	"fmt"
	"reflect"
	"runtime"
	"strings"
	"testing"
)

// What is given to every method and function that takes such an argument, right or wrong.
var (
	someInts    = []any{-1 << 50, -7, -1, 0, 1, 2, 1 << 50}
	someLists   = []any{[]int(nil), []int{}, []int{0}, []int{-1}, []int{7}, []int{0, 0}, []int{1, -9}, []int{1 << 50}, []int{-1, -1}, []int{2, 1 << 62}}
	someFloats  = []any{0.0, -1.5, 2.0, 1e300}
	someStrings = []any{"", "ij,jk->ik", "i->ii", "->", "ij->j,", "...", "i...i,", "é"}
)

func someTensors() []any {
	whole := numbered(2, 3)
	return []any{
		New(Float32), numbered(3).To(Float32), whole, whole.T(), numbered(2, 3, 4).To(Float32), New(Float64, 0, 3), New(Float64, 3, 0), numbered(3, 3),
		Of([]int64{2, -1, 0, 1, 9, 3}, 2, 3), Of([]int64{2, 0, 1}), Of([]bool{true, false, true}), numbered(2, 3).To(Float16), New(Int32, 0), New(Bool),
		numbered(1, 4, 4, 2).To(Float32), numbered(1, 2, 3, 3, 2).To(Float32),
	}
}

// Whatever a method or function of this package is given, it works, or panics with an error that says what is wrong:
// never with an index out of range.
func TestMistakesAreErrors(t *testing.T) {
	pools := map[reflect.Type][]any{
		reflect.TypeFor[int](): someInts, reflect.TypeFor[[]int](): someLists, reflect.TypeFor[float64](): someFloats, reflect.TypeFor[string](): someStrings,
		reflect.TypeFor[*Tensor](): someTensors(), reflect.TypeFor[DType](): {Float32, Float64, Int32, Bool, Float16, places, DType(99)},
		reflect.TypeFor[[]*Tensor](): {[]*Tensor(nil), []*Tensor{numbered(2, 3)}, []*Tensor{numbered(2, 3), numbered(3, 4)}, []*Tensor{numbered(3), numbered(2, 3), New(Bool)}},
		reflect.TypeFor[Fusion]():    {NoFusion, FuseReLU, FuseGELU},
		reflect.TypeFor[AttentionOptions](): {AttentionOptions{}, AttentionOptions{Heads: 3}, AttentionOptions{Heads: -1}, AttentionOptions{Heads: 2, Causal: true}, AttentionOptions{Heads: 4, KVHeads: 3}, AttentionOptions{Mask: New(Bool, 3, 4)}, AttentionOptions{Lengths: []int{-1, 2}},
			AttentionOptions{Dropout: 1}, AttentionOptions{Slopes: []float64{1, 2}}, AttentionOptions{Window: 2}, AttentionOptions{Mask: Of([]int32{1, 2, 3, 4, 5, 6}, 2, 3)}},
		reflect.TypeFor[PoolOptions]():   {PoolOptions{}, PoolOptions{Size: [2]int{9, 9}}, PoolOptions{Size: [2]int{-1, 2}}, PoolOptions{Stride: [2]int{-1, 2}}, PoolOptions{Padding: Pad2D(1<<50, 0)}},
		reflect.TypeFor[RotaryOptions](): {RotaryOptions{}, RotaryOptions{Heads: 2, Turned: 3}, RotaryOptions{Size: -2}, RotaryOptions{Size: 1 << 50}, RotaryOptions{Offsets: []int{1}}, RotaryOptions{Base: -1}, RotaryOptions{Offset: 1 << 50}},
		reflect.TypeFor[RecurrentOptions](): {RecurrentOptions{}, RecurrentOptions{Reverse: true, Lengths: []int{1, 9}}, RecurrentOptions{TimeMajor: true, Lengths: []int{-1}},
			RecurrentOptions{Mask: Of([]bool{true, false}, 1, 2)}, RecurrentOptions{Hidden: numbered(2, 3)}, RecurrentOptions{RecurrentBias: numbered(3), ResetBefore: true}},
		reflect.TypeFor[ConvOptions]():    {ConvOptions{}, ConvOptions{Stride: [2]int{-1, 1}}, ConvOptions{Padding: Pad2D(-5, 1<<50)}, ConvOptions{Groups: 1 << 50, Dilation: [2]int{1 << 40, 1}}, ConvOptions{Padding: Causal}},
		reflect.TypeFor[Pool1DOptions]():  {Pool1DOptions{}, Pool1DOptions{Size: 99, Ceil: true}, Pool1DOptions{Size: 3, Padding: Pad1D(2)}, Pool1DOptions{Stride: -1}},
		reflect.TypeFor[Pool3DOptions]():  {Pool3DOptions{}, Pool3DOptions{Size: [3]int{1, 9, 9}}, Pool3DOptions{Padding: Pad2D(1, 1)}, Pool3DOptions{Stride: [3]int{-1, 1, 1}}},
		reflect.TypeFor[ResizeOptions]():  {ResizeOptions{}, ResizeOptions{Mode: Cubic, AlignCorners: true}, ResizeOptions{Mode: Area}, ResizeOptions{Mode: 99}},
		reflect.TypeFor[ScatterOptions](): {ScatterOptions{}, ScatterOptions{Reduce: ScatterMean, ExcludeSelf: true}, ScatterOptions{Reduce: ScatterProd}, ScatterOptions{Reduce: ScatterMax}, ScatterOptions{Reduce: 99}},
		reflect.TypeFor[Conv1DOptions]():  {Conv1DOptions{}, Conv1DOptions{Groups: 3, Padding: Causal}, Conv1DOptions{Dilation: -1, OutputPadding: 1}},
		reflect.TypeFor[Conv3DOptions]():  {Conv3DOptions{}, Conv3DOptions{Stride: [3]int{1 << 40, 1, 1}}, Conv3DOptions{Padding: Pad3D(1<<40, 0, 1), Dilation: [3]int{2, 2, 2}}},
		reflect.TypeFor[WindowOptions](): {WindowOptions{}, WindowOptions{Size: [2]int{2, 2}, Padding: Pad2D(1, 0)}, WindowOptions{Size: [2]int{3, -1}},
			WindowOptions{Size: [2]int{2, 2}, Stride: [2]int{1, -1}}, WindowOptions{Size: [2]int{1, 2}, Dilation: [2]int{1, 1 << 40}},
			WindowOptions{Size: [2]int{1, 2}, Padding: Pad2D(1<<40, 0)}, WindowOptions{Size: [2]int{1, 1}, Padding: Causal}},
		reflect.TypeFor[BatchNormOptions](): {BatchNormOptions{}, BatchNormOptions{Training: true}},
	}
	skip := map[string]string{
		"Backward": "see autograd_test.go", "BackwardWith": "see autograd_test.go", "OnGrad": "takes a function", "AfterGrad": "takes a function",
		"GobDecode": "see files_test.go", "UnmarshalBinary": "see files_test.go", "MarshalBinary": "see files_test.go",
		"Matrix": "see TestConversionsShareMemory",
	}
	calls := 0
	try := func(name string, f reflect.Value, args []reflect.Value) {
		defer func() {
			e := recover()
			if _, ok := e.(runtime.Error); ok || e != nil && !ours(e) {
				var text []string
				for _, a := range args {
					if x, ok := a.Interface().(*Tensor); ok {
						text = append(text, fmt.Sprintf("%v%v", x.dtype, x.shape))
					} else {
						text = append(text, fmt.Sprint(a))
					}
				}
				t.Errorf("%s(%s): %v", name, strings.Join(text, ", "), e)
			}
		}()
		calls++
		if f.Type().IsVariadic() {
			f.CallSlice(args)
		} else {
			f.Call(args)
		}
	}
	every := func(name string, f reflect.Value) {
		var choose func(args []reflect.Value)
		choose = func(args []reflect.Value) {
			if len(args) == f.Type().NumIn() {
				try(name, f, args)
				return
			}
			pool, ok := pools[f.Type().In(len(args))]
			if !ok {
				t.Errorf("%s takes a %v, of which this test has none", name, f.Type().In(len(args)))
				return
			}
			for i, v := range pool {
				if len(args) > 2 && i%3 != len(args)%3 { // not all of too many
					continue
				}
				choose(append(args[:len(args):len(args)], reflect.ValueOf(v)))
			}
		}
		choose(nil)
	}
	tensor := reflect.TypeFor[*Tensor]()
	for i := range tensor.NumMethod() {
		m := tensor.Method(i)
		changes := m.Type.NumOut() == 0 // the operands of other calls
		if skip[m.Name] == "" && !changes && m.Name != "RequireGrad" && m.Name != "SetRequiresGrad" && m.Name != "SetName" {
			every(m.Name, m.Func)
		}
	}
	for name, f := range map[string]any{
		"Where": Where, "Concat": Concat, "Stack": Stack, "Einsum": Einsum, "Pow": Pow, "Solve": Solve, "SolveLower": SolveLower, "SolveUpper": SolveUpper,
		"LstSq": LstSq, "Meshgrid": Meshgrid, "Linspace": Linspace, "Logspace": Logspace, "Range": Range, "Tri": Tri, "New": New, "Zeros": Zeros, "Ones": Ones,
		"Full": Full, "Arange": Arange, "ArangeOf": ArangeOf, "Eye": Eye, "ZerosLike": ZerosLike, "FullLike": FullLike, "Affine": Affine, "AffineAdd": AffineAdd, "Conv2D": Conv2D,
		"MaxPool2D": MaxPool2D, "AvgPool2D": AvgPool2D, "LayerNorm": LayerNorm, "Embedding": Embedding, "Attention": Attention,
		"LSTM": LSTM, "GRU": GRU, "RNN": RNN,
		"SelfAttention": SelfAttention, "MSE": MSE, "MAE": MAE, "BinaryCrossEntropy": BinaryCrossEntropy, "BinaryCrossEntropyLogits": BinaryCrossEntropyLogits,
		"Conv1D": Conv1D, "Conv3D": Conv3D, "ConvTranspose1D": ConvTranspose1D, "ConvTranspose2D": ConvTranspose2D, "ConvTranspose3D": ConvTranspose3D,
		"Rotary": Rotary, "Sinusoids": Sinusoids, "Unfold": Unfold, "Fold": Fold,
		"MaxPool1D": MaxPool1D, "MaxPool3D": MaxPool3D, "AvgPool1D": AvgPool1D, "AvgPool3D": AvgPool3D, "AdaptiveAvgPool": AdaptiveAvgPool,
		"AdaptiveMaxPool": AdaptiveMaxPool, "Resize": Resize, "PixelShuffle": PixelShuffle, "PixelUnshuffle": PixelUnshuffle, "ChannelShuffle": ChannelShuffle,
		"GroupNorm": GroupNorm, "RMSNorm": RMSNorm, "LocalResponseNorm": LocalResponseNorm,
		"SparseCrossEntropy": SparseCrossEntropy, "CrossEntropy": CrossEntropy, "LinearCrossEntropy": LinearCrossEntropy,
	} {
		every(name, reflect.ValueOf(f))
	}
	if calls < 10000 {
		t.Errorf("only %d calls", calls)
	}
}

// ours reports whether a panic is one of this package's errors.
func ours(e any) bool {
	switch e.(type) {
	case *ShapeError, *DTypeError, *ValueError:
		return true
	}
	return false
}
