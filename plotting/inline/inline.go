// Package inline makes plotting's Live and Show put their pictures into a
// notebook, through gonbui. The modelbook kernel imports it by itself where a
// cell needs it; in a notebook of stock GoNB import it for its effect:
//
//	import _ "modelbook/plotting/inline"
//
// It stands apart from package plotting because gonbui brings a hundred
// packages with it, which would be linked into every cell that draws a figure.
package inline

import (
	"encoding/gob"

	"github.com/janpfeifer/gonb/gonbui"
	"github.com/janpfeifer/gonb/gonbui/protocol"

	"modelbook/plotting"
)

func init() {
	gob.Register(map[string]int{}) // the size of a PNG in metadata: gonbui's stream must know the type
	if gonbui.IsNotebook {
		plotting.SetNotebook(Send)
	}
}

// Send shows data, by MIME type. What has the same id, unless that is empty,
// replaces what was shown before.
func Send(data, metadata map[string]any, id string) {
	d := &protocol.DisplayData{Data: map[protocol.MIMEType]any{}, Metadata: metadata, DisplayID: id}
	for mime, content := range data {
		d.Data[protocol.MIMEType(mime)] = content
	}
	gonbui.SendData(d)
}
