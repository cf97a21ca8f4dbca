package scaling

import (
	"math"
	"time"

	"modelbook/dl"
)

// Link is a connection between two ranks, as MPI uses it.
type Link struct {
	Latency   time.Duration // of a short message, one way, from program to program
	Bandwidth float64       // bytes a second, one way
	// Exchange is how many bytes a second go each way while both ends send; 0: as Bandwidth. Where long messages to and
	// fro follow each other, as those of Open MPI over TCP may, it is half of that.
	Exchange float64
	// Eager is the longest message, in bytes, that is sent without asking the receiver, which takes a message to and one
	// fro; 0: 64 KiB, as Open MPI over TCP has it.
	Eager int
}

// Ethernet is a network of so many Gbit/s, each way at once, with TCP in packets of 1500 bytes, of which 1448 of 1538 on the
// wire are the programs'.
func Ethernet(gigabits float64, latency time.Duration) Link {
	l := Link{Latency: latency, Bandwidth: gigabits * 1e9 / 8 * 1448 / 1538}
	l.check("scaling.Ethernet")
	return l
}

func (l Link) check(op string) {
	if l.Latency < 0 || !positive(l.Bandwidth) || l.Exchange != 0 && !positive(l.Exchange) || l.Eager < 0 {
		dl.PanicValue(op, "a Link with latency %v, bandwidth %g, exchange %g and eager %d: the bandwidth is bytes a second, more than 0, and nothing is negative",
			l.Latency, l.Bandwidth, l.Exchange, l.Eager)
	}
}

func positive(v float64) bool { return v > 0 && !math.IsInf(v, 0) }

// asking is the time until a message of so many bytes may be sent.
func (l Link) asking(bytes float64) float64 {
	eager := l.Eager
	if eager == 0 {
		eager = 64 << 10
	}
	if bytes > float64(eager) {
		return 2 * l.Latency.Seconds()
	}
	return 0
}

// exchange is the time in seconds in which two ranks send each other so many bytes; several pairs share the link.
func (l Link) exchange(bytes float64, pairs int) float64 {
	rate := l.Exchange
	if rate == 0 {
		rate = l.Bandwidth
	}
	return l.Latency.Seconds() + l.asking(bytes) + bytes*float64(pairs)/rate
}

// Message is the time of a message of so many bytes from one rank to another.
func (l Link) Message(bytes int) time.Duration {
	l.check("scaling.Link.Message")
	if bytes < 0 {
		dl.PanicValue("scaling.Link.Message", "%d bytes: not negative", bytes)
	}
	n := float64(bytes)
	return seconds(l.Latency.Seconds() + l.asking(n) + n/l.Bandwidth)
}

func seconds(s float64) time.Duration { return time.Duration(math.Round(s * 1e9)) }
