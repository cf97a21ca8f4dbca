// Package wire speaks Jupyter's wire protocol: it reads a connection file,
// opens the five sockets, and turns frames into verified messages and back.
// It knows nothing of what the messages ask for.
//
// ZeroMQ comes from github.com/go-zeromq/zmq4, which trusts its peers: a
// silent client blocks its accept loop, a forged frame length makes it
// allocate without bound, one stalled subscriber holds up the others. The
// guard (a transport of our own, see guard.go) stands between the network and
// zmq4 and lets only well-formed, bounded traffic through, so that somebody
// without the key can neither stop nor slow the kernel. There is no
// encryption: sockets belong on the loopback interface or in a folder.
package wire
