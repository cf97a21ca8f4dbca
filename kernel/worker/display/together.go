package display

import (
	"bytes"
	"encoding/base64"
	"fmt"
	"html"
	"image"
	"image/draw"
	"image/png"
	"reflect"
	"strings"
)

const (
	mostTogether = 40   // values of a list that are shown as pictures
	pageWidth    = 1240 // of a row of pictures, in CSS pixels: front ends shrink a picture to their page
	pictureGap   = 12
)

// A part is one of several values that are shown together.
type part struct {
	name           string // its key in a map
	data, metadata map[string]any
	text           string
	picture        image.Image // nil where it shows itself in another way
	width, height  int         // of the picture, in CSS pixels
}

func partOf(v any) (p part) {
	defer func() {
		if panicked := caught(recover()); panicked != nil { // in a method called while formatting
			p = part{text: fmt.Sprintf("%s (display failed: %s)", typeName(reflect.TypeOf(v)), panicText(panicked))}
		}
	}()
	p.data, p.metadata = bundle(v, true)
	if p.text, _ = p.data["text/plain"].(string); p.text == "" {
		p.text = plain(v)
	}
	encoded, ok := p.data["image/png"].(string)
	if !ok {
		return p
	}
	raw, err := base64.StdEncoding.DecodeString(encoded)
	if err != nil {
		return p
	}
	size, err := png.DecodeConfig(bytes.NewReader(raw))
	if err != nil || size.Width <= 0 || size.Height <= 0 || size.Width > maxPixels/size.Height {
		return p
	}
	if p.picture, err = png.Decode(bytes.NewReader(raw)); err != nil {
		p.picture = nil
		return p
	}
	p.width, p.height = size.Width, size.Height
	if about := reflect.ValueOf(p.metadata["image/png"]); about.Kind() == reflect.Map && about.Type().Key().Kind() == reflect.String {
		asked := func(name string, or int) int {
			v := about.MapIndex(reflect.ValueOf(name).Convert(about.Type().Key()))
			for v.IsValid() && v.Kind() == reflect.Interface {
				v = v.Elem()
			}
			if v.IsValid() && v.CanInt() && v.Int() > 0 && v.Int() <= int64(or) {
				return int(v.Int())
			}
			return or
		}
		p.width, p.height = asked("width", p.width), asked("height", p.height)
	}
	return p
}

// pictures shows a slice or an array of pictures, figures or images, side by
// side, and a map of pictures with its keys above them.
func pictures(r reflect.Value) (data, metadata map[string]any, ok bool) {
	for r.Kind() == reflect.Pointer && !r.IsNil() {
		r = r.Elem()
	}
	var names []string
	var elements []reflect.Value
	switch r.Kind() {
	case reflect.Slice, reflect.Array:
		if !mayBePicture(r.Type().Elem()) {
			return nil, nil, false
		}
		for i := range min(r.Len(), mostTogether) {
			elements = append(elements, r.Index(i))
		}
	case reflect.Map:
		if r.Type().Key().Kind() != reflect.String || !mayBePicture(r.Type().Elem()) {
			return nil, nil, false
		}
		list, err := entries(r, maxSorted)
		if err != nil {
			return nil, nil, false
		}
		for _, e := range list[:min(len(list), mostTogether)] {
			names, elements = append(names, e.key.String()), append(elements, e.value)
		}
	}
	var values []any
	found := false
	for _, e := range elements {
		if !e.CanInterface() {
			return nil, nil, false
		}
		v := e.Interface()
		if !found && v != nil && !isNil(reflect.ValueOf(v)) {
			if found = isPicture(v); !found {
				return nil, nil, false // the first tells what the list holds
			}
		}
		values = append(values, v)
	}
	if !found {
		return nil, nil, false
	}
	return together(values, names, r.Len()-len(values))
}

// mayBePicture says whether values of a type can show themselves as pictures.
func mayBePicture(t reflect.Type) bool {
	if t.Kind() == reflect.Interface {
		return true
	}
	for _, i := range []reflect.Type{reflect.TypeFor[bundler](), reflect.TypeFor[pnger](), reflect.TypeFor[image.Image]()} {
		if t.Implements(i) || t.Name() != "" && reflect.PointerTo(t).Implements(i) {
			return true
		}
	}
	return false
}

func isPicture(v any) bool { return mayBePicture(reflect.TypeOf(v)) && partOf(v).picture != nil }

// together shows several values: pictures side by side as one picture, which every front end and exporter takes, or,
// where some are no pictures or have names, one below the other as HTML. It is not ok where nothing but text would be shown.
func together(values []any, names []string, more int) (data, metadata map[string]any, ok bool) {
	var parts []part
	var texts []string
	pictures, rich, pixels := 0, 0, 0
	for i, v := range values {
		p := partOf(v)
		if p.picture != nil {
			pictures++
			size := p.picture.Bounds().Size()
			if pixels += size.X * size.Y; pixels > maxPixels/2 {
				more += len(values) - i
				break
			}
		}
		if p.data["text/html"] != nil || p.picture != nil {
			rich++
		}
		if names != nil {
			p.name = names[i]
			p.text = p.name + ": " + p.text
		}
		parts, texts = append(parts, p), append(texts, p.text)
	}
	if more > 0 {
		texts = append(texts, fmt.Sprintf("… %d more", more))
	}
	data = text(strings.Join(texts, "\n"))
	switch {
	case rich == 0:
		return data, nil, false
	case pictures == len(parts) && more == 0 && names == nil:
		metadata = sideBySide(parts, data)
	default:
		data["text/html"] = oneBelowTheOther(parts, more)
	}
	return data, metadata, true
}

// sideBySide makes one picture of several, in rows as wide as a page.
func sideBySide(parts []part, data map[string]any) (metadata map[string]any) {
	type placed struct {
		part
		x, y int
	}
	var places []placed
	x, y, tall, width, height, scale := 0, 0, 0, 0, 0, 1
	for _, p := range parts {
		if x > 0 && x+p.width > pageWidth {
			x, y, tall = 0, y+tall+pictureGap, 0
		}
		places = append(places, placed{p, x, y})
		tall = max(tall, p.height)
		width, height = max(width, x+p.width), max(height, y+tall)
		x += p.width + pictureGap
		scale = max(scale, min(p.picture.Bounds().Dx()/p.width, 4))
	}
	for scale > 1 && width*scale > maxPixels/(height*scale) {
		scale--
	}
	all := image.NewNRGBA(image.Rect(0, 0, width*scale, height*scale))
	for _, p := range places {
		to := image.Rect(p.x*scale, p.y*scale, (p.x+p.width)*scale, (p.y+p.height)*scale)
		from := p.picture.Bounds()
		if from.Size() == to.Size() {
			draw.Draw(all, to, p.picture, from.Min, draw.Src)
			continue
		}
		for y := range to.Dy() {
			for x := range to.Dx() {
				all.Set(to.Min.X+x, to.Min.Y+y, p.picture.At(from.Min.X+x*from.Dx()/to.Dx(), from.Min.Y+y*from.Dy()/to.Dy()))
			}
		}
	}
	var buf bytes.Buffer
	encoder := png.Encoder{CompressionLevel: png.BestSpeed}
	if err := encoder.Encode(&buf, all); err != nil {
		return nil // too many pixels for a PNG, which the bounds above forbid
	}
	data["image/png"] = base64.StdEncoding.EncodeToString(buf.Bytes())
	return map[string]any{"image/png": map[string]any{"width": width, "height": height, "alt": shorten(firstLines(parts), 300)}}
}

func firstLines(parts []part) string {
	var lines []string
	for _, p := range parts {
		line, _, _ := strings.Cut(p.text, "\n")
		lines = append(lines, line)
	}
	return strings.Join(lines, "; ")
}

// oneBelowTheOther is HTML of several values.
func oneBelowTheOther(parts []part, more int) string {
	var b strings.Builder
	for _, p := range parts {
		if p.name != "" {
			fmt.Fprintf(&b, "<div><b>%s</b></div>", html.EscapeString(p.name))
		}
		switch content, isText := p.data["text/html"].(string); {
		case p.picture != nil:
			line, _, _ := strings.Cut(p.text, "\n")
			fmt.Fprintf(&b, `<div style="display:inline-block;margin:0 12px 12px 0"><img width="%d" height="%d" alt="%s" src="data:image/png;base64,%s"></div>`,
				p.width, p.height, html.EscapeString(line), p.data["image/png"])
		case isText:
			fmt.Fprintf(&b, "<div>%s</div>", content)
		default:
			fmt.Fprintf(&b, "<pre>%s</pre>", html.EscapeString(p.text))
		}
	}
	if more > 0 {
		fmt.Fprintf(&b, "<p>… %d more</p>", more)
	}
	return b.String()
}
