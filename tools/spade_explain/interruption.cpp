// SPDX-FileCopyrightText: 2026 The spade authors
// SPDX-License-Identifier: Apache-2.0
#include "interruption.hpp"

#include <atomic>
#include <chrono>
#include <csignal>
#include <ctime>

#include <unistd.h>

#include <spade/core/error.hpp>

namespace spade::explain_tool {
namespace {

constexpr auto patience = std::chrono::milliseconds(1500);

enum class Phase { Working, Writing, Ending };

std::atomic<int> received{0};
std::atomic<Phase> phase{Phase::Working};

sigset_t awaited() {
  sigset_t signals;
  sigemptyset(&signals);
  sigaddset(&signals, SIGINT);
  sigaddset(&signals, SIGTERM);
  return signals;
}

// The next signal within a time, or 0.
int next_signal(std::chrono::milliseconds wait) {
  const auto signals = awaited();
  const timespec limit{static_cast<time_t>(wait.count() / 1000),
                       static_cast<long>(wait.count() % 1000) * 1'000'000};
  const int signal = sigtimedwait(&signals, nullptr, &limit);
  return signal > 0 ? signal : 0;
}

// Without what a return from main would wait for.
[[noreturn]] void leave(int signal, const std::string& sentence) {
  [[maybe_unused]] const auto written = ::write(STDERR_FILENO, sentence.data(), sentence.size());
  _exit(128 + signal);
}

} // namespace

Interruption::Interruption(const std::string& program)
    : sentence_(message("\n", program, ": interrupted; no file was written\n")),
      late_sentence_(message("\n", program, ": interrupted while the results were written\n")) {
  const auto signals = awaited();
  pthread_sigmask(SIG_BLOCK, &signals, nullptr);
  watcher_ = std::jthread([this](const std::stop_token& end) { await(end); });
}

int Interruption::exit_code() const {
  return 128 + (received != 0 ? received.load() : SIGINT);
}

void Interruption::begin_writing() {
  auto expected = Phase::Working;
  if (stop_.stop_requested() || !phase.compare_exchange_strong(expected, Phase::Writing)) {
    throw Interrupted("stopped on request before the results were written");
  }
}

void Interruption::await(const std::stop_token& end) {
  int too_late = 0;
  while (!end.stop_requested()) {
    const int signal = next_signal(std::chrono::milliseconds(100));
    if (signal == 0) continue;
    if (phase == Phase::Writing) {
      if (++too_late == 2) leave(signal, late_sentence_);
      continue;
    }
    received = signal;
    stop_.request_stop();
    const auto begin = std::chrono::steady_clock::now();
    int again = 0;
    while (again == 0 && !end.stop_requested() && std::chrono::steady_clock::now() - begin < patience) {
      again = next_signal(std::chrono::milliseconds(50));
    }
    if (end.stop_requested()) return;
    auto expected = Phase::Working;
    if (phase.compare_exchange_strong(expected, Phase::Ending)) leave(signal, sentence_);
    too_late = 1; // writing began in the same moment
  }
}

} // namespace spade::explain_tool
