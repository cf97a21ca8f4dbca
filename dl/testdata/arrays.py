# Writes arrays.npz, which npy_test.go reads.
#   python3 arrays.py
import numpy

numpy.savez_compressed("arrays.npz",
    fortran=numpy.asfortranarray(numpy.arange(6, dtype="<f4").reshape(2, 3)), big=numpy.array([1, -2, 1 << 20], dtype=">i4"),
    half=numpy.array([0.5, -2], dtype="f2"), bools=numpy.array([True, False]), scalar=numpy.array(2.5),
    bytes=numpy.array([[0, 255]], dtype="u1"), long=numpy.array([(1 << 60) + 1]), cube=numpy.arange(24, dtype="f8").reshape(2, 3, 4))
