// SPDX-FileCopyrightText: 2026 The spade authors
// SPDX-License-Identifier: Apache-2.0
#include "io/image_integrity.hpp"

#include <algorithm>
#include <cstdint>
#include <span>
#include <vector>

#include <spade/core/error.hpp>

#include "core/crc32.hpp"

namespace spade {
namespace {

constexpr std::string_view png_signature{"\x89PNG\r\n\x1a\n", 8};
constexpr std::string_view jpeg_signature{"\xff\xd8\xff", 3};

std::uint32_t big_endian(std::string_view bytes) {
  std::uint32_t value = 0;
  for (const char byte : bytes)
    value = (value << 8U) | static_cast<unsigned char>(byte);
  return value;
}

constexpr bool is_restart(unsigned char marker) {
  return marker >= 0xD0 && marker <= 0xD7;
}
constexpr bool stands_alone(unsigned char marker) {
  return marker == 0x01 || is_restart(marker) || marker == 0xD8;
}

constexpr std::int64_t divide_up(std::int64_t value, std::int64_t by) {
  return (value + by - 1) / by;
}

/// Follows a JPEG's headers and restart markers: which parts of the compressed data must be there, and which
/// are. Headers that are malformed are left to the decoder.
class JpegParts {
public:
  /// A header (annex B.2) from behind its length.
  void header(unsigned char marker, std::string_view content) {
    if (marker >= 0xC0 && marker <= 0xC2) { // others are not decoded
      begin_frame(content, marker == 0xC2);
    } else if (marker == 0xDD && content.size() >= 2) {
      interval_ = big_endian(content.substr(0, 2));
    } else if (marker == 0xDA) {
      begin_scan(content);
    }
  }

  void restart() { ++parts_; }

  /// What is missing, at the end marker; or nothing.
  [[nodiscard]] std::string missing() {
    end_scan();
    if (!missing_.empty()) return missing_;
    for (std::size_t i = 0; i < components_.size(); ++i) {
      if (!components_[i].seen) {
        return message("there are no compressed data of its component ", i + 1, " of ", components_.size());
      }
    }
    return {};
  }

private:
  struct Component {
    char id;
    std::int64_t across; ///< sampling factors
    std::int64_t down;
    bool seen = false; ///< the scan that everything else of it builds on
  };

  void begin_frame(std::string_view content, bool progressive) {
    components_.clear();
    progressive_ = progressive;
    if (content.size() < 6) return;
    height_ = big_endian(content.substr(1, 2));
    width_ = big_endian(content.substr(3, 2));
    for (std::size_t at = 6; at + 3 <= content.size(); at += 3) {
      const auto sampling = static_cast<unsigned char>(content[at + 1]);
      components_.push_back({content[at], std::max(1, sampling >> 4), std::max(1, sampling & 15)});
    }
  }

  void begin_scan(std::string_view content) {
    end_scan();
    const std::size_t count = content.empty() ? 0 : static_cast<unsigned char>(content[0]);
    if (content.size() < 1 + 2 * count + 3) return;
    // A progressive picture begins with the blocks' means; the rest refines them.
    const std::string_view selection = content.substr(1 + 2 * count);
    const bool first = !progressive_ || (selection[0] == 0 && (selection[2] & 0xF0) == 0);
    const Component* alone = nullptr;
    for (std::size_t i = 0; i < count; ++i) {
      for (auto& component : components_) {
        if (component.id != content[1 + 2 * i]) continue;
        component.seen = component.seen || first;
        alone = count == 1 ? &component : nullptr;
      }
    }
    if (interval_ > 0) expected_ = divide_up(units(alone), interval_);
    parts_ = 1;
  }

  void end_scan() {
    if (missing_.empty() && parts_ < expected_) {
      missing_ = message("its compressed data have ", parts_, " of ", expected_, " parts");
    }
    expected_ = 0;
  }

  /// Coded units of a scan (annex A.2): blocks of a component that is alone in it, else of all together.
  [[nodiscard]] std::int64_t units(const Component* alone) const {
    std::int64_t across = 1;
    std::int64_t down = 1;
    for (const auto& component : components_) {
      across = std::max(across, component.across);
      down = std::max(down, component.down);
    }
    if (alone == nullptr) return divide_up(width_, 8 * across) * divide_up(height_, 8 * down);
    return divide_up(divide_up(width_ * alone->across, across), 8) *
           divide_up(divide_up(height_ * alone->down, down), 8);
  }

  std::vector<Component> components_;
  std::int64_t width_ = 0;
  std::int64_t height_ = 0;
  bool progressive_ = false;
  std::int64_t interval_ = 0; ///< units between restart markers, 0: none
  std::int64_t expected_ = 0; ///< parts of this scan, 0: not known
  std::int64_t parts_ = 0;    ///< of this scan, so far
  std::string missing_;
};

} // namespace

PictureFormat picture_format(std::string_view file) {
  if (file.starts_with(png_signature)) return PictureFormat::Png;
  if (file.starts_with(jpeg_signature)) return PictureFormat::Jpeg;
  return PictureFormat::Unknown;
}

std::string png_damage(std::string_view file) {
  std::size_t at = png_signature.size();
  // A chunk: length, type, that many bytes, checksum of type and bytes.
  while (at + 12 <= file.size()) {
    const std::size_t length = big_endian(file.substr(at, 4));
    const std::string_view type = file.substr(at + 4, 4);
    if (length > file.size() - at - 12) break;
    if (crc32(std::as_bytes(std::span(file.substr(at + 4, 4 + length)))) !=
        big_endian(file.substr(at + 8 + length, 4))) {
      return message("the checksum of its part at byte ", at, " is wrong");
    }
    if (type == "IEND") return {};
    at += 12 + length;
  }
  return message("it is truncated after ", file.size(), " bytes");
}

std::string jpeg_damage(std::string_view file) {
  JpegParts parts;
  bool scan_seen = false;
  for (std::size_t at = 2; at + 1 < file.size();) {
    const auto marker = static_cast<unsigned char>(file[at + 1]);
    const bool is_marker = static_cast<unsigned char>(file[at]) == 0xFF && marker != 0x00;
    if (!is_marker) {
      // Compressed data; FF 00 stands for the byte FF there.
      if (!scan_seen) return message("its segment at byte ", at, " does not begin with a marker");
      ++at;
    } else if (marker == 0xFF) {
      ++at; // padding before a marker
    } else if (stands_alone(marker)) {
      if (is_restart(marker)) parts.restart();
      at += 2;
    } else if (marker == 0xD9) {
      return scan_seen ? parts.missing() : "it holds no compressed data";
    } else {
      if (at + 4 > file.size()) break;
      scan_seen = scan_seen || marker == 0xDA;
      const std::size_t length = big_endian(file.substr(at + 2, 2));
      parts.header(marker, file.substr(at + 4, std::max<std::size_t>(length, 2) - 2));
      at += 2 + length;
    }
  }
  return message("it is truncated after ", file.size(), " bytes");
}

} // namespace spade
