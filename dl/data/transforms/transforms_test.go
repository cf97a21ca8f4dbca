package transforms

import (
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"os"
	"slices"
	"testing"

	"modelbook/dl"
	"modelbook/dl/data"
)

type array struct {
	Shape []int
	Data  []float32
}

func (a array) tensor() *dl.Tensor { return dl.Of(a.Data, a.Shape...) }

func TestTorchvision(t *testing.T) {
	b, err := os.ReadFile("testdata/transforms.json")
	if err != nil {
		t.Fatal(err)
	}
	var recorded struct {
		Images  []array
		Results map[string][]array
	}
	if err := json.Unmarshal(b, &recorded); err != nil {
		t.Fatal(err)
	}
	table := map[string]Transform{
		"hflip": HorizontalFlip{}, "vflip": VerticalFlip{}, "pad": Pad{Left: 1, Top: 2, Right: 3, Bottom: 4, Value: 0.25}, "crop": Crop{1, 2, 4, 3},
		"center": CenterCrop{4, 4}, "center large": CenterCrop{8, 12}, "resize down": Resize{3, 4}, "resize up": Resize{13, 11},
		"rotate": Rotate{30}, "rotate 90": Rotate{90}, "affine": Affine{Degrees: 20, Right: 1, Down: -2, Scale: 1.3, ShearX: 10, ShearY: -5},
		"brightness": Brightness{1.6}, "contrast": Contrast{1.7}, "normalize": Normalize{[]float64{0.4}, []float64{0.3}},
		"blur": GaussianBlur{5, 1.2}, "erase": Erase{1, 2, 3, 2, 0.5}, "saturation": Saturation{0.3}, "hue": Hue{0.2}, "hue back": Hue{-0.4},
		"grey": Grayscale{}, "grey one": Grayscale{OneChannel: true},
	}
	if len(table) != len(recorded.Results) {
		t.Errorf("%d transforms, %d are recorded", len(table), len(recorded.Results))
	}
	for name, f := range table {
		for i, want := range recorded.Results[name] {
			in := recorded.Images[i].tensor()
			got := f.Apply(in, nil)
			if !slices.Equal(got.Shape(), want.Shape) {
				t.Errorf("%s of image %d has the shape %v, want %v", name, i, got.Shape(), want.Shape)
				continue
			}
			worst := 0.0
			for k, v := range got.Float32s() {
				worst = max(worst, math.Abs(float64(v-want.Data[k])))
			}
			if !(worst <= 3e-6) {
				t.Errorf("%s of image %d differs by %v from torchvision's", name, i, worst)
			}
			if !slices.Equal(in.Float32s(), recorded.Images[i].Data) {
				t.Errorf("%s changes the image it takes", name)
			}
			// A view that is not contiguous gives the same.
			view := dl.Of(recorded.Images[i].Data, recorded.Images[i].Shape...).Transpose(1, 0, 2).Contiguous().Transpose(1, 0, 2)
			if !slices.Equal(f.Apply(view, nil).Float32s(), got.Float32s()) {
				t.Errorf("%s of a view is something else", name)
			}
		}
	}
}

func noisy(h, w, c int) *dl.Tensor { return dl.NewRand(7).Uniforms(0, 1, h, w, c) }

// random has every transform that draws.
func random() map[string]Transform {
	return map[string]Transform{
		"RandomHorizontalFlip": RandomHorizontalFlip{}, "RandomVerticalFlip": RandomVerticalFlip{}, "RandomCrop": RandomCrop{6, 6, 2},
		"RandomResizedCrop": RandomResizedCrop{Height: 6, Width: 6}, "RandomRotation": RandomRotation{30}, "RandomAffine": RandomAffine{10, [2]float64{0.2, 0.2}, [2]float64{0.8, 1.2}, [2]float64{5, 5}},
		"ColorJitter": ColorJitter{0.4, 0.4, 0.4, 0.1}, "RandomGrayscale": RandomGrayscale{0.5}, "RandomErasing": RandomErasing{P: 0.7}, "Cutout": Cutout{4, 2},
		"GaussianNoise": GaussianNoise{}, "RandomGaussianBlur": RandomGaussianBlur{}, "RandomApply": RandomApply{Transforms: Compose{HorizontalFlip{}}},
		"RandomChoice": RandomChoice{HorizontalFlip{}, VerticalFlip{}},
	}
}

func TestRandomTransformsAreSeeded(t *testing.T) {
	x := noisy(8, 10, 3)
	for name, f := range random() {
		var all [][]float32
		for seed := range uint64(20) {
			a, b := f.Apply(x, dl.NewRand(seed)), f.Apply(x, dl.NewRand(seed))
			if !slices.Equal(a.Float32s(), b.Float32s()) {
				t.Errorf("%s: the same seed gives something else", name)
			}
			if !slices.ContainsFunc(all, func(o []float32) bool { return slices.Equal(o, a.Float32s()) }) {
				all = append(all, a.Float32s())
			}
		}
		if len(all) < 2 {
			t.Errorf("%s: all seeds give the same", name)
		}
	}
	if !slices.Equal(x.Float32s(), noisy(8, 10, 3).Float32s()) {
		t.Error("a transform changes the image it takes")
	}
}

// A cut of an area stays within its range, whatever the sides of the image.
func TestAreasAreWithinTheirRanges(t *testing.T) {
	r := dl.NewRand(1)
	for _, size := range [][2]int{{30, 40}, {100, 3}, {1, 50}, {1, 1}} {
		x := noisy(size[0], size[1], 1)
		for range 200 {
			if s := (RandomResizedCrop{Height: 4, Width: 5}).Apply(x, r).Shape(); !slices.Equal(s, dl.Shape{4, 5, 1}) {
				t.Errorf("%v", s)
			}
			erased := 0
			for _, v := range (RandomErasing{P: 1, Value: -1}).Apply(x, r).Float32s() {
				if v == -1 {
					erased++
				}
			}
			if share := float64(erased) / float64(x.Size()); x.Size() > 1000 && (share > 0.36 || erased > 0 && share < 0.015) || share == 1 {
				t.Errorf("%v: a share of %v is erased", size, share)
			}
		}
	}
	flips := 0
	x := noisy(2, 3, 1)
	for range 1000 {
		if !slices.Equal((RandomHorizontalFlip{P: 0.2}).Apply(x, r).Float32s(), x.Float32s()) {
			flips++
		}
	}
	if flips < 150 || flips > 250 {
		t.Errorf("%d flips of 1000 with a probability of 0.2", flips)
	}
}

func TestMixing(t *testing.T) {
	batch := func() data.Batch {
		x, y := dl.Zeros(4, 6, 6, 1), dl.Zeros(4, 4)
		for i := range 4 {
			y.Set(1, i, i)
			for j := range 36 {
				x.Float32s()[i*36+j] = float32(i)
			}
		}
		return data.Batch{X: x, Y: y}
	}
	for name, f := range map[string]BatchTransform{"MixUp": MixUp{}, "MixUp 0.2": MixUp{0.2}, "CutMix": CutMix{}} {
		mixed := false
		for seed := range uint64(20) {
			b := f.ApplyBatch(batch(), dl.NewRand(seed))
			for i := range 4 {
				before := (i + 3) % 4
				own := b.Y.At(i, i)
				if math.Abs(own+b.Y.At(i, before)-1) > 1e-6 || own < 0 || own > 1 {
					t.Errorf("%s: the targets of %d are %v and %v", name, i, own, b.Y.At(i, before))
				}
				mean := 0.0
				for j := range 36 {
					mean += float64(b.X.Float32s()[i*36+j]) / 36
				}
				if want := own*float64(i) + (1-own)*float64(before); math.Abs(mean-want) > 1e-5 {
					t.Errorf("%s: the mean of %d is %v, the targets say %v", name, i, mean, want)
				}
				mixed = mixed || own < 0.99 && own > 0.01
			}
		}
		if !mixed {
			t.Errorf("%s mixes nothing", name)
		}
	}
}

func TestEachIsTheSameForAnyNumberOfWorkers(t *testing.T) {
	set := data.FromTensors(dl.NewRand(1).Uniforms(0, 1, 40, 8, 8, 3), dl.Arange(40).To(dl.Int32))
	var all Compose
	for _, name := range []string{"RandomHorizontalFlip", "RandomAffine", "ColorJitter", "RandomErasing", "GaussianNoise", "RandomResizedCrop"} {
		all = append(all, random()[name])
	}
	d := Batches(data.OneHot(Each(set, 5, all...), 40), 6, MixUp{}, CutMix{})
	if s := d.Spec(); !slices.Equal(s.X, dl.Shape{6, 6, 3}) {
		t.Errorf("%v", s)
	}
	pass := func(workers int) (values []float32) {
		l := data.Loader{Dataset: d, BatchSize: 7, Workers: workers, Shuffle: dl.NewRand(3)}
		for _, b := range l.Batches() {
			values = append(append(values, b.X.Float32s()...), b.Y.Float32s()...)
		}
		if l.Err() != nil {
			t.Fatal(l.Err())
		}
		return values
	}
	one := pass(1)
	if len(one) != 40*(6*6*3+40) {
		t.Errorf("%d values", len(one))
	}
	for _, workers := range []int{2, 4} {
		if !slices.Equal(pass(workers), one) {
			t.Errorf("%d workers change something", workers)
		}
	}
}

func TestMistakes(t *testing.T) {
	x, r := noisy(4, 5, 3), dl.NewRand(1)
	for _, f := range []Transform{
		Pad{Top: -1}, Pad{Top: 1 << 40}, Crop{0, 0, 5, 5}, Crop{-1, 0, 1, 1}, Crop{0, 0, 0, 1}, CenterCrop{0, 3}, Resize{0, 1}, Resize{1 << 20, 1 << 20}, Rotate{math.NaN()},
		Affine{Scale: -1}, Brightness{-1}, Contrast{math.NaN()}, Saturation{math.Inf(1)}, Hue{math.NaN()}, Normalize{}, Normalize{[]float64{1, 2}, []float64{1}},
		Normalize{[]float64{0}, []float64{0}}, GaussianBlur{Kernel: 4}, GaussianBlur{Kernel: 9}, GaussianBlur{Sigma: -1}, Erase{0, 0, 9, 9, 0},
		RandomHorizontalFlip{2}, RandomVerticalFlip{-1}, RandomCrop{9, 9, 0}, RandomCrop{0, 1, 0}, RandomResizedCrop{}, RandomResizedCrop{Height: 1, Width: 1, Scale: [2]float64{1, 0.5}},
		RandomRotation{math.NaN()}, RandomAffine{Scale: [2]float64{-1, 1}}, ColorJitter{Hue: 0.6}, ColorJitter{Brightness: -1}, RandomGrayscale{3}, RandomErasing{P: -1},
		Cutout{}, GaussianNoise{Sigma: -1}, RandomGaussianBlur{Sigma: [2]float64{-1, 2}}, RandomApply{P: 7}, RandomChoice{},
	} {
		var value *dl.ValueError
		if err := dl.Try(func() { f.Apply(x, r) }); !errors.As(err, &value) || value.Caller == "" {
			t.Errorf("%T%+[1]v: %v", f, err)
		}
	}
	for name, f := range random() {
		for _, bad := range []*dl.Tensor{dl.Zeros(4, 4), dl.Zeros(0, 4, 3), dl.New(dl.Uint8, 4, 4, 3), nil} {
			for seed := range uint64(30) {
				err := dl.Try(func() { f.Apply(bad, dl.NewRand(seed)) })
				var shape *dl.ShapeError
				var value *dl.ValueError
				if err != nil && !errors.As(err, &shape) && !errors.As(err, &value) {
					t.Errorf("%s: %v", name, err)
				}
			}
		}
	}
	for name, f := range map[string]func(){
		"class numbers": func() { MixUp{}.ApplyBatch(data.Batch{X: dl.Zeros(2, 1), Y: dl.Of([]int32{1, 2})}, r) },
		"alpha":         func() { MixUp{-1}.ApplyBatch(data.Batch{X: dl.Zeros(2, 1), Y: dl.Zeros(2, 1)}, r) },
		"no images":     func() { CutMix{}.ApplyBatch(data.Batch{X: dl.Zeros(2, 1), Y: dl.Zeros(2, 1)}, r) },
		"two channels":  func() { Hue{0.1}.Apply(dl.Zeros(2, 2, 2), r) },
	} {
		if err := dl.Try(f); err == nil {
			t.Errorf("%s: no error", name)
		}
	}
}

func Example() {
	images := data.FromTensors(dl.NewRand(1).Uniforms(0, 1, 10, 32, 32, 3), dl.Arange(10).To(dl.Int32))
	training := Each(images, 42,
		RandomCrop{Height: 28, Width: 28, Padding: 2},
		RandomHorizontalFlip{},
		ColorJitter{Brightness: 0.2, Contrast: 0.2},
		Normalize{Mean: []float64{0.5}, Std: []float64{0.25}})
	training = Batches(data.OneHot(training, 10), 42, MixUp{Alpha: 0.2})
	loader := data.Loader{Dataset: training, BatchSize: 4, Workers: 2, Shuffle: dl.NewRand(1)}
	for i, b := range loader.Batches() {
		fmt.Println(i, b.X.Shape(), b.Y.Shape())
	}
	fmt.Println(loader.Err())
	// Output:
	// 0 [4 28 28 3] [4 10]
	// 1 [4 28 28 3] [4 10]
	// 2 [2 28 28 3] [2 10]
	// <nil>
}

func ExampleResize() {
	x := dl.Arange(16).To(dl.Float32).Reshape(4, 4, 1)
	fmt.Println(Resize{2, 2}.Apply(x, nil).Reshape(2, 2))
	fmt.Println(HorizontalFlip{}.Apply(x, nil).Reshape(4, 4).Slice(0, 0, 1))
	// Output:
	// tensor([[ 3.5714,  5.1429],
	//         [ 9.8571, 11.4286]], shape=[2 2], dtype=float32)
	// tensor([[3., 2., 1., 0.]], shape=[1 4], dtype=float32)
}
