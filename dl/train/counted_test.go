package train_test

import (
	"context"
	"strings"
	"testing"

	"modelbook/dl"
	"modelbook/dl/data"
	"modelbook/dl/metric"
	"modelbook/dl/nn"
	"modelbook/dl/optim"
	"modelbook/dl/train"
)

// Of sequences with padding, and of classes that the loss ignores, only what counts is in metrics, confusion matrix and
// mistakes.
func TestOnlyWhatCountsIsMeasured(t *testing.T) {
	dl.Seed(2)
	d := &data.Sequences{Tokens: [][]int32{{1, 2, 3}, {1, 2}, {3, 3, 2, 1, 1}}, Targets: [][]int32{{0, 1, 2}, {1, data.Ignored}, {data.Ignored, 2, 1, 0, 2}},
		Classes: []string{"a", "b", "c"}}
	model, err := nn.Sequential(dl.Shape{5}, nn.Embedding{Vocabulary: 4, Units: 3, MaskZero: true}, nn.ActivationLayer{Activation: nn.Softmax})
	if err != nil {
		t.Fatal(err)
	}
	table := dl.Eye(3).MulScalar(4) // token n is taken for class n-1
	dl.NoGrad(func() { model.Parameter("embedding.weight").Value.SetSlice(0, 1, 4, table) })
	trainer := &train.Trainer{Model: model, Loss: nn.SparseCrossEntropy.With(nn.LossOptions{Ignore: []int{data.Ignored}}),
		Optimizer: &optim.SGD{}, Metrics: []metric.Metric{metric.Accuracy{}}}
	ctx := context.Background()
	results, err := trainer.Evaluate(ctx, d)
	if err != nil {
		t.Fatal(err)
	}
	if got := results.Get("accuracy"); got != 0.75 { // 6 of 8
		t.Errorf("accuracy %v", got)
	}
	matrix, err := trainer.Confusion(ctx, d)
	if err != nil {
		t.Fatal(err)
	}
	if len(matrix.Classes) != 3 || matrix.Classes[2] != "c" || matrix.Total() != 8 || matrix.Counts[1][0] != 1 || matrix.Counts[2][0] != 1 {
		t.Errorf("%v", matrix)
	}
	mistakes, err := trainer.Mistakes(ctx, d)
	if err != nil || len(mistakes) != 2 {
		t.Fatal(mistakes, err)
	}
	for i, want := range []train.Mistake{{Sample: 1, Class: 1}, {Sample: 2, Class: 2, Place: 4}} {
		mistakes[i].Probability = 0
		if mistakes[i] != want {
			t.Errorf("%+v, want %+v", mistakes[i], want)
		}
	}
}

// A batch in which nothing counts is measured with the others.
func TestABatchOfWhatIsIgnored(t *testing.T) {
	dl.Seed(2)
	model, err := nn.Sequential(dl.Shape{1}, nn.Dense{Units: 2, Activation: nn.Softmax})
	if err != nil {
		t.Fatal(err)
	}
	d := data.FromTensors(dl.Ones(4, 1), dl.Of([]int32{-1, -1, 0, 1}, 4))
	trainer := &train.Trainer{Model: model, Loss: nn.SparseCrossEntropy.With(nn.LossOptions{Ignore: []int{-1}}), Optimizer: &optim.SGD{},
		Metrics: []metric.Metric{metric.Accuracy{}}}
	h, err := trainer.Fit(context.Background(), d, train.Options{BatchSize: 2, NoShuffle: true})
	if err != nil || h.Last("accuracy") != 0.5 {
		t.Error(h, err)
	}
}

// Pictures of classes: a place is a pixel.
func TestConfusionOfPictures(t *testing.T) {
	dl.Seed(2)
	for _, filters := range []int{1, 3} {
		head, loss := nn.Softmax, nn.SparseCrossEntropy
		y := dl.NewRand(1).Integers(0, max(filters, 2), 3, 4, 4)
		if filters == 1 {
			head, loss, y = nn.Sigmoid, nn.BinaryCrossEntropy, y.To(dl.Float32).Unsqueeze(-1)
		}
		model, err := nn.Sequential(dl.Shape{4, 4, 1}, nn.Conv2D{Filters: filters, Kernel: [2]int{1, 1}, Activation: head})
		if err != nil {
			t.Fatal(err)
		}
		d := data.FromTensors(dl.Randn(3, 4, 4, 1), y)
		trainer := &train.Trainer{Model: model, Loss: loss, Optimizer: &optim.SGD{}}
		matrix, err := trainer.Confusion(context.Background(), d)
		if err != nil || matrix.Total() != 48 || len(matrix.Classes) != max(filters, 2) {
			t.Fatal(matrix, err)
		}
		mistakes, err := trainer.Mistakes(context.Background(), d)
		if right := matrix.Accuracy(); err != nil || len(mistakes) != 48-int(right*48+0.5) {
			t.Errorf("%d mistakes, accuracy %v, %v", len(mistakes), right, err)
		}
		for _, m := range mistakes {
			if m.Sample < 0 || m.Sample > 2 || m.Place < 0 || m.Place > 15 || m.Class == m.Predicted || !(m.Probability > 0.3) {
				t.Fatalf("%+v", m)
			}
		}
	}
}

// A sampler of all samples beside a ValidationSplit is told what to do.
func TestASamplerOfMoreThanIsLeft(t *testing.T) {
	d := data.FromTensors(dl.Ones(10, 2), dl.Of([]int32{0, 1, 0, 0, 0, 0, 1, 0, 0, 0}, 10))
	sampler, err := data.Balance(d)
	if err != nil {
		t.Fatal(err)
	}
	model, err := nn.Sequential(dl.Shape{2}, nn.Dense{Units: 2, Activation: nn.Softmax})
	if err != nil {
		t.Fatal(err)
	}
	trainer := &train.Trainer{Model: model, Loss: nn.SparseCrossEntropy, Optimizer: &optim.SGD{}}
	_, err = trainer.Fit(context.Background(), d, train.Options{ValidationSplit: 0.2, Sampler: sampler})
	if err == nil || !strings.Contains(err.Error(), "10 weights for 8 samples") || !strings.Contains(err.Error(), "data.Split parts them before") {
		t.Error(err)
	}
}
