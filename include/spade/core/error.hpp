// SPDX-FileCopyrightText: 2026 The spade authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <locale>
#include <sstream>
#include <stdexcept>
#include <string>
#include <utility>

namespace spade {

/// Base of everything that spade throws; the text names the values that are wrong and says what to do.
class Error : public std::runtime_error {
public:
  using std::runtime_error::runtime_error;
};

/// An argument has a value outside its documented range.
class InvalidArgument : public Error {
public:
  using Error::Error;
};

/// The extents of two arrays, or of an array and a layer, do not go together.
class ShapeMismatch : public Error {
public:
  using Error::Error;
};

/// The network contains an operator that the requested operation has no rule for.
class UnsupportedOperator : public Error {
public:
  using Error::Error;
};

/// The numbers make the result meaningless: NaN, infinity, or a matrix that no damping makes positive
/// definite.
class NumericalError : public Error {
public:
  using Error::Error;
};

/// A file is missing, unreadable, unwritable, or not what its name says.
class FileError : public Error {
public:
  using Error::Error;
};

/// This build of spade lacks the requested part, CUDA for example.
class NotCompiled : public Error {
public:
  using Error::Error;
};

/// The requested device is absent or failed.
class DeviceError : public Error {
public:
  using Error::Error;
};

/// The caller asked a running operation to stop, and it has stopped without leaving anything behind.
class Interrupted : public Error {
public:
  using Error::Error;
};

/// The text of an error: the parts, streamed one after the other.
template <class... Parts> [[nodiscard]] std::string message(const Parts&... parts) {
  std::ostringstream text;
  text.imbue(std::locale::classic());
  (text << ... << parts);
  return std::move(text).str();
}

} // namespace spade
