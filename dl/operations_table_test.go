package dl

import "math"

// operations compute the cases of testdata/operations.json.
var operations = map[string]op{
	"LeakyReLU": one(func(x *Tensor) *Tensor { return x.LeakyReLU(0.1) }),
	"Acosh":     one((*Tensor).Acosh),
	"Pow to 2.5": one(func(x *Tensor) *Tensor {
		return x.Pow(2.5)
	}),
	"Pow to 3":  one(func(x *Tensor) *Tensor { return x.Pow(3) }),
	"AddScalar": one(func(x *Tensor) *Tensor { return x.AddScalar(3) }),
	"MulScalar": one(func(x *Tensor) *Tensor { return x.MulScalar(3) }),
	"Clip":      one(func(x *Tensor) *Tensor { return x.Clip(-0.5, 0.5) }),
	"To":        one(func(x *Tensor) *Tensor { return x.To(Int64) }),
	"IsNaN":     one((*Tensor).IsNaN), "IsInf": one((*Tensor).IsInf), "IsFinite": one((*Tensor).IsFinite), "Not": one((*Tensor).Not),

	"FloorDiv": two((*Tensor).FloorDiv), "Lerp": two(func(x, y *Tensor) *Tensor { return x.Lerp(y, 0.3) }),
	"dl.Pow": two(Pow), "dl.Pow broadcast": two(Pow), "dl.Pow of zeros": two(Pow), "dl.Pow of integers": two(Pow),
	"Fmod of integers": two((*Tensor).Fmod), "Remainder of integers": two((*Tensor).Remainder), "FloorDiv of integers": two((*Tensor).FloorDiv),
	"Add of integers": two((*Tensor).Add), "Mul of integers": two((*Tensor).Mul),
	"Eq": two((*Tensor).Eq), "Ne": two((*Tensor).Ne), "Gt": two((*Tensor).Gt), "Ge": two((*Tensor).Ge), "Lt": two((*Tensor).Lt), "Le": two((*Tensor).Le),
	"And": two((*Tensor).And), "Or": two((*Tensor).Or), "Xor": two((*Tensor).Xor),
	"And of numbers": two((*Tensor).And), "Or of numbers": two((*Tensor).Or), "Xor of numbers": two((*Tensor).Xor),
	"dl.Where": three(Where), "dl.Where broadcast": three(Where),

	"Prod with zeros": axes((*Tensor).Prod, 1), "Prod of integers": axes((*Tensor).Prod),
	"Var": axes((*Tensor).Var), "Var over 1": axes((*Tensor).Var, 1),
	"VarUnbiased": axes((*Tensor).VarUnbiased), "VarUnbiased over 1": axes((*Tensor).VarUnbiased, 1),
	"Std": axes((*Tensor).Std), "Std over 1": axes((*Tensor).Std, 1),
	"StdUnbiased": axes((*Tensor).StdUnbiased), "StdUnbiased over 1": axes((*Tensor).StdUnbiased, 1),
	"Norm 0": norm(0), "Norm 1": norm(1), "Norm 2": norm(2), "Norm 3.5": norm(3.5), "Norm inf": norm(math.Inf(1)), "Norm -inf": norm(math.Inf(-1)),
	"Norm of zeros": norm(2), "LogSumExp of infinities": axes((*Tensor).LogSumExp, 1),
	"Any": axes((*Tensor).Any), "Any over 1": axes((*Tensor).Any, 1), "All": axes((*Tensor).All), "All over 1": axes((*Tensor).All, 1),
	"CountNonZero": axes((*Tensor).CountNonZero), "CountNonZero over 0": axes((*Tensor).CountNonZero, 0),
	"CumProd with zeros": axis((*Tensor).CumProd, 1), "CumSum of integers": axis((*Tensor).CumSum, 0), "CumProd of integers": axis((*Tensor).CumProd, 0),
	"Median": axis((*Tensor).Median, 1), "Median of a NaN": axis((*Tensor).Median, 1),
	"Quantile":   one(func(x *Tensor) *Tensor { return x.Quantile(0.3, -1) }),
	"dl.KeepDim": one(func(x *Tensor) *Tensor { return KeepDim(x.Mean, 0, -1) }),

	"Softmax": axis((*Tensor).Softmax, 1), "LogSoftmax": axis((*Tensor).LogSoftmax, -1),

	"Sort": axis((*Tensor).Sort, 1), "Sort of ties": axis((*Tensor).Sort, 1), "Sort of integers": axis((*Tensor).Sort, 0),
	"SortDescending": axis((*Tensor).SortDescending, 1), "SortDescending of ties": axis((*Tensor).SortDescending, 1),
	"SortDescending of integers": axis((*Tensor).SortDescending, 0),
	"ArgSort":                    axis((*Tensor).ArgSort, 1), "ArgSortDescending": axis((*Tensor).ArgSortDescending, 1),
	"TopK": func(x []*Tensor) []*Tensor {
		values, _ := x[0].TopK(2, 1)
		_, indices := x[0].TopK(2, 1)
		return []*Tensor{values, indices}
	},
	"Unique": one((*Tensor).Unique),
	"UniqueCounts": func(x []*Tensor) []*Tensor {
		values, inverse, counts := x[0].UniqueCounts()
		return []*Tensor{values, inverse, counts}
	},
	"SearchSorted": two((*Tensor).SearchSorted), "SearchSortedRight": two((*Tensor).SearchSortedRight),
	"BinCount":  axis((*Tensor).BinCount, 6),
	"Histogram": one(func(x *Tensor) *Tensor { return x.Histogram(4, 0, 2) }),

	"Gather 0":                    two(func(x, i *Tensor) *Tensor { return x.Gather(0, i) }),
	"Gather 1":                    two(func(x, i *Tensor) *Tensor { return x.Gather(1, i) }),
	"ScatterAdd":                  three(func(x, i, s *Tensor) *Tensor { return x.ScatterAdd(0, i, s) }),
	"Scatter":                     three(func(x, i, s *Tensor) *Tensor { return x.Scatter(0, i, s) }),
	"ScatterReduce prod of zeros": scatter(0, ScatterProd, false), "ScatterReduce max along 1": scatter(1, ScatterMax, false), "ScatterReduce max of NaN": scatter(0, ScatterMax, false),
	"Take":         two((*Tensor).Take),
	"IndexSelect":  one(func(x *Tensor) *Tensor { return x.IndexSelect(1, []int{2, 0, 2}) }),
	"Rows":         one(func(x *Tensor) *Tensor { return x.Rows([]int{2, 0, 2}) }),
	"MaskedSelect": two((*Tensor).MaskedSelect),
	"MaskedFill":   two(func(x, m *Tensor) *Tensor { return x.MaskedFill(m, 7.5) }),
	"NonZero":      one((*Tensor).NonZero),

	"Roll 1": one(func(x *Tensor) *Tensor { return x.Roll(1, 0) }), "Roll -6": one(func(x *Tensor) *Tensor { return x.Roll(-6, 1) }),
	"MatMul of vectors": two((*Tensor).MatMul), "MatMul of a matrix and a vector": two((*Tensor).MatMul), "MatMul of a vector and a matrix": two((*Tensor).MatMul),
	"MatMul of matrices and a vector": two((*Tensor).MatMul), "MatMul of a vector and matrices": two((*Tensor).MatMul),
	"Every": one(func(x *Tensor) *Tensor { return x.Every(1, 3) }), "Every of a part": one(func(x *Tensor) *Tensor { return x.Slice(0, 1, 5).Every(0, 2).Slice(1, 1, -1) }),
	"Flip": axes((*Tensor).Flip, 0, 2), "Tile": axes((*Tensor).Tile, 2, 1, 3),
	"Repeat":       one(func(x *Tensor) *Tensor { return x.Repeat(3, 1) }),
	"Pad":          one(func(x *Tensor) *Tensor { return x.Pad([]int{0, 1}, []int{1, 2}) }),
	"PadConstant":  one(func(x *Tensor) *Tensor { return x.PadConstant([]int{0, 1}, []int{1, 2}, 2.5) }),
	"PadReflect":   one(func(x *Tensor) *Tensor { return x.PadReflect([]int{1, 3}, []int{2, 2}) }),
	"PadReplicate": one(func(x *Tensor) *Tensor { return x.PadReplicate([]int{1, 3}, []int{2, 2}) }),
	"PadCircular":  one(func(x *Tensor) *Tensor { return x.PadCircular([]int{1, 3}, []int{2, 2}) }),
	"SwapAxes":     one(func(x *Tensor) *Tensor { return x.SwapAxes(0, 2) }),
	"MoveAxis":     one(func(x *Tensor) *Tensor { return x.MoveAxis(0, -1) }),
	"Tril":         axis((*Tensor).Tril, 1), "Triu": axis((*Tensor).Triu, -1), "DiagEmbed": axis((*Tensor).DiagEmbed, 1),
	"Outer": two((*Tensor).Outer), "Diff": axis((*Tensor).Diff, 1),
	"Reshape": axes((*Tensor).Reshape, 2, -1), "Flatten": axis((*Tensor).Flatten, 1), "T": one((*Tensor).T),
	"Transpose": axes((*Tensor).Transpose, 2, 0, 1), "Permute": axes((*Tensor).Permute, 1, 2, 0),
	"Slice":  one(func(x *Tensor) *Tensor { return x.Slice(1, 1, 3) }),
	"Narrow": one(func(x *Tensor) *Tensor { return x.Narrow(0, 1, 2) }),
	"Index":  axis((*Tensor).Index, -1), "Select": one(func(x *Tensor) *Tensor { return x.Select(1, 2) }),
	"Diagonal": axis((*Tensor).Diagonal, 1), "Expand": axes((*Tensor).Expand, 2, 3, 5), "Unsqueeze": axis((*Tensor).Unsqueeze, 1), "Squeeze": axes((*Tensor).Squeeze),
	"Unbind":     func(x []*Tensor) []*Tensor { return x[0].Unbind(1) },
	"Split":      func(x []*Tensor) []*Tensor { return x[0].Split(1, 3) },
	"Chunk":      func(x []*Tensor) []*Tensor { return x[0].Chunk(1, 3) },
	"Contiguous": one(func(x *Tensor) *Tensor { return x.T().Contiguous() }),
	"dl.Concat":  two(func(x, y *Tensor) *Tensor { return Concat(1, x, y, x) }),
	"dl.Stack":   two(func(x, y *Tensor) *Tensor { return Stack(x, y) }),
	"OneHot":     axis((*Tensor).OneHot, 4),

	"MatMul": two((*Tensor).MatMul), "MatMul batched": two((*Tensor).MatMul), "MatMul broadcast": two((*Tensor).MatMul),
	"dl.Affine":           three(func(x, w, b *Tensor) *Tensor { return Affine(x, w, b, NoFusion) }),
	"dl.AffineAdd":        func(x []*Tensor) []*Tensor { return []*Tensor{AffineAdd(x[0], x[1], x[2], x[3])} },
	"dl.Affine with ReLU": three(func(x, w, b *Tensor) *Tensor { return Affine(x, w, b, FuseReLU) }),
	"dl.Conv2D": three(func(x, w, b *Tensor) *Tensor {
		return Conv2D(x, w, b, ConvOptions{Stride: [2]int{2, 1}, Padding: Pad2D(1, 1)})
	}),
	"dl.MaxPool2D":                 one(func(x *Tensor) *Tensor { return MaxPool2D(x, pooling) }),
	"dl.AvgPool2D":                 one(func(x *Tensor) *Tensor { return AvgPool2D(x, pooling) }),
	"dl.AvgPool2D CountIncludePad": one(func(x *Tensor) *Tensor { o := pooling; o.CountIncludePad = true; return AvgPool2D(x, o) }),
	"dl.AvgPool2D same, CountIncludePad": one(func(x *Tensor) *Tensor {
		return AvgPool2D(x, PoolOptions{Stride: [2]int{1, 1}, Padding: Same, CountIncludePad: true})
	}),
	"dl.BatchNorm": three(func(x, g, b *Tensor) *Tensor {
		return BatchNorm(x, g, b, New(x.DType(), 4), New(x.DType(), 4), BatchNormOptions{Training: true})
	}),
	"dl.LayerNorm": three(func(x, g, b *Tensor) *Tensor { return LayerNorm(x, g, b, 1e-3) }),
	"dl.Embedding": two(func(w, i *Tensor) *Tensor { return Embedding(w, i) }),
	"dl.Attention": three(func(q, k, v *Tensor) *Tensor { return Attention(q, k, v, AttentionOptions{Heads: 2}) }),
	"dl.SelfAttention": one(func(x *Tensor) *Tensor {
		return SelfAttention(x, AttentionOptions{Heads: 2, Causal: true})
	}),

	"dl.MSE": two(MSE), "dl.MAE": two(MAE),
	"dl.SparseCrossEntropy": two(SparseCrossEntropy),
	"dl.LinearCrossEntropy": three(func(x, w, labels *Tensor) *Tensor { return LinearCrossEntropy(x, w, labels, 2) }),
}

var pooling = PoolOptions{Size: [2]int{3, 2}, Stride: [2]int{2, 2}, Padding: Pad2D(1, 1)}

func norm(p float64) op { return one(func(x *Tensor) *Tensor { return x.Norm(p, 1) }) }

// Linear algebra, and Einsum.
func init() {
	symmetric := func(x *Tensor) *Tensor {
		n := x.Shape()[x.Rank()-2]
		return x.MatMul(x.T()).Add(eye(Float64, n).To(x.DType()))
	}
	for name, f := range map[string]op{
		"dl.Solve": two(Solve), "dl.Solve broadcast": two(Solve), "dl.Solve of a vector": two(Solve),
		"dl.SolveLower": two(SolveLower), "dl.SolveUpper": two(SolveUpper),
		"Inv": one((*Tensor).Inv), "Det": one((*Tensor).Det), "Det of singular": one((*Tensor).Det), "Trace": one((*Tensor).Trace),
		"SlogDet":       func(x []*Tensor) []*Tensor { return pairOf(x[0].SlogDet()) },
		"Cholesky":      one(func(x *Tensor) *Tensor { return symmetric(x).Cholesky() }),
		"QR":            func(x []*Tensor) []*Tensor { return pairOf(x[0].QR()) },
		"Eigh values":   one(func(x *Tensor) *Tensor { return pairOf(symmetric(x).Eigh())[0] }),
		"Eigh vectors":  one(func(x *Tensor) *Tensor { return pairOf(symmetric(x).Eigh())[1].Square() }),
		"dl.LstSq tall": two(LstSq), "dl.LstSq wide": two(LstSq),
		"Pinv tall": one((*Tensor).Pinv), "Pinv wide": one((*Tensor).Pinv), "Pinv of rank 1": one((*Tensor).Pinv),
		"dl.Meshgrid":   func(x []*Tensor) []*Tensor { return Meshgrid(x...) },
		"dl.Linspace":   none(func() *Tensor { return Linspace(-1, 2, 7) }),
		"dl.Logspace":   none(func() *Tensor { return Logspace(-1, 2, 4) }),
		"dl.Range":      none(func() *Tensor { return Range(1, 2.5, 0.5) }),
		"dl.Range down": none(func() *Tensor { return Range(3, -1, -2) }),
		"dl.Tri":        none(func() *Tensor { return Tri(3, 4, -1) }),
	} {
		operations[name] = f
	}
	operations["QR square"], operations["QR wide"] = operations["QR"], operations["QR"]
	for _, name := range []string{"wide", "tall", "square"} {
		operations["SVD "+name+", values"] = one(func(x *Tensor) *Tensor { _, s, _ := x.SVD(); return s })
		operations["SVD "+name+", left"] = one(func(x *Tensor) *Tensor { u, _, _ := x.SVD(); return u.Square() })
		operations["SVD "+name+", right"] = one(func(x *Tensor) *Tensor { _, _, vt := x.SVD(); return vt.Square() })
	}
	for _, equation := range []string{"ij,jk->ik", "bij,bjk->bik", "bij,jk", "ii->i", "ii", "i,j->ij", "ijk->ki", "...ij,...jk->...ik", "i...,j...->...ij",
		"bi,ij,bj->b", "ij,ij", "ij,kj->", "bii,i->bi", "ba"} {
		operations["dl.Einsum "+equation] = func(x []*Tensor) []*Tensor { return []*Tensor{Einsum(equation, x...)} }
	}
	for _, equation := range []string{"ij,jk->ik", "bij,bjk->bik", "i,i->", "ij,ij->ij", "ij,jk,kl->il", "ij,j,i->j"} {
		operations["dl.Einsum "+equation+" stretched"] = func(x []*Tensor) []*Tensor { return []*Tensor{Einsum(equation, x...)} }
	}
}

func pairOf(a, b *Tensor) []*Tensor { return []*Tensor{a, b} }

func none(f func() *Tensor) op { return func([]*Tensor) []*Tensor { return []*Tensor{f()} } }

// Groups of cases that are alike.
func init() {
	for name, f := range map[string]func(x *Tensor) *Tensor{
		"Neg": (*Tensor).Neg, "Exp": (*Tensor).Exp, "Square": (*Tensor).Square, "Abs": (*Tensor).Abs, "Tanh": (*Tensor).Tanh,
		"Sigmoid": (*Tensor).Sigmoid, "ReLU": (*Tensor).ReLU, "GELU": (*Tensor).GELU, "Sin": (*Tensor).Sin, "Cos": (*Tensor).Cos,
		"Tan": (*Tensor).Tan, "Asin": (*Tensor).Asin, "Acos": (*Tensor).Acos, "Atan": (*Tensor).Atan, "Sinh": (*Tensor).Sinh,
		"Cosh": (*Tensor).Cosh, "Asinh": (*Tensor).Asinh, "Atanh": (*Tensor).Atanh, "Expm1": (*Tensor).Expm1, "Exp2": (*Tensor).Exp2,
		"Erf": (*Tensor).Erf, "Erfc": (*Tensor).Erfc, "Erfinv": (*Tensor).Erfinv, "Softplus": (*Tensor).Softplus,
		"Reciprocal": (*Tensor).Reciprocal, "Frac": (*Tensor).Frac, "Log": (*Tensor).Log, "Sqrt": (*Tensor).Sqrt, "Rsqrt": (*Tensor).Rsqrt,
		"Log1p": (*Tensor).Log1p, "Log2": (*Tensor).Log2, "Log10": (*Tensor).Log10,
		"Floor": (*Tensor).Floor, "Ceil": (*Tensor).Ceil, "Round": (*Tensor).Round, "Trunc": (*Tensor).Trunc, "Sign": (*Tensor).Sign,
	} {
		operations[name], operations[name+" of special values"] = one(f), one(f)
	}
	for name, f := range map[string]func(x *Tensor) *Tensor{"Floor": (*Tensor).Floor, "Ceil": (*Tensor).Ceil, "Round": (*Tensor).Round, "Sign": (*Tensor).Sign} {
		operations[name+" of integers"] = one(f)
	}
	for name, f := range map[string]func(x, y *Tensor) *Tensor{
		"Add": (*Tensor).Add, "Sub": (*Tensor).Sub, "Mul": (*Tensor).Mul, "Div": (*Tensor).Div, "Maximum": (*Tensor).Maximum, "Minimum": (*Tensor).Minimum,
		"Atan2": (*Tensor).Atan2, "Hypot": (*Tensor).Hypot, "LogAddExp": (*Tensor).LogAddExp, "Fmod": (*Tensor).Fmod, "Remainder": (*Tensor).Remainder,
	} {
		operations[name], operations[name+" broadcast"] = two(f), two(f)
	}
	for name, f := range map[string]func(x *Tensor, axes ...int) *Tensor{
		"Sum": (*Tensor).Sum, "Mean": (*Tensor).Mean, "LogSumExp": (*Tensor).LogSumExp, "Max": (*Tensor).Max, "Min": (*Tensor).Min, "Prod": (*Tensor).Prod,
	} {
		operations[name], operations[name+" over 1"], operations[name+" over 0 and -1"] = axes(f), axes(f, 1), axes(f, 0, -1)
	}
	for name, f := range map[string]func(x *Tensor, axis int) *Tensor{
		"ArgMax": (*Tensor).ArgMax, "ArgMin": (*Tensor).ArgMin, "CumSum": (*Tensor).CumSum, "CumProd": (*Tensor).CumProd,
	} {
		for i, n := range []string{" 0", " 1", " 2"} {
			operations[name+n] = axis(f, i)
		}
	}
	operations["dl.BinaryCrossEntropy"] = two(BinaryCrossEntropy)
	operations["dl.BinaryCrossEntropyLogits"] = two(BinaryCrossEntropyLogits)
	operations["dl.CrossEntropy"] = two(CrossEntropy)
}

// kinks are cases whose gradients PyTorch defines, but which differences cannot find.
var kinks = map[string]string{
	"Norm of zeros": "the norm has a kink at 0",
}

// noOperations are exported names that return a tensor and are no operations of the elements of others.
var noOperations = map[string]string{
	"New": "makes a tensor", "Zeros": "makes a tensor", "Ones": "makes a tensor", "Full": "makes a tensor", "Scalar": "makes a tensor",
	"Arange": "makes a tensor, see TestArange", "ArangeOf": "makes a tensor, see TestArange", "Eye": "makes a tensor", "Of": "makes a tensor",
	"Wrap": "makes a tensor of memory", "Randn": "random: see the tests of Rand", "Uniform": "random: see the tests of Rand",
	"ZerosLike": "makes a tensor", "OnesLike": "makes a tensor", "FullLike": "makes a tensor",
	"FromSlices": "makes a tensor, see TestFromSlices", "ReadNpy": "a file, see npy_test.go", "LoadNpy": "a file, see npy_test.go",
	"FromMatrix": "a conversion, see TestConversionsShareMemory", "FromImage": "a conversion, see TestConversionsShareMemory",
	"Clone": "a copy, not recorded", "Detach": "the tensor itself, not recorded", "Grad": "a gradient", "GradWith": "a gradient",
	"RequireGrad": "the tensor itself", "SetRequiresGrad": "the tensor itself", "SetName": "the tensor itself",
	"Apply": "an operation of the caller's, see function_test.go", "Checkpoint": "computes again what the caller computes, see checkpoint_test.go",
	"Dropout":         "random: see the tests of Dropout",
	"QuantizedLinear": "of float32 only, and rounding: see quantized_test.go",
	"QuantizedConv2D": "of float32 only, and rounding: see quantizedconv_test.go",
}

// noGradients are operations whose results have no gradient.
var noGradients = map[string]string{
	"Eq": "a truth value", "Ne": "a truth value", "Gt": "a truth value", "Ge": "a truth value", "Lt": "a truth value", "Le": "a truth value",
	"And": "a truth value", "Or": "a truth value", "Xor": "a truth value", "Not": "a truth value", "Any": "a truth value", "All": "a truth value",
	"IsNaN": "a truth value", "IsInf": "a truth value", "IsFinite": "a truth value",
	"ArgMax": "places", "ArgMin": "places", "ArgSort": "places", "ArgSortDescending": "places", "NonZero": "places", "SearchSorted": "places",
	"SearchSortedRight": "places", "CountNonZero": "numbers", "BinCount": "numbers", "Histogram": "numbers",
	"Unique": "not continuous: PyTorch has none", "UniqueAlong": "not continuous: PyTorch has none", "UniqueCounts": "not continuous: PyTorch has none",
	"Linspace": "of numbers", "Logspace": "of numbers", "Range": "of numbers", "Tri": "of numbers",
	"OneHot": "of integers", "FloorDiv": "constant, piece by piece",
	"To": "the case is one to integers; that between floats is in TestGradients",
}
