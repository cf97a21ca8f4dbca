package ipywidgets

import (
	"encoding/json"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"testing"
)

// A model is an entry of ipywidgets' schema.
type model struct {
	Model, View struct{ Name, Module, Version string }
	Attributes  []struct {
		Name, Type string
		Default    any
		AllowNone  bool `json:"allow_none"`
		Enum       []string
		Widget     string
		Items      struct{ Type string }
	}
}

// The table of kinds is ipywidgets' own: testdata/models.json holds the entries
// of its packages/schema/jupyterwidgetmodels.latest.json for the widgets here.
func TestKindsAreThoseOfTheSchema(t *testing.T) {
	data, err := os.ReadFile(filepath.Join("testdata", "models.json"))
	if err != nil {
		t.Fatal(err)
	}
	var models []model
	if err := json.Unmarshal(data, &models); err != nil {
		t.Fatal(err)
	}
	if len(models) != len(kinds) {
		t.Errorf("%d kinds, %d models in the schema", len(kinds), len(models))
	}
	for _, m := range models {
		k := kinds[strings.TrimSuffix(m.Model.Name, "Model")]
		if k == nil {
			t.Errorf("no kind %s", m.Model.Name)
			continue
		}
		if k.module != m.Model.Module || k.version != m.Model.Version || k.view != m.View.Name || len(k.traits) != len(m.Attributes) {
			t.Errorf("%s: %s %s %s with %d traits, want %v, %v, %d traits", k.name, k.module, k.version, k.view, len(k.traits), m.Model, m.View, len(m.Attributes))
		}
		for _, a := range m.Attributes {
			got, err := k.trait(a.Name)
			if err != nil {
				t.Error(err)
				continue
			}
			form := a.Type
			if a.Items.Type != "" {
				form += " of " + a.Items.Type
			}
			if got.form.String() != form || got.none != a.AllowNone || got.instance != a.Widget {
				t.Errorf("%s.%s: %v, nil %v, widget %q; want %s, %v, %q", k.name, a.Name, got.form, got.none, got.instance, form, a.AllowNone, a.Widget)
			}
			slices.Sort(a.Enum)
			if !slices.Equal(slices.Sorted(slices.Values(got.choices)), a.Enum) {
				t.Errorf("%s.%s: one of %q, want %q", k.name, a.Name, got.choices, a.Enum)
			}
			initial := a.Default
			switch {
			case a.Widget != "": // a new instance
				initial = nil
			case a.Type == "bytes":
				initial = ""
			}
			b, err := json.Marshal(got.encode(got.initial))
			if err != nil {
				t.Fatal(err)
			}
			var have any
			if err := json.Unmarshal(b, &have); err != nil || !reflect.DeepEqual(have, initial) {
				t.Errorf("%s.%s begins as %s, want %v", k.name, a.Name, b, initial)
			}
		}
	}
}
