package number

import (
	"testing"
	"time"
)

func TestUnits(t *testing.T) {
	for _, test := range []struct{ got, want string }{
		{Bytes(0), "0 B"}, {Bytes(1023), "1023 B"}, {Bytes(2048), "2.0 KiB"}, {Bytes(3 << 30), "3.0 GiB"},
		{Duration(1234567 * time.Nanosecond), "1.2346 ms"}, {Duration(12345678 * time.Nanosecond), "12.3 ms"}, {Duration(75 * time.Second), "1m15s"},
		{Sampled(60 * time.Millisecond), "60 ms"}, {Sampled(1500 * time.Millisecond), "1.50 s"},
		{Nanoseconds(0.3125, 4), "0.312 ns"}, {Nanoseconds(1234567, 4), "1.235 ms"}, {Nanoseconds(2e9, 4), "2.000 s"},
		{Nanoseconds(0, 3), "0 ns"}, {Nanoseconds(0.004, 3), "0 ns"}, {Nanoseconds(0.25, 3), "0.25 ns"}, {Nanoseconds(12.34, 3), "12.3 ns"}, {Nanoseconds(100_000, 3), "100 µs"}, {Nanoseconds(1e6, 3), "1.00 ms"},
		{PercentOf(1, 8), "12.5%"}, {PercentOf(1, 0), "0.0%"}, {Commas(7), "7"}, {Commas(1234), "1,234"}, {Commas(-2770634), "-2,770,634"},
	} {
		if test.got != test.want {
			t.Errorf("got %q, want %q", test.got, test.want)
		}
	}
}
