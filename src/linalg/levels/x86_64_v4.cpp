// SPDX-FileCopyrightText: 2026 The spade authors
// SPDX-License-Identifier: Apache-2.0
#include <immintrin.h>

#define SPADE_VECTOR_BYTES 64
#define SPADE_STRIP 8
#define SPADE_DEPTH 128
#define SPADE_KERNEL_TABLE kernels_x86_64_v4
#include "linalg/levels/kernels.inc"
