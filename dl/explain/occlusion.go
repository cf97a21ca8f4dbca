package explain

import (
	"modelbook/dl"
	"modelbook/dl/nn"
)

// OcclusionOptions say how [Occlusion] covers pictures.
type OcclusionOptions struct {
	Size   int     // of the square, pixels; 0: a sixth of the shorter side
	Stride int     // from one square to the next; 0: half of Size
	Fill   float64 // the value that covers
}

// Occlusion is by how much the model's output for a class falls when a square of the picture is covered (Zeiler and
// Fergus 2014; Captum's Occlusion): for each pixel the mean over the squares that cover it, negative where covering
// speaks for the class. Of models that end in Softmax or Sigmoid it is the probability that falls. x are pictures
// [N, H, W, C]; classes is one for each, or nil for the classes that the model predicts. The maps are [N, H, W]. It needs
// no gradient, but an output for each square.
//
// It panics with a *dl.ShapeError when x are no pictures or the model's outputs are not [N, classes] or [N, 1], and with a
// *dl.ValueError when there is no such class, or when a square is larger than the picture.
func Occlusion(model nn.Forwarder, x *dl.Tensor, classes []int, o OcclusionOptions) *dl.Tensor {
	const op = "explain.Occlusion"
	if x.Rank() != 4 {
		dl.PanicShape(op, "pictures are [N, height, width, channels]", x)
	}
	n, h, w := x.Dim(0), x.Dim(1), x.Dim(2)
	size, stride := o.Size, o.Stride
	if size == 0 {
		size = max(1, min(h, w)/6)
	}
	if stride == 0 {
		stride = max(1, size/2)
	}
	if size < 0 || stride < 0 || size > min(h, w) {
		dl.PanicValue(op, "squares of %d pixels, every %d, do not fit into pictures of %d by %d", size, stride, h, w)
	}
	if !x.DType().IsFloat() {
		x = x.To(dl.Float32)
	}
	use, done := nn.InUse(model)
	defer done()
	f := use.(nn.Forwarder)
	heat := dl.New(dl.Float32, n, h, w)
	dl.NoGrad(func() {
		toward := direction(op, logits(f, x), classes) // 1 at the class
		before := f.Forward(x).Mul(toward).Sum(1)
		for i := range n {
			score := func(covered *dl.Tensor) []float64 {
				return dl.Values[float64](f.Forward(covered).Mul(toward.Slice(0, i, i+1)).Sum(1))
			}
			occlude(heat.Float32s()[i*h*w:(i+1)*h*w], x.Slice(0, i, i+1), score, before.At(i), size, stride, o.Fill)
		}
	})
	return heat
}

// mostSquares are covered in one batch.
const mostSquares = 128

// occlude writes the map of a picture [1, H, W, C], whose score is before when nothing is covered.
func occlude(heat []float32, picture *dl.Tensor, score func(covered *dl.Tensor) []float64, before float64, size, stride int, fill float64) {
	h, w := picture.Dim(1), picture.Dim(2)
	var squares [][2]int
	for _, y := range places(h, size, stride) {
		for _, x := range places(w, size, stride) {
			squares = append(squares, [2]int{y, x})
		}
	}
	falls, counts := make([]float64, h*w), make([]float64, h*w)
	for len(squares) > 0 {
		batch := squares[:min(mostSquares, len(squares))]
		squares = squares[len(batch):]
		covered := picture.Repeat(len(batch), 0)
		for k, s := range batch {
			covered.Slice(0, k, k+1).Slice(1, s[0], s[0]+size).Slice(2, s[1], s[1]+size).Fill(fill)
		}
		for k, after := range score(covered) {
			for y := batch[k][0]; y < batch[k][0]+size; y++ {
				for x := batch[k][1]; x < batch[k][1]+size; x++ {
					falls[y*w+x] += before - after
					counts[y*w+x]++
				}
			}
		}
	}
	for i, fall := range falls {
		heat[i] = float32(fall / max(counts[i], 1))
	}
}

// places are where squares begin along a side, the last one at its end.
func places(side, size, stride int) (at []int) {
	for p := 0; p+size < side; p += stride {
		at = append(at, p)
	}
	return append(at, side-size)
}
