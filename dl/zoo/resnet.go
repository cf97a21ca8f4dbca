package zoo

import (
	"cmp"
	"fmt"

	"modelbook/dl"
	"modelbook/dl/nn"
)

// ResNet is a residual network (He et al., "Deep Residual Learning for Image Recognition", 2015): four stages of blocks
// whose convolutions are added to their inputs. It is torchvision's variant, in which the second convolution of a
// bottleneck has the stride, and its layers have torchvision's names: [LoadTorchvision] takes its weights.
//
// The model's output are logits [N, Classes].
type ResNet struct {
	Depth   int      // 18, 34, 50, 101 or 152; 0: 18
	Classes int      // 0: 1000
	Input   dl.Shape // height, width, channels; nil: 224, 224, 3, and with CIFAR 32, 32, 3
	CIFAR   bool     // begin with a 3×3 convolution of stride 1 and no pooling, for small images
	Width   int      // filters of the first stage; 0: 64
}

// resnets are the blocks of the stages.
var resnets = map[int][4]int{18: {2, 2, 2, 2}, 34: {3, 4, 6, 3}, 50: {3, 4, 6, 3}, 101: {3, 4, 23, 3}, 152: {3, 8, 36, 3}}

// New builds the network.
func (r ResNet) New() (*nn.Graph, error) {
	depth, width := cmp.Or(r.Depth, 18), cmp.Or(r.Width, 64)
	blocks, ok := resnets[depth]
	if !ok {
		return nil, fmt.Errorf("zoo.ResNet: Depth is %d; there are 18, 34, 50, 101 and 152", r.Depth)
	}
	input := r.Input
	if input == nil {
		input = dl.Shape{224, 224, 3}
		if r.CIFAR {
			input = dl.Shape{32, 32, 3}
		}
	}
	b := newBuilder("ResNet", input)
	if r.CIFAR {
		b.convNorm("conv1", "bn1", width, 3, 1)
		b.add("", nn.ReLU)
	} else {
		b.convNorm("conv1", "bn1", width, 7, 2)
		b.add("", nn.ReLU)
		b.add("", nn.MaxPool2D{Size: [2]int{3, 3}, Stride: [2]int{2, 2}, Padding: nn.Pad2D(1, 1)})
	}
	for stage, n := range blocks {
		for i := range n {
			stride := 1
			if i == 0 && stage > 0 {
				stride = 2
			}
			b.residual(fmt.Sprintf("layer%d.%d.", stage+1, i), width<<stage, stride, depth >= 50)
		}
	}
	b.globalPool()
	b.add("fc", nn.Dense{Units: cmp.Or(r.Classes, 1000)})
	return b.build()
}

// residual adds a block, with a bottleneck or of two convolutions.
func (b *builder) residual(name string, filters, stride int, bottleneck bool) {
	in := b.x
	out := filters
	if bottleneck {
		out = 4 * filters
		b.convNorm(name+"conv1", name+"bn1", filters, 1, 1)
		b.add("", nn.ReLU)
		b.convNorm(name+"conv2", name+"bn2", filters, 3, stride)
		b.add("", nn.ReLU)
		b.convNorm(name+"conv3", name+"bn3", out, 1, 1)
	} else {
		b.convNorm(name+"conv1", name+"bn1", filters, 3, stride)
		b.add("", nn.ReLU)
		b.convNorm(name+"conv2", name+"bn2", filters, 3, 1)
	}
	body := b.x
	if b.x = in; stride != 1 || in.Shape[len(in.Shape)-1] != out {
		b.convNorm(name+"downsample.0", name+"downsample.1", out, 1, stride)
	}
	b.x = b.g.Sum(body, b.x)
	b.add("", nn.ReLU)
}
