// Package label declares functions without a body, which the compiler allows in packages with a file of this kind.
