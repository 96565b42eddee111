// SPDX-FileCopyrightText: 2026 The spade authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

namespace spade::report {

/// 0.9087 -> "90.9": a fraction in per cent, with a true minus sign.
[[nodiscard]] std::string percent(double fraction, int decimals = 1);

/// 0.012 -> "+1.2", -0.012 -> "−1.2".
[[nodiscard]] std::string signed_percent(double fraction);

/// Three significant digits, "0.0123" or "1.23 × 10⁻⁴".
[[nodiscard]] std::string number(double value);

/// 23654321 -> "23 654 321", with thin spaces that do not break.
[[nodiscard]] std::string grouped(long long value);

/// "12.3", "0.04": seconds, as exact as they deserve.
[[nodiscard]] std::string seconds(double value);

/// "integrated_gradients" -> "Integrated gradients", "lrp_epsilon_plus" -> "LRP epsilon plus"; other names
/// stay.
[[nodiscard]] std::string display_name(const std::string& name);

/// spade's own version, "0.1.0".
[[nodiscard]] std::string spade_version();

/// LibTorch's version, "2.13.0".
[[nodiscard]] std::string torch_version();

} // namespace spade::report
