//go:build cells

package toolchain

// This file is never compiled. It makes the go command keep in go.mod and
// go.sum what cells import and modelbook itself does not: the module of every
// session is made from them.
import (
	_ "github.com/janpfeifer/gonb/cache"
	_ "github.com/janpfeifer/gonb/gonbui/comms"
	_ "github.com/janpfeifer/gonb/gonbui/dom"
	_ "github.com/janpfeifer/gonb/gonbui/plotly"
	_ "github.com/janpfeifer/gonb/gonbui/widgets"
	_ "gonum.org/v1/gonum/optimize"
	_ "gonum.org/v1/gonum/stat/distuv"
	_ "gonum.org/v1/plot"
	_ "gonum.org/v1/plot/palette/moreland"
	_ "gonum.org/v1/plot/plotter"
	_ "gonum.org/v1/plot/plotutil"
)
