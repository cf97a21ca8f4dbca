package plotting

import "runtime/metrics"

// processMemory is the memory in bytes that the process has from the system, without what it has given back.
func processMemory() int64 {
	samples := []metrics.Sample{{Name: "/memory/classes/total:bytes"}, {Name: "/memory/classes/heap/released:bytes"}}
	metrics.Read(samples)
	total, released := samples[0].Value, samples[1].Value
	if total.Kind() != metrics.KindUint64 || released.Kind() != metrics.KindUint64 {
		return 0
	}
	return int64(total.Uint64() - released.Uint64())
}
