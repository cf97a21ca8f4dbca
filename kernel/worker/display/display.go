// Package display turns any Go value into what a notebook shows of it: data by
// MIME type, text/plain always among them. It runs in the worker, on values
// that the user's code made, so nothing is taken for granted: methods may
// panic, structures may contain themselves, slices may be huge.
//
// What an error that ends a cell shows above its traceback is [Fault].
//
// What a value shows, first match:
//   - what its methods say: MimeBundle() map[string]any (and MimeMetadata()),
//     HTML() string, Markdown() string, SVG() string and their kin;
//   - image.Image: a PNG;
//   - error: its message; fmt.Stringer: its string;
//   - Dims() (r, c int) with At(i, j int) float64: a matrix;
//   - slices and maps of what shows itself as a picture: the pictures;
//   - slices of structs, of slices and of maps, and maps: a table;
//   - everything else: text in Go syntax.
package display

import (
	"encoding/json"
	"fmt"
	"image"
	"reflect"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"modelbook/kernel/worker/rt"
	"modelbook/kernel/worker/still"
)

// maxCopied is the size of values that are shown from where they are: a copy
// would take too long, and their methods are not asked.
const maxCopied = 1 << 20

// maxText bounds every text/plain and text/html made here, in bytes.
const maxText = 256 << 10

// Bundle returns what a notebook shows of v. data maps MIME types to strings
// (binary types in base64) or to values that encode as JSON; it always holds
// text/plain. metadata maps MIME types to maps and may be nil. Bundle does not
// panic, whatever v is, unless a method of v does because the cell is
// interrupted or exits.
func Bundle(v any) (data, metadata map[string]any) {
	defer func() {
		if p := caught(recover()); p != nil { // of a method called while formatting
			data = map[string]any{"text/plain": fmt.Sprintf("%s (display failed: %s)", typeName(reflect.TypeOf(v)), panicText(p))}
			metadata = nil
		}
	}()
	still.Carefully(func() { data, metadata = bundle(v, false) })
	for mime, value := range data {
		if text, ok := value.(string); ok {
			data[mime] = strings.ToValidUTF8(text, "\uFFFD")
		} else if _, err := json.Marshal(value); err != nil {
			delete(data, mime)
		}
	}
	if _, err := json.Marshal(metadata); err != nil {
		metadata = nil
	}
	if text, ok := data["text/plain"].(string); !ok {
		data["text/plain"] = plain(v)
	} else {
		data["text/plain"] = cut(text)
	}
	return data, metadata
}

// bundle does the work of Bundle without its guards. A value within a list that
// is shown as pictures does not open another: a list may hold itself.
func bundle(v any, within bool) (data, metadata map[string]any) {
	if v == nil {
		return text("nil"), nil
	}
	if vs, ok := v.(several); ok {
		data, metadata, _ := together(vs, nil, 0)
		return data, metadata
	}
	if r, ok := v.(reflect.Value); ok { // show what it holds, as fmt does
		if !r.IsValid() {
			return text("<invalid reflect.Value>"), nil
		}
		if r.CanInterface() && r.Type().Size() <= maxCopied {
			return bundle(r.Interface(), within)
		}
		return text(goText(r)), nil
	}
	r := reflect.ValueOf(v)
	if isNil(r) {
		return text(goText(r)), nil
	}
	if data, metadata, ok := rich(v); ok {
		return data, metadata
	}
	if data, metadata, ok := picture(v); ok {
		return data, metadata
	}
	if s, ok := said(v); ok {
		return text(s), nil
	}
	if !within {
		if data, metadata, ok := pictures(r); ok {
			return data, metadata
		}
	}
	if data, ok := matrix(v); ok {
		return data, nil
	}
	if data, ok := bytesText(r); ok {
		return data, nil
	}
	if f, ok := v.(fmt.Formatter); ok {
		return text(fmt.Sprintf("%v", f)), nil
	}
	if html, aligned, ok := table(r); ok {
		return map[string]any{"text/html": html, "text/plain": aligned}, nil
	}
	return text(goText(r)), nil
}

// several is an expression of several values.
type several []any

// Values is Bundle for an expression of several values: they are shown one
// below the other, pictures side by side.
func Values(vs ...any) (data, metadata map[string]any) {
	if len(vs) == 1 {
		return Bundle(vs[0])
	}
	if slices.ContainsFunc(vs, func(v any) bool { return v != nil && mayBePicture(reflect.TypeOf(v)) }) {
		return Bundle(several(vs))
	}
	lines := make([]string, len(vs))
	for i, v := range vs {
		data, _ := Bundle(v)
		lines[i] = data["text/plain"].(string)
	}
	return text(strings.Join(lines, "\n")), nil
}

// Short is a value's text on one line of at most width characters, for lists
// of variables. It does not wait for methods that take long.
func Short(v any, width int) string {
	return patiently(func() string { return short(v, width) }, "?", "…")
}

// patiently asks for a text that comes from a value's own methods: they may
// panic, and they may never return.
func patiently(ask func() string, panicked, late string) string {
	const patience = 200 * time.Millisecond
	said := make(chan string, 1)
	go func() {
		defer func() {
			if p := recover(); p != nil {
				said <- panicked
			}
		}()
		still.Carefully(func() { said <- ask() })
	}()
	select {
	case s := <-said:
		return s
	case <-time.After(patience):
		return late
	}
}

func short(v any, width int) string {
	if v == nil {
		return "nil"
	}
	if r, ok := v.(reflect.Value); ok && r.IsValid() {
		return shortened(r, width)
	}
	r := reflect.ValueOf(v)
	if s, ok := saidShort(v, r); ok {
		return shorten(strings.Join(strings.Fields(s), " "), width)
	}
	if s, ok := matrixLine(v); ok {
		return shorten(s, width)
	}
	if sized, ok := v.(image.Image); ok && !isNil(r) {
		size := sized.Bounds().Size()
		return fmt.Sprintf("%d×%d", size.X, size.Y)
	}
	return shortened(r, width)
}

// shortened is what a value is made of, on a line.
func shortened(r reflect.Value, width int) string {
	prefix := ""
	switch r.Kind() {
	case reflect.Slice, reflect.Map, reflect.Array:
		if n := r.Len(); n > 16 {
			prefix = fmt.Sprintf("%d: ", n)
		}
	}
	return shorten(prefix+oneLine(r, width), width)
}

// saidShort is what a value says of itself, in as many lines as it likes.
func saidShort(v any, r reflect.Value) (s string, ok bool) {
	defer func() {
		if caught(recover()) != nil {
			s, ok = "", false // its structure is shown instead
		}
	}()
	if s, ok := v.(fmt.Stringer); ok && !isNil(r) {
		if _, isError := v.(error); !isError {
			return withoutClock(s), true
		}
	}
	return saidInside(r)
}

// caught is what was recovered, nil for nothing. What ends the whole cell goes
// on its way.
func caught(p any) any {
	switch p.(type) {
	case rt.Interrupted, rt.ExitRequest:
		panic(p)
	}
	return p
}

func text(s string) map[string]any { return map[string]any{"text/plain": s} }

// plain is the text of a value that has shown itself in other ways.
func plain(v any) (s string) {
	defer func() {
		if p := caught(recover()); p != nil {
			s = typeName(reflect.TypeOf(v))
		}
	}()
	if s, ok := said(v); ok {
		return cut(s)
	}
	return typeName(reflect.TypeOf(v))
}

// cut shortens s to maxText bytes, telling so.
func cut(s string) string {
	if len(s) <= maxText {
		return s
	}
	end := maxText
	for end > 0 && !utf8.RuneStart(s[end]) {
		end--
	}
	return fmt.Sprintf("%s\n… %d more bytes", s[:end], len(s)-end)
}

// said returns what an error or a fmt.Stringer says of itself. A method that
// panics says so, beside the value's plain structure.
func said(v any) (s string, ok bool) {
	var name string
	defer func() {
		if p := caught(recover()); p != nil {
			s, ok = fmt.Sprintf("%s (%s panicked: %s)", goText(reflect.ValueOf(v)), name, panicText(p)), true
		}
	}()
	switch t := v.(type) {
	case error:
		name = "Error"
		s = t.Error()
	case fmt.Stringer:
		name = "String"
		s = withoutClock(t)
	default:
		p, is := addressed(v).(fmt.Stringer)
		if !is {
			return "", false
		}
		name = "String"
		s = p.String()
	}
	if s == "" {
		s = typeName(reflect.TypeOf(v)) + `("")`
	}
	return s, true
}

// addressed returns a pointer to a copy of v when v's type has a name, so that
// methods with pointer receivers are found for values too (big.Int).
func addressed(v any) any {
	t := reflect.TypeOf(v)
	if t.Kind() == reflect.Pointer || t.Name() == "" {
		return nil
	}
	p := reflect.New(t)
	p.Elem().Set(reflect.ValueOf(v))
	return p.Interface()
}

func isNil(r reflect.Value) bool {
	switch r.Kind() {
	case reflect.Pointer, reflect.Map, reflect.Slice, reflect.Func, reflect.Chan, reflect.Interface, reflect.UnsafePointer:
		return r.IsNil()
	}
	return false
}

// panicText writes a panic's value, which may panic itself when asked.
func panicText(p any) (s string) {
	defer func() {
		if recover() != nil {
			s = fmt.Sprintf("a %T", p)
		}
	}()
	switch p := p.(type) {
	case error:
		return p.Error()
	case string:
		return p
	}
	return goText(reflect.ValueOf(p))
}
