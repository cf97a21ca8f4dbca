// Package ipywidgets lets cells make Jupyter's widgets: sliders, buttons, text
// fields, boxes. It speaks the protocol of Python's package of that name, so
// that the front end's own widget manager draws them: widgetsnbextension in the
// classic Notebook, jupyterlab_widgets in JupyterLab.
//
//	degree := ipywidgets.NewIntSlider(3, 1, 10)
//	degree.OnChange(func(n int) { fit(n) })
//	degree
//
// A widget that is the last expression of a cell is shown; Show shows it
// elsewhere. Value and SetValue work from any goroutine, OnChange and OnClick
// take functions that are called when somebody moves, types or clicks. Those of
// one widget are called in order, one at a time, in a goroutine of their own, so
// that cells run meanwhile; one that does not end keeps the others of its widget
// waiting, and an interrupt, which is for cells, does not end it. What they print
// goes to the cell that has made the widget, or to the Output that captures it.
//
// Interact makes the controls for a function's parameters and calls it as they
// move:
//
//	ipywidgets.Interact(func(degree int, noise float64) *plotting.Figure { ... },
//		ipywidgets.Named("degree", ipywidgets.Range(1, 10)), ipywidgets.Named("noise", 0.5))
//
// What a widget is made of, its traits, is described by ipywidgets' own
// documentation. Those without a method here are set by name:
//
//	degree.Set("readout_format", "03d")
//	ipywidgets.NewIntSlider(3, 1, 10, ipywidgets.Traits{"description": "degree", "orientation": "vertical"})
//
// Values belong to the program: they are kept, and widgets can be set and
// linked by OnChange, without a front end, too. In a program that is no cell,
// nothing is shown, and Show and Send return an error.
//
// A new kind of widget is an entry of the table in kinds.go, and a type with its
// constructor; a test compares the table with ipywidgets' own schema. The
// package uses package comm for its messages and depends on nothing else of the
// kernel.
package ipywidgets
