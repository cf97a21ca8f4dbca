package display

import (
	"encoding/hex"
	"fmt"
	"reflect"
	"sort"
	"strconv"
	"strings"
	"unicode/utf8"

	"modelbook/kernel/worker/still"
)

const (
	maxItems = 100  // elements shown of a slice or map
	maxDepth = 8    // levels of structs, slices, pointers
	maxNodes = 1000 // values shown altogether
	maxChars = 4000 // of a string that is not at the top
)

// The package of the user's own types. Its name is left out of what is shown,
// as the user leaves it out.
var (
	sessionName = "main"
	sessionPath = "main"
)

// typeName is a type's name as the user writes it.
func typeName(t reflect.Type) string {
	if t == nil {
		return "nil"
	}
	name, qualifier := t.String(), sessionName+"."
	var b strings.Builder
	for {
		i := strings.Index(name, qualifier)
		if i < 0 {
			break
		}
		b.WriteString(name[:i])
		if i > 0 && (name[i-1] == '_' || name[i-1] == '/' || name[i-1] == '.' || name[i-1] >= 'a' && name[i-1] <= 'z' ||
			name[i-1] >= 'A' && name[i-1] <= 'Z' || name[i-1] >= '0' && name[i-1] <= '9') {
			b.WriteString(qualifier)
		}
		name = name[i+len(qualifier):]
	}
	s := b.String() + name
	if s == "[]uint8" {
		return "[]byte"
	}
	return strings.ReplaceAll(s, "interface {}", "any")
}

// goText writes a value in Go syntax, on one line when it fits on one.
func goText(r reflect.Value) string {
	p := printer{open: map[visit]bool{}, sorted: maxSorted}
	n := p.value(r, true, 0)
	var b strings.Builder
	n.write(&b, 0, 0)
	return b.String()
}

// oneLine writes a value in Go syntax on one line, of at most width characters.
func oneLine(r reflect.Value, width int) string {
	p := printer{open: map[visit]bool{}, nodes: maxNodes - 200, sorted: maxSorted / 50}
	var b strings.Builder
	p.value(r, false, maxDepth-3).flat(&b)
	return shorten(b.String(), width)
}

// shorten cuts s to width characters, the last of them "…" if need be.
func shorten(s string, width int) string {
	if len(s) <= width {
		return s
	}
	n := 0
	for i := range s {
		if n == width-1 {
			rest := s[i:]
			if utf8.RuneCountInString(rest) <= 1 {
				return s
			}
			return s[:i] + "…"
		}
		n++
	}
	return s
}

// visit identifies a reference that is being written, to notice cycles.
type visit struct {
	ptr  uintptr
	size int
	typ  reflect.Type
}

// printer turns values into nodes.
type printer struct {
	nodes   int
	structs int // how many structs surround the present value
	open    map[visit]bool
	sorted  int // entries of a map that are put in order
}

// value returns the node of r. typed says that r's type is to be written,
// because its surroundings do not tell it.
func (p *printer) value(r reflect.Value, typed bool, depth int) node {
	if p.nodes++; p.nodes > maxNodes {
		return node{text: "…"}
	}
	if !r.IsValid() {
		return node{text: "nil"}
	}
	if depth > 0 {
		if s, ok := saidInside(r); ok {
			return node{text: s}
		}
	}
	t := r.Type()
	switch r.Kind() {
	case reflect.Bool:
		return node{text: strconv.FormatBool(r.Bool())}
	case reflect.Int, reflect.Int8, reflect.Int16, reflect.Int32, reflect.Int64:
		return node{text: strconv.FormatInt(r.Int(), 10)}
	case reflect.Uint, reflect.Uint8, reflect.Uint16, reflect.Uint32, reflect.Uint64:
		return node{text: strconv.FormatUint(r.Uint(), 10)}
	case reflect.Uintptr:
		return node{text: "0x" + strconv.FormatUint(r.Uint(), 16)}
	case reflect.Float32:
		return node{text: strconv.FormatFloat(r.Float(), 'g', -1, 32)}
	case reflect.Float64:
		return node{text: strconv.FormatFloat(r.Float(), 'g', -1, 64)}
	case reflect.Complex64:
		return node{text: fmt.Sprint(complex64(r.Complex()))}
	case reflect.Complex128:
		return node{text: fmt.Sprint(r.Complex())}
	case reflect.String:
		return node{text: quoted(r.String(), depth)}
	case reflect.Func:
		if r.IsNil() {
			return nilNode(t, typed)
		}
		return node{text: typeName(t) + " {…}"}
	case reflect.Chan:
		if r.IsNil() {
			return nilNode(t, typed)
		}
		return node{text: fmt.Sprintf("%s (%d of %d buffered)", typeName(t), r.Len(), r.Cap())}
	case reflect.UnsafePointer:
		return node{text: fmt.Sprintf("unsafe.Pointer(%#x)", r.Pointer())}
	case reflect.Interface:
		if r.IsNil() {
			return node{text: "nil"}
		}
		return p.value(r.Elem(), true, depth)
	}
	if isNil(r) {
		return nilNode(t, typed)
	}
	if r.Kind() == reflect.Pointer || r.Kind() == reflect.Map || r.Kind() == reflect.Slice && r.Len() > 0 {
		v := visit{r.Pointer(), 0, t}
		if r.Kind() == reflect.Slice {
			v.size = r.Len()
		}
		if p.open[v] {
			return node{text: "…"} // it contains itself
		}
		p.open[v] = true
		defer delete(p.open, v)
	}
	name := ""
	if typed {
		name = typeName(t)
	}
	if depth >= maxDepth {
		if r.Kind() == reflect.Pointer {
			return node{text: "&…"}
		}
		return node{text: name + "{…}"}
	}
	switch r.Kind() {
	case reflect.Pointer:
		switch e := r.Elem(); e.Kind() {
		case reflect.Struct, reflect.Slice, reflect.Map, reflect.Array, reflect.Pointer:
			n := p.value(e, typed, depth+1)
			n.put("&")
			return n
		default:
			n := p.value(e, false, depth+1)
			n.put("&")
			return n
		}
	case reflect.Struct:
		n := node{open: name + "{", close: "}"}
		// What packages keep to themselves is shown of the value asked for,
		// not of all that it is made of.
		inner := p.structs > 0 && t.PkgPath() != "" && t.PkgPath() != sessionPath
		p.structs++
		defer func() { p.structs-- }()
		hidden := false
		for i := range r.NumField() {
			if inner && !t.Field(i).IsExported() {
				hidden = true
				continue
			}
			item := p.value(r.Field(i), false, depth+1)
			item.put(t.Field(i).Name + ": ")
			n.items = append(n.items, item)
		}
		if hidden {
			n.items = append(n.items, node{text: "…"})
		}
		return n
	case reflect.Slice, reflect.Array:
		if t.Elem().Kind() == reflect.Uint8 && r.Kind() == reflect.Slice && depth > 0 {
			return node{text: bytesLiteral(r.Bytes(), name)}
		}
		n := node{open: name + "{", close: "}"}
		for i := range min(r.Len(), maxItems) {
			n.items = append(n.items, p.value(r.Index(i), false, depth+1))
			if p.nodes > maxNodes {
				break
			}
		}
		n.more(r.Len())
		return n
	case reflect.Map:
		n := node{open: name + "{", close: "}"}
		total := r.Len() // before they are looked at: a cell that runs may add entries meanwhile
		list, err := entries(r, p.sorted)
		if err != nil {
			return node{text: fmt.Sprintf("%s{… (%d entries; %v)}", name, r.Len(), err)}
		}
		for _, e := range list {
			if len(n.items) == maxItems || p.nodes > maxNodes {
				break
			}
			item := p.value(e.value, false, depth+1)
			var key strings.Builder
			p.value(e.key, false, depth+1).flat(&key)
			item.put(key.String() + ": ")
			n.items = append(n.items, item)
		}
		n.more(total)
		return n
	}
	return node{text: typeName(t)}
}

// saidInside is the String or Error of a value inside another one.
func saidInside(r reflect.Value) (s string, ok bool) {
	if !r.CanInterface() || isNil(r) || r.Kind() == reflect.Interface || r.Type().NumMethod() == 0 {
		return "", false
	}
	defer func() {
		if caught(recover()) != nil {
			s, ok = "", false // its structure is shown instead
		}
	}()
	switch v := r.Interface().(type) {
	case error:
		return typeName(r.Type()) + "(" + quoted(v.Error(), 1) + ")", true
	case fmt.Stringer:
		s := withoutClock(v)
		if len(s) > 200 || strings.ContainsAny(s, "\n\r\t") {
			return quoted(shorten(s, 200), 1), true
		}
		return s, true
	}
	return "", false
}

func nilNode(t reflect.Type, typed bool) node {
	if !typed {
		return node{text: "nil"}
	}
	name := typeName(t)
	if strings.HasPrefix(name, "*") || strings.HasPrefix(name, "func") || strings.HasPrefix(name, "chan") || strings.HasPrefix(name, "<-") {
		name = "(" + name + ")"
	}
	return node{text: name + "(nil)"}
}

// quoted writes a string as Go would; inside another value it is shortened.
func quoted(s string, depth int) string {
	rest := ""
	if limit := maxText / 2; depth == 0 && len(s) > limit {
		rest, s = fmt.Sprintf(" … %d more bytes", len(s)-limit), s[:limit]
	} else if depth > 0 && len(s) > maxChars {
		rest, s = fmt.Sprintf(" … %d more bytes", len(s)-maxChars), s[:maxChars]
	}
	return strconv.Quote(s) + rest
}

// bytesText shows bytes: as text when they are, else as a dump of the first.
func bytesText(r reflect.Value) (map[string]any, bool) {
	if r.Kind() != reflect.Slice || r.Type().Elem().Kind() != reflect.Uint8 || r.Len() == 0 {
		return nil, false
	}
	b := r.Bytes()
	if printable(b) {
		return text(bytesLiteral(b, typeName(r.Type()))), true
	}
	const shown = 256
	s := fmt.Sprintf("%s of %d bytes\n%s", typeName(r.Type()), len(b), strings.TrimRight(hex.Dump(b[:min(len(b), shown)]), "\n"))
	if len(b) > shown {
		s += fmt.Sprintf("\n… %d more bytes", len(b)-shown)
	}
	return text(s), true
}

// bytesLiteral is a conversion of text, or a list of the first bytes.
func bytesLiteral(b []byte, name string) string {
	if printable(b) {
		if name == "" {
			return quoted(string(b), 1)
		}
		return name + "(" + quoted(string(b), 1) + ")"
	}
	const shown = 16
	parts := make([]string, 0, shown)
	for _, c := range b[:min(len(b), shown)] {
		parts = append(parts, fmt.Sprintf("%#02x", c))
	}
	if len(b) > shown {
		parts = append(parts, fmt.Sprintf("… %d more", len(b)-shown))
	}
	return name + "{" + strings.Join(parts, ", ") + "}"
}

// printable reports whether bytes are text, judged by the first 64 KiB.
func printable(b []byte) bool {
	if len(b) > 64<<10 {
		b = b[:64<<10]
		for i := 0; i < utf8.UTFMax && len(b) > 0 && !utf8.Valid(b); i++ {
			b = b[:len(b)-1]
		}
	}
	if !utf8.Valid(b) {
		return false
	}
	for _, c := range string(b) {
		if c < ' ' && c != '\n' && c != '\t' && c != '\r' || c == 0x7f {
			return false
		}
	}
	return true
}

// entry is one entry of a map.
type entry struct{ key, value reflect.Value }

// maxSorted is how many entries of a map are put in order at most.
const maxSorted = 100_000

// entries returns a map's entries in the order of their keys. Of a huge map
// only the first that iteration gives are looked at.
func entries(m reflect.Value, limit int) ([]entry, error) {
	keys, values, err := still.Entries(m, limit)
	if err != nil {
		return nil, err
	}
	list := make([]entry, keys.Len())
	for i := range list {
		list[i] = entry{keys.Index(i), values.Index(i)}
	}
	sort.SliceStable(list, func(i, j int) bool { return less(list[i].key, list[j].key) })
	return list, nil
}

// less orders map keys: numbers by value, NaN first, others by their text.
func less(a, b reflect.Value) bool {
	if a.Kind() == reflect.Interface {
		a = a.Elem()
	}
	if b.Kind() == reflect.Interface {
		b = b.Elem()
	}
	if a.Kind() != b.Kind() {
		return a.Kind() < b.Kind()
	}
	switch {
	case a.CanInt():
		return a.Int() < b.Int()
	case a.CanUint():
		return a.Uint() < b.Uint()
	case a.CanFloat():
		x, y := a.Float(), b.Float()
		return x < y || x != x && y == y
	case a.Kind() == reflect.String:
		return a.String() < b.String()
	case a.Kind() == reflect.Bool:
		return !a.Bool() && b.Bool()
	case a.Kind() == reflect.Struct || a.Kind() == reflect.Array:
		return oneLine(a, 200) < oneLine(b, 200)
	}
	return false
}
