package ipywidgets

import (
	"bytes"
	"fmt"
	"image"
	"image/png"
	"slices"
)

// A Box holds widgets side by side (HBox) or one below the other (VBox).
type Box struct{ View }

// NewHBox makes a row of widgets.
func NewHBox(children ...Widget) *Box { return newBox("HBox", children) }

// NewVBox makes a column of widgets.
func NewVBox(children ...Widget) *Box { return newBox("VBox", children) }

func newBox(kind string, children []Widget) *Box {
	b := new(Box)
	b.open(kind, Traits{"children": children})
	return b
}

// SetChildren changes what the box holds.
func (b *Box) SetChildren(children ...Widget) { b.set("children", children) }

// A Tab holds widgets of which one is shown at a time.
type Tab struct{ View }

// NewTab makes a tab for each widget. Titles may be fewer.
func NewTab(titles []string, children ...Widget) *Tab {
	t := new(Tab)
	t.adjust = func(state map[string]any) {
		n := len(state["children"].([]*Base))
		switch i, chosen := state["selected_index"].(int); {
		case n == 0:
			state["selected_index"] = nil
		case !chosen || i < 0 || i >= n:
			state["selected_index"] = 0
		}
	}
	t.open("Tab", Traits{"titles": titles, "children": children})
	return t
}

// Selected is the number of the tab that is shown, -1 for none.
func (t *Tab) Selected() int {
	if i, ok := t.Get("selected_index").(int); ok {
		return i
	}
	return -1
}

// Select shows a tab.
func (t *Tab) Select(i int) { t.set("selected_index", i) }

// OnSelect makes f be called with the number of each tab that comes to be shown.
func (t *Tab) OnSelect(f func(i int)) {
	t.watch("selected_index", func(index any) {
		if i, ok := index.(int); ok {
			f(i)
		}
	})
}

// An Image shows a picture.
type Image struct {
	View
	Variable[[]byte]
}

// NewImage shows encoded bytes. Their format, PNG if the trait format says
// nothing else, is one that browsers know.
func NewImage(data []byte, traits ...Traits) *Image {
	i := new(Image)
	i.of = &i.Base
	i.open("Image", slices.Insert(traits, 0, Traits{"value": data})...)
	return i
}

// SetImage shows a picture as PNG. The error says that it cannot be encoded.
func (i *Image) SetImage(picture image.Image) error {
	var b bytes.Buffer
	if err := png.Encode(&b, picture); err != nil {
		return fmt.Errorf("ipywidgets: %w", err)
	}
	i.set("format", "png")
	i.SetValue(b.Bytes())
	return nil
}

// A Link keeps two traits the same in the front end, without the program.
type Link struct{ Base }

// NewLink links two traits; the second becomes what the first is.
func NewLink(source, target Trait) *Link { return newLink("Link", source, target) }

// NewDirectionalLink makes the second trait follow the first, but not the first
// the second.
func NewDirectionalLink(source, target Trait) *Link {
	return newLink("DirectionalLink", source, target)
}

func newLink(kind string, source, target Trait) *Link {
	for _, end := range []Trait{source, target} {
		if end.Of == nil {
			panic(fmt.Errorf("ipywidgets: a link needs a widget for its trait %q", end.Name))
		}
		if _, err := end.Of.base().kind.trait(end.Name); err != nil {
			panic(err)
		}
	}
	l := new(Link)
	l.open(kind, Traits{"source": source, "target": target})
	return l
}
