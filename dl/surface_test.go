package dl_test

import (
	"bytes"
	"image"
	"io"
	"reflect"
	"testing"

	"modelbook/dl"
	"modelbook/dl/internal/mistakes"

	"gonum.org/v1/gonum/mat"
)

// square is an operation of the test's own.
type square struct{ x *dl.Tensor }

func (s *square) Forward(xs ...*dl.Tensor) *dl.Tensor {
	if len(xs) == 0 {
		return dl.Scalar(0)
	}
	s.x = xs[0]
	return xs[0].Square()
}

func (s *square) Backward(dy *dl.Tensor) []*dl.Tensor { return []*dl.Tensor{dy.Mul(s.x).MulScalar(2)} }

func sumOf(xs ...*dl.Tensor) *dl.Tensor {
	if len(xs) == 0 {
		return dl.Scalar(0)
	}
	return xs[0].Square().Sum()
}

func recurrent(gates int) func() []any {
	return func() []any {
		return []any{numbers(2, 4, 3), numbers(3, gates*2), numbers(2, gates*2), numbers(gates * 2), dl.RecurrentOptions{}}
	}
}

func named() []dl.Named { return []dl.Named{{Name: "a", Tensor: numbers(2, 3)}} }

func written(path string, write func(path string) error) string {
	if err := write(path); err != nil {
		panic(err)
	}
	return path
}

func safetensors() string {
	return written("x.safetensors", func(p string) error { return dl.SaveSafetensors(p, named(), nil) })
}

func opened() *dl.SafetensorsFile {
	f, err := dl.OpenSafetensors(safetensors())
	if err != nil {
		panic(err)
	}
	return f
}

func npy(x *dl.Tensor) []byte {
	var b bytes.Buffer
	if err := dl.WriteNpy(&b, x); err != nil {
		panic(err)
	}
	return b.Bytes()
}

func binary() []byte {
	b, err := numbers(2, 3).MarshalBinary()
	if err != nil {
		panic(err)
	}
	return b
}

func blocks() *dl.QuantizedMatrix {
	return &dl.QuantizedMatrix{Format: dl.Q4_0, Out: 3, In: 32, Blocks: make([]byte, 3*18)}
}

func numbers(shape ...int) *dl.Tensor { return dl.NewRand(3).Uniforms(0.1, 1, shape...) }

// Every exported function and method is called with wrong arguments: see package mistakes.
func TestEveryExportedFunctionRefusesWrongArguments(t *testing.T) {
	threads, precision := dl.Threads(), dl.MatMulPrecision()
	s := &mistakes.Surface{
		Functions: map[string]any{
			"ALiBiSlopes": dl.ALiBiSlopes, "AccelerateGonum": dl.AccelerateGonum, "AdaptiveAvgPool": dl.AdaptiveAvgPool,
			"AdaptiveMaxPool": dl.AdaptiveMaxPool, "Affine": dl.Affine, "AffineAdd": dl.AffineAdd, "Apply": dl.Apply, "Arange": dl.Arange,
			"ArangeOf": dl.ArangeOf, "Attention": dl.Attention, "AvgPool1D": dl.AvgPool1D, "AvgPool2D": dl.AvgPool2D,
			"AvgPool3D": dl.AvgPool3D, "BatchNorm": dl.BatchNorm, "BinaryCrossEntropy": dl.BinaryCrossEntropy,
			"BinaryCrossEntropyLogits": dl.BinaryCrossEntropyLogits, "CheckGradients": dl.CheckGradients,
			"ChannelShuffle": dl.ChannelShuffle, "Checkpoint": dl.Checkpoint, "Concat": dl.Concat, "Conv1D": dl.Conv1D, "Conv2D": dl.Conv2D, "Conv3D": dl.Conv3D,
			"ConvTranspose1D": dl.ConvTranspose1D, "ConvTranspose2D": dl.ConvTranspose2D, "ConvTranspose3D": dl.ConvTranspose3D,
			"CrossEntropy": dl.CrossEntropy, "DefaultRand": dl.DefaultRand, "DetectAnomalies": dl.DetectAnomalies,
			"Dropout": dl.Dropout, "Einsum": dl.Einsum, "Embedding": dl.Embedding, "Eye": dl.Eye, "Fold": dl.Fold,
			"FromImage": dl.FromImage, "FromMatrix": dl.FromMatrix, "FromSlices": dl.FromSlices, "Full": dl.Full,
			"FullLike": dl.FullLike, "GRU": dl.GRU, "Grad": dl.Grad, "GradWith": dl.GradWith, "GroupNorm": dl.GroupNorm,
			"KeepDim": dl.KeepDim, "LSTM": dl.LSTM, "LayerNorm": dl.LayerNorm, "LinearCrossEntropy": dl.LinearCrossEntropy, "Linspace": dl.Linspace,
			"Llama3Frequencies": dl.Llama3Frequencies, "LoadNpy": dl.LoadNpy, "LoadNpz": dl.LoadNpz,
			"LoadSafetensors": dl.LoadSafetensors, "LocalResponseNorm": dl.LocalResponseNorm, "Logspace": dl.Logspace, "LstSq": dl.LstSq, "MAE": dl.MAE, "MSE": dl.MSE,
			"MapSafetensors": dl.MapSafetensors, "MatMulPrecision": dl.MatMulPrecision, "MaxPool1D": dl.MaxPool1D,
			"MaxPool2D": dl.MaxPool2D, "MaxPool3D": dl.MaxPool3D, "Meshgrid": dl.Meshgrid, "New": dl.New,
			"NewArena": dl.NewArena, "NewRand": dl.NewRand, "NoGrad": dl.NoGrad, "Of[float32]": dl.Of[float32], "Ones": dl.Ones,
			"OnesLike": dl.OnesLike, "OpenSafetensors": dl.OpenSafetensors, "Pad1D": dl.Pad1D, "Pad2D": dl.Pad2D,
			"Pad3D": dl.Pad3D, "PanicDType": dl.PanicDType, "PanicShape": dl.PanicShape, "PanicValue": dl.PanicValue,
			"PixelShuffle": dl.PixelShuffle, "PixelUnshuffle": dl.PixelUnshuffle, "Pow": dl.Pow, "Promote": dl.Promote,
			"QuantizeFilters": dl.QuantizeFilters, "QuantizedConv2D": dl.QuantizedConv2D, "QuantizedLinear": dl.QuantizedLinear,
			"RMSNorm": dl.RMSNorm, "RNN": dl.RNN, "Randn": dl.Randn, "Range": dl.Range, "ReadNpy": dl.ReadNpy,
			"ReadNpz": dl.ReadNpz, "ReadSafetensors": dl.ReadSafetensors, "Resize": dl.Resize, "Rotary": dl.Rotary,
			"SaveNpy": dl.SaveNpy, "SaveNpz": dl.SaveNpz, "SaveSafetensors": dl.SaveSafetensors,
			"SaveSafetensorsAs": dl.SaveSafetensorsAs, "SaveSafetensorsShards": dl.SaveSafetensorsShards, "Scalar": dl.Scalar,
			"Seed": dl.Seed, "SelfAttention": dl.SelfAttention, "SetMatMulPrecision": dl.SetMatMulPrecision,
			"SetThreads": dl.SetThreads, "Sinusoids": dl.Sinusoids, "Solve": dl.Solve, "SolveLower": dl.SolveLower,
			"SolveUpper": dl.SolveUpper, "SparseCrossEntropy": dl.SparseCrossEntropy, "Stack": dl.Stack, "Threads": dl.Threads,
			"ToBF16": dl.ToBF16, "ToF16": dl.ToF16, "Tri": dl.Tri, "Try": dl.Try, "Unfold": dl.Unfold, "Uniform": dl.Uniform,
			"Values[float32]": dl.Values[float32], "Where": dl.Where, "Wrap[float32]": dl.Wrap[float32],
			"WriteNpy": dl.WriteNpy, "WriteNpz": dl.WriteNpz, "WriteSafetensors": dl.WriteSafetensors, "Zeros": dl.Zeros,
			"ZerosLike": dl.ZerosLike,
		},
		Types: []reflect.Type{
			reflect.TypeFor[dl.AnomalyError](), reflect.TypeFor[dl.Arena](), reflect.TypeFor[dl.AttentionOptions](),
			reflect.TypeFor[dl.BF16](), reflect.TypeFor[dl.BackwardOptions](), reflect.TypeFor[dl.BatchNormOptions](),
			reflect.TypeFor[dl.BlockFormat](), reflect.TypeFor[dl.QuantizedFilters](), reflect.TypeFor[dl.QuantizedMatrix](),
			reflect.TypeFor[dl.ChangedError](), reflect.TypeFor[dl.Conv1DOptions](), reflect.TypeFor[dl.Conv3DOptions](),
			reflect.TypeFor[dl.ConvOptions](), reflect.TypeFor[dl.DType](), reflect.TypeFor[dl.DTypeError](),
			reflect.TypeFor[dl.EndedError](), reflect.TypeFor[dl.F16](),
			reflect.TypeFor[dl.Function](), reflect.TypeFor[dl.Fusion](), reflect.TypeFor[dl.GradOptions](),
			reflect.TypeFor[dl.Interpolation](), reflect.TypeFor[dl.Named](), reflect.TypeFor[dl.Padding](),
			reflect.TypeFor[dl.Pool1DOptions](), reflect.TypeFor[dl.Pool3DOptions](), reflect.TypeFor[dl.PoolOptions](),
			reflect.TypeFor[dl.Precision](), reflect.TypeFor[dl.Rand](), reflect.TypeFor[dl.RecurrentOptions](),
			reflect.TypeFor[dl.ResizeOptions](), reflect.TypeFor[dl.RotaryOptions](), reflect.TypeFor[dl.SafetensorsFile](), reflect.TypeFor[dl.ScatterOptions](), reflect.TypeFor[dl.ScatterReduction](),
			reflect.TypeFor[dl.Shape](), reflect.TypeFor[dl.ShapeError](), reflect.TypeFor[dl.Tensor](),
			reflect.TypeFor[dl.TensorInfo](), reflect.TypeFor[dl.ValueError](), reflect.TypeFor[dl.WindowOptions](),
		},
		Unlisted: map[string]string{
			"ShapeError.Error receiver": "it tells what is there", "ShapeError.HTML receiver": "it shows what is there",
			"ShapeError.Drawing receiver": "it shows what is there", "ShapeError.MimeBundle receiver": "it shows what is there",
		},

		Args: map[string]func() []any{
			"Conv1D": func() []any { return []any{numbers(2, 8, 3), numbers(3, 3, 4), numbers(4), dl.Conv1DOptions{}} },
			"Conv2D": func() []any { return []any{numbers(2, 6, 6, 2), numbers(3, 3, 2, 4), numbers(4), dl.ConvOptions{}} },
			"Conv3D": func() []any {
				return []any{numbers(1, 4, 4, 4, 2), numbers(2, 2, 2, 2, 3), numbers(3), dl.Conv3DOptions{}}
			},
			"ConvTranspose1D": func() []any { return []any{numbers(2, 5, 4), numbers(3, 3, 4), numbers(3), dl.Conv1DOptions{}} },
			"ConvTranspose2D": func() []any { return []any{numbers(2, 3, 3, 4), numbers(3, 3, 2, 4), numbers(2), dl.ConvOptions{}} },
			"ConvTranspose3D": func() []any {
				return []any{numbers(1, 2, 2, 2, 3), numbers(2, 2, 2, 2, 3), numbers(2), dl.Conv3DOptions{}}
			},
			"GRU": recurrent(3), "LSTM": recurrent(4), "RNN": recurrent(1),
			"Attention": func() []any {
				return []any{numbers(2, 4, 6), numbers(2, 5, 6), numbers(2, 5, 6), dl.AttentionOptions{Heads: 2}}
			},
			"SelfAttention":  func() []any { return []any{numbers(2, 4, 18), dl.AttentionOptions{Heads: 2}} },
			"CheckGradients": func() []any { return []any{sumOf, []*dl.Tensor{numbers(2, 3).To(dl.Float64)}} },
			"Checkpoint":     func() []any { return []any{sumOf, []*dl.Tensor{numbers(2, 3)}} },
			"Grad": func() []any {
				x := numbers(3).RequireGrad()
				return []any{x.Square().Sum(), []*dl.Tensor{x}}
			},
			"GradWith": func() []any {
				x := numbers(3).RequireGrad()
				return []any{dl.GradOptions{}, x.Square().Sum(), []*dl.Tensor{x}}
			},
			"QuantizedLinear":            func() []any { return []any{numbers(2, 32), blocks(), numbers(3)} },
			"QuantizedMatrix.Dequantize": func() []any { return []any{blocks()} },
			"QuantizeFilters":            func() []any { return []any{numbers(3, 3, 2, 4), numbers(4), -1.0, 1.0} },
			"QuantizedConv2D": func() []any {
				return []any{numbers(2, 6, 6, 2), dl.QuantizeFilters(numbers(3, 3, 2, 4), numbers(4), -1, 1), dl.ConvOptions{}}
			},
			"QuantizedFilters.Shape": func() []any { return []any{dl.QuantizeFilters(numbers(3, 3, 2, 4), nil, -1, 1)} },
			"QuantizedFilters.Bytes": func() []any { return []any{dl.QuantizeFilters(numbers(3, 3, 2, 4), nil, -1, 1)} },
			"KeepDim":                func() []any { return []any{numbers(2, 3).Mean, []int{1}} },
			"LoadNpy": func() []any {
				return []any{written("x.npy", func(p string) error { return dl.SaveNpy(p, numbers(2)) })}
			},
			"LoadNpz":         func() []any { return []any{written("x.npz", func(p string) error { return dl.SaveNpz(p, named()) })} },
			"LoadSafetensors": func() []any { return []any{safetensors()} },
			"MapSafetensors":  func() []any { return []any{safetensors()} },
			"Unfold":          func() []any { return []any{numbers(2, 4, 4, 3), dl.WindowOptions{Size: [2]int{2, 2}}} },
			"Fold":            func() []any { return []any{numbers(2, 4, 8), 3, 3, dl.WindowOptions{Size: [2]int{2, 2}}} },
			"OpenSafetensors": func() []any { return []any{safetensors()} },
			"SaveSafetensorsShards": func() []any {
				return []any{"y.safetensors.index.json", named(), map[string]string{"a": "b"}, int64(1 << 20)}
			},
			"SaveSafetensorsAs": func() []any {
				return []any{"y.safetensors", named(), map[string]string{"a": "b"}, map[string]string{"a": "F16"}}
			},
			"ReadNpy": func() []any { return []any{bytes.NewReader(npy(numbers(2, 3)))} },
			"ReadNpz": func() []any {
				var b bytes.Buffer
				dl.WriteNpz(&b, named())
				return []any{bytes.NewReader(b.Bytes()), int64(b.Len())}
			},
			"ReadSafetensors": func() []any {
				var b bytes.Buffer
				dl.WriteSafetensors(&b, named(), nil)
				return []any{&b, int64(b.Len())}
			},
			"SafetensorsFile.Read":        func() []any { return []any{opened(), "a"} },
			"Interpolation.UnmarshalText": func() []any { return []any{new(dl.Interpolation), []byte("linear")} },
			"Padding.UnmarshalText":       func() []any { return []any{new(dl.Padding), []byte("1,1")} },
			"Rand.SetState":               func() []any { return []any{dl.NewRand(1), dl.NewRand(2).State()} },
			"Tensor.Backward":             func() []any { return []any{numbers(3).RequireGrad().Square().Sum()} },
			"Tensor.BackwardWith":         func() []any { return []any{numbers(3).RequireGrad().Square().Sum(), dl.BackwardOptions{}} },
			"Tensor.UnmarshalBinary":      func() []any { return []any{new(dl.Tensor), binary()} },
			"Tensor.Uint8s":               func() []any { return []any{dl.New(dl.Uint8, 2)} },
			"Tensor.Int64s":               func() []any { return []any{dl.New(dl.Int64, 2)} },
			"Tensor.Float64s":             func() []any { return []any{dl.New(dl.Float64, 2)} },
			"Tensor.OnGrad":               func() []any { return []any{numbers(3).RequireGrad(), func(g *dl.Tensor) *dl.Tensor { return g }} },
			"Tensor.AfterGrad":            func() []any { return []any{numbers(3).RequireGrad(), func(*dl.Tensor) {}} },
		},
		Skip: map[string]string{
			"PanicDType": "it panics with what it is given", "PanicShape": "it panics with what it is given", "PanicValue": "it panics with what it is given",
			"Function.Backward": "called by package dl alone", "Function.Forward": "called by package dl alone",
		},
		After: func() {
			dl.SetThreads(threads)
			dl.SetMatMulPrecision(precision)
		},
	}
	s.Good(func() dl.DType { return dl.Float32 }, func() dl.DType { return dl.Int64 },
		func() image.Image { return image.NewRGBA(image.Rect(0, 0, 4, 3)) },
		func() mat.Matrix { return mat.NewDense(2, 2, []float64{1, 2, 3, 4}) },
		func() dl.Function { return &square{} }, func() io.ReaderAt { return bytes.NewReader(npy(numbers(2))) },
		func() *dl.SafetensorsFile { return opened() },
		func() *dl.Arena { return dl.NewArena() },
		func() dl.Named { return dl.Named{Name: "a", Tensor: numbers(2, 3)} })
	s.Bad("NaNs", func() mat.Matrix { return &mat.Dense{} })
	s.Bad("empty", func() image.Image { return image.NewGray(image.Rect(0, 0, 0, 0)) })
	s.Test(t)
}
