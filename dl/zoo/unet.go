package zoo

import (
	"cmp"
	"fmt"

	"modelbook/dl"
	"modelbook/dl/nn"
)

// UNet says for each pixel of an image what it belongs to (Ronneberger, Fischer and Brox, "U-Net: Convolutional Networks
// for Biomedical Image Segmentation", 2015): images become smaller level by level, and larger again beside what they were
// on the way. As is usual today convolutions keep the size and are normalised. The output are logits [N, height, width,
// Classes].
type UNet struct {
	Classes int      // 0: 2
	Input   dl.Shape // height, width, channels, both sizes multiples of 2 to the power of Levels; nil: 256, 256, 3
	Levels  int      // 0: 4
	Width   int      // filters of the first level, twice as many in each one below; 0: 64
}

// New builds the network.
func (u UNet) New() (*nn.Graph, error) {
	levels, width, input := cmp.Or(u.Levels, 4), cmp.Or(u.Width, 64), u.Input
	if input == nil {
		input = dl.Shape{256, 256, 3}
	}
	if levels < 1 || levels > 16 || len(input) != 3 || input[0]%(1<<levels) != 0 || input[1]%(1<<levels) != 0 {
		return nil, fmt.Errorf("zoo.UNet: %v is no image [height, width, channels] that can be halved %d times", input, levels)
	}
	b := newBuilder("UNet", input)
	var beside []*nn.Node
	for level := range levels {
		b.double(fmt.Sprintf("down%d", level), width<<level)
		beside = append(beside, b.x)
		b.add("", nn.MaxPool2D{})
	}
	b.double("bottom", width<<levels)
	for level := levels - 1; level >= 0; level-- {
		filters := width << level
		b.add(fmt.Sprintf("up%d.up", level), nn.ConvTranspose2D{Filters: filters, Kernel: [2]int{2, 2}, Stride: [2]int{2, 2}})
		b.x = b.g.Concat(beside[level], b.x)
		b.double(fmt.Sprintf("up%d", level), filters)
	}
	b.add("out", nn.Conv2D{Filters: cmp.Or(u.Classes, 2), Kernel: [2]int{1, 1}})
	return b.build()
}

// double adds two convolutions with normalisations.
func (b *builder) double(name string, filters int) {
	for i := range 2 {
		b.convNorm(fmt.Sprintf("%s.conv%d", name, i+1), fmt.Sprintf("%s.bn%d", name, i+1), filters, 3, 1)
		b.add("", nn.ReLU)
	}
}
