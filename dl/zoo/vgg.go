package zoo

import (
	"cmp"
	"fmt"

	"modelbook/dl"
	"modelbook/dl/nn"
)

// VGG is a chain of 3×3 convolutions and poolings (Simonyan and Zisserman, "Very Deep Convolutional Networks for
// Large-Scale Image Recognition", 2014), with torchvision's names: [LoadTorchvision] takes its weights. The output are
// logits [N, Classes].
type VGG struct {
	Depth     int      // 11, 13, 16 or 19; 0: 16. 7 is a small one for small images: 32, 64 and 128 filters, two convolutions each
	Classes   int      // 0: 1000; with Depth 7: 10
	Input     dl.Shape // height, width, channels; nil: 224, 224, 3; with Depth 7: 32, 32, 3
	BatchNorm bool     // behind each convolution
	Hidden    int      // units of the two Dense before the last; 0: 4096; with Depth 7 one of 128
	Dropout   float64  // between these; 0: 0.5
}

// vggs are the filters of the convolutions; 0 is a pooling.
var vggs = map[int][]int{
	7:  {32, 32, 0, 64, 64, 0, 128, 128, 0},
	11: {64, 0, 128, 0, 256, 256, 0, 512, 512, 0, 512, 512, 0},
	13: {64, 64, 0, 128, 128, 0, 256, 256, 0, 512, 512, 0, 512, 512, 0},
	16: {64, 64, 0, 128, 128, 0, 256, 256, 256, 0, 512, 512, 512, 0, 512, 512, 512, 0},
	19: {64, 64, 0, 128, 128, 0, 256, 256, 256, 256, 0, 512, 512, 512, 512, 0, 512, 512, 512, 512, 0},
}

// New builds the network.
func (v VGG) New() (*nn.Model, error) {
	depth := cmp.Or(v.Depth, 16)
	filters, ok := vggs[depth]
	if !ok {
		return nil, fmt.Errorf("zoo.VGG: Depth is %d; there are 7, 11, 13, 16 and 19", v.Depth)
	}
	small := depth == 7
	input, classes, hidden := v.Input, 1000, 4096
	if small {
		classes, hidden = 10, 128
	}
	if input == nil {
		if input = (dl.Shape{224, 224, 3}); small {
			input = dl.Shape{32, 32, 3}
		}
	}
	classes, hidden = cmp.Or(v.Classes, classes), cmp.Or(v.Hidden, hidden)
	var layers []nn.Layer
	at := 0 // of torchvision's features, where activations count
	for _, f := range filters {
		if f == 0 {
			layers = append(layers, nn.MaxPool2D{})
			at++
			continue
		}
		conv := nn.Conv2D{Filters: f, Kernel: [2]int{3, 3}, Padding: nn.Same, WeightInit: weightInit}
		if !v.BatchNorm {
			conv.Activation = nn.ReLU
		}
		layers = append(layers, nn.Named(fmt.Sprintf("features.%d", at), conv))
		if v.BatchNorm {
			at++
			layers = append(layers, nn.Named(fmt.Sprintf("features.%d", at), norm2D()), nn.ReLU)
		}
		at += 2
	}
	layers = append(layers, nn.Flatten{})
	for i := range 2 {
		if small && i == 1 {
			continue
		}
		layers = append(layers, nn.Named(fmt.Sprintf("classifier.%d", 3*i), nn.Dense{Units: hidden, Activation: nn.ReLU, WeightInit: weightInit}),
			nn.Dropout{Rate: cmp.Or(v.Dropout, 0.5)})
	}
	layers = append(layers, nn.Named("classifier.6", nn.Dense{Units: classes, WeightInit: weightInit}))
	return sequential("VGG", input, layers...)
}
