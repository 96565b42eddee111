// SPDX-FileCopyrightText: 2026 The spade authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>

namespace spade {

/// The CRC-32 of zip archives and PNG files: the reflected polynomial 0xEDB88320, register and result
/// inverted. Time: linear, 16 bytes a step by tables of 16 KiB that are made at compile time. Source: ISO
/// 3309; PKWARE, APPNOTE.TXT 6.3, section 4.4.7. The tables for many bytes at once follow from the
/// remainder's linearity: byte k of a step is looked up as if 15 - k zero bytes followed it.
[[nodiscard]] std::uint32_t crc32(std::span<const std::byte> bytes);

} // namespace spade
