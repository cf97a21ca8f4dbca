package wire

import (
	"testing"
	"time"
)

// What is published about a client's first request reaches its subscriber, although
// the subscription arrives after the request.
func TestFirstRequestWaitsForTheSubscription(t *testing.T) {
	limits := tight
	limits.subscription = 10 * time.Second
	for _, ch := range []Channel{Shell, Control} {
		s, c, _ := opened(t, limits)
		subscriber(t, c) // of another client, which was here before
		time.Sleep(together + 50*time.Millisecond)

		client, _ := peer(t, c, map[Channel]int{Shell: c.Shell, Control: c.Control}[ch], "DEALER", "late")
		request(t, client, "kernel_info_request")
		received := make(chan *Message, 1)
		go func() {
			m, _ := s.Receive(ch)
			received <- m
		}()
		select {
		case <-received:
			t.Fatalf("%v: the request is there before the subscription", ch)
		case <-time.After(200 * time.Millisecond):
		}
		_, published := subscriber(t, c)
		select {
		case m := <-received:
			status, _ := s.Session().New(m, "status", map[string]string{"execution_state": "busy"})
			if err := s.Publish(status); err != nil {
				t.Fatal(err)
			}
		case <-time.After(5 * time.Second):
			t.Fatalf("%v: the request waits on after the subscription", ch)
		}
		if _, err := receive(published); err != nil {
			t.Errorf("%v: the subscriber got nothing: %v", ch, err)
		}
	}
}

// A request waits a moment only, once, and only that of a client with an identity.
func TestRequestsWithoutASubscription(t *testing.T) {
	limits := tight
	limits.subscription = time.Second
	s, c, _ := opened(t, limits)
	for _, test := range []struct {
		identity string
		waits    []bool
	}{{"alone", []bool{true, false}}, {"", []bool{false, false}}} {
		client, _ := peer(t, c, c.Shell, "DEALER", test.identity)
		for i, waits := range test.waits {
			request(t, client, "kernel_info_request")
			begun := time.Now()
			if _, err := s.Receive(Shell); err != nil {
				t.Fatal(err)
			}
			if waited := time.Since(begun) >= limits.subscription; waited != waits {
				t.Errorf("%q, request %d: waited %v, want %v", test.identity, i, waited, waits)
			}
		}
	}
}
