package main

// peakAVX512 does n times 28 multiply-adds of 16 values, each in a register of its own.
//
//go:noescape
func peakAVX512(n int64)

// peakAVX2 does n times 12 multiply-adds of 8 values.
//
//go:noescape
func peakAVX2(n int64)
