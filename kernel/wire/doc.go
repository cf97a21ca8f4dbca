// Package wire speaks Jupyter's wire protocol: it reads a connection file,
// opens the five sockets, and turns frames into verified messages and back.
// It does not know what the messages ask for. It imports nothing of the project,
// and is the only package that imports zmq4.
//
// ZeroMQ comes from github.com/go-zeromq/zmq4, which trusts its peers: a
// silent client blocks its accept loop, a forged frame length makes it
// allocate without bound, one stalled subscriber holds up the others. The
// guard (a transport of our own, see guard.go) is between the network and zmq4 and
// passes on only well-formed, bounded traffic, so that a peer without the key can
// neither stop nor slow the kernel. There is no encryption: sockets belong on the
// loopback interface or in a folder.
//
// A client's first request waits for its subscription (together.go).
//
// A new limit goes into limits.go, a new ZMTP command into conn.go, a change of
// Jupyter's message format into message.go.
package wire
