package dl

import "fmt"

// PixelShuffle makes images [N, H, W, C*r*r] into images [N, H*r, W*r, C], r times as high and wide: the channels of a
// pixel become a square of r x r pixels (Shi et al., 2016). Channel c*r*r + i*r + j is channel c of row i and column j of
// the square, as in PyTorch; TensorFlow's depth_to_space has (i*r + j)*C + c.
func PixelShuffle(x *Tensor, r int) *Tensor {
	x.check()
	s := x.shape
	if len(s) != 4 {
		shapePanic("PixelShuffle", "images are [N, H, W, C]", x)
	}
	if r < 1 || r > 1<<15 || s[3]%(r*r) != 0 {
		shapePanic("PixelShuffle", fmt.Sprintf("the channels must be a multiple of %d*%d", r, r), x)
	}
	c := s[3] / (r * r)
	return x.Reshape(s[0], s[1], s[2], c, r, r).Permute(0, 1, 4, 2, 5, 3).Reshape(s[0], s[1]*r, s[2]*r, c)
}

// PixelUnshuffle goes back from what [PixelShuffle] makes: images [N, H*r, W*r, C] become [N, H, W, C*r*r].
func PixelUnshuffle(x *Tensor, r int) *Tensor {
	x.check()
	s := x.shape
	if len(s) != 4 {
		shapePanic("PixelUnshuffle", "images are [N, H, W, C]", x)
	}
	if r < 1 || r > 1<<15 || s[1]%r != 0 || s[2]%r != 0 {
		shapePanic("PixelUnshuffle", fmt.Sprintf("height and width must be multiples of %d", r), x)
	}
	return x.Reshape(s[0], s[1]/r, r, s[2]/r, r, s[3]).Permute(0, 1, 3, 5, 2, 4).Reshape(s[0], s[1]/r, s[2]/r, s[3]*r*r)
}

// ChannelShuffle deals the channels of x [N, ..., C] out like cards: they are groups of C/groups that follow each other,
// and become the first of each group, then the second of each, and so on (Zhang et al., 2018). Channel j*groups + i of the
// result is channel i*C/groups + j of x. Between grouped convolutions it lets a group see what the others made. It panics
// with a *ShapeError when the groups do not divide the channels.
func ChannelShuffle(x *Tensor, groups int) *Tensor {
	x.check()
	s := x.shape
	if len(s) < 2 {
		shapePanic("ChannelShuffle", "the input must be [N, ..., C]", x)
	}
	last := len(s) - 1
	if groups < 1 || s[last]%groups != 0 {
		shapePanic("ChannelShuffle", fmt.Sprintf("the channels must be a multiple of the %d groups", groups), x)
	}
	return x.Reshape(Shape(s[:last]).Size(), groups, s[last]/groups).Permute(0, 2, 1).Reshape(s...)
}
