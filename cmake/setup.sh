#!/bin/sh
# SPDX-FileCopyrightText: 2026 The spade authors
# SPDX-License-Identifier: Apache-2.0
#
# Makes this machine able to build spade, and chooses the LibTorch that it is built on.
#
#   sh cmake/setup.sh [--with-tests] [--build-folder FOLDER]
#
# Installs the Debian packages that are missing (as root, or with sudo), looks for LibTorch, and writes what it chose to
# FOLDER/setup.cmake (FOLDER is build unless given), which CMake reads by `cmake -C FOLDER/setup.cmake -B FOLDER`.
# Everything it does is announced first; a second run finds everything in place and takes a second.
#
# LibTorch is the first of
#   1. what the environment names: Torch_DIR, or a folder in CMAKE_PREFIX_PATH;
#   2. the one inside a Python `torch` that python3 can import;
#   3. `pip install torch==2.13.0` into FOLDER/libtorch, if that is a build without CUDA or this machine has a GPU;
#   4. Debian's libtorch-dev.
set -eu

torch_requirement='torch==2.13.0'
oldest_torch='1.13'

root=$(cd "$(dirname "$0")/.." && pwd)
build="$root/build"
with_tests=no
while [ $# -gt 0 ]; do
  case $1 in
    --with-tests) with_tests=yes ;;
    --build-folder)
      [ $# -ge 2 ] || { echo "setup.sh: --build-folder needs a folder" >&2; exit 2; }
      shift
      build=$1
      ;;
    *) echo "setup.sh: unknown argument '$1' (known: --with-tests, --build-folder FOLDER)" >&2; exit 2 ;;
  esac
  shift
done
mkdir -p "$build" || { echo "setup.sh: cannot write to $build" >&2; exit 1; }
build=$(cd "$build" && pwd)

say() { printf '[setup] %s\n' "$*"; }
fail() { printf '[setup] %s\n' "$*" >&2; exit 1; }
have() { command -v "$1" > /dev/null 2>&1; }

# --- Debian packages -------------------------------------------------------------------------------------------------

installed() { [ "$(dpkg-query -W -f '${db:Status-Status}' "$1" 2> /dev/null)" = installed ]; }
header() { [ -e "/usr/include/$1" ] || [ -e "/usr/local/include/$1" ]; }

# Names the packages that are neither installed nor there in another way (a compiler of one's own, headers in /usr/local).
missing_packages() {
  { [ -n "${CXX:-}" ] && have "$CXX"; } || have c++ || have g++ || echo g++
  have cmake || echo cmake
  have ninja || echo ninja-build
  header eigen3/Eigen/Core || echo libeigen3-dev
  header fmt/format.h || echo libfmt-dev
  header nlohmann/json.hpp || echo nlohmann-json3-dev
  header CLI/CLI.hpp || echo libcli11-dev
  header stb/stb_image.h || echo libstb-dev
  header kainjow/mustache.hpp || echo libkainjow-mustache-dev
  if [ "$with_tests" = yes ]; then
    header catch2/catch.hpp || header catch2/catch_all.hpp || echo catch2
    header rapidcheck.h || echo librapidcheck-dev
  fi
}

# Runs a command as root: directly, or by sudo (which may ask for a password where there is a terminal).
as_root() {
  if [ "$(id -u)" -eq 0 ]; then
    "$@"
  elif [ -t 0 ]; then
    sudo "$@"
  else
    sudo -n "$@"
  fi
}

may_be_root() {
  [ "$(id -u)" -eq 0 ] && return 0
  have sudo || return 1
  [ -t 0 ] || sudo -n true 2> /dev/null
}

install_packages() {
  command="apt-get install -y --no-install-recommends $*"
  have apt-get || fail "Missing: $*. This machine has no apt-get: please install these Debian packages' equivalents and run this again."
  may_be_root || fail "Missing: $*. Neither root nor sudo is available here: please run 'sudo $command' and then this again."
  say "Installing Debian packages (a minute or two): $*"
  if [ -n "$(dpkg --audit 2> /dev/null)" ]; then
    say "Finishing an interrupted installation first (dpkg --configure -a)"
    as_root env DEBIAN_FRONTEND=noninteractive dpkg --configure -a
  fi
  log="$build/setup-apt.log"
  echo "\$ apt-get update && $command" > "$log"
  if as_root apt-get -q -o DPkg::Lock::Timeout=120 update < /dev/null >> "$log" 2>&1 &&
    as_root env DEBIAN_FRONTEND=noninteractive apt-get -q -o DPkg::Lock::Timeout=120 install -y \
      --no-install-recommends "$@" < /dev/null >> "$log" 2>&1; then
    return 0
  fi
  grep -E '^(E|W|Err):' "$log" | tail -n 5 >&2 || true
  say "Installing $* failed (network or package lists?). All of apt's output is in $log" >&2
  return 1
}

# --- LibTorch --------------------------------------------------------------------------------------------------------

# The folder of TorchConfig.cmake under a prefix, or nothing. A prefix may also be given as <prefix>/share/cmake (what
# Python's torch.utils.cmake_prefix_path says) or as the folder itself.
torch_config_folder() {
  for folder in "$1/share/cmake/Torch" "$1/Torch" "$1" "$1/lib/cmake/Torch" "$1"/lib/*/cmake/Torch; do
    if [ -f "$folder/TorchConfig.cmake" ]; then
      (cd "$folder" && pwd)
      return 0
    fi
  done
  return 1
}

# The include folder that belongs to a TorchConfig.cmake's folder.
torch_include_folder() {
  for folder in "$1/../../../include" "$1/../../../../include" /usr/include; do
    if [ -d "$folder/ATen" ]; then
      (cd "$folder" && pwd)
      return 0
    fi
  done
  return 1
}

# The version written in the headers: 2.13.0.
torch_version() {
  include=$(torch_include_folder "$1") || return 1
  for file in "$include/torch/headeronly/version.h" "$include/torch/csrc/api/include/torch/version.h"; do
    [ -f "$file" ] || continue
    version=$(sed -n 's/^#define TORCH_VERSION_\(MAJOR\|MINOR\|PATCH\) \([0-9][0-9]*\)$/\2/p' "$file" | tr '\n' '.')
    if [ -n "$version" ]; then
      echo "${version%.}"
      return 0
    fi
  done
  return 1
}

# Sets torch_dir and torch_origin if the LibTorch in folder $1 (found as $2 says) can be used, else says why not.
accept_torch() {
  version=$(torch_version "$1") || { say "Passing over $2 in $1: it has no headers"; return 1; }
  if [ "$(printf '%s\n' "$oldest_torch" "$version" | sort -V | head -n 1)" != "$oldest_torch" ]; then
    say "Passing over $2 in $1: its version is $version, spade needs $oldest_torch or newer"
    return 1
  fi
  if grep -q '_GLIBCXX_USE_CXX11_ABI=0' "$1/TorchConfig.cmake"; then
    say "Passing over $2 in $1: it is built for the old C++ ABI (_GLIBCXX_USE_CXX11_ABI=0), the Debian libraries are not"
    return 1
  fi
  torch_dir=$1
  torch_origin=$2
}

torch_from_environment() {
  if [ -n "${Torch_DIR:-}" ]; then
    folder=$(torch_config_folder "$Torch_DIR") ||
      fail "Torch_DIR is '$Torch_DIR', but there is no TorchConfig.cmake in it: please correct or unset it."
    accept_torch "$folder" "the environment's Torch_DIR" || fail "Please correct or unset Torch_DIR."
    return
  fi
  old_ifs=$IFS
  IFS=':;'
  for prefix in ${CMAKE_PREFIX_PATH:-}; do
    IFS=$old_ifs
    if folder=$(torch_config_folder "$prefix"); then
      accept_torch "$folder" "the environment's CMAKE_PREFIX_PATH" && return
    fi
  done
  IFS=$old_ifs
  return 1
}

python=
for candidate in python3 python; do
  if have "$candidate" && "$candidate" -c 'import sys; sys.exit(sys.version_info < (3, 7))' > /dev/null 2>&1; then
    python=$candidate
    break
  fi
done

torch_from_python() {
  [ -n "$python" ] || return 1
  # Finding the package is enough: importing it takes seconds.
  package=$("$python" -c '
import importlib.util, os
found = importlib.util.find_spec("torch")
print(os.path.dirname(found.origin) if found and found.origin else "")' 2> /dev/null) || return 1
  [ -n "$package" ] || return 1
  folder=$(torch_config_folder "$package") || { say "Passing over Python's torch in $package: it has no CMake files"; return 1; }
  accept_torch "$folder" "Python's torch"
}

has_gpu() { [ -e /dev/nvidia0 ] || { have nvidia-smi && nvidia-smi -L > /dev/null 2>&1; }; }

# Whether pip would install a build without CUDA: "yes", "no", or "unknown" (no pip, no such release, no network).
# Only torch itself is asked for, not the packages it needs, which are where the gigabytes are.
pip_build_is_small() {
  "$python" -m pip install --dry-run --ignore-installed --no-deps --quiet --retries 2 --disable-pip-version-check --no-input \
    --target "$build/none" --report - "$torch_requirement" 2> "$build/setup-pip.log" < /dev/null |
    "$python" -c '
import json, re, sys
try:
    release = json.load(sys.stdin)["install"][0]["metadata"]
except (ValueError, LookupError):
    print("unknown")
else:
    needs = [n for n in release.get("requires_dist", []) if "extra ==" not in n]
    print("no" if any(re.match(r"nvidia|cuda|triton", n) for n in needs) else "yes")'
}

torch_from_pip() {
  environment="$build/libtorch"
  complete="$environment/spade-complete"
  if [ ! -f "$complete" ]; then
    if [ -z "$python" ] || ! "$python" -m pip --version > /dev/null 2>&1; then
      say "This machine has no pip to fetch $torch_requirement with"
      return 1
    fi
    say "Asking pip which build of $torch_requirement it has for this machine (pip before 23.1 downloads it to tell)"
    small=$(pip_build_is_small)
    case $small in
      yes) say "It is a build without CUDA" ;;
      no)
        if ! has_gpu; then
          say "It is a build with CUDA (several GB), and this machine has no GPU: not taking it"
          return 1
        fi
        say "It is a build with CUDA, and this machine has a GPU: taking it"
        ;;
      *)
        say "pip has none, or cannot reach its registry (its words are in $build/setup-pip.log)"
        return 1
        ;;
    esac
    rm -rf "$environment"
    say "Installing $torch_requirement with pip into $environment (about 200 MB to fetch, 750 MB on disk)"
    if ! { "$python" -m venv --without-pip "$environment" &&
      site=$("$environment/bin/python" -c 'import sysconfig; print(sysconfig.get_paths()["purelib"])') &&
      "$python" -m pip install --disable-pip-version-check --no-input --no-warn-script-location --no-compile \
        --target "$site" "$torch_requirement"; } > "$build/setup-pip.log" 2>&1 < /dev/null; then
      grep -E '^ERROR' "$build/setup-pip.log" | tail -n 3 >&2 || true
      say "pip failed; all it said is in $build/setup-pip.log" >&2
      return 1
    fi
    touch "$complete"
  fi
  package=$(echo "$environment"/lib/python3*/site-packages/torch)
  folder=$(torch_config_folder "$package") || return 1
  accept_torch "$folder" "$torch_requirement from pip"
}

debian_torch() {
  folder=$(torch_config_folder /usr) || return 1
  accept_torch "$folder" "Debian's libtorch-dev"
}

torch_from_debian() {
  debian_torch && return
  { have apt-get && install_packages libtorch-dev; } || return 1
  debian_torch
}

# --- The set-up ------------------------------------------------------------------------------------------------------

packages=$(missing_packages | tr '\n' ' ')
if [ -n "$packages" ]; then
  # shellcheck disable=SC2086 # a list of words
  install_packages $packages || exit 1
else
  say "All Debian packages are there"
fi

torch_dir=
torch_origin=
previous=$(sed -n 's/^set(Torch_DIR "\(.*\)" CACHE.*/\1/p' "$build/setup.cmake" 2> /dev/null || true)
if torch_from_environment || torch_from_python; then
  :
elif [ -n "$previous" ] && [ "$previous" = "$(torch_config_folder /usr)" ] && debian_torch; then
  :  # chosen before: asking pip again would only cost time
else
  torch_from_pip || torch_from_debian ||
    fail "No LibTorch: neither pip nor apt could install one. With a network, run this again; or unpack LibTorch yourself and set CMAKE_PREFIX_PATH to its folder."
fi
say "LibTorch $(torch_version "$torch_dir"): $torch_origin, $torch_dir"

cat > "$build/setup.cmake.new" << END
# Written by cmake/setup.sh: $torch_origin.
set(Torch_DIR "$torch_dir" CACHE PATH "The chosen LibTorch" FORCE)
END
if [ "$with_tests" = yes ]; then
  cat >> "$build/setup.cmake.new" << 'END'
set(SPADE_BUILD_TESTS ON CACHE BOOL "Build the tests" FORCE)
set(SPADE_BUILD_EXAMPLES ON CACHE BOOL "Build the examples" FORCE)
END
else
  cat >> "$build/setup.cmake.new" << 'END'
if(NOT DEFINED CACHE{SPADE_BUILD_TESTS})
  set(SPADE_BUILD_TESTS OFF CACHE BOOL "Build the tests")
  set(SPADE_BUILD_EXAMPLES OFF CACHE BOOL "Build the examples")
endif()
END
fi
mv "$build/setup.cmake.new" "$build/setup.cmake"
