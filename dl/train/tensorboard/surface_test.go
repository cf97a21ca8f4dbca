package tensorboard

import (
	"bytes"
	"context"
	"image"
	"io"
	"reflect"
	"testing"

	"modelbook/dl"
	"modelbook/dl/data"
	"modelbook/dl/internal/mistakes"
	"modelbook/dl/nn"
	"modelbook/dl/optim"
	"modelbook/dl/train"
)

// Every exported function and method is called with wrong arguments: see package mistakes.
func TestEveryExportedFunctionRefusesWrongArguments(t *testing.T) {
	s := &mistakes.Surface{
		Functions: map[string]any{"Create": Create, "HistogramOf": HistogramOf, "NewWriter": NewWriter, "Read": Read, "Runs": Runs},
		Types: []reflect.Type{
			reflect.TypeFor[Curve](), reflect.TypeFor[Event](), reflect.TypeFor[Histogram](), reflect.TypeFor[Log](),
			reflect.TypeFor[Value](), reflect.TypeFor[Writer](),
		},
		Unlisted: map[string]string{
			"*.String receiver": "it tells what is there", "Writer.Name receiver": "it tells what is there", "Writer.Close receiver": "a nil Writer has nothing to close",
		},
	}
	writer := func() *Writer {
		w, err := NewWriter(io.Discard)
		if err != nil {
			panic(err)
		}
		return w
	}
	s.Args = map[string]func() []any{
		"Writer.Graph":  func() []any { return []any{writer(), model(), []*dl.Tensor{dl.Ones(2, 3)}} },
		"Writer.Images": func() []any { return []any{writer(), "pictures", dl.Ones(2, 4, 4, 3), 1} },
		"Writer.Image":  func() []any { return []any{writer(), "picture", image.Image(image.NewGray(image.Rect(0, 0, 2, 2))), 1} },
		"Runs": func() []any {
			w, err := Create("logs")
			if err == nil {
				err = w.Scalar("loss", 1, 1)
			}
			if err != nil {
				panic(err)
			}
			return []any{"logs"}
		},
		"Read": func() []any {
			var b bytes.Buffer
			if _, err := NewWriter(&b); err != nil {
				panic(err)
			}
			return []any{io.Reader(&b)}
		},
	}
	s.Good(writer, model, running)
	s.Test(t)
}

// catch is a callback that catches the run.
type catch struct {
	train.Observe
	run *train.Run
}

func (c *catch) Start(run *train.Run) (train.Observer, error) {
	c.run = run
	return c, nil
}

// running is a run, as callbacks see it.
func running() *train.Run {
	var c catch
	r := &train.Trainer{Model: model(), Loss: nn.MSE, Optimizer: &optim.SGD{LearningRate: 0.01}}
	if _, err := r.Fit(context.Background(), data.FromTensors(dl.Ones(4, 3), dl.Ones(4, 2)), train.Options{Callbacks: []train.Callback{&c}}); err != nil {
		panic(err)
	}
	return c.run
}

// model is a small one.
func model() *nn.Model {
	m, err := nn.Sequential(dl.Shape{3}, nn.Dense{Units: 2})
	if err != nil {
		panic(err)
	}
	return m
}
