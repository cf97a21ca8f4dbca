package plotting

import (
	"fmt"
	"os"
	"sync/atomic"
)

// A sender shows data, by MIME type, in a notebook. What has the same id, unless that is empty, replaces what was
// shown before.
type sender = func(data, metadata map[string]any, id string)

// notebook is how to show something in the notebook, nil outside of one.
var notebook atomic.Pointer[sender]

// SetNotebook says how [Live] and [Figure.Show] reach the notebook that the program runs in. Package plotting/inline
// calls it.
func SetNotebook(send func(data, metadata map[string]any, id string)) { notebook.Store(&send) }

// shownFigures numbers the files of figures shown outside of a notebook.
var shownFigures atomic.Int32

// Show shows the figure from anywhere in a cell. Outside of a notebook it writes figure-1.png, figure-2.png and so on
// into the working directory, and says so on standard error.
func (f *Figure) Show() error {
	if send := notebook.Load(); send != nil {
		(*send)(f.MimeBundle(), f.sizeOnly(), "")
		return nil
	}
	path := fmt.Sprintf("figure-%d.png", shownFigures.Add(1))
	if err := f.Save(path); err != nil {
		return err
	}
	fmt.Fprintf(os.Stderr, "%s\nsaved as %s\n", f, path)
	return nil
}
