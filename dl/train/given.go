package train

import (
	"context"
	"errors"
	"fmt"
	"reflect"

	"modelbook/dl"
)

// isNil says whether a model, an optimizer, a metric or a callback is nil or a pointer that is, as what a function
// returns beside an error.
func isNil(x any) bool {
	if x == nil {
		return true
	}
	v := reflect.ValueOf(x)
	return v.Kind() == reflect.Pointer && v.IsNil()
}

// lacking says that a Trainer lacks something.
func lacking(what string, x any, example string) error {
	if x == nil {
		return fmt.Errorf("train: the Trainer has no %s, such as %s", what, example)
	}
	return fmt.Errorf("train: the Trainer's %s is a nil %T: look at the error of what made it", what, x)
}

// givenContext says that there is no context.
func givenContext(ctx context.Context) error {
	if ctx == nil {
		return errors.New("train: the context is nil: give context.Background(), or one that can be cancelled")
	}
	return nil
}

// underWay says that a callback was not started by Fit.
func underWay(run *Run) error {
	if run == nil || run.fit == nil || run.Trainer == nil || run.Trainer.memory == nil {
		return errors.New("a callback is started by Fit: list it in Options.Callbacks")
	}
	return nil
}

// check says whether there is such a mode.
func (m Mode) check() error {
	if m > Max {
		return fmt.Errorf("there is no Mode %d: it is train.Auto, train.Min or train.Max", m)
	}
	return nil
}

// checkModel says what is wrong with the Model.
func (t *Trainer) checkModel() error {
	if isNil(t.Model) {
		return lacking("Model", t.Model, "one of nn.Sequential")
	}
	return nil
}

// checkMetrics says what is wrong with the Metrics, whose names they may not be able to tell.
func (t *Trainer) checkMetrics() (err error) {
	used := map[string]bool{"loss": true, "learning_rate": true, "seconds": true, "samples_per_second": true}
	for i, m := range t.Metrics {
		if isNil(m) {
			return fmt.Errorf("train: metric %d is nil: give one, such as metric.Accuracy{}", i+1)
		}
		var name string
		if fault := dl.Try(func() { name = m.Name() }); fault != nil {
			return fmt.Errorf("train: metric %d: %w", i+1, fault)
		}
		if err := notReserved(name, used); err != nil {
			return err
		}
		used[name] = true
	}
	return nil
}
