package data_test

import (
	"errors"
	"fmt"
	"strings"
	"testing"

	"modelbook/dl"
	"modelbook/dl/data"
	"modelbook/dl/internal/golden"
)

// stripes are pictures of two classes.
func stripes(n int) *data.Images {
	pixels, labels := make([]uint8, n*16*16), make([]uint8, n)
	for i := range labels {
		labels[i] = uint8(i * i % 3 % 2)
		for y := range 16 {
			for x := range 16 {
				along := []int{x, y}[labels[i]]
				pixels[(i*16+y)*16+x] = uint8((along + i) / 3 % 2 * 200)
			}
		}
	}
	return given(data.NewImages(16, 16, 1, pixels, labels, []string{"upright", "lying"}))
}

func shownDatasets() map[string]data.Dataset {
	rows := dl.Zeros(40, 12)
	for i := range 480 {
		rows.Set(float64(i%37)/4, i/12, i%12)
	}
	return map[string]data.Dataset{
		"pictures": stripes(50), "rows": data.FromTensors(rows, dl.Ones(40, 1)), "part": data.Take(stripes(50), 9),
		"sequences": &data.Sequences{Tokens: [][]int32{{1, 2, 3}, {4}, {5, 6}}, Labels: []int32{0, 1, 0}},
		"stream":    &data.Stream{Sample: stripes(2).Spec(), Open: func() (data.Source, error) { return nil, errors.New("it must not be opened") }},
		"empty":     data.FromTensors(dl.Zeros(0, 3), nil),
		"classes":   data.FromTensors(dl.Zeros(100, 2), dl.Arange(100).To(dl.Int32)),
	}
}

// Datasets look as they did when a person looked at them.
func TestDatasetsAreShown(t *testing.T) {
	for name, d := range shownDatasets() {
		t.Run(name, func(t *testing.T) {
			shown := d.(interface{ MimeBundle() map[string]any }).MimeBundle()
			golden.Check(t, "dataset-"+name+".html", shown["text/html"].(string))
			golden.Check(t, "dataset-"+name+".txt", shown["text/plain"].(string))
		})
	}
}

// unreadable is a dataset of strangers.
type unreadable struct {
	n    int
	spec data.Spec
	read func() error
}

func (u unreadable) Len() int                     { return u.n }
func (u unreadable) Spec() data.Spec              { return u.spec }
func (u unreadable) Read(data.Batch, []int) error { return u.read() }
func (u unreadable) ClassNumbers() []int32        { return nil }

// What cannot be read is said, what is too large is not read, and no name becomes a tag.
func TestHostileDatasets(t *testing.T) {
	const evil = "<script>alert(1)</script>\x00\u202e"
	spec := data.Spec{X: dl.Shape{2}, YType: data.NoTarget, Classes: []string{evil}}
	read := 0
	for _, d := range []data.Dataset{
		unreadable{5, spec, func() error { return errors.New(evil) }},
		unreadable{5, spec, func() error { dl.PanicValue("x", evil); return nil }},
		unreadable{1 << 40, data.Spec{X: dl.Shape{1 << 20, 1 << 10}, YType: data.NoTarget}, func() error { read++; return nil }},
		data.FromTensors(dl.Zeros(4, 2), dl.Of([]int32{0, -1, 1 << 30, 2})),
		data.FromTensors(dl.Zeros(4, 2), dl.Of([]int32{0, 1, 0, 1})).WithClasses(evil, evil),
		data.FromTensors(dl.Zeros(2, 1<<16, 3), nil),
	} {
		r := data.Describe(d)
		for _, text := range []string{r.HTML(), r.String()} {
			if strings.ContainsAny(text, "\x00\u202e") || len(text) > 64<<10 {
				t.Errorf("%d bytes: %q", len(text), text[:min(len(text), 500)])
			}
		}
		if strings.Contains(r.HTML(), "<script") {
			t.Error(r.HTML())
		}
	}
	if read != 0 {
		t.Error("samples of gigabytes are read")
	}
}

// The classes of many samples come from a sample of them, which is said.
func TestManySamplesAreShownInPart(t *testing.T) {
	d := data.FromTensors(dl.Zeros(400_000, 1), dl.New(dl.Int32, 400_000))
	r := data.Describe(d)
	if r.Counted != 1<<16 || r.Counts[0] != 1<<16 || !strings.Contains(r.String(), "of a sample of 65,536") || !strings.Contains(r.HTML(), "100 %") {
		t.Errorf("%v", r)
	}
}

// A dataset as the last expression of a cell is shown so, with pictures where it holds some.
func ExampleDescribe() {
	x := dl.Arange(12).Reshape(6, 2)
	d := data.FromTensors(x, dl.Of([]int32{0, 1, 1, 0, 1, 1})).WithClasses("cat", "dog")
	fmt.Println(data.Describe(d))
	// Output:
	// 6 samples, input float32 [2], target one of 2 classes
	//   cat  2  ████████████
	//   dog  4  ████████████████████████
	// sample  input         target
	//      0  0, 1.000      cat
	//      1  2.000, 3.000  dog
	//      2  4.000, 5.000  dog
	//      3  6.000, 7.000  cat
	//      4  8.000, 9.000  dog
	//      5  10.00, 11.00  dog
}
