package wire

import (
	"bufio"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"strings"

	"github.com/go-zeromq/zmq4"
)

// greeting is what both sides of a connection say first: ZMTP 3.0, NULL
// mechanism, not a server.
var greeting = func() (g [64]byte) {
	g[0], g[9] = 0xff, 0x7f
	g[10], g[11] = 3, 0
	copy(g[12:], "NULL")
	return g
}()

// peerTypes are the socket types that may connect to each of ours.
var peerTypes = map[zmq4.SocketType][]string{
	zmq4.Pub:    {"SUB", "XSUB"},
	zmq4.Router: {"DEALER", "REQ", "ROUTER"},
}

// readGreeting reads a peer's greeting. A peer that speaks an older ZMTP, or
// something else altogether, gives an error.
func readGreeting(r io.Reader) error {
	var g [64]byte
	// First the signature alone: a peer that speaks another protocol may send
	// less than a greeting and wait.
	if _, err := io.ReadFull(r, g[:10]); err != nil {
		return err
	}
	if g[0] != 0xff || g[9]&1 == 0 {
		return errors.New("not a ZMTP peer")
	}
	if _, err := io.ReadFull(r, g[10:]); err != nil {
		return err
	}
	if g[10] < 3 {
		return fmt.Errorf("ZMTP version %d is too old", g[10])
	}
	if mechanism := strings.TrimRight(string(g[12:32]), "\x00"); mechanism != "NULL" {
		return fmt.Errorf("security mechanism %q", mechanism)
	}
	return nil
}

// readReady reads a peer's READY command and returns its identity, which may
// be empty. kind is the type of our socket.
func readReady(r *bufio.Reader, kind zmq4.SocketType) (identity string, err error) {
	f, err := readFrame(r, 4096)
	if err != nil {
		return "", err
	}
	if !f.command {
		return "", errors.New("a message before READY")
	}
	name, data, err := f.commandName()
	if err != nil {
		return "", err
	}
	if name != zmq4.CmdReady {
		return "", fmt.Errorf("command %q before READY", name)
	}
	properties, err := parseProperties(data)
	if err != nil {
		return "", err
	}
	peer := properties["socket-type"]
	for _, t := range peerTypes[kind] {
		if peer == t {
			return properties["identity"], nil
		}
	}
	return "", fmt.Errorf("a %q socket cannot connect to %q", peer, kind)
}

// parseProperties reads the metadata of a READY command; names in lower case.
func parseProperties(data []byte) (map[string]string, error) {
	properties := map[string]string{}
	for len(data) > 0 {
		n := int(data[0])
		if len(data) < 1+n+4 {
			return nil, errors.New("malformed metadata in READY")
		}
		name := strings.ToLower(string(data[1 : 1+n]))
		size := binary.BigEndian.Uint32(data[1+n:])
		data = data[1+n+4:]
		if uint64(size) > uint64(len(data)) {
			return nil, errors.New("malformed metadata in READY")
		}
		properties[name] = string(data[:size])
		data = data[size:]
	}
	if id := properties["identity"]; len(id) > 255 || strings.HasPrefix(id, "\x00") {
		return nil, errors.New("identity longer than 255 bytes, or with a leading zero byte")
	}
	return properties, nil
}

// ready is the READY command that zmq4 is given: of the peer's own bytes it holds
// only the checked identity.
func ready(kind zmq4.SocketType, identity string) frame {
	var data []byte
	for _, p := range [][2]string{{"Socket-Type", peerTypes[kind][0]}, {"Identity", identity}} {
		data = append(data, byte(len(p[0])))
		data = append(data, p[0]...)
		data = binary.BigEndian.AppendUint32(data, uint32(len(p[1])))
		data = append(data, p[1]...)
	}
	return command(zmq4.CmdReady, data)
}
