package gopls

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"strconv"
	"strings"
)

// A message of the Language Server Protocol is JSON behind a header like that
// of HTTP, of which only the length matters (LSP 3.17, "Base Protocol").

// Limits of what is read.
const (
	maxMessage = 64 << 20 // bytes
	maxHeader  = 4 << 10
)

// errFrame is the error of what is no message.
var errFrame = errors.New("gopls: malformed message")

// readFrame reads the JSON of the next message.
func readFrame(r *bufio.Reader) ([]byte, error) {
	length, read := -1, 0
	for {
		line, err := r.ReadSlice('\n')
		if err != nil {
			if err == bufio.ErrBufferFull {
				err = errFrame
			}
			if err == io.EOF && (read > 0 || len(line) > 0) {
				err = io.ErrUnexpectedEOF
			}
			return nil, err
		}
		if read += len(line); read > maxHeader {
			return nil, errFrame
		}
		text := strings.TrimRight(string(line), "\r\n")
		if text == "" {
			break
		}
		name, value, ok := strings.Cut(text, ":")
		if !ok {
			return nil, errFrame
		}
		if strings.EqualFold(strings.TrimSpace(name), "Content-Length") {
			if length, err = strconv.Atoi(strings.TrimSpace(value)); err != nil || length < 0 || length > maxMessage {
				return nil, errFrame
			}
		}
	}
	if length < 0 {
		return nil, errFrame
	}
	// What is not there is not allocated: a length is only a claim.
	var b strings.Builder
	if _, err := io.CopyN(&b, r, int64(length)); err != nil {
		if err == io.EOF {
			err = io.ErrUnexpectedEOF
		}
		return nil, err
	}
	return []byte(b.String()), nil
}

// writeFrame writes a message.
func writeFrame(w io.Writer, json []byte) error {
	_, err := w.Write(append(fmt.Appendf(nil, "Content-Length: %d\r\n\r\n", len(json)), json...))
	return err
}
