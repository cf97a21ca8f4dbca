package nn

import (
	"strings"
	"testing"

	"modelbook/dl"
)

func init() {
	type pair = [2]int
	type triple = [3]int
	area("pool", map[string]any{
		"MaxPool1D": MaxPool1D{}, "MaxPool1D ceil": MaxPool1D{Size: 3, Stride: 2, Ceil: true},
		"MaxPool2D ceil": MaxPool2D{Size: pair{3, 3}, Stride: pair{2, 2}, Padding: Pad2D(1, 1), Ceil: true},
		"MaxPool3D":      MaxPool3D{}, "MaxPool3D padded": MaxPool3D{Size: triple{3, 3, 3}, Stride: triple{2, 2, 2}, Padding: Pad3D(1, 0, 1)},
		"AvgPool1D": AvgPool1D{}, "AvgPool1D padded": AvgPool1D{Size: 3, Stride: 2, Padding: Pad1D(1), CountIncludePad: true},
		"AvgPool2D ceil": AvgPool2D{Size: pair{3, 3}, Stride: pair{2, 2}, Padding: Pad2D(1, 1), Ceil: true, CountIncludePad: true},
		"AvgPool3D":      AvgPool3D{}, "AvgPool3D ceil": AvgPool3D{Ceil: true},

		"GlobalAvgPool1D": GlobalAvgPool1D{}, "GlobalAvgPool1D kept": GlobalAvgPool1D{KeepDims: true},
		"GlobalAvgPool2D": GlobalAvgPool2D{}, "GlobalAvgPool2D kept": GlobalAvgPool2D{KeepDims: true},
		"GlobalAvgPool3D": GlobalAvgPool3D{}, "GlobalAvgPool3D kept": GlobalAvgPool3D{KeepDims: true},
		"GlobalMaxPool1D": GlobalMaxPool1D{}, "GlobalMaxPool1D kept": GlobalMaxPool1D{KeepDims: true},
		"GlobalMaxPool2D": GlobalMaxPool2D{}, "GlobalMaxPool2D kept": GlobalMaxPool2D{KeepDims: true},
		"GlobalMaxPool3D": GlobalMaxPool3D{}, "GlobalMaxPool3D kept": GlobalMaxPool3D{KeepDims: true},

		"AdaptiveAvgPool1D": AdaptiveAvgPool1D{Size: 4}, "AdaptiveAvgPool2D": AdaptiveAvgPool2D{Size: pair{4, 0}}, "AdaptiveAvgPool3D": AdaptiveAvgPool3D{Size: triple{2, 3, 4}},
		"AdaptiveMaxPool1D": AdaptiveMaxPool1D{Size: 4}, "AdaptiveMaxPool2D": AdaptiveMaxPool2D{Size: pair{4, 0}}, "AdaptiveMaxPool3D": AdaptiveMaxPool3D{Size: triple{2, 3, 4}},
	})
	area("resize", map[string]any{
		"Upsample1D": Upsample1D{}, "Upsample1D linear": Upsample1D{Size: 7, Mode: dl.Linear, AlignCorners: true},
		"Upsample2D": Upsample2D{}, "Upsample2D linear": Upsample2D{Scale: pair{3, 2}, Mode: dl.Linear},
		"Upsample2D cubic": Upsample2D{Size: pair{5, 6}, Mode: dl.Cubic, AlignCorners: true}, "Upsample2D area": Upsample2D{Size: pair{2, 3}, Mode: dl.Area},
		"Upsample3D": Upsample3D{}, "Upsample3D linear": Upsample3D{Size: triple{3, 4, 3}, Mode: dl.Linear},

		"ZeroPad1D": ZeroPad1D{Padding: pair{1, 2}}, "ReflectionPad1D": ReflectionPad1D{Padding: pair{1, 2}}, "ReplicationPad1D": ReplicationPad1D{Padding: pair{1, 2}},
		"ZeroPad2D": ZeroPad2D{Padding: [2]pair{{1, 0}, {2, 1}}}, "ReflectionPad2D": ReflectionPad2D{Padding: [2]pair{{1, 0}, {2, 1}}},
		"ReplicationPad2D": ReplicationPad2D{Padding: [2]pair{{1, 0}, {2, 1}}},
		"ZeroPad3D":        ZeroPad3D{Padding: [3]pair{{0, 1}, {2, 1}, {1, 0}}}, "ReflectionPad3D": ReflectionPad3D{Padding: [3]pair{{0, 1}, {2, 1}, {1, 0}}},
		"ReplicationPad3D": ReplicationPad3D{Padding: [3]pair{{0, 1}, {2, 1}, {1, 0}}},
		"Crop1D":           Crop1D{Cropping: pair{1, 1}}, "Crop2D": Crop2D{Cropping: [2]pair{{1, 0}, {1, 2}}}, "Crop3D": Crop3D{Cropping: [3]pair{{0, 1}, {1, 1}, {0, 0}}},
		"PixelShuffle": PixelShuffle{Factor: 2}, "PixelUnshuffle": PixelUnshuffle{Factor: 2},
		"ChannelShuffle": ChannelShuffle{Groups: 3}, "ChannelShuffle of rows": ChannelShuffle{Groups: 2},
	})
}

// Errors say what is wrong with a description.
func TestPoolsThatCannotBe(t *testing.T) {
	image, sequence := dl.Shape{6, 6, 4}, dl.Shape{6, 4}
	for _, c := range []struct {
		in    dl.Shape
		layer Layer
		says  string
	}{
		{image, MaxPool1D{}, "[6 6 4] is not a sequence [length, channels]"},
		{sequence, AvgPool2D{}, "[6 4] is not an image"},
		{sequence, MaxPool1D{Size: 7}, "Size 7 is larger than the input [6 4]"},
		{sequence, MaxPool1D{Size: 3, Padding: Pad1D(2)}, "Padding 2 is more than half of the Size 3"},
		{sequence, AvgPool1D{Padding: Causal}, "Padding causal is more than half"},
		{image, GlobalAvgPool1D{}, "[6 6 4] is not a sequence"},
		{image, GlobalMaxPool3D{}, "[6 6 4] is not a volume"},
		{sequence, AdaptiveAvgPool1D{Size: -1}, "Size -1 is impossible"},
		{image, Upsample2D{Scale: [2]int{2, 2}, Size: [2]int{3, 3}}, "give one of them"},
		{image, Upsample2D{Scale: [2]int{2, 0}}, "Scale [2 0] and Size [0 0] are impossible"},
		{image, Upsample2D{Scale: [2]int{1 << 40, 2}}, "too large"},
		{image, Upsample2D{AlignCorners: true}, "AlignCorners is for Mode dl.Linear and dl.Cubic, not nearest"},
		{image, Upsample2D{Mode: 9}, "there is no interpolation 9"},
		{sequence, ZeroPad1D{Padding: [2]int{-1, 0}}, "nn.Crop1D cuts off"},
		{sequence, ReflectionPad1D{Padding: [2]int{6, 0}}, "must be smaller than the input [6 4], which is mirrored"},
		{image, Crop2D{Cropping: [2][2]int{{3, 3}, {0, 0}}}, "leaves nothing of the input"},
		{sequence, Crop1D{Cropping: [2]int{-1, 0}}, "nn.ZeroPad1D adds"},
		{image, PixelShuffle{Factor: 3}, "the 4 channels are no multiple of the Factor 3 times itself"},
		{image, PixelUnshuffle{Factor: 4}, "no multiples of the Factor 4"},
		{image, ChannelShuffle{}, "Groups is 0; it must divide the 4 channels of [6 6 4]"},
		{image, ChannelShuffle{Groups: 3}, "Groups is 3; it must divide the 4 channels of [6 6 4]"},
	} {
		if _, err := Sequential(c.in, c.layer); err == nil || !strings.Contains(err.Error(), c.says) {
			t.Errorf("%T: got %v, want it to say %q", c.layer, err, c.says)
		}
	}
}

// The pools of whole samples take samples of any size.
func TestGlobalPoolsOfAnySize(t *testing.T) {
	m, err := Sequential(dl.Shape{4, 4, 2}, AdaptiveAvgPool2D{Size: [2]int{2, 2}}, GlobalAvgPool2D{})
	if err != nil {
		t.Fatal(err)
	}
	if got := m.Predict(dl.Ones(3, 7, 9, 2)); !got.Shape().Equal(dl.Shape{3, 2}) || got.Sum().Item() != 6 {
		t.Errorf("%v", got)
	}
}
