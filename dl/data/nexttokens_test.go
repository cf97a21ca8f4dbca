package data_test

import (
	"fmt"
	"testing"

	"modelbook/dl"
	"modelbook/dl/data"
)

func TestNextTokens(t *testing.T) {
	tokens := []int{10, 11, 12, 13, 14, 15, 16}
	for _, c := range []struct {
		size, stride, want int
		last               int // the last target of the last sample
	}{{3, 0, 4, 16}, {3, 1, 4, 16}, {3, 3, 2, 16}, {3, 2, 2, 15}, {6, 0, 1, 16}, {1, 5, 2, 16}} {
		d := data.NextTokens{Tokens: tokens, Size: c.size, Stride: c.stride}
		b, err := data.All(d)
		if err != nil || d.Len() != c.want || b.X.Dim(0) != c.want {
			t.Errorf("%+v: %d samples, %v", c, d.Len(), err)
			continue
		}
		x, y := b.X.Int32s(), b.Y.Int32s()
		for i := range x {
			if y[i] != x[i]+1 {
				t.Errorf("%+v: %d follows %d", c, y[i], x[i])
			}
		}
		if int(y[len(y)-1]) != c.last {
			t.Errorf("%+v: ends with %d", c, y[len(y)-1])
		}
	}
}

func TestNextTokensMistakes(t *testing.T) {
	for name, d := range map[string]data.NextTokens{
		"empty": {Size: 1}, "size": {Tokens: []int{1, 2}}, "short": {Tokens: []int{1, 2}, Size: 2}, "stride": {Tokens: []int{1, 2}, Size: 1, Stride: -1},
	} {
		func() {
			defer func() {
				if _, ok := recover().(*dl.ValueError); !ok {
					t.Errorf("%s: no *dl.ValueError", name)
				}
			}()
			d.Len()
		}()
	}
	d := data.NextTokens{Tokens: []int{1, 2, 3}, Size: 2}
	b, err := data.All(d)
	if err != nil || d.Read(b, []int{1}) == nil {
		t.Errorf("a sample that is not there: %v", err)
	}
}

func ExampleNextTokens() {
	text := "to be or"
	var tokens []int
	for _, letter := range text {
		tokens = append(tokens, int(letter))
	}
	d := data.NextTokens{Tokens: tokens, Size: 4, Stride: 2}
	batch, err := data.All(d)
	if err != nil {
		panic(err)
	}
	for i := range d.Len() {
		fmt.Println(batch.X.Index(i).Int32s(), batch.Y.Index(i).Int32s())
	}
	// Output:
	// [116 111 32 98] [111 32 98 101]
	// [32 98 101 32] [98 101 32 111]
}
