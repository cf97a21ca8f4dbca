package zoo

import (
	"cmp"
	"fmt"

	"modelbook/dl"
	"modelbook/dl/nn"
)

// ViT is a vision transformer (Dosovitskiy et al., "An Image is Worth 16x16 Words", 2020): patches of the image are the
// words of a sequence, and a learned vector before them becomes what is classified. The zero value is ViT-Tiny of Touvron
// et al. (2021). The output are logits [N, Classes].
type ViT struct {
	Classes int      // 0: 1000
	Input   dl.Shape // height, width, channels, both sizes multiples of Patch; nil: 224, 224, 3
	Patch   int      // height and width of a patch; 0: 16
	Units   int      // values of a position; 0: 192 (ViT-Small: 384, ViT-Base: 768)
	Layers  int      // 0: 12
	Heads   int      // 0: 3 (ViT-Small: 6, ViT-Base: 12)
	Dropout float64
}

// New builds the network.
func (v ViT) New() (*nn.Model, error) {
	patch, units, input := cmp.Or(v.Patch, 16), cmp.Or(v.Units, 192), v.Input
	if input == nil {
		input = dl.Shape{224, 224, 3}
	}
	if patch < 1 || len(input) != 3 || input[0]%patch != 0 || input[1]%patch != 0 {
		return nil, fmt.Errorf("zoo.ViT: %v is no image [height, width, channels] of whole patches of %d", input, patch)
	}
	depth := cmp.Or(v.Layers, 12)
	if depth < 1 || depth > 1000 {
		return nil, fmt.Errorf("zoo.ViT: Layers is %d; it is a number of blocks from 1 to 1000, or 0 for 12", v.Layers)
	}
	positions := nn.Normal{StdDev: 0.02}
	layers := []nn.Layer{
		nn.Named("patch_embed.proj", nn.Conv2D{Filters: units, Kernel: [2]int{patch, patch}, Stride: [2]int{patch, patch}}),
		nn.Reshape{Shape: []int{-1, units}},
		nn.Named("cls_token", nn.ClassToken{WeightInit: positions}),
		nn.Named("pos_embed", nn.PositionalEmbedding{WeightInit: positions}),
	}
	for i := range depth {
		layers = append(layers, nn.Named(fmt.Sprintf("blocks.%d", i), nn.TransformerBlock{Heads: cmp.Or(v.Heads, 3), Dropout: v.Dropout, Epsilon: 1e-6}))
	}
	layers = append(layers, nn.Named("norm", nn.LayerNorm{Epsilon: 1e-6}), nn.Step{At: 0}, nn.Named("head", nn.Dense{Units: cmp.Or(v.Classes, 1000)}))
	return sequential("ViT", input, layers...)
}
