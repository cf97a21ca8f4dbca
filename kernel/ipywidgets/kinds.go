package ipywidgets

import "slices"

// The names and versions are those of ipywidgets 8.
const (
	baseModule      = "@jupyter-widgets/base"
	controlsModule  = "@jupyter-widgets/controls"
	outputModule    = "@jupyter-widgets/output"
	baseVersion     = "2.0.0"
	controlsVersion = "2.0.0"
	outputVersion   = "1.0.0"
)

// Groups of traits, as ipywidgets' classes have them.
var (
	shown = []trait{
		{name: "_dom_classes", form: texts, initial: []string{}},
		{name: "layout", form: widget, instance: "Layout"},
		{name: "tabbable", form: boolean, none: true},
		{name: "tooltip", form: text, none: true},
	}
	disabled = is("disabled", false)
	vertical = oneOf("orientation", "horizontal", "horizontal", "vertical")
	slider   = []trait{
		disabled, vertical, is("readout", true), is("continuous_update", true),
		oneOf("behavior", "drag-tap", "drag-tap", "drag-snap", "tap", "drag", "snap"),
	}
	step  = trait{name: "step", form: number, initial: 0.1, none: true}
	typed = []trait{disabled, is("continuous_update", true), is("placeholder", "\u200b"), is("value", "")}
	bar   = oneOf("bar_style", "", "success", "info", "warning", "danger", "")
	box   = []trait{
		{name: "children", form: widgets, initial: []*Base{}},
		oneOf("box_style", "", "success", "info", "warning", "danger", ""),
	}
	link = []trait{{name: "source", form: end}, {name: "target", form: end}}
	font = []trait{maybe("font_family"), maybe("font_size"), maybe("font_style"), maybe("font_variant"), maybe("font_weight"), maybe("text_color"), maybe("text_decoration")}
)

// described are the traits of what has a label at its side.
func described(style string) []trait {
	return []trait{is("description", ""), is("description_allow_html", false), styled(style)}
}

func styled(style string) trait { return trait{name: "style", form: widget, instance: style} }

// is is a trait with its first value.
func is(name string, initial any) trait {
	t := trait{name: name, initial: initial}
	switch initial.(type) {
	case bool:
		t.form = boolean
	case int:
		t.form = integer
	case float64:
		t.form = number
	case string:
		t.form = text
	}
	return t
}

// maybe is a text that may be nil.
func maybe(name string, choices ...string) trait {
	return trait{name: name, form: text, none: true, choices: choices}
}

func oneOf(name, initial string, choices ...string) trait {
	return trait{name: name, form: text, initial: initial, choices: choices}
}

func orNil(t trait) trait { t.none = true; return t }

var flex = []string{"flex-start", "flex-end", "center"}

func alignments(more ...string) []string {
	return slices.Concat(flex, more, []string{"inherit", "initial", "unset"})
}

// kinds is the table of all widgets, by name.
var kinds = table(
	kind{name: "Layout", view: "LayoutView", module: baseModule, traits: []trait{
		maybe("align_content", alignments("space-between", "space-around", "space-evenly", "stretch")...),
		maybe("align_items", alignments("baseline", "stretch")...),
		maybe("align_self", slices.Concat([]string{"auto"}, alignments("baseline", "stretch"))...),
		maybe("border_bottom"), maybe("border_left"), maybe("border_right"), maybe("border_top"), maybe("bottom"),
		maybe("display"), maybe("flex"), maybe("flex_flow"), maybe("grid_area"), maybe("grid_auto_columns"),
		maybe("grid_auto_flow", "column", "row", "row dense", "column dense", "inherit", "initial", "unset"),
		maybe("grid_auto_rows"), maybe("grid_column"), maybe("grid_gap"), maybe("grid_row"), maybe("grid_template_areas"),
		maybe("grid_template_columns"), maybe("grid_template_rows"), maybe("height"),
		maybe("justify_content", alignments("space-between", "space-around")...), maybe("justify_items", alignments()...),
		maybe("left"), maybe("margin"), maybe("max_height"), maybe("max_width"), maybe("min_height"), maybe("min_width"),
		maybe("object_fit", "contain", "cover", "fill", "scale-down", "none"), maybe("object_position"), maybe("order"),
		maybe("overflow"), maybe("padding"), maybe("right"), maybe("top"),
		maybe("visibility", "visible", "hidden", "inherit", "initial", "unset"), maybe("width"),
	}},
	style("ButtonStyle", font, maybe("button_color")),
	style("CheckboxStyle", nil, is("description_width", ""), maybe("background")),
	style("DescriptionStyle", nil, is("description_width", "")),
	style("HTMLStyle", nil, is("description_width", ""), maybe("background"), maybe("font_size"), maybe("text_color")),
	style("LabelStyle", font, is("description_width", ""), maybe("background")),
	style("ProgressStyle", nil, is("description_width", ""), maybe("bar_color")),
	style("SliderStyle", nil, is("description_width", ""), maybe("handle_color")),
	style("TextStyle", nil, is("description_width", ""), maybe("background"), maybe("font_size"), maybe("text_color")),

	drawn("Button", shown, []trait{disabled, is("description", ""), is("icon", ""), styled("ButtonStyle"),
		oneOf("button_style", "", "primary", "success", "info", "warning", "danger", "")}),
	drawn("Checkbox", shown, described("CheckboxStyle"), []trait{disabled, is("indent", true), is("value", false)}),
	drawn("Dropdown", shown, described("DescriptionStyle"), []trait{disabled,
		{name: "_options_labels", form: texts, initial: []string{}}, {name: "index", form: integer, none: true}}),
	drawn("IntSlider", shown, described("SliderStyle"), slider, []trait{
		is("readout_format", "d"), is("min", 0), is("max", 100), is("step", 1), is("value", 0)}),
	drawn("FloatSlider", shown, described("SliderStyle"), slider, []trait{
		is("readout_format", ".2f"), is("min", 0.0), is("max", 100.0), step, is("value", 0.0)}),
	drawn("FloatLogSlider", shown, described("SliderStyle"), slider, []trait{
		is("readout_format", ".3g"), is("base", 10.0), is("min", 0.0), is("max", 4.0), step, is("value", 1.0)}),
	drawn("Text", shown, described("TextStyle"), typed),
	drawn("Textarea", shown, described("TextStyle"), typed, []trait{{name: "rows", form: integer, none: true}}),
	progressBar("IntProgress", bar, is("min", 0), is("max", 100), is("value", 0)),
	progressBar("FloatProgress", orNil(bar), is("min", 0.0), is("max", 100.0), is("value", 0.0)),
	drawn("HTML", shown, described("HTMLStyle"), []trait{is("placeholder", "\u200b"), is("value", "")}),
	drawn("Label", shown, described("LabelStyle"), []trait{is("placeholder", "\u200b"), is("value", "")}),
	drawn("Image", shown, []trait{is("format", "png"), is("width", ""), is("height", ""), {name: "value", form: raw, initial: []byte{}}}),
	drawn("HBox", shown, box),
	drawn("VBox", shown, box),
	drawn("Tab", shown, box, []trait{{name: "selected_index", form: integer, none: true}, {name: "titles", form: texts, initial: []string{}}}),
	kind{name: "Link", module: controlsModule, traits: link},
	kind{name: "DirectionalLink", module: controlsModule, traits: link},
	kind{name: "Output", view: "OutputView", module: outputModule, traits: slices.Concat(shown, []trait{
		is("msg_id", ""), {name: "outputs", form: objects, initial: []map[string]any{}}})},
)

func drawn(name string, traits ...[]trait) kind {
	return kind{name: name, view: name + "View", module: controlsModule, traits: slices.Concat(traits...)}
}

func progressBar(name string, traits ...trait) kind {
	k := drawn(name, shown, described("ProgressStyle"), []trait{vertical}, traits)
	k.view = "ProgressView"
	return k
}

func style(name string, fonts []trait, traits ...trait) kind {
	return kind{name: name, view: "StyleView", viewModule: baseModule, module: controlsModule, traits: slices.Concat(fonts, traits)}
}

// table adds to each kind what all have.
func table(all ...kind) map[string]*kind {
	versions := map[string]string{baseModule: baseVersion, controlsModule: controlsVersion, outputModule: outputVersion}
	kinds := map[string]*kind{}
	for _, k := range all {
		viewModule := k.viewModule
		if viewModule == "" {
			viewModule = k.module
		}
		k.version = versions[k.module]
		view := trait{name: "_view_name", form: text, none: true}
		if k.view != "" {
			view = is("_view_name", k.view)
		}
		k.traits = slices.Concat([]trait{
			is("_model_module", k.module), is("_model_module_version", k.version), is("_model_name", k.name+"Model"),
			is("_view_module", viewModule), is("_view_module_version", versions[viewModule]), view,
		}, k.traits)
		kinds[k.name] = &k
	}
	return kinds
}
