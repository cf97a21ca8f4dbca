package optim_test

import (
	"reflect"
	"testing"

	"modelbook/dl"
	"modelbook/dl/internal/mistakes"
	"modelbook/dl/optim"
)

// Every exported function and method is called with wrong arguments: see package mistakes.
func TestEveryExportedFunctionRefusesWrongArguments(t *testing.T) {
	s := &mistakes.Surface{
		Functions: map[string]any{
			"GradientNorm": optim.GradientNorm,
		},
		Types: []reflect.Type{
			reflect.TypeFor[optim.ASGD](), reflect.TypeFor[optim.Adadelta](), reflect.TypeFor[optim.Adafactor](),
			reflect.TypeFor[optim.Adagrad](), reflect.TypeFor[optim.Adam](), reflect.TypeFor[optim.AdamW](),
			reflect.TypeFor[optim.Adamax](), reflect.TypeFor[optim.Averaging](), reflect.TypeFor[optim.ByEpoch](),
			reflect.TypeFor[optim.Chained](), reflect.TypeFor[optim.Clip](), reflect.TypeFor[optim.Constant](),
			reflect.TypeFor[optim.Cosine](), reflect.TypeFor[optim.CosineRestarts](), reflect.TypeFor[optim.Cyclic](),
			reflect.TypeFor[optim.Exponential](), reflect.TypeFor[optim.Ftrl](), reflect.TypeFor[optim.Func](),
			reflect.TypeFor[optim.Group](), reflect.TypeFor[optim.InverseRoot](), reflect.TypeFor[optim.InverseTime](),
			reflect.TypeFor[optim.Keeper](), reflect.TypeFor[optim.LAMB](), reflect.TypeFor[optim.LARS](),
			reflect.TypeFor[optim.Linear](), reflect.TypeFor[optim.Lion](), reflect.TypeFor[optim.Lookahead](),
			reflect.TypeFor[optim.MultiStep](), reflect.TypeFor[optim.Muon](), reflect.TypeFor[optim.NAdam](),
			reflect.TypeFor[optim.OneCycle](), reflect.TypeFor[optim.Optimizer](), reflect.TypeFor[optim.Piecewise](),
			reflect.TypeFor[optim.Polynomial](), reflect.TypeFor[optim.RAdam](), reflect.TypeFor[optim.RMSprop](),
			reflect.TypeFor[optim.Rprop](), reflect.TypeFor[optim.SGD](), reflect.TypeFor[optim.Schedule](),
			reflect.TypeFor[optim.Sequence](), reflect.TypeFor[optim.State](), reflect.TypeFor[optim.Step](),
			reflect.TypeFor[optim.WarmUp](),
		},

		Skip: map[string]string{
			"Optimizer.SetState": "of each optimizer below", "Averaging.Range": "called by Averaging.Add alone",
			"Keeper.SetOwners": "of each optimizer below", "Keeper.SetState": "of each optimizer below",
		},
	}
	s.Args = map[string]func() []any{}
	for _, of := range s.Types {
		type stateful interface {
			State() optim.State
			SetState(optim.State) error
		}
		if _, ok := reflect.New(of).Interface().(stateful); ok && of.Kind() == reflect.Struct {
			s.Args[of.Name()+".SetState"] = func() []any {
				o := reflect.New(of).Interface().(stateful)
				return []any{o, o.State()}
			}
		}
	}
	s.Args["Group.UnmarshalBinary"] = func() []any {
		b, err := (&optim.Group{}).MarshalBinary()
		if err != nil {
			t.Fatal(err)
		}
		return []any{new(optim.Group), b}
	}
	s.Good(func() optim.ByEpoch { return optim.ByEpoch{StepsPerEpoch: 2, Of: optim.Constant{}} }, func() optim.Cosine { return optim.Cosine{Steps: 4} },
		func() optim.CosineRestarts { return optim.CosineRestarts{First: 3} }, func() optim.Cyclic { return optim.Cyclic{Up: 2} },
		func() optim.Exponential { return optim.Exponential{Every: 1, Gamma: 0.5} }, func() optim.InverseRoot { return optim.InverseRoot{WarmUp: 2} },
		func() optim.InverseTime { return optim.InverseTime{Every: 1, Rate: 0.5} }, func() optim.MultiStep { return optim.MultiStep{At: []int{1, 3}} },
		func() optim.OneCycle { return optim.OneCycle{Steps: 5} }, func() optim.Piecewise { return optim.Piecewise{Until: []int{2}, Factors: []float64{1, 0.5}} },
		func() optim.Polynomial { return optim.Polynomial{Steps: 4} }, func() optim.Step { return optim.Step{Every: 2} },
		func() optim.Sequence {
			return optim.Sequence{Schedules: []optim.Schedule{optim.Constant{}, optim.Constant{}}, Ends: []int{2}}
		},
		func() optim.WarmUp { return optim.WarmUp{Steps: 2, Then: optim.Constant{}} }, func() optim.Linear { return optim.Linear{From: 1, To: 0.5, Steps: 4} },
		func() optim.Chained { return optim.Chained{optim.Constant{}} })
	s.Good(func() []*dl.Tensor {
		w := dl.NewRand(1).Uniforms(-1, 1, 3, 4).RequireGrad()
		w.Square().Sum().Backward()
		return []*dl.Tensor{w}
	}, func() []*dl.Tensor { return nil }, func() optim.Schedule { return optim.Constant{} }, func() optim.Func { return func(step int) float64 { return 0.1 } })
	s.Test(t)
}
