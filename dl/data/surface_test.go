package data_test

import (
	"bytes"
	"errors"
	"io"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"testing"

	"modelbook/dl"
	"modelbook/dl/data"
	"modelbook/dl/internal/mistakes"
)

func given[T any](v T, err error) T {
	if err != nil {
		panic(err)
	}
	return v
}

// twelve are the numbers of the classes of twelve samples.
func twelve() []int32 { return []int32{0, 1, 2, 0, 1, 2, 0, 1, 2, 0, 1, 2} }

func someTensors() *data.Tensors {
	return data.FromTensors(dl.NewRand(1).Uniforms(0, 1, 12, 3), dl.Of(twelve()))
}

func someImages() data.Images {
	labels := make([]uint8, 12)
	for i, c := range twelve() {
		labels[i] = uint8(c)
	}
	return *given(data.NewImages(2, 2, 1, make([]uint8, 48), labels, []string{"a", "b", "c"}))
}

func someSequences() data.Sequences {
	return data.Sequences{Tokens: [][]int32{{1, 2}, {3}, {4, 5, 6}}, Labels: []int32{0, 1, 0}}
}

func someRagged() data.Ragged {
	return data.Ragged{X: []*dl.Tensor{dl.Ones(2, 3), dl.Ones(1, 3), dl.Ones(4, 3)}, Labels: []int32{0, 1, 0}}
}

func someAnswers() data.Answers {
	return data.Answers{Prompts: [][]int{{1, 2}, {3}, {4}}, Answers: [][]int{{5}, {6, 7}, {8}}, End: []int{9}}
}

func someStream() data.Stream {
	return data.Stream{Sample: someTensors().Spec(), Open: func() (data.Source, error) { return &counting{}, nil }}
}

// counting is a pass over ten samples.
type counting struct{ read int }

func (c *counting) Next(b data.Batch) (int, error) {
	n := min(10-c.read, b.Len())
	c.read += n
	return n, nil
}

func (c *counting) Close() error { return nil }

// batchOf is the first n samples of a dataset.
func batchOf(d data.Dataset, n int) data.Batch { return given(data.All(data.Take(d, n))) }

// readAll reads what a function has made: some functions only look at samples then.
func readAll(result any) {
	d, ok := result.(data.Dataset)
	if !ok || reflect.ValueOf(d).Kind() == reflect.Pointer && reflect.ValueOf(d).IsNil() || d.Len() > 1000 {
		return
	}
	l := data.Loader{Dataset: d, BatchSize: 5}
	for range l.Batches() {
	}
	if err := l.Err(); err != nil {
		dl.PanicValue("reading", "%v", err)
	}
}

func file(name, content string) string {
	if err := errors.Join(os.MkdirAll(filepath.Dir(name), 0o777), os.WriteFile(name, []byte(content), 0o666)); err != nil {
		panic(err)
	}
	return name
}

const someIDX = "\x00\x00\x08\x01\x00\x00\x00\x03abc"

// Every exported function and method is called with wrong arguments: see package mistakes.
func TestEveryExportedFunctionRefusesWrongArguments(t *testing.T) {
	s := &mistakes.Surface{
		Functions: map[string]any{
			"All": data.All, "Balance": data.Balance, "CacheOnDisk": data.CacheOnDisk, "Chain": data.Chain, "ClassWeights": data.ClassWeights,
			"Concat": data.Concat, "Describe": data.Describe, "Filter": data.Filter, "FromColumns": data.FromColumns, "FromTensors": data.FromTensors, "Labels": data.Labels,
			"Lines": data.Lines, "Map": data.Map, "MapBatches": data.MapBatches, "MapSeeded": data.MapSeeded, "NewImages": data.NewImages,
			"OneHot": data.OneHot, "OpenIDX": data.OpenIDX, "Pad": data.Pad, "RandomSplit": data.RandomSplit, "RandomSplits": data.RandomSplits,
			"ReadIDX": data.ReadIDX, "ReadLines": data.ReadLines, "Repeat": data.Repeat, "SampleWeights": data.SampleWeights, "Skip": data.Skip,
			"Split": data.Split, "StratifiedSplit": data.StratifiedSplit, "StratifiedSplits": data.StratifiedSplits, "Subset": data.Subset,
			"Take": data.Take, "TextFolder": data.TextFolder, "WithWeights": data.WithWeights, "Zip": data.Zip,
		},
		Types: []reflect.Type{
			reflect.TypeFor[data.Answers](),
			reflect.TypeFor[data.Batch](), reflect.TypeFor[data.ByLength](), reflect.TypeFor[data.Cached](), reflect.TypeFor[data.Changing](),
			reflect.TypeFor[data.BatchSampler](), reflect.TypeFor[data.Closer](), reflect.TypeFor[data.Column](), reflect.TypeFor[data.Counter](), reflect.TypeFor[data.Dataset](),
			reflect.TypeFor[data.Description](), reflect.TypeFor[data.Field](), reflect.TypeFor[data.Fold](), reflect.TypeFor[data.FormatError](), reflect.TypeFor[data.GroupKFold](), reflect.TypeFor[data.StratifiedGroupKFold](),
			reflect.TypeFor[data.IDX](), reflect.TypeFor[data.Images](), reflect.TypeFor[data.KFold](), reflect.TypeFor[data.LeaveOneOut](),
			reflect.TypeFor[data.Loader](), reflect.TypeFor[data.NextTokens](), reflect.TypeFor[data.Part](), reflect.TypeFor[data.Ragged](),
			reflect.TypeFor[data.Random](), reflect.TypeFor[data.RepeatedKFold](), reflect.TypeFor[data.Role](), reflect.TypeFor[data.Sample](),
			reflect.TypeFor[data.Sampler](), reflect.TypeFor[data.Sequences](), reflect.TypeFor[data.Series](), reflect.TypeFor[data.Shard](),
			reflect.TypeFor[data.ShuffleSplit](), reflect.TypeFor[data.Source](), reflect.TypeFor[data.Spec](), reflect.TypeFor[data.Splitter](),
			reflect.TypeFor[data.Stratified](), reflect.TypeFor[data.StratifiedKFold](), reflect.TypeFor[data.Stream](), reflect.TypeFor[data.Tensors](),
			reflect.TypeFor[data.Texts](), reflect.TypeFor[data.TimeSeriesSplit](), reflect.TypeFor[data.Value](), reflect.TypeFor[data.Varying](),
			reflect.TypeFor[data.Weighted](), reflect.TypeFor[data.Windows](),
		},
		Skip: map[string]string{
			"Dataset.Read": "of each dataset below", "Varying.Read": "of each dataset below", "Changing.Read": "of each dataset below",
			"Varying.BatchSpec": "of each dataset below", "Source.Next": "called by a Loader alone", "Closer.Next": "called by a Loader alone",
			"Closer.Close": "called by a Loader alone", "Stream.Read": "an error always",
		},
		Any: map[string]string{
			"seed": "every number is a seed", "name": "it stands in errors", "names": "what classes are called", "key": "it tells caches apart",
			"r":                          "nil and a zero Rand are the default source",
			"FormatError.Error receiver": "the fields are text",
			"{Classes}":                  "what classes are called", "{Shuffle}": "nil and a zero Rand are the default source, or the order stays",
			"{Pad}": "any number fills up", "Fold.String receiver": "it tells the fields", "Images.String receiver": "it tells the fields",
			"Batch.Get receiver": "it looks for a name", "Batch.Of receiver": "it looks for a role", "Batch.Len receiver": "it counts rows",
			"Images.Len receiver": "it counts Labels", "Images.Of receiver": "it looks at Labels", "Images.Label receiver": "it looks at Labels",
			"Images.Class receiver": "it looks at Labels and Classes", "Images.Spec receiver": "it tells the fields; Read refuses what cannot be",
			"NextTokens.Spec receiver": "it tells the fields; Len and Read refuse what cannot be", "Answers.Len receiver": "it counts Prompts", "Answers.BatchSpec {End}": "Read looks at tokens", "Answers.Lengths {End}": "Read looks at tokens",
			"Answers.Spec {End}": "Read looks at tokens", "Ragged.Len receiver": "it counts X",
			"Ragged.Lengths receiver": "it looks at X", "Ragged.Spec receiver": "it looks at shapes; Read refuses what cannot be",
			"Ragged.BatchSpec receiver": "it looks at shapes; Read refuses what cannot be", "Sequences.Len receiver": "it counts Tokens",
			"Sequences.Lengths receiver": "it looks at Tokens", "Sequences.Spec receiver": "it looks at lengths; Read refuses what cannot be",
			"Sequences.BatchSpec receiver": "it looks at lengths; Read refuses what cannot be", "Stream.Len receiver": "-1 always",
			"Stream.Spec receiver": "it is the field Sample", "Stream.ShuffleBuffer receiver": "a pass refuses what cannot be",
			"Weighted.Count receiver": "Order refuses what cannot be",
			"Batch.Get name":          "nil where there is none",
			"Loader.Batches receiver": "Err says what was wrong",
			"Loader.Err receiver":     "nil before a pass",
		},
		Unlisted: map[string]string{
			"*.MimeBundle receiver": "it shows what is there", "Description.HTML receiver": "it shows what is there",
			"Description.String receiver": "it shows what is there",
		},
		Use: readAll,
	}
	s.Args = map[string]func() []any{
		"CacheOnDisk": func() []any { return []any{someTensors(), "cache", "k", int64(0)} },
		"Chain": func() []any {
			a, b := someStream(), someStream()
			return []any{[]*data.Stream{&a, &b}}
		},
		"FromColumns": func() []any {
			return []any{[]data.Column{{Name: "a", Role: data.Input, Values: dl.Ones(4, 3)}, {Name: "b", Role: data.Target, Values: dl.Ones(4)}}}
		},
		"NewImages": func() []any {
			m := someImages()
			return []any{2, 2, 1, m.Pixels, m.Labels, m.Classes}
		},
		"OneHot":           func() []any { return []any{someTensors(), 3} },
		"OpenIDX":          func() []any { return []any{file("x.idx", someIDX), []int{3}} },
		"ReadIDX":          func() []any { return []any{strings.NewReader(someIDX), "x", []int{3}} },
		"Lines":            func() []any { return []any{[]string{file("x.txt", "a\nb\n")}} },
		"ReadLines":        func() []any { return []any{[]string{file("x.txt", "a\nb\n")}} },
		"TextFolder":       func() []any { return []any{filepath.Dir(filepath.Dir(file("texts/a/x.txt", "a\nb\n")))} },
		"Pad":              func() []any { return []any{0.5, []*dl.Tensor{dl.Ones(2, 3), dl.Ones(4, 3)}} },
		"RandomSplits":     func() []any { return []any{someTensors(), dl.NewRand(1), []float64{0.5, 0.5}} },
		"StratifiedSplits": func() []any { return []any{someTensors(), dl.NewRand(1), []float64{0.5, 0.5}} },
		"SampleWeights":    func() []any { return []any{[]int32{0, 1}, []float64{1, 2}} },
		"WithWeights":      func() []any { return []any{someTensors(), make([]float64, 12)} },
		"Zip":              func() []any { return []any{someTensors(), []string{"a"}, []data.Dataset{someTensors()}} },
		"Part.SetState":    func() []any { return []any{data.Take(someTensors(), 6), []int{1, 2}} },
		"Tensors.SetState": func() []any { return []any{new(data.Tensors), batchOf(someTensors(), 4)} },
		"Stream.Map": func() []any {
			x := someStream()
			return []any{&x, x.Sample, uint64(1), func(s data.Sample) data.Sample { return s }}
		},
		"Splitter.Folds":       func() []any { return []any{nil, 12} },
		"Sampler.Order":        func() []any { return []any{nil, 12, dl.NewRand(1)} },
		"Counter.Order":        func() []any { return []any{nil, 12, dl.NewRand(1)} },
		"BatchSampler.Order":   func() []any { return []any{nil, 12, dl.NewRand(1)} },
		"BatchSampler.Batches": func() []any { return []any{nil, 12, dl.NewRand(1)} },
		"BatchSampler.Steps":   func() []any { return []any{nil, 12} },
		"Counter.Count":        func() []any { return []any{nil, 12} },
	}
	for _, k := range []data.Splitter{data.KFold{}, data.RepeatedKFold{}, data.StratifiedKFold{Labels: twelve(), K: 3}, data.TimeSeriesSplit{},
		data.GroupKFold{Groups: []int{1, 1, 1, 2, 2, 2, 3, 3, 3, 4, 4, 4}, K: 3}, data.StratifiedGroupKFold{Labels: twelve(), Groups: []int{1, 1, 1, 2, 2, 2, 3, 3, 3, 4, 4, 4}, K: 3}, data.LeaveOneOut{}, data.ShuffleSplit{}} {
		s.Args[reflect.TypeOf(k).Name()+".Folds"] = func() []any { return []any{k, 12} }
		s.GoodOf(reflect.TypeOf(k), func() any { return k })
	}
	for _, k := range []data.Sampler{data.Random{}, data.Stratified{Labels: twelve()}, data.ByLength{Lengths: make([]int, 12)},
		data.Shard{Size: 2}, data.Weighted{Weights: slices.Repeat([]float64{1}, 12)}} {
		name := reflect.TypeOf(k).Name()
		s.Args[name+".Order"] = func() []any { return []any{k, 12, dl.NewRand(1)} }
		if _, ok := k.(data.Counter); ok {
			s.Args[name+".Count"] = func() []any { return []any{k, 12} }
		}
		s.GoodOf(reflect.TypeOf(k), func() any { return k })
	}
	s.Good(func() data.Dataset { return someTensors() }, someTensors, someAnswers, someImages, someSequences, someRagged, someStream,
		func() data.Windows { return data.Windows{Series: dl.Ones(9, 2), Size: 3} },
		func() *data.Series { return data.Windows{Series: dl.Ones(9, 2), Size: 3}.Dataset() },
		func() data.NextTokens { return data.NextTokens{Tokens: []int{1, 2, 3, 4, 5}, Size: 2} },
		func() data.Part { return *data.Take(someTensors(), 6).(*data.Part) },
		func() *data.Cached { return given(data.CacheOnDisk(someTensors(), "cache", "k", 0)) },
		func() data.Changing {
			return data.Map(someTensors(), func(s data.Sample) data.Sample { return s }).(data.Changing)
		},
		func() data.Source { return &counting{} }, func() data.Closer { return &counting{} },
		func() data.Batch { return batchOf(someTensors(), 2) }, func() data.Loader { return data.Loader{Dataset: someTensors(), BatchSize: 4} },
		func() data.Texts {
			return data.Texts{Texts: []string{"a b", "c"}, Labels: []int32{0, 1}, Classes: []string{"x", "y"}}
		},
		func() *data.Description { return data.Describe(someTensors()) },
		func() data.Fold { return data.Fold{Train: []int{0, 1}, Test: []int{2}} },
		func() io.Reader { return bytes.NewReader([]byte(someIDX)) })
	for name, d := range map[string]func() data.Dataset{
		"Tensors": func() data.Dataset { return someTensors() }, "Images": func() data.Dataset { m := someImages(); return &m },
		"Sequences": func() data.Dataset { q := someSequences(); return &q }, "Ragged": func() data.Dataset { r := someRagged(); return &r },
		"Series":     func() data.Dataset { return data.Windows{Series: dl.Ones(9, 2), Size: 3}.Dataset() },
		"NextTokens": func() data.Dataset { return data.NextTokens{Tokens: []int{1, 2, 3, 4, 5}, Size: 2} },
		"Answers":    func() data.Dataset { return someAnswers() },
		"Part":       func() data.Dataset { return data.Take(someTensors(), 6) },
		"Cached":     func() data.Dataset { return given(data.CacheOnDisk(someTensors(), "cache", "k", 0)) },
	} {
		s.Args[name+".Read"] = func() []any { return []any{d(), batchOf(d(), 2), []int{0, 1}} }
		if name == "Sequences" || name == "Ragged" || name == "Answers" || name == "Part" {
			s.Args[name+".BatchSpec"] = func() []any { return []any{d(), []int{0, 1}} }
		}
	}
	s.Test(t)
}
