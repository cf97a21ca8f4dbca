package display

import (
	"errors"
	"reflect"
)

// Fault returns what an error, or a panic value that is one, has to show beside
// its message, which a traceback tells: what the first error behind it shows
// that has a method MimeBundle. The text is that of its method Drawing() string,
// where it has one. ok is false for all others.
func Fault(v any) (data, metadata map[string]any, ok bool) {
	defer func() {
		if caught(recover()) != nil { // a method of the error panicked: the message is enough
			data, metadata, ok = nil, nil, false
		}
	}()
	err, is := v.(error)
	if !is {
		return nil, nil, false
	}
	var shows interface {
		error
		bundler
	}
	if !errors.As(err, &shows) || isNil(reflect.ValueOf(shows)) {
		return nil, nil, false
	}
	data, metadata = Bundle(shows)
	if len(data) < 2 { // text only
		return nil, nil, false
	}
	if d, is := shows.(interface{ Drawing() string }); is {
		data["text/plain"] = cut(d.Drawing())
	}
	return data, metadata, true
}
