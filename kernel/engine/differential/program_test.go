package differential

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
)

// name is how the program calls what has a name in a world.
func (g *sequence) name(name string, world int) string {
	prefix := ""
	if g.isLate(name, world) {
		prefix = latePrefix
	}
	if g.variable(name, world) != nil {
		return fmt.Sprintf("(*%s_%sw%d)", name, g.id, world)
	}
	home := world
	if world <= len(g.worlds) {
		if h, ok := g.worlds[world-1].home[name]; ok {
			home = h
		}
	}
	return fmt.Sprintf("%s%s_%sw%d", prefix, name, g.id, home)
}

// inProgram is bound text as it stands in a world of the program.
func (g *sequence) inProgram(text string, world int) string {
	text = varLine.ReplaceAllStringFunc(text, func(line string) string {
		m := varLine.FindStringSubmatch(line)
		if m[3] == "" {
			return fmt.Sprintf("$%s = *new(%s)", m[1], m[2])
		}
		return "$" + m[1] + m[3]
	})
	text = strings.NewReplacer("≔", "=", forever, foreverProgram).Replace(text)
	text = strings.ReplaceAll(text, "flag.", "flags_"+g.id+".")
	return markedName.ReplaceAllStringFunc(text, func(m string) string {
		_, name, old := markOf(m)
		if old != "" {
			return g.name(name, world-1)
		}
		return g.name(name, world)
	})
}

// file is the sequence as a file of the program.
func (g *sequence) file() string {
	var b strings.Builder
	b.WriteString(strings.Replace(programImports, "import (\n", "import (\n"+g.cgoImport(), 1))
	fmt.Fprintf(&b, "var flags_%s = flagSet{}\n", g.id)
	needed := make([]map[string]bool, len(g.worlds)+1) // names, by world
	for w := range needed {
		needed[w] = map[string]bool{}
	}
	for _, c := range g.cells {
		for _, m := range markedName.FindAllString(c.body+c.raises+c.after+c.main, -1) {
			_, name, old := markOf(m)
			needed[c.world][name] = true
			if old != "" {
				needed[c.world-1][name] = true
			}
		}
	}
	for w, names := range g.anew {
		for _, name := range names {
			if g.isLate(name, w) {
				needed[w][name] = true
			}
		}
	}
	g.signatures = map[string]string{}
	written := map[*sessionVar]bool{}
	for w := len(g.worlds); w > 0; w-- {
		g.writeWorld(&b, w, needed, written)
	}
	world := 0
	for k, c := range g.cells {
		bind := g.bindLate(world, c)
		world = c.world
		if c.wrong {
			fmt.Fprintf(&b, "func cell%d_%s() {\n\tfmt.Println(\"! it does not compile\")\n}\n", k+1, g.id)
			continue
		}
		fmt.Fprintf(&b, "func cell%d_%s() {\n%s\tfunc() {\n%s", k+1, g.id, bind, g.inProgram(c.body, c.world))
		if c.raises != "" {
			fmt.Fprintf(&b, "\tif err := error(%s); err != nil {\n\t\traised = err\n\t}\n", g.inProgram(c.raises, c.world))
		}
		fmt.Fprintf(&b, "\t}()\n%s", g.inProgram(c.after, c.world))
		if c.isMain {
			fmt.Fprintf(&b, "\tfunc() {\nflags_%s.Parse(%q)\n%s\t}()\n", g.id, c.flags, g.inProgram(c.main, c.world))
		}
		b.WriteString("}\n")
	}
	fmt.Fprintf(&b, "func init() {\n\tsequences = append(sequences, sequence{%q, []func(){", g.id)
	for k := range g.cells {
		fmt.Fprintf(&b, "cell%d_%s, ", k+1, g.id)
	}
	b.WriteString("}})\n}\n")
	return b.String()
}

// cgoImport is the import of the package with C in it, if it is used.
func (g *sequence) cgoImport() string {
	if !g.cgo || !slices.ContainsFunc(g.cells, func(c *cell) bool { return !c.wrong && strings.Contains(c.text, cgoPath) }) {
		return ""
	}
	return fmt.Sprintf("\t%q\n", cgoPath)
}

// writeWorld writes what is needed of a world.
func (g *sequence) writeWorld(b *strings.Builder, w int, needed []map[string]bool, written map[*sessionVar]bool) {
	this := g.worlds[w-1]
	done := map[*declaration]bool{}
	todo := []string{}
	for name := range needed[w] {
		todo = append(todo, name)
	}
	slices.Sort(todo)
	seen := map[string]bool{}
	for len(todo) > 0 {
		name := todo[0]
		todo = todo[1:]
		if seen[name] {
			continue
		}
		seen[name] = true
		if h, ok := this.home[name]; ok && h != w {
			needed[h][name] = true
			continue
		}
		text := ""
		if v := g.variable(name, w); v != nil {
			text = v.typ
			typ := g.inProgram(v.typ, w)
			if !written[v] {
				written[v] = true
				fmt.Fprintf(b, "var store%d_%s %s\n", v.storage, g.id, typ)
			}
			fmt.Fprintf(b, "var %s_%sw%d = (*%s)(unsafe.Pointer(&store%d_%s))\n", name, g.id, w, typ, v.storage, g.id)
		}
		for _, d := range this.decls {
			if !done[d] && (slices.Contains(d.names, name) || d.typeName() == name) {
				done[d] = true
				text += d.text
				code := g.inProgram(d.text, w)
				if d.isFunc() && g.isLate(d.key, w) {
					code = g.writeLate(b, code)
				}
				b.WriteString(code)
				if !strings.HasSuffix(d.text, "\n") {
					b.WriteString("\n")
				}
			}
		}
		for _, m := range markedName.FindAllStringSubmatch(text, -1) {
			todo = append(todo, m[1])
		}
	}
}

// runProgram builds and runs the program of some sequences, and returns what
// each cell of them prints.
func runProgram(dir string, all []*sequence) (map[string]string, error) {
	files := map[string]string{"go.mod": "module program\n\ngo 1.26\n", "main.go": programMain}
	for _, g := range all {
		files[g.id+".go"] = g.file()
	}
	for name, text := range files {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o644); err != nil {
			return nil, err
		}
	}
	if slices.ContainsFunc(all, func(g *sequence) bool { return g.cgoImport() != "" }) {
		if err := addCgo(dir); err != nil {
			return nil, err
		}
	}
	cmd := exec.Command("go", "run", "-gcflags=-l", "-ldflags=-s -w", ".")
	cmd.Dir = dir
	var stderr strings.Builder
	cmd.Stderr = &stderr
	out, err := cmd.Output()
	if err != nil {
		return nil, fmt.Errorf("go run: %v\n%s", err, stderr.String())
	}
	want := map[string]string{}
	for part := range strings.SplitSeq(string(out), "\x1e") {
		name, text, _ := strings.Cut(part, "\n")
		want[name] = text
	}
	return want, nil
}

const programImports = `package main

import (
	"bytes"
	"container/heap"
	"container/list"
	linked "container/list"
	circle "container/ring"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"iter"
	"maps"
	"math"
	"math/bits"
	"path"
	"reflect"
	"runtime"
	"slices"
	"sort"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"text/tabwriter"
	"text/template"
	"time"
	"unicode"
	. "unicode/utf16"
	"unsafe"
)

var (
	_ bytes.Buffer
	_ = heap.Init
	_ = list.New
	_ = context.Background
	_ = json.Marshal
	_ = IsSurrogate
	_ = errors.New
	_ = fmt.Sprint
	_ io.Reader
	_ iter.Seq[int]
	_ = maps.Keys[map[int]int]
	_ = math.Pi
	_ = bits.Len
	_ = path.Join
	_ = reflect.TypeOf
	_ = circle.New
	_ = linked.New
	_ = runtime.GC
	_ = slices.Sort[[]int]
	_ = sort.Ints
	_ = strconv.Itoa
	_ = strings.ToUpper
	_ sync.Mutex
	_ atomic.Int64
	_ tabwriter.Writer
	_ template.Template
	_ time.Duration
	_ = unicode.IsUpper
	_ unsafe.Pointer
)

`

const programMain = `package main

import (
	"flag"
	"fmt"
	"strings"
	"time"
)

type sequence struct {
	name  string
	cells []func()
}

var sequences []sequence

// raised is the error that a cell did not look at.
var raised error

// interrupted says that a cell is: it ends so, too, when its code recovers the panic.
var interrupted bool

func interrupt() string {
	interrupted = true
	return "the cell was interrupted"
}

// flagSet is the flags of one sequence, which may be defined again.
type flagSet map[string]*flag.Flag

var rest []string

func (s flagSet) add(define func(*flag.FlagSet)) {
	var one flag.FlagSet
	define(&one)
	one.VisitAll(func(f *flag.Flag) { s[f.Name] = f })
}

func (s flagSet) Int(name string, value int, usage string) (p *int) {
	s.add(func(f *flag.FlagSet) { p = f.Int(name, value, usage) })
	return p
}

func (s flagSet) String(name, value, usage string) (p *string) {
	s.add(func(f *flag.FlagSet) { p = f.String(name, value, usage) })
	return p
}

func (s flagSet) Parse(args string) {
	all := flag.NewFlagSet("", flag.PanicOnError)
	for name, f := range s {
		all.Var(f.Value, name, f.Usage)
	}
	all.Parse(strings.Fields(args))
	rest = all.Args()
}

func (s flagSet) Args() []string { return rest }

func main() {
	for _, s := range sequences {
		for i, cell := range s.cells {
			time.Sleep(2 * time.Millisecond) // goroutines of the last cell begin, as they do between cells
			fmt.Printf("\x1e%s cell %d\n", s.name, i+1)
			raised, interrupted = nil, false
			func() {
				defer func() {
					if v := recover(); v != nil {
						fmt.Println("!", v)
					} else if interrupted {
						fmt.Println("! the cell was interrupted")
					} else if raised != nil {
						fmt.Println("!", raised)
					}
				}()
				cell()
			}()
		}
	}
}
`
