// SPDX-FileCopyrightText: 2026 The spade authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <memory>
#include <string>

namespace spade::graph::symbolic {

/// What lowering may take: the number of operators it records, and the memory of the example's values.
///
/// Large networks have some 3000 operators (docs/models.md) and, lowered with one sample, hold some hundred MB. A file that loops without end would take all memory before anybody sees it.
class Budget {
public:
  struct Limits {
    std::size_t operators = 50'000;
    std::size_t bytes = std::size_t{4} << 30;
    std::size_t bytes_per_example_byte = 1024; ///< more than `bytes` for a large example
  };

  /// @param example_bytes  size of the example
  explicit Budget(std::size_t example_bytes) : Budget(example_bytes, Limits{}) {}
  Budget(std::size_t example_bytes, const Limits& limits);

  /// Counts an operator; `where` names it in messages. Now and then, what values have left between the nodes
  /// goes back to the system. @throws UnsupportedOperator where it is one too many
  void record(const std::string& where);

  /// Counts `bytes` until the result goes. @throws UnsupportedOperator where they are too many
  [[nodiscard]] std::shared_ptr<const void> hold(std::size_t bytes, const std::string& where);

private:
  std::size_t most_operators_;
  std::size_t most_bytes_;
  std::size_t operators_ = 0;
  std::shared_ptr<std::size_t> held_ = std::make_shared<std::size_t>(0);
  std::shared_ptr<std::size_t> released_ = std::make_shared<std::size_t>(0); ///< since holes were given back
};

} // namespace spade::graph::symbolic
