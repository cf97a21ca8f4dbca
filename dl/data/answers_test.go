package data

import (
	"slices"
	"strings"
	"testing"

	"modelbook/dl"
)

func TestAnswersAreMasked(t *testing.T) {
	const no = Ignored
	a := Answers{Prompts: [][]int{{1, 2, 3}, {4}}, Answers: [][]int{{11}, {12, 13}}, End: []int{99}, Pad: 7}
	for _, c := range []struct {
		change func(*Answers)
		x, y   []int32
	}{
		{func(*Answers) {}, []int32{1, 2, 3, 11, 4, 12, 13, 7}, []int32{no, no, 11, 99, 12, 13, 99, no}},
		{func(a *Answers) { a.End = nil }, []int32{1, 2, 3, 4, 12, 7}, []int32{no, no, 11, 12, 13, no}},
		{func(a *Answers) { a.LearnPrompts = true }, []int32{1, 2, 3, 11, 4, 12, 13, 7}, []int32{2, 3, 11, 99, 12, 13, 99, no}},
		{func(a *Answers) { a.Max = 3 }, []int32{2, 3, 11, 4, 12, 13}, []int32{no, 11, 99, 12, 13, 99}},
		{func(a *Answers) { a.Max = 2 }, []int32{3, 11, 4, 12}, []int32{11, 99, 12, 13}},
		{func(a *Answers) { a.Max = 1 }, []int32{3, 4}, []int32{11, 12}},
	} {
		changed := a
		c.change(&changed)
		b, err := All(changed)
		if err != nil || !slices.Equal(b.X.Int32s(), c.x) || !slices.Equal(b.Y.Int32s(), c.y) {
			t.Errorf("%+v: %v\n%v, want\n%v,\n%v, want\n%v", changed, err, b.X.Int32s(), c.x, b.Y.Int32s(), c.y)
		}
	}
	b, err := All(Subset(a, []int{1, 1}))
	if err != nil || b.X.Dim(1) != 3 || !slices.Equal(a.Lengths(), []int{4, 3}) {
		t.Errorf("a batch of short samples is %v: %v", b.X.Shape(), err)
	}
}

// A batch's memory that was used before is overwritten.
func TestAnswersOverwriteABatch(t *testing.T) {
	a := Answers{Prompts: [][]int{{1, 2, 3}, {4}}, Answers: [][]int{{11}, {12}}}
	b := newBatch(a.Spec(), 1)
	for _, i := range []int{0, 1, 0} {
		if err := a.Read(b, []int{i}); err != nil {
			t.Fatal(err)
		}
	}
	if !slices.Equal(b.X.Int32s(), []int32{1, 2, 3}) || !slices.Equal(b.Y.Int32s(), []int32{Ignored, Ignored, 11}) {
		t.Error(b.X.Int32s(), b.Y.Int32s())
	}
	if err := a.Read(b, []int{2}); err == nil {
		t.Error("there is no sample 2")
	}
}

func TestAnswersMistakes(t *testing.T) {
	for what, a := range map[string]Answers{
		"2 prompts and 1 answers":  {Prompts: [][]int{{1}, {2}}, Answers: [][]int{{1}}},
		"Max is -1":                {Prompts: [][]int{{1}}, Answers: [][]int{{1}}, Max: -1},
		"an answer of 0":           {Prompts: [][]int{{1}}, Answers: [][]int{{}}},
		"sample 0 has a prompt of": {Prompts: [][]int{{}}, Answers: [][]int{{2}}},
	} {
		if err := dl.Try(func() { a.Spec() }); err == nil || !strings.Contains(err.Error(), what) {
			t.Errorf("the error is %v, want one that says %q", err, what)
		}
	}
}
