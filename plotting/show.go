package plotting

import (
	"encoding/gob"
	"fmt"
	"os"
	"sync/atomic"

	"github.com/janpfeifer/gonb/gonbui"
	"github.com/janpfeifer/gonb/gonbui/protocol"
)

func init() {
	gob.Register(map[string]int{}) // the size of a PNG in metadata: gonbui's stream must know the type
}

// shownFigures numbers the files of figures shown outside of a notebook.
var shownFigures atomic.Int32

// Show shows the figure from anywhere in a cell. Outside of a notebook it writes figure-1.png, figure-2.png and so on
// into the working directory, and says so on standard error.
func (f *Figure) Show() error {
	if gonbui.IsNotebook {
		gonbui.SendData(f.message(""))
		return nil
	}
	path := fmt.Sprintf("figure-%d.png", shownFigures.Add(1))
	if err := f.Save(path); err != nil {
		return err
	}
	fmt.Fprintf(os.Stderr, "%s\nsaved as %s\n", f, path)
	return nil
}

// message is the figure as gonbui sends it; with an id it replaces the output of that id.
func (f *Figure) message(id string) *protocol.DisplayData {
	d := &protocol.DisplayData{Data: map[protocol.MIMEType]any{}, Metadata: f.MimeMetadata(), DisplayID: id}
	for mime, content := range f.MimeBundle() {
		d.Data[protocol.MIMEType(mime)] = content
	}
	return d
}
