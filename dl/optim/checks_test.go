package optim

import (
	"errors"
	"maps"
	"math"
	"reflect"
	"strings"
	"testing"

	"modelbook/dl"
)

// numbers calls f for every exported number of a settable struct, by its name, also of those within it.
func numbers(of reflect.Value, within string, f func(name string, v reflect.Value)) {
	for i := range of.NumField() {
		field := of.Type().Field(i)
		name, v := within+field.Name, of.Field(i)
		if !field.IsExported() {
			continue
		}
		switch v.Kind() {
		case reflect.Float64, reflect.Int:
			f(name, v)
		case reflect.Struct:
			numbers(v, name+".", f)
		case reflect.Slice:
			if e := v.Type().Elem().Kind(); e != reflect.Float64 && e != reflect.Struct {
				continue // steps, schedules
			}
			for k := range v.Len() {
				if v.Index(k).Kind() == reflect.Float64 {
					f(name, v.Index(k))
				} else {
					numbers(v.Index(k), name+".", f)
				}
			}
		}
	}
}

// refuses fails unless f panics with a *dl.ValueError about a field.
func refuses(t *testing.T, f func(), field string, value any, of any) {
	t.Helper()
	var wrong *dl.ValueError
	last := field[strings.LastIndex(field, ".")+1:]
	if err := dl.Try(f); !errors.As(err, &wrong) || !strings.Contains(err.Error(), last) {
		t.Errorf("%T with a %s of %v: %v", of, field, value, err)
	}
}

// No optimizer takes a step with a setting that is no number: a new field of one needs a line in its check.
func TestOptimizersRefuseWhatIsNoNumber(t *testing.T) {
	all, fields := maps.Clone(recordedOptimizers), 0
	maps.Copy(all, stepped)
	for _, make := range all {
		for place := range 100 {
			for _, wrong := range []float64{math.NaN(), math.Inf(1)} {
				p := dl.Of([]float32{1, 2, 3, 4}, 2, 2).RequireGrad()
				p.Square().Sum().Backward()
				o, at := make(), 0
				v := reflect.ValueOf(o).Elem()
				if g := v.FieldByName("Groups"); g.IsValid() {
					g.Set(reflect.ValueOf([]Group{{Parameters: []*dl.Tensor{p}}}))
				}
				numbers(v, "", func(name string, v reflect.Value) {
					if at++; at != place+1 || v.Kind() != reflect.Float64 || math.IsInf(wrong, 1) && strings.Contains(name, "Clip.") {
						return
					}
					fields++
					v.SetFloat(wrong)
					refuses(t, func() { o.Step([]*dl.Tensor{p}) }, name, wrong, o)
					if !p.Equal(dl.Of([]float32{1, 2, 3, 4}, 2, 2)) {
						t.Errorf("%T with a %s of %v moved the parameter to %v", o, name, wrong, p)
					}
				})
			}
		}
	}
	if fields < 500 {
		t.Errorf("only %d settings were tried", fields)
	}
}

// What PyTorch's and Keras's constructors refuse; where a negative number stands for 0 its documentation says so.
func TestOptimizersRefuseWhatNoStepCanHave(t *testing.T) {
	for _, c := range []struct {
		field string
		o     Optimizer
	}{
		{"LearningRate", &AdamW{LearningRate: -1e-3}},
		{"Beta1", &Adam{Beta1: 1}}, {"Beta2", &AdamW{Beta2: 1}}, {"Beta1", &Adamax{Beta1: 1.5}}, {"Beta2", &NAdam{Beta2: 1}}, {"Beta2", &RAdam{Beta2: 1}},
		{"Beta1", &LAMB{Beta1: 1}}, {"Beta2", &Lion{Beta2: 1}}, {"Rho", &RMSprop{Rho: 1.1}}, {"Rho", &Adadelta{Rho: 1.1}},
		{"Momentum", &SGD{Momentum: -0.9}}, {"Momentum", &SGD{Momentum: 1.1}}, {"Momentum", &RMSprop{Momentum: -0.9}}, {"Momentum", &LARS{Momentum: 2}}, {"Momentum", &Muon{Momentum: 2}},
		{"WeightDecay", &SGD{WeightDecay: -1}}, {"WeightDecay", &RMSprop{WeightDecay: -1}}, {"WeightDecay", &Adagrad{WeightDecay: -1}},
		{"WeightDecay", &Adadelta{WeightDecay: -1}}, {"WeightDecay", &Adafactor{WeightDecay: -1}}, {"WeightDecay", &Adamax{WeightDecay: -1}},
		{"WeightDecay", &ASGD{WeightDecay: -1}}, {"WeightDecay", &LAMB{WeightDecay: -1}}, {"WeightDecay", &LARS{WeightDecay: -1}},
		{"WeightDecay", &Lion{WeightDecay: -1}}, {"WeightDecay", &NAdam{WeightDecay: -1}}, {"WeightDecay", &RAdam{WeightDecay: -1}},
		{"Decay", &Adafactor{Decay: 0.8}}, {"Epsilon", &Adafactor{Epsilon: -1}}, {"Least", &Adafactor{Least: -1}}, {"Threshold", &Adafactor{Threshold: 0.5}},
		{"Power", &Ftrl{Power: 0.5}}, {"L1", &Ftrl{L1: -1}}, {"L2", &Ftrl{L2: -1}}, {"Shrinkage", &Ftrl{Shrinkage: -1}},
		{"Grow", &Rprop{Grow: 0.9}}, {"Shrink", &Rprop{Shrink: 1}}, {"Shrink", &Rprop{Shrink: -0.5}},
		{"Share", &Lookahead{Share: 1.5}}, {"Every", &Lookahead{Every: -1}}, {"Steps", &Muon{Steps: -1}}, {"Trust", &LARS{Trust: -1}},
		{"Norm", &SGD{Clip: Clip{Norm: -1}}}, {"Value", &Adam{Clip: Clip{Value: -1}}},
	} {
		p := dl.Ones(2, 2).RequireGrad()
		p.Square().Sum().Backward()
		refuses(t, func() { c.o.Step([]*dl.Tensor{p}) }, c.field, "the table", c.o)
		if !p.Equal(dl.Ones(2, 2)) {
			t.Errorf("%T: a refused step moved the parameter to %v", c.o, p)
		}
	}
}

// The numbers that stand for 0, and the bound that is none.
func TestOptimizersTakeTheEndsOfTheirSettings(t *testing.T) {
	for _, o := range []Optimizer{
		&Adam{Beta1: -1, Beta2: -1, Epsilon: -1}, &AdamW{WeightDecay: -1}, &RMSprop{Rho: 1, Momentum: 1}, &Adadelta{Rho: -1, Epsilon: -1},
		&SGD{Momentum: 1, Clip: Clip{Norm: math.Inf(1)}}, &Rprop{Shrink: 0.01, Grow: 100}, &Lookahead{Share: 1}, &Muon{Momentum: -1, WeightDecay: -1},
		&LARS{Momentum: -1}, &NAdam{MomentumDecay: -1}, &ASGD{Lambda: -1, Alpha: -1, Start: -1}, &Ftrl{Initial: -1}, &Adafactor{Threshold: 1},
	} {
		p := dl.Ones(2, 2).RequireGrad()
		p.Square().Sum().Backward()
		if err := dl.Try(func() { o.Step([]*dl.Tensor{p}) }); err != nil {
			t.Error(err)
		}
	}
}

// No schedule has a factor with a setting that is no number, or with a negative number of steps.
func TestSchedulesRefuseWhatIsNoNumber(t *testing.T) {
	fields := 0
	for _, s := range scheduled {
		of := reflect.TypeOf(s)
		if of.Kind() != reflect.Struct {
			continue // a function, a list
		}
		for place := range 20 {
			for _, wrong := range []float64{math.NaN(), math.Inf(1), math.Inf(-1)} {
				changed, at := reflect.New(of).Elem(), 0
				changed.Set(reflect.ValueOf(s))
				numbers(changed, "", func(name string, v reflect.Value) {
					if at++; at != place+1 {
						return
					}
					fields++
					if v.Kind() == reflect.Int {
						v.SetInt(-1)
						refuses(t, func() { changed.Interface().(Schedule).Factor(3) }, name, -1, s)
						return
					}
					before := v.Float()
					v.SetFloat(wrong)
					refuses(t, func() { changed.Interface().(Schedule).Factor(3) }, name, wrong, s)
					v.SetFloat(before) // lists are shared
				})
			}
		}
	}
	if fields < 100 {
		t.Errorf("only %d settings were tried", fields)
	}
	for field, s := range map[string]Schedule{
		"Gamma": Step{Every: 2, Gamma: -0.5}, "Shrink": CosineRestarts{First: 3, Shrink: -1}, "Rise": OneCycle{Steps: 9, Rise: 1.5}, "Div": OneCycle{Steps: 9, Div: -25},
		"Power": Polynomial{Steps: 9, Power: -1}, "From": Linear{From: -1, Steps: 3}, "By": Constant{By: -1}, "Factors": Piecewise{Factors: []float64{-1}},
	} {
		refuses(t, func() { s.Factor(3) }, field, "the table", s)
	}
}
