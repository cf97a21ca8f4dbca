package data

import (
	"encoding/json"
	"errors"
	"os"
	"reflect"
	"slices"
	"testing"

	"modelbook/dl"
)

func TestFoldsAreScikitLearns(t *testing.T) {
	b, err := os.ReadFile("testdata/folds.json")
	if err != nil {
		t.Fatal(err)
	}
	var raw map[string]json.RawMessage
	if err := json.Unmarshal(b, &raw); err != nil {
		t.Fatal(err)
	}
	var labels []int32
	var groups []int
	if err := errors.Join(json.Unmarshal(raw["labels"], &labels), json.Unmarshal(raw["groups"], &groups)); err != nil {
		t.Fatal(err)
	}
	for name, s := range map[string]Splitter{
		"kfold": KFold{}, "kfold3": KFold{K: 3}, "stratified": StratifiedKFold{Labels: labels, K: 3},
		"stratified4": StratifiedKFold{Labels: labels, K: 4}, "group": GroupKFold{Groups: groups, K: 3}, "time": TimeSeriesSplit{},
		"time2": TimeSeriesSplit{K: 3, TestSize: 2, Gap: 1, MaxTrain: 6}, "one": LeaveOneOut{},
		"both": StratifiedGroupKFold{Labels: labels, Groups: groups, K: 3}, "both2": StratifiedGroupKFold{Labels: labels, Groups: groups, K: 2},
	} {
		var want []Fold
		if err := json.Unmarshal(raw[name], &want); err != nil {
			t.Fatal(err)
		}
		if got := s.Folds(len(labels)); !reflect.DeepEqual(got, want) {
			t.Errorf("%s:\n%v\nscikit-learn has\n%v", name, got, want)
		}
	}
}

// Every sample is tested once, and no fold learns from what it tests with.
func TestShuffledFoldsPartTheSamples(t *testing.T) {
	labels := make([]int32, 103)
	for i := range labels {
		labels[i] = int32(i % 10 / 8)
	}
	for name, folds := range map[string][]Fold{
		"KFold":                KFold{K: 4, Shuffle: dl.NewRand(1)}.Folds(103),
		"StratifiedKFold":      StratifiedKFold{Labels: labels, K: 4, Shuffle: dl.NewRand(1)}.Folds(103),
		"StratifiedGroupKFold": StratifiedGroupKFold{Labels: labels, Groups: sequence(103), K: 4, Shuffle: dl.NewRand(1)}.Folds(103),
		"RepeatedKFold":        RepeatedKFold{K: 4, Repeats: 3, Shuffle: dl.NewRand(1)}.Folds(103)[4:8],
	} {
		var tested []int
		for _, f := range folds {
			both := slices.Sorted(slices.Values(append(slices.Clone(f.Train), f.Test...)))
			if !slices.Equal(both, sequence(103)) {
				t.Errorf("%s: the parts of a fold are not the whole", name)
			}
			tested = append(tested, f.Test...)
			if name == "StratifiedKFold" {
				rare := 0
				for _, i := range f.Test {
					rare += int(labels[i])
				}
				if rare != 5 {
					t.Errorf("%s: %d of the rare class in a part", name, rare)
				}
			}
		}
		if slices.IsSorted(tested) {
			t.Errorf("%s is not shuffled", name)
		}
		slices.Sort(tested)
		if !slices.Equal(tested, sequence(103)) {
			t.Errorf("%s: not every sample is tested once", name)
		}
	}
	for _, f := range (ShuffleSplit{K: 3, Test: 0.25, Shuffle: dl.NewRand(1)}).Folds(20) {
		if len(f.Test) != 5 || !slices.Equal(slices.Sorted(slices.Values(append(slices.Clone(f.Train), f.Test...))), sequence(20)) {
			t.Errorf("ShuffleSplit: %v", f)
		}
	}
}

func TestStratifiedSplitsKeepShares(t *testing.T) {
	labels := make([]int32, 110)
	for i := range labels {
		if i >= 100 {
			labels[i] = 1
		}
	}
	d := FromTensors(dl.Arange(110).To(dl.Float32).Reshape(110, 1), dl.Of(labels))
	parts, err := StratifiedSplits(d, dl.NewRand(1), 0.7, 0.2, 0.1)
	if err != nil {
		t.Fatal(err)
	}
	var seen []int
	for i, want := range [][2]int{{70, 7}, {20, 2}, {10, 1}} {
		got, err := Labels(parts[i])
		if err != nil {
			t.Fatal(err)
		}
		rare := 0
		for _, class := range got {
			rare += int(class)
		}
		if len(got)-rare != want[0] || rare != want[1] {
			t.Errorf("part %d has %d and %d", i, len(got)-rare, rare)
		}
		seen = append(seen, parts[i].(*Part).samples...)
	}
	slices.Sort(seen)
	if !slices.Equal(seen, sequence(110)) {
		t.Error("a sample is in no part or in two")
	}
	for _, p := range RandomSplits(d, dl.NewRand(2), 0.5, 0.5) {
		if p.Len() != 55 {
			t.Errorf("%d samples are not half of 110", p.Len())
		}
	}
	// Classes of one sample each: the parts have their shares all the same.
	for i := range labels {
		labels[i] = int32(i)
	}
	first, second, err := StratifiedSplit(FromTensors(dl.Zeros(110, 1), dl.Of(labels)), 0.2, dl.NewRand(1))
	if err != nil || first.Len() != 88 || second.Len() != 22 {
		t.Errorf("%d and %d samples of 110 with a share of 0.2, %v", first.Len(), second.Len(), err)
	}
}

func TestFoldsThatCannotBe(t *testing.T) {
	for name, f := range map[string]func(){
		"K": func() { KFold{K: 1}.Folds(10) }, "few": func() { KFold{}.Folds(4) }, "labels": func() { StratifiedKFold{K: 2}.Folds(4) },
		"rare":   func() { StratifiedKFold{K: 3, Labels: []int32{0, 1, 0, 1}}.Folds(4) },
		"groups": func() { GroupKFold{K: 2, Groups: []int{1, 1, 1}}.Folds(3) }, "no groups": func() { GroupKFold{K: 2}.Folds(3) },
		"one group":  func() { StratifiedGroupKFold{K: 2, Groups: []int{1, 1, 1}, Labels: []int32{0, 1, 1}}.Folds(3) },
		"rare class": func() { StratifiedGroupKFold{K: 2, Groups: []int{1, 2, 3}, Labels: []int32{0, 1, 2}}.Folds(3) },
		"time":       func() { TimeSeriesSplit{K: 5, TestSize: 3}.Folds(15) }, "gap": func() { TimeSeriesSplit{K: 2, Gap: -1}.Folds(15) },
		"share": func() { ShuffleSplit{Test: 1.5}.Folds(10) }, "shares": func() { RandomSplits(numbered(3), dl.NewRand(1), 0.5, 0.6) },
		"regression": func() { StratifiedSplit(FromTensors(dl.Zeros(3, 1), dl.Zeros(3, 1)), 0.5, dl.NewRand(1)) },
	} {
		var value *dl.ValueError
		if err := dl.Try(f); !errors.As(err, &value) || value.Caller == "" {
			t.Errorf("%s: %v", name, err)
		}
	}
}
