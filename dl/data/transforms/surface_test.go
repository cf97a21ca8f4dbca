package transforms_test

import (
	"reflect"
	"testing"

	"modelbook/dl"
	"modelbook/dl/data"
	"modelbook/dl/data/transforms"
	"modelbook/dl/internal/mistakes"
)

func picture() *dl.Tensor { return dl.NewRand(1).Uniforms(0, 1, 6, 5, 3) }

func pictures() *data.Tensors {
	return data.FromTensors(dl.NewRand(1).Uniforms(0, 1, 4, 6, 5, 3), dl.NewRand(1).Uniforms(0, 1, 4, 2))
}

// Every exported function and method is called with wrong arguments: see package mistakes.
func TestEveryExportedFunctionRefusesWrongArguments(t *testing.T) {
	s := &mistakes.Surface{
		Functions: map[string]any{
			"Batches": transforms.Batches, "Each": transforms.Each,
		},
		Types: []reflect.Type{
			reflect.TypeFor[transforms.Affine](), reflect.TypeFor[transforms.BatchTransform](),
			reflect.TypeFor[transforms.Brightness](), reflect.TypeFor[transforms.CenterCrop](),
			reflect.TypeFor[transforms.ColorJitter](), reflect.TypeFor[transforms.Compose](),
			reflect.TypeFor[transforms.Contrast](), reflect.TypeFor[transforms.Crop](), reflect.TypeFor[transforms.CutMix](),
			reflect.TypeFor[transforms.Cutout](), reflect.TypeFor[transforms.Erase](), reflect.TypeFor[transforms.Func](),
			reflect.TypeFor[transforms.GaussianBlur](), reflect.TypeFor[transforms.GaussianNoise](),
			reflect.TypeFor[transforms.Grayscale](), reflect.TypeFor[transforms.HorizontalFlip](),
			reflect.TypeFor[transforms.Hue](), reflect.TypeFor[transforms.MixUp](), reflect.TypeFor[transforms.Normalize](),
			reflect.TypeFor[transforms.Pad](), reflect.TypeFor[transforms.RandomAffine](),
			reflect.TypeFor[transforms.RandomApply](), reflect.TypeFor[transforms.RandomChoice](),
			reflect.TypeFor[transforms.RandomCrop](), reflect.TypeFor[transforms.RandomErasing](),
			reflect.TypeFor[transforms.RandomGaussianBlur](), reflect.TypeFor[transforms.RandomGrayscale](),
			reflect.TypeFor[transforms.RandomHorizontalFlip](), reflect.TypeFor[transforms.RandomResizedCrop](),
			reflect.TypeFor[transforms.RandomRotation](), reflect.TypeFor[transforms.RandomVerticalFlip](),
			reflect.TypeFor[transforms.Resize](), reflect.TypeFor[transforms.Rotate](),
			reflect.TypeFor[transforms.Saturation](), reflect.TypeFor[transforms.Transform](),
			reflect.TypeFor[transforms.VerticalFlip](),
		},
		Skip: map[string]string{"Transform.Apply": "of each transform below", "BatchTransform.ApplyBatch": "of each transform below"},
		Any: map[string]string{
			"seed": "every number is a seed", "r": "nil and a zero Rand are the default source",
			"_": "random numbers, which the transform does not need", "{Value}": "any number may be put there",
			"{More}": "other fields stay as they are", "Func.Apply x": "it is the caller's function",
		},
	}
	s.Args = map[string]func() []any{
		"Each":    func() []any { return []any{pictures(), uint64(1), []transforms.Transform{transforms.HorizontalFlip{}}} },
		"Batches": func() []any { return []any{pictures(), uint64(1), []transforms.BatchTransform{transforms.MixUp{}}} },
	}
	for _, f := range []transforms.Transform{
		transforms.Brightness{Factor: 1.2}, transforms.Contrast{Factor: 1.2}, transforms.Saturation{Factor: 1.2}, transforms.Hue{Turn: 0.1},
		transforms.Grayscale{}, transforms.Normalize{Mean: []float64{0.5}, Std: []float64{0.5}}, transforms.GaussianBlur{Kernel: 3},
		transforms.Erase{Height: 2, Width: 2}, transforms.Compose{transforms.HorizontalFlip{}},
		transforms.Func(func(x *dl.Tensor, _ *dl.Rand) *dl.Tensor { return x }), transforms.HorizontalFlip{}, transforms.VerticalFlip{},
		transforms.Pad{Top: 1}, transforms.Crop{Height: 2, Width: 2}, transforms.CenterCrop{Height: 2, Width: 2}, transforms.Resize{Height: 3, Width: 4},
		transforms.Rotate{Degrees: 10}, transforms.Affine{Degrees: 10}, transforms.RandomHorizontalFlip{}, transforms.RandomVerticalFlip{},
		transforms.RandomCrop{Height: 2, Width: 2}, transforms.RandomResizedCrop{Height: 2, Width: 2}, transforms.RandomRotation{Degrees: 5},
		transforms.RandomAffine{Degrees: 5}, transforms.ColorJitter{Brightness: 0.1}, transforms.RandomGrayscale{}, transforms.RandomErasing{P: 1},
		transforms.Cutout{Size: 2}, transforms.GaussianNoise{}, transforms.RandomGaussianBlur{Kernel: 3},
		transforms.RandomApply{P: 1, Transforms: transforms.Compose{transforms.HorizontalFlip{}}}, transforms.RandomChoice{transforms.HorizontalFlip{}},
	} {
		s.Args[reflect.TypeOf(f).Name()+".Apply"] = func() []any { return []any{f, picture(), dl.NewRand(1)} }
		s.GoodOf(reflect.TypeOf(f), func() any { return f })
	}
	for _, f := range []transforms.BatchTransform{transforms.MixUp{}, transforms.CutMix{}} {
		s.Args[reflect.TypeOf(f).Name()+".ApplyBatch"] = func() []any {
			b, err := data.All(pictures())
			if err != nil {
				t.Fatal(err)
			}
			return []any{f, b, dl.NewRand(1)}
		}
	}
	s.Good(func() data.Batch {
		b, err := data.All(pictures())
		if err != nil {
			t.Fatal(err)
		}
		return b
	})
	s.Test(t)
}
