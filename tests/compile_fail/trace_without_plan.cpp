// SPDX-FileCopyrightText: 2026 The spade authors
// SPDX-License-Identifier: Apache-2.0
// expected: class template argument deduction failed|no viable constructor or deduction guide
#include "contracts/archetypes.hpp"

#ifdef SPADE_CORRECTED
spade::SparseTrace trace{spade::archetypes::Pruner(0), spade::archetypes::Augmenter(0),
                         spade::archetypes::Interpreter(0), spade::SparsityPlan::uniform(0.5)};
#else
spade::SparseTrace trace{spade::archetypes::Pruner(0), spade::archetypes::Augmenter(0),
                         spade::archetypes::Interpreter(0)};
#endif
