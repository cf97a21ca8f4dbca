package flamegraph

import (
	"encoding/xml"
	"io"
	"strings"
	"testing"
	"time"
)

// tree is a graph of names that XML would take for its own, with a kind that there is not.
func tree() *Graph {
	g := &Graph{Title: "a <test>", Root: &Node{}, Kinds: []Kind{{Name: "outer & inner", Hue: 20, Saturation: 80, Light: 70}, {Name: "other", Hue: 200, Saturation: 30, Light: 75}}}
	g.Root.Add(60*time.Millisecond, 0, "a<b>&\"c").Add(0, 1, "nothing")
	at := g.Root.Add(30*time.Millisecond, 0, "second")
	inner := at.Child("inner", 1)
	inner.Time = 20 * time.Millisecond
	g.Root.Add(10*time.Millisecond, 7, "kindless")
	return g
}

func TestText(t *testing.T) {
	g := tree()
	const want = " 60.0%  a<b>&\"c\n 30.0%  second\n 20.0%    inner\n 10.0%  kindless"
	if got := g.Text(); got != want {
		t.Errorf("\n%s\nwant\n%s", got, want)
	}
	if g.Root.Add(time.Second, 0, "longest"); g.Root.Children[0].Name == "longest" {
		t.Error("it is sorted already")
	}
	if g.Root.Sort(); g.Root.Children[0].Name != "longest" || g.Root.Children[1].Name != "a<b>&\"c" {
		t.Error("it is not sorted")
	}
	if c := g.Root.Child("second", 1); c == g.Root.Child("second", 0) {
		t.Error("a child of another kind is the same")
	}
}

// The picture is XML, has no scripts and no background of its own, and tells what it leaves out.
func TestSVG(t *testing.T) {
	g := tree()
	at := g.Root
	for range 100 {
		at = at.Child("deep", 0)
		at.Time = 50 * time.Millisecond
	}
	svg := g.SVG()
	for d := xml.NewDecoder(strings.NewReader(svg)); ; {
		if _, err := d.Token(); err == io.EOF {
			break
		} else if err != nil {
			t.Fatalf("%v\n%s", err, svg)
		}
	}
	for _, want := range []string{"only the outer 60 calls", "a &lt;test&gt;", "outer &amp; inner", ">second<", "20 ms, 20.0%"} {
		if !strings.Contains(svg, want) {
			t.Errorf("no %q in\n%s", want, svg)
		}
	}
	if strings.Contains(svg, "script") || strings.Contains(svg, "nothing") || strings.Contains(svg, `height="100%"`) {
		t.Errorf("picture\n%s", svg)
	}
	empty := (&Graph{Root: &Node{}}).Bundle()
	if html := empty["text/html"].(string); !strings.HasPrefix(html, "<img ") || empty["text/plain"] != "" {
		t.Errorf("%v", empty)
	}
}
