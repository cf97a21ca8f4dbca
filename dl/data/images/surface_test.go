package images_test

import (
	"image"
	"image/png"
	"os"
	"path/filepath"
	"reflect"
	"testing"

	"modelbook/dl/data"
	"modelbook/dl/data/images"
	"modelbook/dl/internal/mistakes"
)

// pictures is a folder of two classes with a picture each, in the current folder.
func pictures() string {
	if _, err := os.Stat("pictures/b/y.png"); err == nil {
		return "pictures"
	}
	for _, path := range []string{"pictures/a/x.png", "pictures/b/y.png"} {
		if err := os.MkdirAll(filepath.Dir(path), 0o777); err != nil {
			panic(err)
		}
		f, err := os.Create(path)
		if err != nil {
			panic(err)
		}
		if err := png.Encode(f, image.NewRGBA(image.Rect(0, 0, 4, 3))); err != nil {
			panic(err)
		}
		f.Close()
	}
	return "pictures"
}

func opened() images.Set {
	s, err := images.Folder{Dir: pictures(), Height: 2, Width: 2}.Open()
	if err != nil {
		panic(err)
	}
	return *s
}

// Every exported function and method is called with wrong arguments: see package mistakes.
func TestEveryExportedFunctionRefusesWrongArguments(t *testing.T) {
	s := &mistakes.Surface{
		Functions: map[string]any{
			"Load": images.Load, "Resize": images.Resize,
		},
		Types: []reflect.Type{
			reflect.TypeFor[images.Fit](), reflect.TypeFor[images.Folder](), reflect.TypeFor[images.Set](),
		},
		Any: map[string]string{
			"Set.Len receiver": "it counts Files", "Set.ClassNumbers receiver": "it is the field Labels", "Set.String receiver": "it tells the fields",
			"Set.Spec receiver": "Read and dl.New refuse what cannot be",
		},
	}
	s.Args = map[string]func() []any{
		"Load":        func() []any { return []any{filepath.Join(pictures(), "a/x.png")} },
		"Resize":      func() []any { return []any{image.NewRGBA(image.Rect(0, 0, 4, 3)), 2, 2, false, images.Stretch} },
		"Folder.Open": func() []any { return []any{images.Folder{Dir: pictures(), Height: 2, Width: 2}} },
		"Set.Read": func() []any {
			set := opened()
			b, err := data.All(&set)
			if err != nil {
				t.Fatal(err)
			}
			return []any{&set, b, []int{0, 1}}
		},
	}
	s.Good(opened, func() images.Folder { return images.Folder{Dir: pictures(), Height: 2, Width: 2} })
	s.Bad("empty", func() image.Image { return image.NewGray(image.Rect(0, 0, 0, 0)) })
	s.Test(t)
}
