package dl

import (
	"fmt"
	"strings"

	"modelbook/dl/internal/rich"
)

// misfit panics as shapePanic does, and says which axes of each tensor do not fit.
func misfit(op, detail string, axes [][]int, tensors ...*Tensor) {
	e := &ShapeError{Op: op, Detail: detail, Axes: axes, Caller: caller()}
	for _, t := range tensors {
		t.check()
		e.Shapes = append(e.Shapes, t.shape.Clone())
	}
	panic(e)
}

// unlike are the axes of two shapes that broadcasting does not bring together, the last ones left out.
func unlike(a, b Shape, last int) [][]int {
	axes := make([][]int, 2)
	for k := last + 1; k <= len(a) && k <= len(b); k++ {
		if x, y := a[len(a)-k], b[len(b)-k]; x != y && x != 1 && y != 1 {
			axes[0], axes[1] = append(axes[0], len(a)-k), append(axes[1], len(b)-k)
		}
	}
	return axes
}

// differing are the axes in which two shapes of as many axes differ, but for one; none where one has more.
func differing(a, b Shape, but int) [][]int {
	axes := make([][]int, 2)
	if len(a) != len(b) {
		return axes
	}
	for i := range a {
		if a[i] != b[i] && i != but {
			axes[0], axes[1] = append(axes[0], i), append(axes[1], i)
		}
	}
	return axes
}

// ends marks the last axis of both shapes.
func ends(a, b Shape) [][]int {
	if len(a) == 0 || len(b) == 0 {
		return make([][]int, 2)
	}
	return [][]int{{len(a) - 1}, {len(b) - 1}}
}

// marks are the axes that do not fit, as far as they are known.
func (e *ShapeError) marks() [][]int {
	switch {
	case len(e.Axes) == len(e.Shapes):
		return e.Axes
	case len(e.Shapes) != 2:
	case strings.Contains(e.Detail, "first axis"):
		if len(e.Shapes[0]) > 0 && len(e.Shapes[1]) > 0 {
			return [][]int{{0}, {0}}
		}
	case strings.Contains(e.Detail, "same") || strings.Contains(e.Detail, "equal"):
		return differing(e.Shapes[0], e.Shapes[1], -1)
	}
	return make([][]int, len(e.Shapes))
}

// sizes are the shapes as they are drawn, and whether their last axes stand below one another: where what does not fit is
// counted from the end.
func (e *ShapeError) sizes() (shapes []rich.Sizes, fromEnd bool) {
	marks := e.marks()
	fromEnd = len(e.Shapes) == 2
	for i, s := range e.Shapes[:min(len(e.Shapes), 8)] {
		name := ""
		if len(e.Shapes) > 1 {
			name = [...]string{"first", "second", "third", "fourth"}[min(i, 3)]
			if i > 3 {
				name = fmt.Sprintf("number %d", i+1)
			}
		}
		shapes = append(shapes, rich.Sizes{Name: name, Axes: s, Marks: marks[i]})
	}
	if fromEnd {
		a, b := marks[0], marks[1]
		fromEnd = len(a) > 0 && len(a) == len(b)
		for i := 0; fromEnd && i < len(a); i++ {
			fromEnd = len(e.Shapes[0])-a[i] == len(e.Shapes[1])-b[i]
		}
	}
	return shapes, fromEnd
}

// HTML draws the shapes as rows of boxes, in which the axes that do not fit are marked, above what would be right.
func (e *ShapeError) HTML() string {
	title := "<b>" + rich.Escape(rich.Clean(e.Op, 80)) + "</b>"
	if len(e.Shapes) == 0 {
		return rich.Card(title, rich.Note(e.Detail))
	}
	shapes, fromEnd := e.sizes()
	return rich.Card(title, rich.Shapes(shapes, fromEnd), rich.Note(e.Detail))
}

// Drawing is the same as text, without the message: a line for each shape, with marks below what does not fit.
func (e *ShapeError) Drawing() string {
	shapes, fromEnd := e.sizes()
	return rich.ShapesText(shapes, fromEnd)
}

// MimeBundle gives a notebook the error as a drawing of the shapes, and as text.
func (e *ShapeError) MimeBundle() map[string]any {
	text := e.Error()
	if len(e.Shapes) > 0 {
		text += "\n" + e.Drawing()
	}
	return map[string]any{"text/html": e.HTML(), "text/plain": text}
}
