package wire

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"strconv"
)

// A Connection is the content of a connection file: where a kernel's sockets
// are, and the key that signs its messages. Its key is never to be logged.
type Connection struct {
	Transport string `json:"transport"` // "tcp" or "ipc"
	IP        string `json:"ip"`        // for ipc, the beginning of the path
	Shell     int    `json:"shell_port"`
	Control   int    `json:"control_port"`
	Stdin     int    `json:"stdin_port"`
	IOPub     int    `json:"iopub_port"`
	Heartbeat int    `json:"hb_port"`
	Key       string `json:"key"`
	Scheme    string `json:"signature_scheme"`

	// Warnings say what is unsafe about the file but was accepted.
	Warnings []string `json:"-"`
}

// ReadConnection reads a connection file. A file that others may read is made
// private, with a warning; an empty key is refused unless unsigned is set.
func ReadConnection(path string, unsigned bool) (*Connection, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	st, err := f.Stat()
	if err != nil {
		return nil, err
	}
	b, err := io.ReadAll(io.LimitReader(f, 64<<10))
	if err != nil {
		return nil, err
	}
	c, err := parseConnection(b)
	if err != nil {
		return nil, fmt.Errorf("connection file %s: %w", path, err)
	}
	if c.Key == "" && !unsigned {
		return nil, fmt.Errorf("connection file %s has no key, so anybody could run code here; --unsigned allows it", path)
	}
	if open := st.Mode().Perm() & 0o077; open != 0 {
		if err := f.Chmod(0o600); err != nil {
			if open&0o022 != 0 {
				return nil, fmt.Errorf("connection file %s can be written by others (mode %v): %w", path, st.Mode().Perm(), err)
			}
			c.Warnings = append(c.Warnings, fmt.Sprintf("others can read the connection file (mode %v), and its key with it", st.Mode().Perm()))
		} else {
			c.Warnings = append(c.Warnings, fmt.Sprintf("others could read the connection file (mode %v); it is private now", st.Mode().Perm()))
		}
	}
	if ip := net.ParseIP(c.IP); c.Transport == "tcp" && c.IP != "localhost" && (ip == nil || !ip.IsLoopback()) {
		c.Warnings = append(c.Warnings, fmt.Sprintf("the kernel listens on %s, not on a loopback address: what it sends can be read on the network", c.IP))
	}
	return c, nil
}

func parseConnection(b []byte) (*Connection, error) {
	c := &Connection{Transport: "tcp", Scheme: "hmac-sha256"}
	if err := json.Unmarshal(b, c); err != nil {
		return nil, errors.New("not a JSON object with ports and a key") // the decoder's error might quote the key
	}
	if c.Transport != "tcp" && c.Transport != "ipc" {
		return nil, fmt.Errorf("transport %q; known are tcp and ipc", c.Transport)
	}
	if c.IP == "" {
		return nil, errors.New("no ip")
	}
	if c.Key != "" && c.Scheme != "hmac-sha256" {
		return nil, fmt.Errorf("signature scheme %q; known is hmac-sha256", c.Scheme)
	}
	for _, port := range []int{c.Shell, c.Control, c.Stdin, c.IOPub, c.Heartbeat} {
		if port < 1 || port > 65535 {
			return nil, fmt.Errorf("port %d", port)
		}
	}
	return c, nil
}

// address is where the socket with this port is, for package net.
func (c *Connection) address(port int) (network, address string) {
	if c.Transport == "ipc" {
		return "unix", c.IP + "-" + strconv.Itoa(port)
	}
	return "tcp", net.JoinHostPort(c.IP, strconv.Itoa(port))
}
