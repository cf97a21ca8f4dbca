package preprocess_test

import (
	"os"
	"reflect"
	"strings"
	"testing"

	"modelbook/dl/data/preprocess"
	"modelbook/dl/data/table"
	"modelbook/dl/internal/mistakes"
)

func sheet() *table.Table {
	return table.New(table.Floats("a", 1, 2, 3, 5), table.Ints("b", 4, 5, 5, 7), table.Strings("c", "x", "y", "y", "x"), table.Categories("f", "u", "v", "u", "v"))
}

// steps are the steps, fitted.
func steps() []preprocess.Step {
	all := []preprocess.Step{&preprocess.StandardScaler{}, &preprocess.MinMaxScaler{}, &preprocess.RobustScaler{}, &preprocess.Log{Columns: []string{"a"}},
		&preprocess.OneHotEncoder{}, &preprocess.OrdinalEncoder{}, &preprocess.SimpleImputer{}, &preprocess.KBinsDiscretizer{}}
	for _, s := range all {
		if err := s.Fit(sheet()); err != nil {
			panic(err)
		}
	}
	return all
}

func pipeline() *preprocess.Pipeline {
	p := preprocess.NewPipeline(&preprocess.StandardScaler{}, &preprocess.OneHotEncoder{})
	if err := p.Fit(sheet()); err != nil {
		panic(err)
	}
	return p
}

// Every exported function and method is called with wrong arguments: see package mistakes.
func TestEveryExportedFunctionRefusesWrongArguments(t *testing.T) {
	s := &mistakes.Surface{
		Functions: map[string]any{
			"Load": preprocess.Load, "NewPipeline": preprocess.NewPipeline, "Parse": preprocess.Parse,
		},
		Types: []reflect.Type{
			reflect.TypeFor[preprocess.Edges](), reflect.TypeFor[preprocess.Filled](),
			reflect.TypeFor[preprocess.KBinsDiscretizer](), reflect.TypeFor[preprocess.Levels](),
			reflect.TypeFor[preprocess.Log](), reflect.TypeFor[preprocess.MinMaxScaler](),
			reflect.TypeFor[preprocess.OneHotEncoder](), reflect.TypeFor[preprocess.OrdinalEncoder](),
			reflect.TypeFor[preprocess.Pipeline](), reflect.TypeFor[preprocess.RobustScaler](),
			reflect.TypeFor[preprocess.Scaled](), reflect.TypeFor[preprocess.SimpleImputer](),
			reflect.TypeFor[preprocess.StandardScaler](), reflect.TypeFor[preprocess.Step](),
			reflect.TypeFor[preprocess.Strategy](),
		},
		Any: map[string]string{"{Fitted}": "Fit forgets it, Transform looks for its columns"},
	}
	s.Args = map[string]func() []any{
		"Parse": func() []any { return []any{pipeline().Text()} },
		"Load": func() []any {
			if err := os.WriteFile("p.json", []byte(pipeline().Text()), 0o666); err != nil {
				t.Fatal(err)
			}
			return []any{"p.json"}
		},
		"Pipeline.UnmarshalJSON": func() []any { return []any{new(preprocess.Pipeline), []byte(pipeline().Text())} },
		"Pipeline.Save":          func() []any { return []any{pipeline(), "q.json"} },
		"Step.Fit":               func() []any { return []any{nil, sheet()} },
		"Step.Transform":         func() []any { return []any{nil, sheet()} },
	}
	for i, step := range steps() {
		of := reflect.TypeOf(step).Elem()
		s.GoodOf(of, func() any { return reflect.ValueOf(steps()[i]).Elem().Interface() })
		for k := range reflect.TypeOf(step).NumMethod() {
			name := of.Name() + "." + reflect.TypeOf(step).Method(k).Name
			if !strings.HasSuffix(name, "String") {
				s.Args[name] = func() []any { return []any{steps()[i], sheet()} }
				if !strings.HasSuffix(name, ".Fit") {
					s.Any[name+" receiver"] = "Fit checks the settings"
				}
			}
		}
	}
	s.Good(sheet, func() preprocess.Step { return steps()[0] }, pipeline, func() preprocess.Pipeline { return *pipeline() })
	s.Test(t)
}
