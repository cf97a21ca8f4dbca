package zoo

import (
	"cmp"
	"fmt"

	"modelbook/dl"
	"modelbook/dl/nn"
)

// MobileNetV2 is a network of inverted residuals (Sandler et al., "MobileNetV2: Inverted Residuals and Linear
// Bottlenecks", 2018): a 1×1 convolution makes channels more, a depthwise one works on each, a 1×1 makes them fewer. Its
// layers have torchvision's names: [LoadTorchvision] takes its weights. The output are logits [N, Classes].
type MobileNetV2 struct {
	Classes int      // 0: 1000
	Input   dl.Shape // height, width, channels; nil: 224, 224, 3
	Width   float64  // by which numbers of channels are multiplied, and rounded to multiples of 8; 0: 1
	CIFAR   bool     // strides of 1 in the first convolution and the second stage, for images of 32 by 32
	Dropout float64  // before the last layer; 0: 0.2
}

// New builds the network.
func (m MobileNetV2) New() (*nn.Graph, error) {
	width := cmp.Or(m.Width, 1)
	if !(width > 0 && width < 100) {
		return nil, fmt.Errorf("zoo.MobileNetV2: Width is %v; it multiplies the numbers of channels", m.Width)
	}
	input := m.Input
	if input == nil {
		input = dl.Shape{224, 224, 3}
	}
	channels := func(n int, width float64) int { // a multiple of 8, and not below 0.9 of what was asked for
		want := float64(n) * width
		c := max(8, int(want+4)/8*8)
		if float64(c) < 0.9*want {
			c += 8
		}
		return c
	}
	first := 2
	if m.CIFAR {
		first = 1
	}
	b := newBuilder("MobileNetV2", input)
	b.convNorm("features.0.0", "features.0.1", channels(32, width), 3, first)
	b.add("", nn.ReLU6)
	at := 1
	for stage, s := range [][4]int{{1, 16, 1, 1}, {6, 24, 2, first}, {6, 32, 3, 2}, {6, 64, 4, 2}, {6, 96, 3, 1}, {6, 160, 3, 2}, {6, 320, 1, 1}} {
		for i := range s[2] {
			stride := 1
			if i == 0 {
				stride = s[3]
			}
			b.inverted(fmt.Sprintf("features.%d.conv.", at), s[0], channels(s[1], width), stride, stage > 0)
			at++
		}
	}
	b.convNorm("features.18.0", "features.18.1", channels(1280, max(1, width)), 1, 1)
	b.add("", nn.ReLU6)
	b.globalPool()
	b.add("", nn.Dropout{Rate: cmp.Or(m.Dropout, 0.2)})
	b.add("classifier.1", nn.Dense{Units: cmp.Or(m.Classes, 1000)})
	return b.build()
}

// inverted adds a block that has expand times as many channels inside.
func (b *builder) inverted(name string, expand, filters, stride int, expands bool) {
	in, inner := b.x, b.x.Shape[len(b.x.Shape)-1]*expand
	at := 0
	if expands {
		b.convNorm(name+"0.0", name+"0.1", inner, 1, 1)
		b.add("", nn.ReLU6)
		at = 1
	}
	b.add(fmt.Sprintf("%s%d.0", name, at), nn.Conv2D{Filters: inner, Kernel: [2]int{3, 3}, Stride: [2]int{stride, stride}, Padding: nn.Pad2D(1, 1),
		Groups: inner, NoBias: true, WeightInit: weightInit})
	b.add(fmt.Sprintf("%s%d.1", name, at), norm2D())
	b.add("", nn.ReLU6)
	b.convNorm(fmt.Sprintf("%s%d", name, at+1), fmt.Sprintf("%s%d", name, at+2), filters, 1, 1)
	if stride == 1 && in.Shape[len(in.Shape)-1] == filters {
		b.x = b.g.Sum(in, b.x)
	}
}
