package tune_test

import (
	"reflect"
	"testing"

	"modelbook/dl"
	"modelbook/dl/data"
	"modelbook/dl/internal/mistakes"
	"modelbook/dl/nn"
	"modelbook/dl/optim"
	"modelbook/dl/train"
	"modelbook/dl/tune"
)

func newTrainer(int) (*train.Trainer, error) {
	m, err := nn.Sequential(dl.Shape{3}, nn.Dense{Units: 1})
	return &train.Trainer{Model: m, Loss: nn.MSE, Optimizer: &optim.SGD{}}, err
}

// parts is a Splitter with these folds.
type parts []data.Fold

func (p parts) Folds(int) []data.Fold { return p }

// Every exported function and method is called with wrong arguments: see package mistakes.
func TestEveryExportedFunctionRefusesWrongArguments(t *testing.T) {
	s := &mistakes.Surface{
		Types: []reflect.Type{
			reflect.TypeFor[tune.Choice](), reflect.TypeFor[tune.CrossValidation](), reflect.TypeFor[tune.Grid](),
			reflect.TypeFor[tune.Halving](), reflect.TypeFor[tune.Hyperband](), reflect.TypeFor[tune.Integers](),
			reflect.TypeFor[tune.LogUniform](), reflect.TypeFor[tune.Method](), reflect.TypeFor[tune.Random](),
			reflect.TypeFor[tune.Range](), reflect.TypeFor[tune.Ranks](), reflect.TypeFor[tune.Row](), reflect.TypeFor[tune.Score](),
			reflect.TypeFor[tune.Scores](), reflect.TypeFor[tune.Search](), reflect.TypeFor[tune.Settings](),
			reflect.TypeFor[tune.Space](), reflect.TypeFor[tune.Status](), reflect.TypeFor[tune.Table](),
			reflect.TypeFor[tune.Trial](), reflect.TypeFor[tune.Uniform](),
		},

		Skip: map[string]string{"Range.Draw": "of each range", "Range.Grid": "of each range", "Range.Check": "of each range",
			"Ranks.Rank": "called by Run alone", "Ranks.Size": "called by Run alone", "Ranks.Name": "called by Run alone",
			"Ranks.Gather": "called by Run alone", "Ranks.Send": "called by Run alone", "Ranks.Receive": "called by Run alone"},
		Unlisted: map[string]string{},
	}
	for _, method := range []string{"String", "HTML", "MimeBundle", "Done", "Best", "Report", "Grid", "Mean", "Values", "Deviation"} {
		s.Unlisted["*."+method+" receiver"] = "it tells what is there"
	}
	settings := tune.Settings{"number": 0.5, "whole": 3, "text": "a", "bool": true}
	s.Args = map[string]func() []any{}
	for method, name := range map[string]string{"Float": "number", "Int": "whole", "Text": "text", "Bool": "bool"} {
		s.Args["Settings."+method] = func() []any { return []any{settings, name} }
		s.Args["Row."+method] = func() []any { return []any{tune.Row{Settings: settings}, name} }
		s.Args["Trial."+method] = func() []any { return []any{tune.Trial{Settings: settings}, name} }
	}
	s.Good(func() tune.Choice { return tune.Choice{1, 2} }, func() tune.Uniform { return tune.Uniform{High: 1} },
		func() tune.LogUniform { return tune.LogUniform{Low: 1e-3, High: 1} }, func() tune.Integers { return tune.Integers{Low: 1, High: 9, Step: 2} },
		func() tune.Space { return tune.Space{"a": tune.Choice{1, 2}} },
		func() tune.Search { return tune.Search{Space: tune.Space{"a": tune.Choice{1, 2}}} },
		func() tune.CrossValidation { return tune.CrossValidation{Trainer: newTrainer, Folds: data.KFold{K: 2}} },
		func() data.Dataset { return data.FromTensors(dl.Ones(6, 3), dl.Ones(6, 1)) },
		func() tune.Range { return tune.Choice{1, 2} }, func() tune.Method { return tune.Random{Trials: 2} },
		func() train.Callback { return train.EarlyStopping{Monitor: "loss"} })
	s.Bad("nil *Tensors", func() data.Dataset { return (*data.Tensors)(nil) })
	s.Bad("of one sample", func() data.Dataset { return data.FromTensors(dl.Ones(1, 3), dl.Ones(1, 1)) })
	s.Bad("without targets", func() data.Dataset { return data.FromTensors(dl.Ones(6, 3), nil) })
	s.Bad("of no folds", func() data.Splitter { return parts{} })
	s.Bad("of empty folds", func() data.Splitter { return parts{{}, {}} })
	s.Bad("of samples that are not there", func() data.Splitter { return parts{{Train: []int{0, 99}, Test: []int{-1}}} })
	s.Bad("of one fold of a class", func() data.Splitter { return data.KFold{K: 99} })
	s.Bad("grid", func() tune.Method { return tune.Grid{} })
	s.Bad("-1 trials", func() tune.Method { return tune.Random{Trials: -1} })
	s.Bad("1<<40 trials", func() tune.Method { return tune.Random{Trials: 1 << 40} })
	s.Bad("Halving by 1", func() tune.Method { return tune.Halving{Factor: 1} })
	s.Bad("Halving to 1<<40", func() tune.Method { return tune.Halving{MaxBudget: 1 << 40} })
	s.Bad("Hyperband to -1", func() tune.Method { return tune.Hyperband{MaxBudget: -1} })
	s.Bad("empty Choice", func() tune.Range { return tune.Choice{} })
	s.Bad("Integers downwards", func() tune.Range { return tune.Integers{Low: 2, High: 1} })
	s.Bad("nil *Integers", func() tune.Range { return (*tune.Integers)(nil) })
	s.Test(t)
}
