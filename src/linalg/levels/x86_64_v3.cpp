// SPDX-FileCopyrightText: 2026 The spade authors
// SPDX-License-Identifier: Apache-2.0
#include <immintrin.h>

#define SPADE_VECTOR_BYTES 32
#define SPADE_STRIP 4
#define SPADE_DEPTH 128
#define SPADE_KERNEL_TABLE kernels_x86_64_v3
#include "linalg/levels/kernels.inc"
