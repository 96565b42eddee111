// SPDX-FileCopyrightText: 2026 The spade authors
// SPDX-License-Identifier: Apache-2.0
#define SPADE_VECTOR_BYTES 16
#define SPADE_STRIP 4
#define SPADE_DEPTH 256
#define SPADE_KERNEL_TABLE kernels_baseline
#include "linalg/levels/kernels.inc"
